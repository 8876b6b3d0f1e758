"""QuantLib, by others' hands, gives the same numbers on random input."""

import numpy as np
import pytest
import QuantLib as ql

from keel.pricing import black_scholes
from keel.pricing.depeg import one_touch_cover
from keel.pricing.merton import Jumps, merton_series
from keel.pricing.rates import Payment, lognormal_caplet, normal_caplet
from keel.pricing.svi import Svi

ROWS = 300
TODAY = ql.Date(1, 1, 2025)
DAYS = ql.Actual365Fixed()
SIDES = {True: ql.Option.Call, False: ql.Option.Put}


@pytest.fixture(autouse=True)
def today():
    ql.Settings.instance().evaluationDate = TODAY


@pytest.fixture
def draws():
    """Spots, strikes, whole days, volatilities, rates, carries, sides."""
    random = np.random.default_rng(20)
    spot = random.uniform(500, 5_000, ROWS)
    return (
        spot,
        spot * np.exp(random.normal(0, 0.3, ROWS)),
        random.integers(1, 900, ROWS),
        random.uniform(0.1, 2.0, ROWS),
        random.uniform(-0.05, 0.15, ROWS),
        random.uniform(-0.05, 0.15, ROWS),
        random.random(ROWS) < 0.5,
    )


def process(spot, volatility, rate, carry):
    quote = ql.QuoteHandle(ql.SimpleQuote(spot))
    carried, earned = (
        ql.YieldTermStructureHandle(ql.FlatForward(TODAY, value, DAYS)) for value in (carry, rate)
    )
    smile = ql.BlackConstantVol(TODAY, ql.NullCalendar(), volatility, DAYS)
    return quote, carried, earned, ql.BlackVolTermStructureHandle(smile)


def option(payoff, days, engine):
    made = ql.VanillaOption(payoff, ql.EuropeanExercise(TODAY + int(days)))
    made.setPricingEngine(engine)
    return made


def test_greeks__equal(draws):
    spot, strike, days, volatility, rate, carry, is_call = draws
    ours = black_scholes.greeks(spot, strike, days / 365, volatility, rate, carry, is_call=is_call)
    for k in range(ROWS):
        s, x, d, v, r, q, side = (column[k].item() for column in draws)
        engine = ql.AnalyticEuropeanEngine(ql.BlackScholesMertonProcess(*process(s, v, r, q)))
        theirs = option(ql.PlainVanillaPayoff(SIDES[side], x), d, engine)
        assert ours.price[k] == pytest.approx(theirs.NPV(), rel=1e-11, abs=1e-11 * s)
        assert ours.delta[k] == pytest.approx(theirs.delta(), rel=1e-11, abs=1e-12)
        assert ours.gamma[k] == pytest.approx(theirs.gamma(), rel=1e-9, abs=1e-15)
        assert ours.vega[k] == pytest.approx(theirs.vega(), rel=1e-9, abs=1e-11 * s)
        assert ours.theta[k] == pytest.approx(theirs.theta(), rel=1e-9, abs=1e-10 * s)
        assert ours.rho[k] == pytest.approx(theirs.rho(), rel=1e-10, abs=1e-10 * s)
        assert ours.carry_rho[k] == pytest.approx(theirs.dividendRho(), rel=1e-10, abs=1e-10 * s)


def test_vanna_volga__are_the_derivatives(draws):
    """QuantLib has none for this engine: differences of its delta and vega."""
    step = 1e-5
    columns = [column[:60] for column in draws]
    spot, strike, days, volatility, rate, carry, is_call = columns
    ours = black_scholes.greeks(spot, strike, days / 365, volatility, rate, carry, is_call=is_call)
    for k in range(60):
        s, x, d, v, r, q, side = (column[k].item() for column in columns)
        found = []
        for shifted in (v - step, v + step):
            engine = ql.AnalyticEuropeanEngine(
                ql.BlackScholesMertonProcess(*process(s, shifted, r, q))
            )
            theirs = option(ql.PlainVanillaPayoff(SIDES[side], x), d, engine)
            found.append((theirs.delta(), theirs.vega()))
        (low_delta, low_vega), (high_delta, high_vega) = found
        vanna, volga = (high_delta - low_delta) / 2 / step, (high_vega - low_vega) / 2 / step
        assert ours.vanna[k] == pytest.approx(vanna, rel=1e-5, abs=1e-7)
        assert ours.volga[k] == pytest.approx(volga, rel=1e-5, abs=1e-7 * s)


def test_cash_or_nothing__equals(draws):
    spot, strike, days, volatility, rate, carry, is_call = draws
    terms = (spot, strike, days / 365, volatility, rate, carry)
    ours = black_scholes.cash_or_nothing(*terms, is_call=is_call)
    for k in range(ROWS):
        s, x, d, v, r, q, side = (column[k].item() for column in draws)
        engine = ql.AnalyticEuropeanEngine(ql.BlackScholesMertonProcess(*process(s, v, r, q)))
        theirs = option(ql.CashOrNothingPayoff(SIDES[side], x, 1.0), d, engine)
        assert ours.price[k] == pytest.approx(theirs.NPV(), rel=1e-11, abs=1e-12)
        assert ours.delta[k] == pytest.approx(theirs.delta(), rel=1e-9, abs=1e-14)
        assert ours.vega[k] == pytest.approx(theirs.vega(), rel=1e-8, abs=1e-10)


def test_implied_volatility__equals(draws):
    columns = [column[:100] for column in draws]
    spot, strike, days, volatility, rate, carry, is_call = columns
    terms = (spot, strike, days / 365)
    prices = black_scholes.price(*terms, volatility, rate, carry, is_call=is_call)
    ours = black_scholes.implied_volatility(prices, *terms, rate, carry, is_call=is_call)
    compared = 0
    for k in range(100):
        s, x, d, v, r, q, side = (column[k].item() for column in columns)
        payoff = ql.PlainVanillaPayoff(SIDES[side], x)
        made = ql.VanillaOption(payoff, ql.EuropeanExercise(TODAY + d))
        if black_scholes.quote(s, x, d / 365, v, r, q).vega < 1e-4 * s:
            continue
        theirs = made.impliedVolatility(
            prices[k].item(), ql.BlackScholesMertonProcess(*process(s, 0.5, r, q)), 1e-12, 1_000
        )
        assert ours[k] == pytest.approx(theirs, rel=1e-8)
        assert ours[k] == pytest.approx(v, rel=1e-9)
        compared += 1
    assert compared > 60


def test_merton__equals_bates_without_spread(draws):
    """QuantLib has Merton's model inside that of Bates, where the variance hardly moves."""
    random = np.random.default_rng(21)
    columns = [column[:60] for column in draws]
    spot, strike, days, volatility, rate, carry, is_call = columns
    days = np.maximum(days, 30)
    law = [random.uniform(*span, 60) for span in ((0.1, 3.0), (-0.3, 0.2), (0.01, 0.4))]
    terms = (spot, strike, days / 365, volatility, rate, carry)
    ours = merton_series(*terms, jumps=Jumps(*law), is_call=is_call)
    for k in range(60):
        s, x, v, r, q, side = (c[k].item() for c in (*columns[:2], *columns[3:]))
        intensity, mean, deviation = (column[k].item() for column in law)
        quote, carried, earned, _ = process(s, v, r, q)
        start = (v * v, 1.0, v * v, 1e-5, 0.0)
        bates = ql.BatesProcess(earned, carried, quote, *start, intensity, mean, deviation)
        engine = ql.BatesEngine(ql.BatesModel(bates), 1e-10, 100_000)
        theirs = option(ql.PlainVanillaPayoff(SIDES[side], x), days[k], engine)
        assert ours.price[k] == pytest.approx(theirs.NPV(), rel=1e-6, abs=1e-7 * s)


def test_one_touch_cover__equals():
    """A digital put that a touch decides, paid at expiry; a carry like the rate stops the drift."""
    random = np.random.default_rng(22)
    for _ in range(100):
        ratio, barrier = random.uniform(0.9, 1.05), random.uniform(0.7, 0.99)
        days, volatility = int(random.integers(5, 400)), random.uniform(0.02, 0.3)
        rate = random.uniform(0.0, 0.1)
        engine = ql.AnalyticDigitalAmericanEngine(
            ql.BlackScholesMertonProcess(*process(ratio, volatility, rate, rate))
        )
        exercise = ql.AmericanExercise(TODAY, TODAY + days, True)
        theirs = ql.VanillaOption(ql.CashOrNothingPayoff(ql.Option.Put, barrier, 1.0), exercise)
        theirs.setPricingEngine(engine)
        ours = one_touch_cover(ratio, barrier, days / 365, volatility, rate)
        assert ours.price == pytest.approx(theirs.NPV(), rel=1e-9, abs=1e-12)


def test_caplets__equal():
    random = np.random.default_rng(23)
    for _ in range(200):
        forward, strike = random.uniform(0.01, 0.08, 2)
        years, volatility, is_cap = (
            random.uniform(0.05, 2.0),
            random.uniform(0.1, 0.8),
            bool(random.random() < 0.5),
        )
        payment = Payment(years, 1.0)
        side, deviation = SIDES[is_cap], volatility * np.sqrt(years)
        theirs = ql.blackFormula(side, strike, forward, deviation)
        ours = lognormal_caplet(forward, strike, volatility, payment, is_cap=is_cap)
        assert ours.rate == pytest.approx(theirs, rel=1e-10, abs=1e-15)
        theirs = ql.bachelierBlackFormula(side, strike, forward, 0.02 * deviation)
        ours = normal_caplet(forward, strike, 0.02 * volatility, payment, is_cap=is_cap)
        assert ours.rate == pytest.approx(theirs, rel=1e-10, abs=1e-15)


def test_svi__equals():
    smile = Svi(a=0.02, b=0.1, rho=-0.4, m=0.02, sigma=0.15)
    section = ql.SviSmileSection(0.5, 100.0, [0.02, 0.1, 0.15, -0.4, 0.02])
    for k in np.linspace(-0.8, 0.8, 33):
        theirs = section.volatility(100.0 * float(np.exp(k)))
        assert smile.volatility(k, 0.5) == pytest.approx(theirs, rel=1e-12)
