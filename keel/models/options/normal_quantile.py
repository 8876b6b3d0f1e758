"""Inverse of the standard normal distribution."""

from math import isqrt

from keel.models.options.binary_math import Q96, ln_ratio
from keel.models.options.errors import ProbabilityOutOfDomain
from keel.models.options.normal_math import WAD, normal
from keel.models.rounding import tdiv

HASTINGS_NUMERATOR = tuple(n * Q96 // 10**6 for n in (2_515_517, 802_853, 10_328))
HASTINGS_DENOMINATOR = tuple(n * Q96 // 10**6 for n in (10**6, 1_432_788, 189_269, 1_308))
"""Abramowitz and Stegun 26.2.23: off by 4.5e-4 at most."""


def ppf(probability: int) -> int:
    """Return x (signed WAD) with a distribution of ``probability`` (WAD), to the nearest."""
    if not 0 < probability < WAD:
        raise ProbabilityOutOfDomain(probability)
    lower = 2 * probability <= WAD
    tail = ((probability if lower else WAD - probability) << 128) // WAD
    x = upper_quantile(tail) * WAD + Q96 // 2 >> 96
    return -x if lower else x


def upper_quantile(tail: int) -> int:
    """Return x (Q96) of which ``tail`` (Q128) lies above, for a tail from 2**60 to 2**127.

    Two iterations of Halley from Hastings' formula; each cubes the error.
    """
    t = isqrt(ln_ratio(2**111, tail >> 17) << 97)
    numerator, denominator = (
        _horner(terms, t) for terms in (HASTINGS_NUMERATOR, HASTINGS_DENOMINATOR)
    )
    x = t - tdiv(numerator << 96, denominator)
    for _ in range(2):
        above, density = normal(-x)
        step = tdiv((above - tail) << 96, density)
        x += tdiv(step << 96, Q96 - (x * step >> 97))
    return max(x, 0)


def _horner(terms: tuple[int, ...], x: int) -> int:
    value = terms[-1]
    for term in reversed(terms[:-1]):
        value = (value * x >> 96) + term
    return value
