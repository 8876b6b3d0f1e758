"""Cover against a depeg: claims on the ratio of market price and redemption rate."""

from collections.abc import Callable
from dataclasses import dataclass

from keel.models.options.binary_math import Q112
from keel.models.options.black_scholes import (
    MAX_AMOUNT,
    Factors,
    Terms,
    distances,
    factors,
    sides,
)
from keel.models.options.depeg_pricing import probability
from keel.models.options.errors import LossOutOfDomain, SpotOutOfDomain, StrikeOutOfDomain
from keel.models.options.normal_math import Q128, WAD, normal


@dataclass(frozen=True)
class Cover:
    """What a cover depends on.

    Attributes
    ----------
    ratio, barrier : int
        Of one scale: now, and below which (or at which) it pays; a put's strike.
    time : int
        Seconds to expiry.
    volatility, rate : int
        The ratio's, and interest; a year's (WAD).
    intensity, loss : int
        Expected jumps a year, and the fraction of the ratio that one takes (WAD).
    """

    ratio: int
    barrier: int
    time: int
    volatility: int
    rate: int
    intensity: int
    loss: int


@dataclass(frozen=True)
class CoverQuote:
    """Price and probability of a payout of 1.00 (WAD)."""

    price: int
    likelihood: int


def european(cover: Cover) -> CoverQuote:
    """Return what 1.00 at expiry is worth if the ratio is then below the barrier."""
    return _cash(cover, _below)


def one_touch(cover: Cover) -> CoverQuote:
    """Return what 1.00 at expiry is worth if the ratio was ever at or below the barrier."""
    return _cash(cover, _touched)


def put(cover: Cover) -> int:
    """Return the price of max(0, barrier - ratio) at expiry, rounded down."""
    f, p, fallen = _prepare(cover)
    calm = sides(cover.ratio, cover.barrier, f).put >> 112
    broken = sides(fallen, cover.barrier, f).put >> 112
    return (Q112 - p) * calm + p * broken >> 112


def _cash(cover: Cover, event: Callable[[int, int, Factors], int]) -> CoverQuote:
    f, p, fallen = _prepare(cover)
    calm, broken = event(cover.ratio, cover.barrier, f), event(fallen, cover.barrier, f)
    mixed = (Q112 - p) * calm + p * broken >> 112
    return CoverQuote((mixed * f.strike_factor >> 128) * WAD >> 112, mixed * WAD >> 128)


def _prepare(cover: Cover) -> tuple[Factors, int, int]:
    """Factors, the jump's probability (Q112), and the ratio after it; the forward is the ratio."""
    if cover.ratio > MAX_AMOUNT:
        raise SpotOutOfDomain(cover.ratio)
    if cover.barrier > MAX_AMOUNT:
        raise StrikeOutOfDomain(cover.barrier)
    if cover.loss > WAD:
        raise LossOutOfDomain(cover.loss)
    amounts = (cover.ratio, cover.barrier)
    f = factors(Terms(*amounts, cover.time, cover.volatility, cover.rate, cover.rate))
    p = probability(cover.intensity, cover.time)
    return f, p, cover.ratio * (WAD - cover.loss) // WAD


def _below(ratio: int, barrier: int, f: Factors) -> int:
    if f.deviation == 0:
        return Q128 if ratio < barrier else 0
    _, d2 = distances(ratio, barrier, f)
    return normal(-d2)[0]


def _touched(ratio: int, barrier: int, f: Factors) -> int:
    """N(-d2) + ratio / barrier N(-d1), by the reflection principle."""
    if ratio <= barrier:
        return Q128
    if barrier == 0:
        return 0
    d1, d2 = distances(ratio, barrier, f)
    return min(normal(-d2)[0] + ratio * normal(-d1)[0] // barrier, Q128)
