"""The strike: a wanted delta, within bounds, on a grid."""

import pytest

from keel.models.options.volatility import Values
from tests.fixtures.option_vault import DAY, PRICERS, RISKS, WAD, WEEK
from tests.fixtures.staking import reverts
from tests.machines.option_vault_machine import pricer_of


@pytest.fixture
def fresh(calls, puts, covers):
    for desk in (calls, puts, covers):
        desk.wait(DAY)
        desk.refresh()
    return {"call": calls, "put": puts, "cover": covers}


def risk_of(desk):
    return Values(*desk.volatility.call("values"))


def test_choose_strike__is_the_models(fresh):
    for style, desk in fresh.items():
        twin = pricer_of(PRICERS[style], style)
        spot = desk.oracle.call("latestPrice", desk.feed)[0]
        for days in (2, 7, 30):
            strike = twin.choose_strike(spot, risk_of(desk), days * DAY)
            told = desk.pricer.call("chooseStrike", desk.now + days * DAY)
            assert told == (strike, twin.cap(strike))


def test_choose_strike__call_is_above_and_put_below_the_spot(fresh):
    spot = fresh["call"].price
    strike, cap = fresh["call"].pricer.call("chooseStrike", fresh["call"].now + WEEK)
    assert 102 * spot // 100 <= strike <= 2 * spot
    assert (strike % (50 * WAD), cap) == (0, 0)
    strike, cap = fresh["put"].pricer.call("chooseStrike", fresh["put"].now + WEEK)
    assert spot // 2 <= strike <= 98 * spot // 100
    assert (strike % (50 * WAD), cap) == (0, strike)


def test_choose_strike__grid_rounds_away_from_the_money(calls, puts):
    """At a delta of 50 % the least moneyness decides: 2,040 and 1,960 are off the grid."""
    for desk, strike in ((calls, 2_050 * WAD), (puts, 1_950 * WAD)):
        desk.wait(DAY)
        desk.refresh()
        pricer = desk.new_pricer(target=WAD // 2)
        assert pricer.call("chooseStrike", desk.now + WEEK)[0] == strike


def test_choose_strike__no_multiple_within_the_bounds__reverts(calls):
    calls.wait(DAY)
    calls.refresh()
    pricer = calls.new_pricer(
        grid=1_500 * WAD, minMoneyness=102 * WAD // 100, maxMoneyness=WAD * 5 // 4
    )
    with reverts("NoStrike", 2_000 * WAD, 1_500 * WAD):
        pricer.call("chooseStrike", calls.now + WEEK)


def test_choose_strike__cover_keeps_below_a_ratio_that_has_fallen(covers):
    covers.wait(DAY)
    covers.refresh()
    assert covers.pricer.call("chooseStrike", covers.now + WEEK)[0] == 97 * WAD // 100
    covers.set_ratio(95 * WAD // 100)
    assert covers.pricer.call("chooseStrike", covers.now + WEEK)[0] == 94 * WAD // 100


def test_choose_strike__stale_inputs__revert(calls):
    calls.wait(DAY)
    calls.refresh()
    calls.wait(DAY - 60)
    calls.pricer.call("chooseStrike", calls.now + WEEK)
    calls.wait(61)
    calls.push_round()
    with reverts("VolatilityStale"):
        calls.pricer.call("chooseStrike", calls.now + WEEK)
    calls.wait(DAY)
    calls.submit()
    calls.wait(7_200)
    with reverts("StaleRound"):
        calls.pricer.call("chooseStrike", calls.now + WEEK)


def test_choose_strike__after_expiry__reverts(calls):
    calls.wait(DAY)
    calls.refresh()
    with reverts("Expired", calls.now, calls.now):
        calls.pricer.call("chooseStrike", calls.now)


def test_terms(calls):
    told = calls.pricer.call("terms")
    assert told[0] == 0
    assert told[4:] == tuple(PRICERS["call"].values())
    assert calls.pricer.call("kind") == 0
    assert RISKS["call"][0] == 8 * WAD // 10


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("target", WAD // 100, WAD // 2),
        ("minReserve", 1, WAD),
        ("grid", 1, 2**112 - 1),
    ],
)
def test_terms__within_their_bounds(calls, name, least, most):
    for value in (least, most):
        calls.new_pricer(**{name: value})
    for value in (least - 1, most + 1):
        with reverts("OutOfBounds", value, least, most):
            calls.new_pricer(**{name: value})


def test_moneyness__within_its_bounds(calls):
    with reverts("OutOfBounds", WAD // 10 - 1, WAD // 10, 10 * WAD):
        calls.new_pricer(minMoneyness=WAD // 10 - 1)
    with reverts("OutOfBounds", WAD, 102 * WAD // 100, 10 * WAD):
        calls.new_pricer(maxMoneyness=WAD)
    with reverts("OutOfBounds", WAD + 1, 0, WAD):
        calls.new_pricer(carry=-WAD - 1)
