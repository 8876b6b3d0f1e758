"""The volatility that explains a price."""

from dataclasses import replace
from math import isqrt

from keel.models.evm import MAX_UINT256
from keel.models.options.binary_math import Q96, ln_ratio
from keel.models.options.black_scholes import MAX_VOLATILITY, Factors, Terms, factors, sides
from keel.models.options.errors import PriceOutOfDomain
from keel.models.options.normal_math import WAD

MAX_ROUNDS = 64
LAST_STEP_BITS = 36


def implied_volatility(terms: Terms, price: int, is_call: bool) -> int:
    """Return the volatility (WAD) at which the call, or the put, costs ``price``.

    ``terms.volatility`` is not read. A price at the lower bound gives zero, also where no time is
    left.
    """
    f = factors(replace(terms, volatility=MAX_VOLATILITY))
    s = sides(terms.spot, terms.strike, f)
    forward = terms.spot * f.spot_factor - terms.strike * f.strike_factor
    floor = max(forward if is_call else -forward, 0)
    most = (s.call if is_call else s.put) >> 112
    if not floor >> 112 <= price <= most:
        raise PriceOutOfDomain(price, floor >> 112, most)
    target = max((price << 112) - floor, 0)
    if target == 0 or f.root == 0:
        return 0
    return (_solve(terms, f, target) * WAD + f.root // 2) // f.root


def _solve(terms: Terms, f: Factors, target: int) -> int:
    """Return the deviation (Q96) at which the cheaper side costs ``target``.

    Newton's method from the inflection of the price in the deviation: above it on the price,
    below it on its logarithm. A step out of the bracket halves it instead.
    """
    low, high = 0, f.deviation
    deviation = min(isqrt(abs(ln_ratio(terms.spot, terms.strike) + f.drift) << 97), high)
    above = None
    for _ in range(MAX_ROUNDS):
        s = sides(terms.spot, terms.strike, replace(f, deviation=deviation))
        value, slope = min(s.call, s.put), terms.spot * s.density
        if value == target:
            return deviation
        low, high = (deviation, high) if value < target else (low, deviation)
        if above is None:
            above = value < target
        following = _step(deviation, value, target, slope, above)
        if abs(following - deviation) <= deviation >> LAST_STEP_BITS:
            return min(max(following, low), high)
        deviation = following if low <= following <= high else (low + high) // 2
    return deviation


def _step(deviation: int, value: int, target: int, slope: int, on_price: bool) -> int:
    """Newton's next point; beyond all where there is none."""
    if slope == 0 or (value == 0 and not on_price):
        return MAX_UINT256
    if on_price:
        change = min(abs(target - value) * Q96 // slope, 2**128)
        change = change if target > value else -change
    else:
        shift = max(max(value, target).bit_length() - 112, 0)
        change = ln_ratio(target >> shift, value >> shift)
        change = change * min(value * Q96 // slope, 2**120) >> 96
    return max(deviation + change, 0)
