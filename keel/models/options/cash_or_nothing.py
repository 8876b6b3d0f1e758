"""Options that pay one unit, or nothing."""

from dataclasses import dataclass

from keel.models.options.black_scholes import (
    MAX_AMOUNT,
    Terms,
    distances,
    factors,
)
from keel.models.options.errors import SpotOutOfDomain, StrikeOutOfDomain
from keel.models.options.normal_math import WAD, normal
from keel.models.rounding import tdiv


@dataclass(frozen=True)
class DigitalQuote:
    """Prices (WAD per 1.00 of payout) of the right to be paid above the strike, or below.

    Attributes
    ----------
    call, put : int
        WAD.
    delta, vega : int
        The call's change per unit of spot (WAD), and per 1.00 of volatility (signed WAD).
    """

    call: int
    put: int
    delta: int
    vega: int


def quote(terms: Terms) -> DigitalQuote:
    """Return prices, rounded down, and their sensitivities."""
    if terms.spot > MAX_AMOUNT:
        raise SpotOutOfDomain(terms.spot)
    if terms.strike > MAX_AMOUNT:
        raise StrikeOutOfDomain(terms.strike)
    f = factors(terms)
    d1, d2 = distances(terms.spot, terms.strike, f)
    n2, density = normal(d2)
    weight = f.strike_factor * n2 >> 128
    density = f.strike_factor * density >> 128
    spread = terms.spot * f.deviation
    slope = -tdiv(density * d1, f.volatility) if f.volatility else 0
    return DigitalQuote(
        call=weight * WAD >> 112,
        put=(f.strike_factor - weight) * WAD >> 112,
        delta=(density * WAD * WAD >> 16) // spread if spread else 0,
        vega=slope * WAD >> 112,
    )
