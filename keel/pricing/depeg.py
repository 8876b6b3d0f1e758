"""Options on an underlying that may lose its peg once, and cover against it.

Within the life one absorbing jump comes with probability p = 1 - e**(-intensity T) and takes the
fraction `loss`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.black_scholes import Quote, factors, kernel, price, quote
from keel.pricing.blocks import over_blocks
from keel.pricing.normal import Floats


@dataclass(frozen=True)
class Cover:
    """Price of 1.00 at expiry if the event happens, and its probability."""

    price: Floats
    likelihood: Floats


def probability(intensity: ArrayLike, years: ArrayLike) -> Floats:
    """Probability of a jump of ``intensity`` a year within ``years``."""
    expected = np.asarray(intensity, dtype=np.float64) * np.asarray(years, dtype=np.float64)
    result: Floats = -np.expm1(-expected)
    return result


def depeg_quote(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    intensity: ArrayLike,
    loss: ArrayLike,
    is_call: ArrayLike = True,
) -> Quote:
    """Price, delta and vega with the jump in them.

    The spot without a jump grows by c = 1 / (1 - p loss), so that the forward stays:
    V = (1 - p) BSM(S c) + p BSM(S c (1 - loss)).
    """
    p, h = probability(intensity, years), np.asarray(loss, dtype=np.float64)
    held = 1.0 / (1.0 - p * h)
    fallen = held * (1.0 - h)
    s = np.asarray(spot, dtype=np.float64)
    rest = (strike, years, volatility, rate, carry)
    calm = quote(s * held, *rest, is_call=is_call)
    broken = quote(s * fallen, *rest, is_call=is_call)
    return Quote(
        (1.0 - p) * calm.price + p * broken.price,
        (1.0 - p) * held * calm.delta + p * fallen * broken.delta,
        (1.0 - p) * calm.vega + p * broken.vega,
    )


def depeg_premium(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    intensity: ArrayLike,
    loss: ArrayLike,
) -> Floats:
    """What the jump adds to the price of a call, and of a put: the same, by parity."""
    terms = (spot, strike, years, volatility, rate, carry)
    s, k, t, r, q = (np.asarray(a, dtype=np.float64) for a in (spot, strike, years, rate, carry))
    # The side out of the money has the digits.
    is_call = s * np.exp(-q * t) < k * np.exp(-r * t)
    with_jump = depeg_quote(*terms, intensity=intensity, loss=loss, is_call=is_call)
    result: Floats = with_jump.price - price(*terms, is_call=is_call)
    return result


def european_cover(
    ratio: ArrayLike,
    barrier: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    *,
    intensity: ArrayLike = 0.0,
    loss: ArrayLike = 0.0,
) -> Cover:
    """1.00 at expiry if market price / redemption rate is then below the barrier.

    The ratio has no drift and a volatility of its own; the jump is taken to come at once, and
    nothing compensates for it.
    """
    return over_blocks(_european, Cover, ratio, barrier, years, volatility, rate, intensity, loss)


def one_touch_cover(
    ratio: ArrayLike,
    barrier: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    *,
    intensity: ArrayLike = 0.0,
    loss: ArrayLike = 0.0,
) -> Cover:
    """1.00 at expiry if the ratio was ever at or below the barrier, watched without gaps."""
    return over_blocks(_one_touch, Cover, ratio, barrier, years, volatility, rate, intensity, loss)


def put_cover(
    ratio: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    *,
    intensity: ArrayLike = 0.0,
    loss: ArrayLike = 0.0,
) -> Floats:
    """Price of max(0, strike - ratio) at expiry."""
    p, h = probability(intensity, years), np.asarray(loss, dtype=np.float64)
    now = np.asarray(ratio, dtype=np.float64)
    rest = (strike, years, volatility, rate, rate)
    calm = price(now, *rest, is_call=False)
    broken = price(now * (1.0 - h), *rest, is_call=False)
    result: Floats = (1.0 - p) * calm + p * broken
    return result


def _european(
    ratio: Floats, barrier: Floats, t: Floats, v: Floats, r: Floats, intensity: Floats, h: Floats
) -> Cover:
    p, deviation = probability(intensity, t), v * np.sqrt(t)
    likelihood = (1.0 - p) * _below(ratio, barrier, deviation)
    likelihood += p * _below(ratio * (1.0 - h), barrier, deviation)
    return Cover(np.exp(-r * t) * likelihood, likelihood)


def _one_touch(
    ratio: Floats, barrier: Floats, t: Floats, v: Floats, r: Floats, intensity: Floats, h: Floats
) -> Cover:
    p, deviation = probability(intensity, t), v * np.sqrt(t)
    likelihood = (1.0 - p) * _touched(ratio, barrier, deviation)
    likelihood += p * _touched(ratio * (1.0 - h), barrier, deviation)
    return Cover(np.exp(-r * t) * likelihood, likelihood)


def _below(ratio: Floats, barrier: Floats, deviation: Floats) -> Floats:
    zero = np.zeros_like(ratio)
    k = kernel(
        ratio, barrier, factors(ratio, barrier, zero, zero, zero).log_forward, deviation, zero != 0
    )
    return np.where(deviation == 0.0, np.where(ratio < barrier, 1.0, 0.0), k.n2)


def _touched(ratio: Floats, barrier: Floats, deviation: Floats) -> Floats:
    """N(-d2) + ratio / barrier N(-d1), by the reflection principle."""
    zero = np.zeros_like(ratio)
    distance = factors(ratio, barrier, zero, zero, zero).log_forward
    k = kernel(ratio, barrier, distance, deviation, zero != 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        reached = np.minimum(k.n2 + np.where(k.n1 > 0.0, ratio / barrier, 0.0) * k.n1, 1.0)
    return np.where(ratio <= barrier, 1.0, reached)
