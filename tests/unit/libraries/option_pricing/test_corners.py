"""No price reverts inside its domain: every combination of ends, by models and contracts alike.

Black-Scholes' own corners are in `test_black_scholes.py`.
"""

from itertools import product

import pytest

from keel.models.options.black_scholes import MAX_AMOUNT, MAX_RATE, MAX_TIME, MAX_VOLATILITY
from keel.models.options.depeg_pricing import MAX_INTENSITY, MAX_LOSS
from keel.models.options.merton_series import MAX_COUNT, MAX_EXPECTED, YEAR
from tests.fixtures.option_vectors import WAD

AMOUNTS = (0, 1, MAX_AMOUNT)
TIMES = (0, 1, MAX_TIME)
VOLATILITIES = (0, 1, MAX_VOLATILITY)
RATES = (-MAX_RATE, 0, MAX_RATE)
INTENSITIES = (0, 1, MAX_INTENSITY)
TERMS = list(product(AMOUNTS, AMOUNTS, TIMES, VOLATILITIES, RATES, RATES))
GROWTH = 22_027
"""More than e**10: ten years at the highest rate, or against it."""


def agree(model_pricing, contract_pricing, function, rows):
    """Both answer all rows, and the same."""
    found = [tuple_(each) for each in getattr(model_pricing, function)(rows)]
    assert [tuple_(each) for each in getattr(contract_pricing, function)(rows)] == found
    return found


def tuple_(value):
    return tuple(value) if isinstance(value, list | tuple) else value


def test_cash_or_nothing__corners(model_pricing, contract_pricing):
    assert len(TERMS) == 3**6
    for call, put, *_ in agree(model_pricing, contract_pricing, "cash_or_nothing", TERMS):
        assert 0 <= call <= GROWTH * WAD
        assert 0 <= put <= GROWTH * WAD


def test_depeg__corners(model_pricing, contract_pricing):
    """Spots as large as leave the compensated one, a hundred times as much, in the domain."""
    rows = [
        ((min(terms[0], MAX_AMOUNT // 100), *terms[1:]), (intensity, loss))
        for terms in TERMS
        for intensity, loss in product(INTENSITIES, (0, 1, MAX_LOSS))
    ]
    limit = GROWTH * MAX_AMOUNT + 1
    for call, put, _, vega in agree(model_pricing, contract_pricing, "depeg", rows):
        assert 0 <= call <= limit
        assert 0 <= put <= limit
        assert vega >= 0


@pytest.mark.parametrize("function", ["european_cover", "one_touch_cover", "put_cover"])
def test_cover__corners(model_pricing, contract_pricing, function):
    rows = list(product(AMOUNTS, AMOUNTS, TIMES, VOLATILITIES, RATES, INTENSITIES, (0, 1, WAD)))
    most = GROWTH * (MAX_AMOUNT if function == "put_cover" else WAD) + 1
    for row, found in zip(
        rows, agree(model_pricing, contract_pricing, function, rows), strict=True
    ):
        price = found if function == "put_cover" else found[0]
        assert 0 <= price <= most, row


def test_merton__corners(model_pricing, contract_pricing):
    """As many jumps are expected as may be; spots leave room for what jumps make of them."""
    rows = []
    for terms in product((0, 1, 2**60), AMOUNTS, TIMES, VOLATILITIES, RATES, RATES):
        time = terms[2]
        most = MAX_INTENSITY if not time else min(MAX_INTENSITY, MAX_EXPECTED * YEAR // time)
        rows += [
            (terms, (intensity, mean, deviation), count)
            for intensity, (mean, deviation), count in product(
                (0, most), ((0, 0), (-WAD, 0), (-WAD, WAD)), (1, MAX_COUNT)
            )
        ]
    rows = rows[::7]
    for call, put, bound in agree(model_pricing, contract_pricing, "merton", rows):
        assert min(call, put, bound) >= 0


def test_implied_volatility__corners(model_pricing, contract_pricing):
    """Of every price that the corners' terms have at the ends of the volatility."""
    rows = []
    terms = [row for row in TERMS if row[3] in (0, MAX_VOLATILITY)]
    for row, (call, put, *_) in zip(terms, model_pricing.quote(terms), strict=True):
        asked = (*row[:3], 0, *row[4:])
        rows += [(asked, call, True), (asked, put, False)]
    for found in agree(model_pricing, contract_pricing, "implied_volatility", rows):
        assert 0 <= found <= MAX_VOLATILITY


def test_strike_for_delta__corners(model_pricing, contract_pricing):
    """Without carry each delta between nothing and one has a strike."""
    rows = [
        ((spot, 0, time, volatility, rate, 0), delta, side)
        for spot, time, volatility, rate in product(AMOUNTS, TIMES, VOLATILITIES, RATES)
        for delta, side in product((1, WAD // 2, WAD - 1), (True, False))
    ]
    for strike in agree(model_pricing, contract_pricing, "strike_for_delta", rows):
        assert 0 <= strike <= MAX_AMOUNT
