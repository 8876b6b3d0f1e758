"""The integer models, and so the contracts, beside 80-digit arithmetic on the whole domain."""

import mpmath
import pytest
from mpmath import mp, mpf

from keel.models.options import (
    binary_math,
    black_scholes,
    cash_or_nothing,
    depeg_cover,
    depeg_pricing,
    merton_series,
)
from keel.models.options.black_scholes import Terms
from keel.models.options.depeg_cover import Cover
from keel.models.options.depeg_pricing import Depeg
from keel.models.options.implied_volatility import implied_volatility
from keel.models.options.merton_series import Jumps
from keel.models.options.normal_math import CUTOFF, Q128, cdf, normal
from keel.models.options.normal_quantile import ppf
from keel.models.options.strike_selection import strike_for_delta
from tests.fixtures.option_draws import WAD, YEAR, OptionDraws

ROWS = 1_000
SMALL = 10**12
"""Below this spot the stated accuracy is a few units alone."""


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(80):
        yield


@pytest.fixture
def draws(request):
    return OptionDraws(request.node.name)


def exact(terms):
    """Discounted spot and strike, deviation, and d1."""
    spot, strike, time, *rates = (mpf(value) for value in terms)
    years = time / YEAR
    volatility, rate, carry = (value / WAD for value in rates)
    held, paid = spot * mp.exp(-carry * years), strike * mp.exp(-rate * years)
    deviation = volatility * mp.sqrt(years)
    if deviation == 0 or spot == 0 or strike == 0:
        return held, paid, deviation, None
    return held, paid, deviation, mp.log(held / paid) / deviation + deviation / 2


def exact_call(terms):
    held, paid, deviation, d1 = exact(terms)
    if d1 is None:
        return max(held - paid, mpf(0))
    return held * mp.ncdf(d1) - paid * mp.ncdf(d1 - deviation)


def plain(draws):
    """Terms of a spot with digits."""
    while True:
        terms = draws.terms()
        if terms[0] >= SMALL and terms[1] > 0:
            return terms


def report(record_property, what, worst):
    record_property("measured", f"{what}: {mpmath.nstr(worst, 3)} at most, {ROWS:,} random rows")


def test_tail__keeps_its_digits(draws, record_property):
    worst = mpf(0)
    for _ in range(ROWS):
        x = draws.random.randrange(CUTOFF)
        tail, density = normal(-x)
        true = mp.ncdf(-mpf(x) / 2**96)
        worst = max(worst, (abs(mpf(tail) / Q128 - true) - mpf(1) / Q128) / true)
        assert abs(mpf(density) / Q128 - mp.npdf(mpf(x) / 2**96)) <= 1e-18 * mp.npdf(0)
    report(record_property, "normal tail, relative", worst)
    assert worst < mpf("3e-19")


def test_cdf__is_the_nearest(draws, record_property):
    worst = mpf(0)
    for _ in range(ROWS):
        x = draws.random.randint(-9 * WAD, 9 * WAD)
        worst = max(worst, abs(cdf(x) - WAD * mp.ncdf(mpf(x) / WAD)))
    report(record_property, "cdf, wei", worst)
    assert worst < mpf("0.6")


def test_ln_ratio__keeps_its_digits(draws):
    for _ in range(ROWS):
        a = draws.between(1, 2**112 - 1, edge=0)
        b = min(max(int(a * 10 ** draws.random.gauss(0, 3)), 1), 2**112 - 1)
        true = mp.log(mpf(a) / b)
        assert abs(mpf(binary_math.ln_ratio(a, b)) / 2**96 - true) <= 1e-20 * abs(true) + 2**-94


def test_exp_parts__keeps_its_digits(draws):
    for _ in range(ROWS):
        x = draws.random.randint(-(2**104), 2**104)
        mantissa, exponent = binary_math.exp_parts(x)
        true = mp.exp(mpf(x) / 2**96)
        assert abs(mpf(mantissa) * mpf(2) ** (exponent - 112) / true - 1) < mpf("2.8e-19")


def test_full__is_exact(draws, record_property):
    """Prices, deltas, vega; gamma and theta to 1e-15 of their size and what units they have."""
    worst = {name: mpf(0) for name in ("price", "delta", "vega")}
    for _ in range(ROWS):
        terms = plain(draws)
        found = black_scholes.full(Terms(*terms))
        held, paid, deviation, d1 = exact(terms)
        call = exact_call(terms)
        growth = held / terms[0]
        worst["price"] = max(worst["price"], (abs(found.call - call) - 2) / max(held, paid))
        put = call - held + paid
        worst["price"] = max(worst["price"], (abs(found.put - put) - 2) / max(held, paid))
        if d1 is None:
            continue
        delta = growth * mp.ncdf(d1)
        blur = 2 + WAD * growth * mpf("1e-28") / deviation
        off = abs(found.call_delta - WAD * delta) - blur
        worst["delta"] = max(worst["delta"], off / WAD / growth)
        assert abs(found.call_delta - found.put_delta - WAD * growth) <= 3 + growth
        root = mp.sqrt(mpf(terms[2]) / YEAR)
        peak = held * mp.npdf(d1)
        worst["vega"] = max(worst["vega"], (abs(found.vega - peak * root) - 2 - 2 * root) / held)
        gamma = growth * mp.npdf(d1) / terms[0] / deviation * WAD * WAD
        assert abs(found.gamma - gamma) <= 2 + gamma * (mpf("1e-17") + mpf("1e-28") / deviation)
        rate, carry = (mpf(value) / WAD for value in terms[4:])
        decay = peak * deviation / (2 * root * root)
        theta = -decay + carry * held * mp.ncdf(d1) - rate * paid * mp.ncdf(d1 - deviation)
        slack = (decay + held + paid) * mpf("1e-17") + 4 + deviation / root / root
        assert abs(found.call_theta - theta) <= slack
        gap = found.call_theta - found.put_theta - (carry * held - rate * paid)
        assert abs(gap) <= (held + paid) * mpf("1e-17") + 4
    for name, error in worst.items():
        report(record_property, f"BSM {name}, of the discounted spot", error)
        assert error < mpf("1e-18"), name


def test_cash_or_nothing__is_exact(draws):
    for _ in range(ROWS):
        terms = plain(draws)
        found = cash_or_nothing.quote(Terms(*terms))
        _, paid, deviation, d1 = exact(terms)
        if d1 is None:
            continue
        discount = paid / terms[1]
        d2 = d1 - deviation
        assert abs(found.call - WAD * discount * mp.ncdf(d2)) <= 2 + discount
        assert abs(found.put - WAD * discount * mp.ncdf(-d2)) <= 2 + discount
        vega = -WAD * discount * mp.npdf(d2) * d1 / mpf(terms[3]) * WAD
        blur = mpf("1e-17") + WAD * mpf("1e-27") / terms[3]
        assert abs(found.vega - vega) <= 2 + discount * 100 + abs(vega) * blur


def test_depeg__is_exact(draws):
    for _ in range(ROWS):
        terms, (intensity, loss) = draws.depeg()
        if terms[0] < SMALL or terms[1] == 0:
            continue
        found = depeg_pricing.quote(Terms(*terms), Depeg(intensity, loss))
        p = -mp.expm1(-mpf(intensity) / WAD * terms[2] / YEAR)
        h = mpf(loss) / WAD
        held = terms[0] / (1 - p * h)
        calls = [exact_call((spot, *terms[1:])) for spot in (held, held * (1 - h))]
        call = (1 - p) * calls[0] + p * calls[1]
        spot, strike, _, _ = exact(terms)
        growth = spot / terms[0]
        slack = 4 + 4 * growth + max(spot, strike) * mpf("1e-17")
        assert abs(found.call - call) <= slack
        assert abs(found.put - (call - spot + strike)) <= slack
        premium = depeg_pricing.premium(Terms(*terms), Depeg(intensity, loss))
        assert abs(premium - (call - exact_call(terms))) <= slack


def test_cover__is_exact(draws):
    for _ in range(ROWS):
        row = draws.cover()
        ratio, barrier, time, volatility, rate, intensity, _ = (mpf(value) for value in row)
        deviation = volatility / WAD * mp.sqrt(time / YEAR)
        # An amount of a few units has no hundredths for a loss to take.
        if deviation == 0 or min(ratio, barrier) < SMALL:
            continue
        p = -mp.expm1(-intensity / WAD * time / YEAR)

        def below(x, barrier=barrier, deviation=deviation):
            return mp.ncdf(-mp.log(x / barrier) / deviation + deviation / 2) if x else mpf(1)

        def touched(x, barrier=barrier, deviation=deviation):
            if x <= barrier:
                return mpf(1)
            reflected = mp.ncdf(-mp.log(x / barrier) / deviation - deviation / 2)
            return below(x) + x / barrier * reflected

        fallen = mpf(row[0] * (WAD - row[6]) // WAD)
        discount = mp.exp(-rate / WAD * time / YEAR)
        for function, event in ((depeg_cover.european, below), (depeg_cover.one_touch, touched)):
            found = function(Cover(*row))
            likelihood = (1 - p) * event(ratio) + p * event(fallen)
            # A fallen ratio is known to a unit, which a small deviation magnifies.
            slack = 2 + WAD * (mpf("1e-17") + p / max(fallen, 1) / deviation)
            assert abs(found.likelihood - WAD * likelihood) <= slack
            assert abs(found.price - WAD * likelihood * discount) <= 2 + slack * discount


def test_ppf__is_the_nearest(draws):
    for _ in range(ROWS):
        p = draws.between(1, WAD - 1, edge=0)
        x = mpf(ppf(p)) / WAD
        off = mp.ncdf(x) - mpf(p) / WAD
        density = mp.npdf(x)
        assert abs(off) <= density * mpf("1.2e-18") * max(1, abs(x)), p


def test_strike_for_delta__has_that_delta(draws):
    for _ in range(ROWS):
        spot = draws.between(WAD, 2**90, edge=0)
        time = draws.between(3_600, 2 * YEAR, edge=0)
        volatility = draws.between(WAD // 100, 3 * WAD, edge=0)
        rates = [draws.random.randint(-(WAD // 10), WAD // 10) for _ in range(2)]
        delta, is_call = (
            draws.random.randint(WAD // 1_000, WAD * 8 // 10),
            draws.random.random() < 0.5,
        )
        strike = strike_for_delta(Terms(spot, 0, time, volatility, *rates), delta, is_call)
        held, _, deviation, d1 = exact((spot, strike, time, volatility, *rates))
        found = held / spot * mp.ncdf(d1 if is_call else -d1)
        assert abs(found - mpf(delta) / WAD) <= mpf("1e-17") / min(deviation, 1)


def test_implied_volatility__gives_the_price_back(draws, record_property):
    """Within a unit, what one wei of volatility is worth, and the model's own rounding."""
    rounds = 0
    for _ in range(ROWS):
        terms, is_call = Terms(*plain(draws)), draws.random.random() < 0.5
        known = black_scholes.quote(terms)
        price = known.call if is_call else known.put
        found = implied_volatility(terms, price, is_call)
        changed = Terms(terms.spot, terms.strike, terms.time, found, terms.rate, terms.carry)
        again = black_scholes.quote(changed)
        off = abs((again.call if is_call else again.put) - price)
        held, paid, _, _ = exact(vars(terms).values())
        steepest = held * mp.npdf(0) * mp.sqrt(mpf(terms.time) / YEAR)
        assert off <= 2 + steepest / WAD + max(held, paid) * mpf("2e-18"), terms
        rounds += off > 2
    record_property("measured", f"implied volatility: {rounds} of {ROWS:,} prices off by over 2")


def test_merton__exact_price_is_within_the_bound(draws):
    compared = 0
    for _ in range(300):
        terms, jumps, count = draws.merton()
        if terms[1] == 0 or terms[0] < SMALL:
            continue
        found = merton_series.quote(Terms(*terms), Jumps(*jumps), count)
        call = exact_series(terms, jumps)
        held, paid, _, _ = exact(terms)
        slack = (held + paid) / 2**55 + (2 * count + 4) * (held / terms[0] + 1)
        assert found.call - slack <= call <= found.call + found.bound
        put = call - held + paid
        assert found.put - slack <= put <= found.put + found.bound
        compared += 1
    assert compared > 100


def exact_series(terms, jumps):
    intensity, mean, deviation = (mpf(value) / WAD for value in jumps)
    years = mpf(terms[2]) / YEAR
    expected = intensity * years
    log_jump = mean + deviation**2 / 2
    first = -expected * mp.expm1(log_jump)
    total, weight, spots = mpf(0), mp.exp(-expected), mpf(0)
    held, paid, still, _ = exact(terms)
    for n in range(2_000):
        now = held * mp.exp(first + n * log_jump)
        spread = mp.sqrt(still**2 + n * deviation**2)
        if spread:
            d1 = mp.log(now / paid) / spread + spread / 2
            total += weight * (now * mp.ncdf(d1) - paid * mp.ncdf(d1 - spread))
        else:
            total += weight * max(now - paid, 0)
        spots += weight * now
        if n > expected and held - spots < held * mpf("1e-40") and weight < mpf("1e-60"):
            return total
        weight *= expected / (n + 1)
    raise AssertionError("the series did not end")
