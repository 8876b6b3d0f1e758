"""Prices and Greeks of Black, Scholes and Merton, with rate and carry."""

from dataclasses import dataclass

from keel.models.options.binary_math import YEAR, exp_q112, ln_ratio, root_years
from keel.models.options.errors import (
    RateOutOfDomain,
    SpotOutOfDomain,
    StrikeOutOfDomain,
    TimeOutOfDomain,
    VolatilityOutOfDomain,
)
from keel.models.options.normal_math import CUTOFF, WAD, normal
from keel.models.rounding import tdiv

MAX_AMOUNT = 2**112 - 1
MAX_TIME = 10 * YEAR
MAX_VOLATILITY = 10 * WAD
MAX_RATE = WAD


@dataclass(frozen=True)
class Terms:
    """What a price depends on.

    Attributes
    ----------
    spot, strike : int
        Of one currency and scale, up to ``MAX_AMOUNT``.
    time : int
        Seconds to expiry, up to ``MAX_TIME``.
    volatility : int
        A year's (WAD), up to ``MAX_VOLATILITY``.
    rate, carry : int
        A year's, continuous (signed WAD), within ``MAX_RATE``: the currency's interest, and what
        holding the underlying yields.
    """

    spot: int
    strike: int
    time: int
    volatility: int
    rate: int
    carry: int


@dataclass(frozen=True)
class Factors:
    """What time, volatility and rates contribute, whatever the prices.

    Attributes
    ----------
    spot_factor, strike_factor : int
        e**(-carry T) and e**(-rate T) (Q112).
    drift : int
        (rate - carry) T (signed Q96).
    volatility, root, deviation : int
        Volatility, the root of T, and their product (Q96).
    """

    spot_factor: int
    strike_factor: int
    drift: int
    volatility: int
    root: int
    deviation: int


@dataclass(frozen=True)
class Sides:
    """Prices before their last rounding.

    Attributes
    ----------
    call, put : int
        In the scale of spot and strike times Q112.
    spot_weight, strike_weight : int
        e**(-carry T) N(d1) and e**(-rate T) N(d2) (Q112).
    density : int
        e**(-carry T) n(d1) (Q112).
    """

    call: int
    put: int
    spot_weight: int
    strike_weight: int
    density: int


@dataclass(frozen=True)
class Quote:
    """Prices, the call's delta (WAD), and vega per 1.00 of volatility, in the scale of the spot."""

    call: int
    put: int
    call_delta: int
    vega: int


@dataclass(frozen=True)
class Greeks:
    """All of a call and a put of the same terms.

    Attributes
    ----------
    call, put, vega : int
        In the scale of the spot; vega per 1.00 of volatility.
    call_delta, put_delta : int
        Signed WAD, with the carry's discount.
    gamma : int
        Delta per unit of the spot (WAD if the spot is a WAD).
    call_theta, put_theta : int
        A year's change as time passes, signed, in the scale of the spot.
    """

    call: int
    put: int
    call_delta: int
    put_delta: int
    gamma: int
    vega: int
    call_theta: int
    put_theta: int


def factors(terms: Terms) -> Factors:
    """Return what does not depend on the prices."""
    time, volatility, rate, carry = terms.time, terms.volatility, terms.rate, terms.carry
    if time > MAX_TIME:
        raise TimeOutOfDomain(time)
    if volatility > MAX_VOLATILITY:
        raise VolatilityOutOfDomain(volatility)
    for value in (rate, carry):
        if abs(value) > MAX_RATE:
            raise RateOutOfDomain(value)
    volatility_q96 = (volatility << 96) // WAD
    root = root_years(time)
    rate_time = tdiv((rate * time) << 96, YEAR * WAD)
    carry_time = tdiv((carry * time) << 96, YEAR * WAD)
    return Factors(
        exp_q112(-carry_time),
        exp_q112(-rate_time),
        rate_time - carry_time,
        volatility_q96,
        root,
        volatility_q96 * root >> 96,
    )


def distances(spot: int, strike: int, f: Factors) -> tuple[int, int]:
    """Return d1 and d2 (signed Q96); without deviation, both at the end of the scale, or zero."""
    log_forward = ln_ratio(spot, strike) + f.drift
    if f.deviation == 0:
        d1 = CUTOFF if log_forward > 0 else -CUTOFF if log_forward < 0 else 0
    else:
        d1 = tdiv(log_forward << 96, f.deviation) + (f.deviation >> 1)
    return d1, d1 - f.deviation


def sides(spot: int, strike: int, f: Factors) -> Sides:
    """Return the prices: neither undercuts its discounted payoff at the forward."""
    if spot > MAX_AMOUNT:
        raise SpotOutOfDomain(spot)
    if strike > MAX_AMOUNT:
        raise StrikeOutOfDomain(strike)
    d1, d2 = distances(spot, strike, f)
    n1, density = normal(d1)
    n2, _ = normal(d2)
    spot_weight = f.spot_factor * n1 >> 128
    strike_weight = f.strike_factor * n2 >> 128
    forward = spot * f.spot_factor - strike * f.strike_factor
    call = max(spot * spot_weight - strike * strike_weight, forward, 0)
    return Sides(call, call - forward, spot_weight, strike_weight, f.spot_factor * density >> 128)


def quote(terms: Terms) -> Quote:
    """Return both prices, delta and vega; all rounded down."""
    f = factors(terms)
    s = sides(terms.spot, terms.strike, f)
    return Quote(s.call >> 112, s.put >> 112, s.spot_weight * WAD >> 112, vega(terms.spot, f, s))


def vega(spot: int, f: Factors, s: Sides) -> int:
    """Return vega per 1.00 of volatility, in the scale of the spot, rounded down."""
    return (spot * s.density >> 112) * f.root >> 96


def full(terms: Terms) -> Greeks:
    """Return prices and Greeks; gamma and the decay are zero where there is no time or deviation.

    Unsigned values round down, deltas and thetas each by a few wei.
    """
    f = factors(terms)
    s = sides(terms.spot, terms.strike, f)
    spread = terms.spot * f.deviation
    decay = (terms.spot * s.density >> 112) * f.volatility // (2 * f.root) if f.root else 0
    spot_weight, strike_weight = terms.spot * s.spot_weight, terms.strike * s.strike_weight
    earned = terms.carry * (spot_weight >> 112) - terms.rate * (strike_weight >> 112)
    forgone = terms.carry * (terms.spot * f.spot_factor - spot_weight >> 112) - terms.rate * (
        terms.strike * f.strike_factor - strike_weight >> 112
    )
    return Greeks(
        call=s.call >> 112,
        put=s.put >> 112,
        call_delta=s.spot_weight * WAD >> 112,
        put_delta=-((f.spot_factor - s.spot_weight) * WAD >> 112),
        gamma=(s.density * WAD * WAD >> 16) // spread if spread else 0,
        vega=vega(terms.spot, f, s),
        call_theta=tdiv(earned, WAD) - decay,
        put_theta=-tdiv(forgone, WAD) - decay,
    )
