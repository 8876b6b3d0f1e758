"""The reserve: the model's price of the option, in units of the collateral."""

import pytest

from keel.models.options.volatility import Values
from tests.fixtures.option_vault import DAY, PRICERS, VOLATILITY, WAD, WEEK
from tests.fixtures.staking import reverts
from tests.machines.option_vault_machine import pricer_of


@pytest.fixture(params=["calls", "puts", "covers"])
def desk(request):
    desk = request.getfixturevalue(request.param)
    desk.wait(DAY)
    desk.refresh()
    return desk


def market(desk):
    spot = desk.oracle.call("latestPrice", desk.feed)[0]
    return spot, Values(*desk.volatility.call("values"))


def strikes_of(desk):
    spot, _ = market(desk)
    return [spot * part // 100 for part in (60, 90, 97, 100, 110, 180)]


def test_reserve__is_the_models(desk):
    twin = pricer_of(PRICERS[desk.style], desk.style)
    spot, risk = market(desk)
    for strike in strikes_of(desk):
        for life in (1, DAY, WEEK, 60 * DAY):
            expected = twin.reserve(spot, strike, risk, life)
            assert desk.pricer.call("reserve", strike, desk.now + life) == expected
            bound = twin.reserve_bound(spot, strike, risk, life, VOLATILITY["maxMove"])
            told = desk.pricer.call("reserveBound", strike, desk.now + life)
            assert told == (bound.price, bound.error)


def test_reserve__follows_the_spot(desk):
    """A call is dearer at a higher spot, a put and a cover at a lower one."""
    strike, expiry = market(desk)[0] * 98 // 100, desk.now + WEEK
    before = desk.pricer.call("reserve", strike, expiry)
    if desk.style == "cover":
        desk.set_ratio(99 * WAD // 100)
    else:
        desk.push_round(desk.price * (11 if desk.style == "call" else 9) // 10)
    assert desk.pricer.call("reserve", strike, expiry) > before


def test_reserve__is_at_least_the_minimum(desk):
    spot, _ = market(desk)
    far = spot * (9 if desk.style == "call" else 1) // (1 if desk.style == "call" else 9)
    expected = PRICERS[desk.style]["minReserve"]
    assert desk.pricer.call("reserve", far, desk.now + 60) == expected


def test_reserve_bound__covers_a_day_of_the_volatilitys_moves(desk):
    """After the largest move a day allows, the price is within the bound."""
    strike, expiry = market(desk)[0] * 98 // 100, desk.now + WEEK
    reserve, error = desk.pricer.call("reserveBound", strike, expiry)
    spot, risk = market(desk)
    moved = Values(risk.volatility * 12 // 10, risk.intensity, risk.loss, risk.rate)
    twin = pricer_of(PRICERS[desk.style], desk.style)
    dearer = twin.reserve(spot, strike, moved, WEEK)
    assert reserve < dearer <= reserve + error * 101 // 100


def test_reserve__stale_inputs__revert(desk):
    strike, expiry = market(desk)[0], desk.now + WEEK
    desk.wait(DAY + 3_600 + 60)
    if desk.style != "cover":
        with reverts("StaleRound"):
            desk.pricer.call("reserve", strike, expiry)
    desk.push_round()
    with reverts("VolatilityStale"):
        desk.pricer.call("reserve", strike, expiry)


def test_reserve__after_expiry__reverts(desk):
    with reverts("Expired", desk.now, desk.now):
        desk.pricer.call("reserve", WAD, desk.now)
