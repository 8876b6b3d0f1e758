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


@pytest.mark.parametrize("price", [1, WAD // 2, 97 * WAD // 100, WAD - 1, WAD, 2 * WAD])
def test_reserve__of_cover__at_the_lower_of_average_and_price(desk, price):
    """Of others the insured market is not asked."""
    ratio, average = 99 * WAD // 100, 98 * WAD // 100
    desk.set_ratio(ratio)
    desk.own(desk.peg, "setState", (WAD, WAD, WAD, 200_000, 2 * WAD, average))
    desk.own(desk.peg, "setPrice", price)
    twin = pricer_of(PRICERS[desk.style], desk.style)
    spot, risk = market(desk)
    lower = twin.sale_spot(spot, price, average)
    assert lower == (
        ratio * price // average if desk.style == "cover" and price < average else spot
    )
    for strike in strikes_of(desk):
        expiry = desk.now + WEEK
        expected = twin.reserve(lower, strike, risk, WEEK)
        assert desk.pricer.call("reserve", strike, expiry) == expected
        bound = twin.reserve_bound(lower, strike, risk, WEEK, VOLATILITY["maxMove"])
        assert desk.pricer.call("reserveBound", strike, expiry) == (bound.price, bound.error)


def test_reserve__of_cover_on_a_feed_without_a_market__at_the_feeds_price(covers):
    """A cover on anything but a market ratio has no pool to ask."""
    part = [(covers.aggregator.address, 0, WEEK)]
    covers.refresh(WAD)
    covers.own(covers.oracle, "listFeed", part, 300)
    covers.feed = covers.oracle.call("feedIdOf", part, 300)
    covers.volatility = covers.new_volatility()
    covers.submit()
    risk = Values(*covers.volatility.call("values"))
    expected = pricer_of(PRICERS["cover"], "cover").reserve(WAD, WAD, risk, WEEK)
    assert covers.new_pricer().call("reserve", WAD, covers.now + WEEK) == expected


def test_choose_strike__of_cover__by_the_average(covers):
    """Who pushes the pool's price for a moment moves no strike."""
    covers.refresh()
    before = covers.pricer.call("chooseStrike", covers.now + WEEK)
    covers.own(covers.peg, "setPrice", WAD // 2)
    assert covers.pricer.call("chooseStrike", covers.now + WEEK) == before


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
