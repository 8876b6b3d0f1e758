"""Options on an underlying that may lose its peg once, by an absorbing jump within the life."""

from dataclasses import dataclass

from keel.models.options import black_scholes
from keel.models.options.binary_math import Q112, YEAR, exp_q112
from keel.models.options.black_scholes import MAX_AMOUNT, Terms, factors, sides
from keel.models.options.errors import IntensityOutOfDomain, LossOutOfDomain, SpotOutOfDomain
from keel.models.options.normal_math import WAD

MAX_INTENSITY = 10 * WAD
MAX_LOSS = 99 * WAD // 100


@dataclass(frozen=True)
class Depeg:
    """A risk of depeg: how many are expected a year, and the fraction one takes (WAD)."""

    intensity: int
    loss: int


@dataclass(frozen=True)
class DepegQuote:
    """Prices with the risk of a depeg in them.

    Attributes
    ----------
    call, put, vega : int
        In the scale of the spot; vega per 1.00 of volatility.
    call_delta : int
        WAD.
    """

    call: int
    put: int
    call_delta: int
    vega: int


def quote(terms: Terms, depeg: Depeg) -> DepegQuote:
    """Return prices, delta and vega, rounded down."""
    if terms.spot > MAX_AMOUNT:
        raise SpotOutOfDomain(terms.spot)
    if depeg.loss > MAX_LOSS:
        raise LossOutOfDomain(depeg.loss)
    f = factors(terms)
    p = probability(depeg.intensity, terms.time)
    kept = Q112 - p * depeg.loss // WAD
    spot = (terms.spot << 112) // kept
    fallen = spot * (WAD - depeg.loss) // WAD
    held, broken = sides(spot, terms.strike, f), sides(fallen, terms.strike, f)

    def mix(first: int, second: int) -> int:
        return (Q112 - p) * first + p * second >> 112

    weight = mix(held.spot_weight, broken.spot_weight * (WAD - depeg.loss) // WAD)
    peak = mix(spot * held.density >> 112, fallen * broken.density >> 112)
    return DepegQuote(
        call=mix(held.call >> 112, broken.call >> 112),
        put=mix(held.put >> 112, broken.put >> 112),
        call_delta=weight * WAD // kept,
        vega=peak * f.root >> 96,
    )


def premium(terms: Terms, depeg: Depeg) -> int:
    """Return what the risk adds to the price without it, of call and put alike."""
    plain, priced = black_scholes.quote(terms), quote(terms, depeg)
    if plain.call < plain.put:
        return max(priced.call - plain.call, 0)
    return max(priced.put - plain.put, 0)


def probability(intensity: int, time: int) -> int:
    """Return the probability (Q112, rounded up) of a jump within ``time`` seconds."""
    if intensity > MAX_INTENSITY:
        raise IntensityOutOfDomain(intensity)
    return Q112 - exp_q112(-(((intensity * time) << 96) // (YEAR * WAD)))
