"""Strikes for deltas and volatilities for prices: edges, monotone, what is refused."""

import pytest

from keel.models.options.black_scholes import MAX_AMOUNT, MAX_VOLATILITY, YEAR
from tests.fixtures.option_vectors import WAD

SPOT, WEEK = 2_000 * WAD, 7 * 86_400
TERMS = (SPOT, 0, WEEK, WAD // 2, WAD * 4 // 100, WAD * 32 // 1_000)


def struck(strike, terms=TERMS):
    return (terms[0], strike, *terms[2:])


@pytest.mark.parametrize("is_call", [True, False])
def test_strike_for_delta__has_that_delta(pricing, is_call):
    wanted = [WAD * k // 100 for k in range(1, 100)]
    strikes = pricing.strike_for_delta([(TERMS, delta, is_call) for delta in wanted])
    assert sorted(strikes, reverse=is_call) == list(strikes)
    found = pricing.full([struck(strike) for strike in strikes])
    for delta, greeks in zip(wanted, found, strict=True):
        assert abs(abs(greeks[2 if is_call else 3]) - delta) <= 20


def test_strike_for_delta__without_spread__is_the_forward(pricing):
    """Without volatility all deltas are at the forward, and without time that is the spot."""
    for time, volatility in ((0, WAD), (WEEK, 0)):
        terms = (SPOT, 0, time, volatility, 0, 0)
        rows = [(terms, WAD * k // 10, side) for k in (1, 5, 9) for side in (True, False)]
        assert {abs(strike - SPOT) <= 1 for strike in pricing.strike_for_delta(rows)} == {True}


def test_strike_for_delta__keeps_to_the_domain(pricing):
    """A thousand percent for ten years puts far deltas beyond what an amount can be."""
    terms = (SPOT, 0, 10 * YEAR, MAX_VOLATILITY, 0, 0)
    rows = [(terms, delta, True) for delta in (1, WAD // 2, WAD - 1)]
    assert list(pricing.strike_for_delta(rows))[:2] == [MAX_AMOUNT] * 2
    rows = [(terms, delta, False) for delta in (1, WAD // 2, WAD - 1)]
    assert list(pricing.strike_for_delta(rows))[1:] == [MAX_AMOUNT] * 2


def test_strike_for_delta__no_strike_has_it__reverts(pricing, refused):
    still = (SPOT, 0, WEEK, WAD // 2, 0, 0)
    assert len(pricing.strike_for_delta([(still, 1, True), (still, WAD - 1, True)])) == 2
    for delta in (0, WAD, WAD + 1, 2**255):
        assert refused("strike_for_delta", (still, delta, True)) == ("DeltaOutOfDomain", (delta,))
    # With a carry the largest delta is e**(-carry T) = e**-0.5.
    carried = (SPOT, 0, YEAR, WAD // 2, 0, WAD // 2)
    largest = 606_530_659_712_633_423
    assert len(pricing.strike_for_delta([(carried, largest, False)])) == 1
    for delta in (largest + 2, WAD):
        assert refused("strike_for_delta", (carried, delta, False)) == (
            "DeltaOutOfDomain",
            (delta,),
        )
    beyond = (MAX_AMOUNT + 1, *still[1:])
    assert refused("strike_for_delta", (beyond, WAD // 2, True)) == (
        "SpotOutOfDomain",
        (MAX_AMOUNT + 1,),
    )


@pytest.mark.parametrize("is_call", [True, False])
@pytest.mark.parametrize("strike", [500, 1_500, 2_000, 2_001, 2_600, 9_000])
def test_implied_volatility__finds_it_back(pricing, is_call, strike):
    volatilities = [WAD * k // 100 for k in (1, 5, 20, 50, 100, 300, 999, 1_000)]
    rows = [(SPOT, strike * WAD, 90 * 86_400, v, *TERMS[4:]) for v in volatilities]
    quotes = [tuple(quote) for quote in pricing.quote(rows)]
    asked = [
        (row, quote[0 if is_call else 1], is_call) for row, quote in zip(rows, quotes, strict=True)
    ]
    for volatility, (*_, vega), found in zip(
        volatilities, quotes, pricing.implied_volatility(asked), strict=True
    ):
        # The price is known to a unit and a half.
        if vega > 10**9:
            assert abs(found - volatility) <= 2 + 2 * WAD // vega


def test_implied_volatility__at_the_bounds(pricing, refused):
    forwards = [(SPOT, strike * WAD, WEEK, 0, *TERMS[4:]) for strike in (1_000, 2_000, 4_000)]
    lowest = [tuple(quote)[:2] for quote in pricing.quote(forwards)]
    highest = [
        tuple(quote)[:2]
        for quote in pricing.quote([(*row[:3], MAX_VOLATILITY, *row[4:]) for row in forwards])
    ]
    for row, low, high in zip(forwards, lowest, highest, strict=True):
        for side, is_call in enumerate((True, False)):
            assert pricing.implied_volatility([(row, low[side], is_call)])[0] == 0
            top = pricing.implied_volatility([(row, high[side], is_call)])[0]
            assert abs(top - MAX_VOLATILITY) <= 2
            for price in (low[side] - 1, high[side] + 1):
                if price >= 0:
                    assert refused("implied_volatility", (row, price, is_call)) == (
                        "PriceOutOfDomain",
                        (price, low[side], high[side]),
                    )


def test_implied_volatility__without_time(pricing, refused):
    row = (SPOT, 1_500 * WAD, 0, WAD, 0, 0)
    assert list(pricing.implied_volatility([(row, 500 * WAD, True), (row, 0, False)])) == [0, 0]
    assert refused("implied_volatility", (row, 500 * WAD + 1, True)) == (
        "PriceOutOfDomain",
        (500 * WAD + 1, 500 * WAD, 500 * WAD),
    )


def test_implied_volatility__a_unit_of_price_is_enough(pricing):
    """The cheapest price there is, far out: the volatility that first makes it a unit."""
    rows = [(SPOT, strike * WAD, WEEK, 0, 0, 0) for strike in (2_100, 3_000, 8_000, 100_000)]
    found = pricing.implied_volatility([(row, 1, True) for row in rows])
    assert list(found) == sorted(found)
    for row, volatility in zip(rows, found, strict=True):
        around = [(*row[:3], volatility * k // 1_000, *row[4:]) for k in (998, 1_002)]
        below, above = (next(iter(quote)) for quote in pricing.quote(around))
        assert below <= 1 <= above
