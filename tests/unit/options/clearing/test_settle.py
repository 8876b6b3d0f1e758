import pytest

from keel.models.options.clearing import Kind
from keel.models.options.settlement import DISPUTE_WINDOW
from tests.fixtures.options import DOLLAR, WAD, WINDOW
from tests.fixtures.staking import reverts

STRIKE = 2_000 * WAD


def test_settle__fixes_price_and_payouts(options):
    series_id = options.put_series(STRIKE)
    options.mint(series_id, 3 * WAD)
    price = options.settle_at(series_id, 1_500 * DOLLAR)
    state = options.state(series_id)
    assert price == state["settlement_price"] == 1_500 * WAD
    assert (state["long_payout"], state["short_payout"]) == (1_500 * 10**6, 4_500 * 10**6)
    assert state["collateral"] == 6_000 * 10**6


def test_settle__emits(options):
    series_id = options.put_series(STRIKE)
    options.mint(series_id)
    expiry = options.expiry
    options.go_to(expiry)
    options.push(1_500 * DOLLAR)
    options.settle_price("spot", expiry)
    receipt = options.transact("settle", series_id, sender=options.other)
    (event,) = options.clearing.events(receipt, "Settled")
    assert event.values["longPayout"] == 500 * 10**6
    assert event.values["shortPayout"] == 1_500 * 10**6


@pytest.mark.parametrize(
    ("price", "payoff"),
    [(1, 0), (2_000, 0), (2_500, WAD // 5), (3_000, WAD // 3), (10**9, WAD - 2 * 10**12)],
)
def test_settle__call_in_kind(options, price, payoff):
    series_id = options.call_series(STRIKE)
    options.mint(series_id)
    options.settle_at(series_id, price * DOLLAR)
    state = options.state(series_id)
    assert state["long_payout"] == payoff == options.call("payoffAt", series_id, price * WAD)
    assert state["short_payout"] == WAD - payoff


@pytest.mark.parametrize(
    ("price", "payoff"), [(1_999, 0), (2_100, 100), (2_300, 300), (5_000, 300)]
)
def test_settle__capped_cash_call(options, price, payoff):
    series_id = options.list(options.series(Kind.CASH_CALL, STRIKE, cap=300 * WAD))
    options.mint(series_id)
    options.settle_at(series_id, price * DOLLAR)
    state = options.state(series_id)
    assert (state["long_payout"], state["short_payout"]) == (
        payoff * 10**6,
        (300 - payoff) * 10**6,
    )


@pytest.mark.parametrize(
    ("ratio", "payoff"), [(100, 0), (99, 0), (95, 4), (90, 9), (85, 10), (50, 10)]
)
def test_settle__cover(options, ratio, payoff):
    series_id = options.cover_series()
    options.mint(series_id)
    options.settle_at(series_id, ratio=ratio * WAD // 100)
    state = options.state(series_id)
    assert state["long_payout"] == payoff * WAD // 100
    assert state["short_payout"] == (10 - payoff) * WAD // 100


def test_settle__without_a_price__reverts(options):
    series_id = options.put_series()
    expiry = options.expiry
    options.go_to(expiry + DISPUTE_WINDOW)
    with reverts("NoPrice", options.feeds["spot"], expiry):
        options.call("settle", series_id)


def test_settle__twice__reverts(options):
    series_id = options.put_series()
    options.settle_at(series_id)
    with reverts("AlreadySettled", series_id):
        options.call("settle", series_id)


def test_settle__not_listed__reverts(options):
    for wrong in (0, 1, 2**255):
        with reverts("UnknownSeries", wrong):
            options.call("settle", wrong)


def test_settle__a_series_without_pairs(options):
    series_id = options.put_series()
    options.settle_at(series_id, 1_000 * DOLLAR)
    state = options.state(series_id)
    assert state["collateral"] == state["long_payout"] == state["short_payout"] == 0


def test_settle__several_series_of_one_price(options):
    ids = [options.put_series(strike * WAD) for strike in (1_000, 1_500, 2_000)]
    for series_id in ids:
        options.mint(series_id)
    expiry = options.expiry
    options.observe("spot", at=expiry - WINDOW)
    options.go_to(expiry)
    options.push(1_600 * DOLLAR)
    options.settle_price("spot", expiry)
    for series_id in ids:
        options.transact("settle", series_id, sender=options.holder)
    assert [options.state(i)["long_payout"] for i in ids] == [0, 0, 400 * 10**6]
