import pytest

from keel.models.options import peg_depth
from keel.models.options.settlement import DAY, MAX_SKIPPED, PATIENCE
from tests.fixtures.options import DOLLAR, PRICE, ROUND_AGE, WAD
from tests.fixtures.staking import ZERO, reverts


def latest(options, feed):
    return tuple(options.oracle.call("latestPrice", options.feeds[feed]))


def test_latest_price__the_product_and_its_oldest_part(options):
    options.set_rate(11 * WAD // 10)
    options.set_ratio(99 * WAD // 100)
    updated = options.now - 600
    options.push(PRICE, time=updated)
    assert latest(options, "spot") == (2_200 * WAD, updated)
    assert latest(options, "lower") == (2_178 * WAD, updated)
    assert latest(options, "ratio") == (99 * WAD // 100, options.now)


def test_latest_price__stale__reverts(options):
    updated = options.now
    options.push(PRICE, time=updated)
    options.go_to(updated + ROUND_AGE)
    assert latest(options, "spot")[1] == updated
    options.go_to(updated + ROUND_AGE + 1)
    with reverts("StaleRound", options.aggregator.address, updated):
        latest(options, "spot")


def test_latest_price__ahead_of_the_chain__reverts(options):
    ahead = options.now + 10_000
    options.push(PRICE, time=ahead)
    with reverts("StaleRound", options.aggregator.address, ahead):
        latest(options, "spot")


def test_latest_price__of_this_very_block(options):
    options.at(options.now + 60)
    options.push(PRICE + 1, time=options.now + 60)
    assert latest(options, "spot") == ((PRICE + 1) * WAD // DOLLAR, options.now)


@pytest.mark.parametrize("age", [0, ROUND_AGE + 1])
@pytest.mark.parametrize("answer", [0, -1, 2**129])
def test_latest_price__absurd__reverts(options, answer, age):
    """However old: without an answer its time means nothing."""
    options.push(answer, time=options.now - age)
    with reverts("SourceFailed", options.aggregator.address):
        latest(options, "spot")


def test_latest_price__one_unit__is_a_price_and_may_be_stale(options):
    updated = options.now
    options.push(1, time=updated)
    options.go_to(updated + ROUND_AGE + 1)
    with reverts("StaleRound", options.aggregator.address, updated):
        latest(options, "spot")


def test_latest_price__broken_market__reverts(options):
    options.market.transact("setBroken", True, sender=options.other)
    with reverts("SourceFailed", options.market.address):
        latest(options, "lower")


def test_market_of__and_is_price_of(options):
    token, market = options.wketh.address, options.market.address.lower()
    for feed, pool, priced in (
        ("spot", ZERO, True), ("lower", market, True), ("market", market, True),
        ("ratio", market, False), ("rate", ZERO, True),
    ):  # fmt: skip
        feed_id = options.feeds[feed]
        assert options.oracle.call("marketOf", feed_id).lower() == pool
        assert options.oracle.call("isPriceOf", feed_id, token) == priced
        assert not options.oracle.call("isPriceOf", feed_id, options.keth.address)


def test_capacity__without_a_market__no_limit(options):
    assert options.oracle.call("capacity", options.feeds["spot"]) == 2**256 - 1


def test_capacity__as_the_model(options):
    for changes in (
        {},
        {"balance0": 5_000 * WAD, "balance1": 15_000 * WAD},
        {"balance0": 19_000 * WAD, "balance1": 1_000 * WAD},
        {"average_price": 102 * WAD // 100},
        {"average_d": 5_000 * WAD},
        {"rate": 12 * WAD // 10},
        {"rate": 9 * WAD // 10},
        {"balance0": 3_000 * WAD, "average_price": 90 * WAD // 100},
        {"average_price": 51 * WAD // 100},
        {"average_price": 51 * WAD // 100 - 1},
        {"balance0": 600 * WAD, "balance1": 19_400 * WAD},
        {"amp": 1_000},
        {"amp": 10**9},
        {"balance1": 0},
    ):
        state = options.set_market(**changes)
        balances = (state.pop("balance0"), state.pop("balance1"))
        expected = peg_depth.capacity(balances, **state)
        assert options.oracle.call("capacity", options.feeds["ratio"]) == expected, changes
        nothing = ({"average_price": 51 * WAD // 100 - 1}, {"balance0": 600 * WAD}, {"balance1": 0})
        assert (expected == 0) == any(each.items() <= changes.items() for each in nothing), changes


def test_capacity__grows_with_depth_and_falls_off_the_peg(options):
    def capacity(**changes):
        options.set_market(**changes)
        return options.oracle.call("capacity", options.feeds["ratio"])

    usual = capacity()
    assert abs(capacity(average_d=10_000 * WAD) - usual // 2) <= 1
    assert capacity(balance0=7_000 * WAD, balance1=13_000 * WAD) < usual
    assert capacity(average_price=98 * WAD // 100) < usual
    # Neither a deposit nor a trade of this block raises it.
    assert capacity(balance0=10**6 * WAD, balance1=10**6 * WAD) == usual


def test_hints_for__settle(options):
    expiry = options.expiry
    for step in range(6):
        options.push(PRICE + step * DOLLAR, time=options.now + step)
    options.observe("lower", at=expiry - DAY - 60)
    options.push(PRICE, time=expiry - 60)
    wanted = options.push(PRICE + 7 * DOLLAR, time=expiry + 60)
    for step in range(5):
        options.push(PRICE, time=expiry + 120 + step)
    day = (expiry - DAY) // DAY << 80
    hints = options.oracle.call("hintsFor", options.feeds["lower"], expiry)
    assert list(hints) == [day | wanted, day, day]


@pytest.mark.parametrize("late", [PATIENCE, PATIENCE + 1])
def test_hints_for__the_last_round_where_none_came_in_time(options, late):
    expiry = options.expiry
    options.observe("spot", at=expiry - 60)
    last = options.push(PRICE, time=expiry - 50)
    options.push(0, time=expiry - 40)
    options.push(PRICE, time=expiry + late)
    wanted = last if late > PATIENCE else options.round_id
    hints = options.oracle.call("hintsFor", options.feeds["spot"], expiry)
    assert hints[0] % 2**80 == wanted


@pytest.mark.parametrize("time", [0, 1], ids=["missing", "without an answer"])
@pytest.mark.parametrize("empty", [MAX_SKIPPED - 1, MAX_SKIPPED, MAX_SKIPPED + 1])
def test_hints_for__rounds_without_an_answer__can_be_proved(options, empty, time):
    """The first round after the expiry counts if the last before it can be seen from there."""
    expiry = options.expiry
    options.observe("spot", at=expiry - 60)
    last = options.push(PRICE, time=expiry - 50)
    for number in range(empty):
        options.push(0, time=time and expiry + 10 + number)
    first = options.push(2 * PRICE, time=expiry + 60)
    hints = options.oracle.call("hintsFor", options.feeds["spot"], expiry)
    assert hints[0] % 2**80 == (first if empty < MAX_SKIPPED else last)
    options.go_to(expiry + PATIENCE + 1)
    price = options.settle_price("spot", expiry, hints)
    assert price == (2 if empty < MAX_SKIPPED else 1) * PRICE * WAD // DOLLAR


def test_hints_for__a_phase_that_begins_with_missing_rounds(options):
    """The search ends at the phase, and doesn't look for a time in those before it."""
    expiry, base = options.expiry, 1 << 64
    options.push(PRICE, time=expiry - 90, round_id=base | 10)
    options.observe("spot", at=expiry - 60)
    wanted = options.push(2 * PRICE, time=expiry + 2, round_id=base | 12)
    hints = options.oracle.call("hintsFor", options.feeds["spot"], expiry)
    assert hints[0] % 2**80 == wanted
    assert options.settle_price("spot", expiry, hints) == 2 * PRICE * WAD // DOLLAR


def test_hints_for__a_phase_that_ended(options):
    expiry = options.expiry
    options.observe("spot", at=expiry - 60)
    for step in range(5):
        wanted = options.push(PRICE, time=expiry - 50 + step)
    options.push(PRICE, time=expiry - 10, round_id=1 << 64 | 1)
    hints = options.oracle.call("hintsFor", options.feeds["spot"], expiry)
    assert hints[0] % 2**80 == wanted


def test_views__unknown_feed__reverts(options):
    unknown = b"\2" * 32
    for name in ("latestPrice", "capacity", "marketOf", "feedOf", "observe"):
        with reverts("UnknownFeed", unknown):
            options.oracle.call(name, unknown)


def test_constants(options):
    call = options.oracle.call
    assert (call("MAX_COMPONENTS"), call("MAX_SKIPPED"), call("PATIENCE")) == (4, 8, 93_600)
    assert (call("DISPUTE_WINDOW"), call("DISPUTE_DELAY")) == (1_800, 21_600)
