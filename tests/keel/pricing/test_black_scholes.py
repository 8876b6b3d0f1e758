"""Floating-point prices: shapes, parity, edges, inverses; and as fast as they should be."""

import numpy as np
import pytest

from keel.pricing.black_scholes import (
    cash_or_nothing,
    greeks,
    implied_volatility,
    price,
    quote,
    strike_for_delta,
)
from keel.pricing.depeg import depeg_premium, depeg_quote, european_cover, put_cover
from keel.pricing.merton import Jumps, merton_series
from keel.pricing.normal import cdf, pdf, ppf
from tests.fixtures.speed import at_best

SPOT, RATE, CARRY = 2_000.0, 0.04, 0.032


@pytest.fixture
def market():
    """A million options: spots, strikes, years, volatilities."""
    random, size = np.random.default_rng(7), 1_000_000
    return (
        random.uniform(1_000, 4_000, size),
        random.uniform(1_000, 4_000, size),
        random.uniform(0.005, 1.5, size),
        random.uniform(0.2, 1.5, size),
    )


def test_quote__a_million_in_the_time_of_a_few_passes(market, float_work, record_property):
    """Ten times the reference: far below a second wherever that takes less than 0.1 s."""
    spent, reference = at_best(lambda: quote(*market, RATE, CARRY), float_work)
    record_property("measured", f"BSM price, delta, vega: {1 / spent:.1f} million a second")
    assert spent < 10 * reference


def test_merton__fifty_thousand_in_the_time_of_a_few_passes(market, float_work, record_property):
    few = [column[:50_000] for column in market]
    jumps = Jumps(1.0, -0.1, 0.1)
    spent, reference = at_best(lambda: merton_series(*few, RATE, CARRY, jumps=jumps), float_work)
    record_property("measured", f"Merton price and Greeks: {50_000 / spent:,.0f} a second")
    assert spent < 10 * reference


def test_quote__broadcasts():
    shape = price(SPOT, np.array([[1_000.0], [2_000.0]]), np.array([0.1, 0.2, 0.3]), 0.6).shape
    assert shape == (2, 3)
    assert price(SPOT, SPOT, 1.0, 0.6).shape == ()
    sides = price(SPOT, SPOT, 1.0, 0.6, RATE, is_call=np.array([True, False]))
    assert sides[0] - sides[1] == pytest.approx(SPOT * (1 - np.exp(-RATE)), rel=1e-13)
    assert price(np.array([]), SPOT, 1.0, 0.6).shape == (0,)


def test_greeks__keep_parity(market):
    """Of a call less a put only the forward is left."""
    terms = [column[:20_000] for column in market]
    spot, strike, years, _ = terms
    call, put = (greeks(*terms, RATE, CARRY, is_call=side) for side in (True, False))
    held, paid = spot * np.exp(-CARRY * years), strike * np.exp(-RATE * years)
    scale = np.maximum(spot, strike)
    for name, forward in {
        "price": held - paid,
        "delta": np.exp(-CARRY * years),
        "gamma": 0.0,
        "vega": 0.0,
        "theta": CARRY * held - RATE * paid,
        "rho": years * paid,
        "carry_rho": -years * held,
        "vanna": 0.0,
        "volga": 0.0,
    }.items():
        difference = getattr(call, name) - getattr(put, name) - forward
        assert np.max(np.abs(difference) / scale) < 1e-15, name


def test_price__is_monotone_and_convex():
    """On 20,000 points, but for the last digits."""
    strikes, years = np.linspace(500, 4_000, 50), np.array([0.0, 1e-4, *np.linspace(0.02, 2, 18)])
    volatility = np.linspace(0.0, 2.0, 20)
    grid = np.meshgrid(strikes, years, volatility, indexing="ij")
    assert grid[0].size == 20_000
    noise = 1e-15 * 4_000
    for side, direction in ((True, -1.0), (False, 1.0)):
        values = price(SPOT, *grid, RATE, 0.0, is_call=side)
        assert (direction * np.diff(values, axis=0) >= -noise).all()
        assert (np.diff(values, n=2, axis=0) >= -4 * noise).all()
        assert (np.diff(values, axis=2) >= -noise).all()
        if side:
            assert (np.diff(values, axis=1) >= -noise).all()
    call = price(grid[0], SPOT, *grid[1:], RATE, 0.0)
    assert (np.diff(call, axis=0) >= -noise).all()


@pytest.mark.parametrize(("years", "volatility"), [(0.0, 0.6), (0.0, 0.0), (1.0, 0.0)])
def test_greeks__without_spread__are_the_forward(years, volatility):
    strikes = np.array([1_000.0, 2_000.0, 3_000.0])
    found = greeks(SPOT, strikes, years, volatility, RATE, RATE)
    discount = np.exp(-RATE * years)
    assert found.price == pytest.approx(discount * np.maximum(SPOT - strikes, 0.0), rel=1e-14)
    assert found.delta == pytest.approx(discount * np.array([1.0, 0.5, 0.0]))
    for name in ("gamma", "vanna", "volga"):
        assert (getattr(found, name) == 0.0).all()
    assert np.isfinite(found.theta).all()


def test_greeks__at_the_limits__are_finite():
    extremes = np.array([1e-300, 1e-8, 1.0, 1e8, 1e300])
    with np.errstate(all="ignore"):
        found = quote(SPOT, extremes, 0.02, 0.5)
    assert np.isfinite(found.price).all()
    assert np.isfinite(found.delta).all()
    assert np.isfinite(found.vega).all()


def test_implied_volatility__finds_it_back(market):
    spot, strike, years, volatility = (column[:20_000] for column in market)
    for is_call in (True, False):
        terms = (spot, strike, years)
        known = quote(*terms, volatility, RATE, CARRY, is_call=is_call)
        found = implied_volatility(known.price, *terms, RATE, CARRY, is_call=is_call)
        again = price(*terms, found, RATE, CARRY, is_call=is_call)
        assert np.max(np.abs(again - known.price) / np.maximum(spot, strike)) < 4e-15
        told = known.vega > 1e-3 * spot
        assert np.max(np.abs(found - volatility)[told]) < 1e-11


def test_implied_volatility__of_no_volatility__is_not_a_number():
    prices = np.array([-1.0, 0.0, SPOT, 3 * SPOT])
    found = implied_volatility(prices, SPOT, SPOT, 1.0)
    assert np.isnan(found[[0, 2, 3]]).all()
    assert found[1] == 0.0


def test_strike_for_delta__has_that_delta(market):
    spot, _, years, volatility = (column[:20_000] for column in market)
    wanted = np.linspace(0.01, 0.9, 20_000)
    for is_call in (True, False):
        terms = (years, volatility, RATE, CARRY)
        strike = strike_for_delta(spot, wanted, *terms, is_call=is_call)
        found = quote(spot, strike, *terms, is_call=is_call).delta
        assert np.max(np.abs(np.abs(found) - wanted)) < 1e-13
    assert np.isnan(strike_for_delta(SPOT, 1.1, 1.0, 0.5))


def test_cash_or_nothing__is_the_slope_of_the_price(market):
    spot, strike, years, volatility = (column[:2_000] for column in market)
    step = 1e-4 * strike
    terms = (years, volatility, RATE, CARRY)
    slope = (price(spot, strike - step, *terms) - price(spot, strike + step, *terms)) / 2 / step
    assert cash_or_nothing(spot, strike, *terms).price == pytest.approx(slope, abs=1e-5)


def test_normal__ends_and_inverse():
    ends = np.array([-np.inf, -40.0, -13.0, 0.0, 13.0, np.inf])
    assert cdf(ends)[[0, 3, 4, 5]].tolist() == [0.0, 0.5, 1.0, 1.0]
    assert cdf(-13.0) == pytest.approx(6.117164399549879e-39, rel=1e-13)
    assert cdf(-38.0) == pytest.approx(2.885428360068806e-316, rel=1e-6)
    points = np.linspace(-8.0, 5.0, 1_000)
    assert ppf(cdf(points)) == pytest.approx(points, abs=1e-10)
    assert np.isnan(ppf(1.5))
    assert pdf(0.0) == pytest.approx(0.3989422804014327, rel=1e-15)


def test_depeg__limits_and_parity(market):
    terms = [column[:5_000] for column in market]
    spot, strike, years, _ = terms
    plain = quote(*terms, RATE, CARRY)
    for intensity, loss in ((0.0, 0.3), (0.7, 0.0)):
        found = depeg_quote(*terms, RATE, CARRY, intensity=intensity, loss=loss)
        assert found.price == pytest.approx(plain.price, rel=1e-14, abs=1e-11)
        assert found.vega == pytest.approx(plain.vega, rel=1e-13, abs=1e-11)
    call, put = (
        depeg_quote(*terms, RATE, CARRY, intensity=0.5, loss=0.4, is_call=side).price
        for side in (True, False)
    )
    forward = spot * np.exp(-CARRY * years) - strike * np.exp(-RATE * years)
    assert call - put == pytest.approx(forward, abs=1e-11)
    premium = depeg_premium(*terms, RATE, CARRY, intensity=0.5, loss=0.4)
    assert premium == pytest.approx(call - plain.price, abs=1e-11)
    assert (premium >= -1e-11).all()


def test_cover__of_a_certain_depeg():
    """So many jumps are expected that one comes: the discounted payout is paid."""
    found = european_cover(1.0, 0.9, 1.0, 0.0, RATE, intensity=50.0, loss=0.2)
    assert found.likelihood == pytest.approx(1.0, abs=1e-15)
    assert found.price == pytest.approx(np.exp(-RATE), rel=1e-14)
    paid = put_cover(1.0, 0.9, 1.0, 0.0, RATE, intensity=50.0, loss=0.2)
    assert paid == pytest.approx(0.1 * np.exp(-RATE), rel=1e-13)


def test_merton__without_jumps__is_black_scholes(market):
    terms = [column[:2_000] for column in market]
    plain = greeks(*terms, RATE, CARRY)
    found = merton_series(*terms, RATE, CARRY, jumps=Jumps(0.0, -0.2, 0.3))
    for name in ("price", "delta", "gamma", "vega"):
        assert getattr(found, name) == pytest.approx(getattr(plain, name), rel=1e-12, abs=1e-12)
    assert (found.bound == 0.0).all()
