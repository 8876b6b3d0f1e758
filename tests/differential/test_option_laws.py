"""OPT-3 and OPT-4 on the whole domain, carry and negative rates too, by models and contracts.

The grid in `tests/unit/libraries` is coarse, so that its laws hold to the unit. Here terms are
random and neighbours may be a unit apart: a law holds up to the kernel's own error, which
`tests/keel/options/test_accuracy.py` measures. The profile `deep` takes 100,000 of them.
"""

from collections import Counter
from math import ceil, exp

import pytest
from hypothesis import settings

from keel.models.options.black_scholes import MAX_AMOUNT, MAX_TIME, MAX_VOLATILITY, YEAR
from tests.fixtures.option_draws import OptionDraws
from tests.fixtures.option_vectors import WAD

CALL, PUT = 0, 1
SPOT, STRIKE, TIME, VOLATILITY, RATE, CARRY = range(6)
LIMITS = {SPOT: MAX_AMOUNT, STRIKE: MAX_AMOUNT, TIME: MAX_TIME, VOLATILITY: MAX_VOLATILITY}
USUAL, DEEP = 4_000, 100_000
BLOCK = 2_000


def blocks():
    """Terms, so many at a time."""
    deep = settings.get_current_profile_name() == "deep"
    draws = OptionDraws("laws")
    for _ in range(0, DEEP if deep else USUAL, BLOCK):
        yield [draws.terms() for _ in range(BLOCK)], draws


def raised(terms, position, draws):
    """The same with one number higher, by a unit or by as much as there may be."""
    value, limit = terms[position], LIMITS[position]
    step = draws.between(1, max(limit - value, 1))
    return (*terms[:position], min(value + step, limit), *terms[position + 1 :])


def slack(*rows):
    """Of a comparison: what each price may be off, two units and 1e-18 of the larger leg."""
    legs = 0
    for spot, strike, time, _, rate, carry in rows:
        years = time / YEAR
        held, paid = spot * exp(-carry / WAD * years), strike * exp(-rate / WAD * years)
        legs += max(held, paid)
    return 2 * len(rows) + ceil(legs * 1e-18)


def test_parity__on_the_domain(pricing):
    """Call less put is the discounted forward, which the edge without volatility prices."""
    for terms, _ in blocks():
        still = pricing.quote([(*row[:VOLATILITY], 0, *row[VOLATILITY + 1 :]) for row in terms])
        for row, quote, forward in zip(terms, pricing.quote(terms), still, strict=True):
            assert 0 in forward[:2], "without volatility one side is worth nothing"
            gap = (quote[CALL] - quote[PUT]) - (forward[CALL] - forward[PUT])
            assert abs(gap) <= 1, row


@pytest.mark.parametrize("position", [SPOT, STRIKE, TIME, VOLATILITY])
def test_prices__are_monotone_on_the_domain(pricing, position):
    """In time a price rises where neither waiting nor carry costs its holder anything."""
    compared = Counter()
    for terms, draws in blocks():
        higher = [raised(row, position, draws) for row in terms]
        quotes = zip(pricing.quote(terms), pricing.quote(higher), strict=True)
        for low, high, (before, after) in zip(terms, higher, quotes, strict=True):
            allowed = slack(low, high)
            for side in (CALL, PUT):
                sign = direction(low, position, side)
                rise = sign * (after[side] - before[side])
                assert rise >= -allowed, (low, high, side)
                compared[side] += sign != 0
                compared["moved"] += rise > allowed
    assert min(compared[CALL], compared[PUT]) > USUAL // 5
    assert compared["moved"] > USUAL // 10, "not all of them are flat"


def direction(row, position, side):
    """Which way a price goes with a number; zero where it may go either way."""
    if position == VOLATILITY:
        return 1
    if position in (SPOT, STRIKE):
        return 1 if (position == SPOT) == (side == CALL) else -1
    rate, carry = row[RATE], row[CARRY]
    holds = rate >= 0 >= carry if side == CALL else rate <= 0 <= carry
    return 1 if holds else 0


def test_prices__are_convex_in_the_strike_on_the_domain(pricing):
    bent = 0
    for terms, draws in blocks():
        middle = [raised(row, STRIKE, draws) for row in terms]
        last = [raised(row, STRIKE, draws) for row in middle]
        quotes = zip(*(pricing.quote(rows) for rows in (terms, middle, last)), strict=True)
        for low, mid, high, prices in zip(terms, middle, last, quotes, strict=True):
            near, far = mid[STRIKE] - low[STRIKE], high[STRIKE] - mid[STRIKE]
            if not near or not far:
                continue
            allowed = slack(low, mid, high)
            for side in (CALL, PUT):
                below, at, above = (price[side] for price in prices)
                over = at * (near + far) - (below * far + above * near)
                assert over <= allowed * (near + far), (low, mid, high)
                bent += over < -allowed * (near + far)
    assert bent > USUAL // 10
