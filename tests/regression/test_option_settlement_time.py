"""Who settles late, after a jump, or with a round of his choice gets the price of the expiry."""

from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keel.models.options.settlement import DAY, DISPUTE_WINDOW, PATIENCE
from tests.fixtures.options import BOND, DOLLAR, PRICE, WAD, WINDOW
from tests.fixtures.staking import reverts


def prepare(options):
    """Observations in and before the window, rounds around the expiry; a price of 2,079."""
    options.due = options.expiry
    options.set_ratio(98 * WAD // 100)
    options.observe("lower", at=options.due - WINDOW)
    options.set_ratio(WAD)
    options.observe("lower", at=options.due - WINDOW // 2)
    options.push(PRICE, time=options.due - 30)
    options.go_to(options.due)
    options.push(2_100 * DOLLAR, time=options.due)
    options.expected = 2_100 * 99 * WAD // 100


@pytest.fixture
def due(options):
    prepare(options)
    return options


def test_late_settlement__after_a_jump__the_same_price(due):
    for later in (DISPUTE_WINDOW, DAY, 400 * DAY):
        snapshot = due.rpc.snapshot()
        due.go_to(due.due + later)
        due.push(20_000 * DOLLAR, time=due.due + 60)
        due.set_ratio(WAD // 2)
        due.observe("lower")
        assert due.settle_price("lower", due.due) == due.expected
        due.rpc.revert(snapshot)


def test_caller_picked_round__is_refused(due):
    """Every round of the feed but the first at or after the expiry, with any day."""
    later = [due.push((2_100 + k) * DOLLAR, time=due.due + 600 * k) for k in range(1, 5)]
    due.go_to(due.due + PATIENCE + 1)
    day = due.due // DAY
    for round_id in (*range(1, later[0] - 1), *later, later[-1] + 1, 1 << 64 | 1, 0):
        for hinted in (0, day - 1, day, day + 1):
            with pytest.raises(Exception, match="reverted"):
                due.try_price("lower", due.due, [hinted << 80 | round_id, day << 80, day << 80])
    hints = [day << 80 | later[0] - 1, day << 80, day << 80]
    assert due.try_price("lower", due.due, hints) == due.expected


def test_stale_or_zero_round__is_not_the_price(options):
    """The round at the expiry says zero: the next one that answers in time counts."""
    expiry = options.expiry
    options.observe("spot", at=expiry - 60)
    zero = options.push(0, time=expiry)
    answer = options.push(PRICE, time=expiry + 3_600)
    options.go_to(expiry + PATIENCE + 1)
    day = expiry // DAY << 80
    for stale in (zero - 1, zero):
        with pytest.raises(Exception, match=r"NotLastRound|RoundWithoutAnswer"):
            options.try_price("spot", expiry, [day | stale, day])
    assert options.try_price("spot", expiry, [day | answer, day]) == 2_000 * WAD


def test_mint__after_the_expiry__when_the_price_is_known__reverts(options):
    series_id = options.call_series()
    options.mint(series_id)
    expiry = options.expiry
    options.go_to(expiry)
    options.push(4_200 * DOLLAR, time=expiry)
    for later in (0, DISPUTE_WINDOW, DAY):
        options.go_to(max(options.now, expiry + later))
        with reverts("SeriesExpired", series_id, expiry):
            options.call(
                "mint", series_id, WAD, options.holder, options.other, sender=options.other
            )


def test_settlement__in_every_order_of_what_others_do(due):
    """Observations, rounds, disputes and settlements of others, in all orders."""

    def observe():
        due.set_ratio(WAD // 3)
        due.observe("lower", at=due.now + 60)

    def jump():
        due.push(9_999 * DOLLAR, time=due.now)

    def other_feed():
        due.settle_price("ratio", due.due)

    def wait():
        due.go_to(due.now + DAY)

    prices = set()
    for order in permutations((observe, jump, other_feed, wait)):
        snapshot, number = due.rpc.snapshot(), due.round_id
        for act in order:
            act()
        prices.add(due.settle_price("lower", due.due))
        due.rpc.revert(snapshot)
        due.round_id = number
    assert prices == {due.expected}


@settings(max_examples=25)
@given(
    steps=st.lists(
        st.tuples(
            st.sampled_from(["observe", "round", "ratio", "rate", "dispute", "settle others"]),
            st.integers(1, 3 * DAY),
        ),
        max_size=8,
    )
)
def test_settlement__whatever_follows_the_expiry(option_desk, steps):
    options = option_desk
    snapshot, number = options.rpc.snapshot(), options.round_id
    prepare(options)
    disputes = 1
    for what, seconds in steps:
        options.go_to(options.now + seconds)
        if what == "observe":
            options.observe("lower")
        elif what == "round":
            options.push(7 * DOLLAR, time=options.now)
        elif what == "ratio":
            options.set_ratio(WAD // 4 + seconds)
        elif what == "rate":
            options.set_rate(WAD // 2 + seconds)
        elif what == "dispute" and disputes and options.now < options.due + DISPUTE_WINDOW:
            disputes -= 1
            arguments = ("dispute", options.feeds["lower"], options.due)
            options.oracle.transact(*arguments, sender=options.disputer, value=BOND)
        elif options.now >= options.due + DISPUTE_WINDOW:
            options.settle_price("ratio", options.due)
    options.go_to(options.due + 30 * DAY)
    assert options.settle_price("lower", options.due) == options.expected
    options.rpc.revert(snapshot)
    options.round_id = number
