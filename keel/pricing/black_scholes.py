"""Black, Scholes and Merton with rate and carry: prices, all Greeks, and their inverses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keel.pricing.blocks import over_blocks
from keel.pricing.normal import Floats, distribution, ppf

Flags = NDArray[np.bool_]

_IMPLIED_ROUNDS = 60
_MOST_DEVIATION = 60.0
_NOISE = 4e-16


@dataclass(frozen=True)
class Quote:
    """Price, delta with the carry's discount, and vega per 1.00 of volatility."""

    price: Floats
    delta: Floats
    vega: Floats


@dataclass(frozen=True)
class Greeks(Quote):
    """Price and its derivatives.

    Attributes
    ----------
    gamma : array
        Of delta, by the spot.
    theta : array
        Of the price, as a year passes.
    rho, carry_rho : array
        By 1.00 of the rate, and of the carry.
    vanna : array
        Of delta, by 1.00 of volatility.
    volga : array
        Of vega, by 1.00 of volatility.
    """

    gamma: Floats
    theta: Floats
    rho: Floats
    carry_rho: Floats
    vanna: Floats
    volga: Floats


@dataclass(frozen=True)
class Kernel:
    """What prices are made of, with everything discounted.

    Attributes
    ----------
    price : array
        The option's.
    n1, n2 : array
        N(d1) and N(d2) for a call, N(-d1) and N(-d2) for a put.
    d1, d2, density : array
        The distances, and the density at d1.
    """

    price: Floats
    n1: Floats
    n2: Floats
    d1: Floats
    d2: Floats
    density: Floats


@dataclass(frozen=True)
class Factors:
    """Discounts of spot and strike, and the logarithm of forward over strike."""

    spot: Floats
    strike: Floats
    log_forward: Floats


def price(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Floats:
    """Price alone."""
    return quote(spot, strike, years, volatility, rate, carry, is_call=is_call).price


def quote(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Quote:
    """Price, delta and vega."""
    return over_blocks(_quote, Quote, spot, strike, years, volatility, rate, carry, is_call)


def greeks(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Greeks:
    """Price and all derivatives; those without a limit where time or volatility ends are zero."""
    return over_blocks(_greeks, Greeks, spot, strike, years, volatility, rate, carry, is_call)


def cash_or_nothing(
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Quote:
    """Price, delta and vega of 1.00 if the option ends in the money."""
    return over_blocks(_digital, Quote, spot, strike, years, volatility, rate, carry, is_call)


def strike_for_delta(
    spot: ArrayLike,
    delta: ArrayLike,
    years: ArrayLike,
    volatility: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Floats:
    """Strike at which the option has ``delta`` in size; not a number where none has it."""
    s, d, t, v, r, q = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (spot, delta, years, volatility, rate, carry))
    )
    deviation = v * np.sqrt(t)
    d1 = np.where(is_call, 1.0, -1.0) * ppf(d * np.exp(q * t))
    result: Floats = s * np.exp((r - q) * t + deviation * (0.5 * deviation - d1))
    return result


def implied_volatility(
    option_price: ArrayLike,
    spot: ArrayLike,
    strike: ArrayLike,
    years: ArrayLike,
    rate: ArrayLike = 0.0,
    carry: ArrayLike = 0.0,
    *,
    is_call: ArrayLike = True,
) -> Floats:
    """Volatility at which the option costs ``option_price``; not a number where none does.

    As on the contracts: Newton's method on the price out of the money from its inflection in the
    deviation, on the logarithm of the price below it, within a bracket. A price that is its lower
    bound to the last digit gives zero.
    """
    p, s, k, t, r, q = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (option_price, spot, strike, years, rate, carry))
    )
    f = factors(s, k, t, r, q)
    forward, discounted = s * f.spot, k * f.strike
    call = forward <= discounted
    inner = np.where(np.asarray(is_call), forward - discounted, discounted - forward)
    target = p - np.maximum(inner, 0.0)
    # What is left in the last digits of the other terms says nothing.
    target = np.where(np.abs(target) <= _NOISE * np.maximum(forward, discounted), 0.0, target)
    found = _deviation(target, forward, discounted, f.log_forward, call)
    with np.errstate(divide="ignore", invalid="ignore"):
        result: Floats = np.where(target == 0.0, 0.0, found / np.sqrt(t))
    return result


def _deviation(
    target: Floats, spot: Floats, strike: Floats, log_forward: Floats, call: Flags
) -> Floats:
    low, high = np.zeros_like(target), np.full_like(target, _MOST_DEVIATION)
    deviation = np.minimum(np.sqrt(2.0 * np.abs(log_forward)), high)
    on_price = np.zeros(target.shape, dtype=np.bool_)
    active = (target > 0.0) & (target < np.minimum(spot, strike))
    solved = np.where(active, deviation, np.nan)
    with np.errstate(all="ignore"):
        for step in range(_IMPLIED_ROUNDS):
            k = kernel(spot, strike, log_forward, deviation, call)
            slope = spot * k.density
            if step == 0:
                on_price = k.price < target
            low = np.where(k.price < target, deviation, low)
            high = np.where(k.price < target, high, deviation)
            change = np.where(
                on_price,
                (target - k.price) / slope,
                np.log(target / k.price) * k.price / slope,
            )
            moved = deviation + change
            inside = (low <= moved) & (moved <= high)
            moved = np.where(inside, moved, 0.5 * (low + high))
            done = (k.price == target) | (np.abs(moved - deviation) <= 1e-15 * moved)
            deviation = np.where(k.price == target, deviation, moved)
            solved = np.where(active, deviation, solved)
            active = active & ~done
            if not active.any():
                break
    return solved


def factors(spot: Floats, strike: Floats, years: Floats, rate: Floats, carry: Floats) -> Factors:
    """Return discounts and the logarithm of forward over strike.

    Where spot and strike are close their difference is exact, and with it the logarithm's digits.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (spot - strike) / strike
        log_ratio = np.log(spot / strike)
        near = np.abs(apart) < 0.4
        np.log1p(apart, out=log_ratio, where=near)
    return Factors(
        np.exp(-carry * years), np.exp(-rate * years), log_ratio + (rate - carry) * years
    )


def kernel(
    spot: Floats, strike: Floats, log_forward: Floats, deviation: Floats, is_call: Flags
) -> Kernel:
    """Price from discounted spot and strike, the logarithm of their ratio, and the deviation.

    Without deviation it is the payoff at the forward.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        d1 = log_forward / deviation
    d1 = np.where((deviation == 0.0) & (log_forward == 0.0), 0.0, d1)
    d1 += 0.5 * deviation
    d2 = d1 - deviation
    sign = np.where(is_call, 1.0, -1.0)
    n1, density = distribution(sign * d1)
    n2, _ = distribution(sign * d2)
    value = np.maximum(sign * (spot * n1 - strike * n2), 0.0)
    return Kernel(value, n1, n2, d1, d2, density)


def _quote(
    spot: Floats, strike: Floats, t: Floats, v: Floats, r: Floats, q: Floats, is_call: Flags
) -> Quote:
    f, root = factors(spot, strike, t, r, q), np.sqrt(t)
    present = spot * f.spot
    k = kernel(present, strike * f.strike, f.log_forward, v * root, is_call)
    return Quote(k.price, np.where(is_call, 1.0, -1.0) * f.spot * k.n1, present * k.density * root)


def _greeks(
    spot: Floats, strike: Floats, t: Floats, v: Floats, r: Floats, q: Floats, is_call: Flags
) -> Greeks:
    f, root, sign = factors(spot, strike, t, r, q), np.sqrt(t), np.where(is_call, 1.0, -1.0)
    present, discounted = spot * f.spot, strike * f.strike
    k = kernel(present, discounted, f.log_forward, v * root, is_call)
    peak = present * k.density
    spot_leg, strike_leg = sign * present * k.n1, sign * discounted * k.n2
    vega = peak * root
    return Greeks(
        price=k.price,
        delta=sign * f.spot * k.n1,
        vega=vega,
        gamma=_over(f.spot * k.density, spot * v * root),
        theta=-_over(0.5 * peak * v, root) - r * strike_leg + q * spot_leg,
        rho=t * strike_leg,
        carry_rho=-t * spot_leg,
        vanna=-_over(_times(f.spot * k.density, k.d2), v),
        volga=_over(_times(_times(vega, k.d1), k.d2), v),
    )


def _digital(
    spot: Floats, strike: Floats, t: Floats, v: Floats, r: Floats, q: Floats, is_call: Flags
) -> Quote:
    f, root, sign = factors(spot, strike, t, r, q), np.sqrt(t), np.where(is_call, 1.0, -1.0)
    k = kernel(spot * f.spot, strike * f.strike, f.log_forward, v * root, is_call)
    _, density = distribution(k.d2)
    return Quote(
        f.strike * k.n2,
        sign * _over(f.strike * density, spot * v * root),
        -sign * _over(_times(f.strike * density, k.d1), v),
    )


def _over(a: Floats, b: Floats) -> Floats:
    """Return a / b, and zero where b is."""
    return np.divide(a, b, out=np.zeros_like(a), where=b != 0.0)


def _times(a: Floats, b: Floats) -> Floats:
    """Return a * b, and zero where a is, whatever b."""
    return np.multiply(a, b, out=np.zeros_like(a), where=a != 0.0)
