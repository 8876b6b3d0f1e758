"""Merton's jump diffusion as a series, with a proved bound of what is left out.

With n jumps the price is that of BSM at the spot S_n = S e**(-intensity (m - 1) T) m**n, where m is
a jump's mean, and at the variance v_n = volatility**2 T + n log_deviation**2. The terms left out
are worth at least their weight times the price at the mean of their spots (prices are convex in
the spot) and at the first variance left out; and a put at most the discounted strike.
"""

from dataclasses import dataclass, fields
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.black_scholes import Flags, factors, kernel
from keel.pricing.blocks import over_blocks
from keel.pricing.normal import Floats

_TOLERANCE = 1e-17
_MOST_TERMS = 400


@dataclass(frozen=True)
class Series:
    """Price and derivatives of a jump diffusion.

    Attributes
    ----------
    price : array
        From below: what is left out adds between nothing and `bound`.
    bound : array
    delta, gamma : array
        By the spot.
    vega : array
        By 1.00 of the diffusion's volatility.
    """

    price: Floats
    bound: Floats
    delta: Floats
    gamma: Floats
    vega: Floats


@dataclass(frozen=True)
class Jumps:
    """How many are expected a year; mean and standard deviation of a jump's logarithm."""

    intensity: ArrayLike
    log_mean: ArrayLike
    log_deviation: ArrayLike


def merton_series(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    jumps: Jumps,
    terms: int | None = None,
    is_call: ArrayLike = True,
) -> Series:
    """Price and derivatives.

    Parameters
    ----------
    spot, strike, years, volatility, rate, carry : array_like
    jumps : Jumps
    terms : int, optional
        How many to keep, from no jump on; else as many as leave 1e-17 of the spot and of the
        strike.
    is_call : array_like of bool
    """
    law = (jumps.intensity, jumps.log_mean, jumps.log_deviation)
    arguments = (spot, strike, years, volatility, rate, carry, *law, is_call)
    return over_blocks(partial(_series, terms), Series, *arguments)


def _series(
    terms: int | None,
    spot: Floats,
    strike: Floats,
    t: Floats,
    v: Floats,
    r: Floats,
    q: Floats,
    intensity: Floats,
    log_mean: Floats,
    log_deviation: Floats,
    is_call: Flags,
) -> Series:
    f, sign = factors(spot, strike, t, r, q), np.where(is_call, 1.0, -1.0)
    log_jump = log_mean + 0.5 * log_deviation * log_deviation
    expected = intensity * t
    log_growth = -expected * np.expm1(log_jump)
    variance = v * v * t
    weight, growth_weight = np.exp(-expected), np.exp(log_growth - expected)
    mean_jump = np.exp(log_jump)
    discounted = strike * f.strike
    if terms is None:
        terms = _enough(float(np.max(expected * np.maximum(mean_jump, 1.0), initial=0.0)))
    sums = {field.name: np.zeros_like(spot) for field in fields(Series)}

    def add(share: Floats, growth: Floats, log_forward: Floats) -> Floats:
        deviation = np.sqrt(variance)
        present = spot * f.spot * growth
        k = kernel(present, discounted, log_forward, deviation, is_call)
        sums["price"] += share * k.price
        sums["delta"] += share * growth * sign * f.spot * k.n1
        with np.errstate(divide="ignore", invalid="ignore"):
            curve = share * k.density / deviation
        curve = np.where(deviation > 0.0, curve, 0.0)
        sums["gamma"] += curve * growth * f.spot / spot
        sums["vega"] += curve * present * v * t
        return k.price

    for n in range(terms):
        add(weight, np.exp(log_growth), f.log_forward + log_growth)
        weight = weight * expected / (n + 1)
        growth_weight = growth_weight * expected * mean_jump / (n + 1)
        log_growth = log_growth + log_jump
        variance = variance + log_deviation * log_deviation
    rest, growth = _tail(weight, growth_weight, terms, expected, mean_jump)
    with np.errstate(divide="ignore"):
        lowest = add(rest, growth, f.log_forward + np.log(growth))
    most = np.where(is_call, spot * f.spot * growth, discounted)
    sums["bound"] = rest * np.maximum(most - lowest, 0.0)
    return Series(**sums)


def _tail(
    weight: Floats,
    growth_weight: Floats,
    first: int,
    expected: Floats,
    mean_jump: Floats,
) -> tuple[Floats, Floats]:
    """Weight of all terms from ``first`` on, and the mean growth of their spots.

    Summed up, since what is left of one would be rounding.
    """
    total, grown = weight.copy(), growth_weight.copy()
    for n in range(first, first + _MOST_TERMS):
        weight = weight * expected / (n + 1)
        growth_weight = growth_weight * expected * mean_jump / (n + 1)
        total += weight
        grown += growth_weight
        if np.all(weight <= 1e-17 * total) and np.all(growth_weight <= 1e-17 * grown):
            break
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.where(total > 0.0, grown / total, 1.0)
    return total, mean


def _enough(expected: float) -> int:
    """How many terms leave a Poisson tail below the tolerance."""
    weight, terms = float(np.exp(-expected)), 1
    while terms < _MOST_TERMS:
        weight *= expected / terms
        if terms > expected and weight * (terms + 1) <= _TOLERANCE * (terms + 1 - expected):
            break
        terms += 1
    return terms
