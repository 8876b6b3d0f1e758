"""Merton's jump diffusion as a series, with a proved bound of what is left out.

With n jumps the price is that of BSM at the spot S_n = S e**(-intensity (m - 1) T) m**n, where m is
a jump's mean, and at the variance v_n = volatility**2 T + n log_deviation**2. Of the terms left out
the weighted mean of the spots is known, for over all n it is S: with prices convex in the spot and
rising with the variance they are worth at least their weight times the price at that mean and at
the first variance left out. A put is worth at most the discounted strike, which bounds the rest.
"""

from dataclasses import dataclass, replace
from math import isqrt

from keel.models.options.binary_math import Q112, YEAR, exp_parts, exp_q112
from keel.models.options.black_scholes import MAX_AMOUNT, MAX_TIME, Terms, factors, sides
from keel.models.options.errors import (
    CountOutOfDomain,
    IntensityOutOfDomain,
    JumpOutOfDomain,
    SpotOutOfDomain,
    TimeOutOfDomain,
)
from keel.models.options.normal_math import WAD
from keel.models.rounding import tdiv

MAX_INTENSITY = 10 * WAD
MAX_EXPECTED = 20 * WAD
MAX_COUNT = 64


@dataclass(frozen=True)
class Jumps:
    """How many are expected a year; mean and deviation of a jump's logarithm (signed WAD, WAD)."""

    intensity: int
    log_mean: int
    log_deviation: int


@dataclass(frozen=True)
class SeriesQuote:
    """Prices from below, and how much more they may be, rounding included."""

    call: int
    put: int
    bound: int


def quote(terms: Terms, jumps: Jumps, count: int) -> SeriesQuote:
    """Return prices from the first ``count`` terms, from no jump on, with the rest as one."""
    _require(terms, jumps, count)
    f = factors(terms)
    expected = ((jumps.intensity * terms.time) << 96) // (YEAR * WAD)
    jump_variance = ((jumps.log_deviation << 96) // WAD) ** 2
    log_jump = tdiv(jumps.log_mean << 96, WAD) + (jump_variance >> 97)
    log_spot = -(expected * (exp_q112(log_jump) - Q112) >> 112)
    variance = f.deviation**2
    weight, rest, spot_rest = exp_q112(-expected), Q112, terms.spot << 112
    call = put = 0
    for n in range(count):
        if weight == 0:
            break
        spot = _grown(terms.spot, log_spot)
        s = sides(spot, terms.strike, replace(f, deviation=isqrt(variance)))
        call += weight * (s.call >> 112)
        put += weight * (s.put >> 112)
        rest, spot_rest = max(rest - weight, 0), max(spot_rest - weight * spot, 0)
        weight = (weight * expected >> 96) // (n + 1)
        log_spot += log_jump
        variance += jump_variance
    mean = min(spot_rest // rest, MAX_AMOUNT) if rest else 0
    s = sides(mean, terms.strike, replace(f, deviation=isqrt(variance)))
    most = (terms.strike * f.strike_factor >> 112) + 1
    held = terms.spot * f.spot_factor >> 112
    units = (2 * count + 4) * ((f.spot_factor >> 112) + 1)
    return SeriesQuote(
        call=call + rest * (s.call >> 112) >> 112,
        put=put + rest * (s.put >> 112) >> 112,
        bound=(rest * max(most - (s.put >> 112), 0) >> 112) + (held + most >> 55) + units,
    )


def _grown(spot: int, x: int) -> int:
    mantissa, exponent = exp_parts(x)
    return 2 * spot * mantissa >> 113 - min(exponent, 113)


def _require(terms: Terms, jumps: Jumps, count: int) -> None:
    if terms.spot > MAX_AMOUNT:
        raise SpotOutOfDomain(terms.spot)
    if not 1 <= count <= MAX_COUNT:
        raise CountOutOfDomain(count)
    if terms.time > MAX_TIME:
        raise TimeOutOfDomain(terms.time)
    if jumps.intensity > MAX_INTENSITY or jumps.intensity * terms.time > MAX_EXPECTED * YEAR:
        raise IntensityOutOfDomain(jumps.intensity)
    if abs(jumps.log_mean) > WAD or jumps.log_deviation > WAD:
        raise JumpOutOfDomain(jumps.log_mean, jumps.log_deviation)
