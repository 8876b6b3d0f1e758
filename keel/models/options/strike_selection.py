"""The strike at which an option has a wanted delta."""

from keel.models.options.binary_math import exp_parts
from keel.models.options.black_scholes import MAX_AMOUNT, Terms, factors
from keel.models.options.errors import DeltaOutOfDomain, SpotOutOfDomain
from keel.models.options.normal_math import Q128, WAD
from keel.models.options.normal_quantile import upper_quantile


def strike_for_delta(terms: Terms, delta: int, is_call: bool) -> int:
    """Return the strike, rounded down, at which an option has ``delta`` in size (WAD).

    ``terms.strike`` is not read. A strike beyond the domain is returned as the domain's last.
    """
    if terms.spot > MAX_AMOUNT:
        raise SpotOutOfDomain(terms.spot)
    f = factors(terms)
    if not 0 < delta < WAD << 15:
        raise DeltaOutOfDomain(delta)
    probability = (((delta << 112) // WAD) << 128) // f.spot_factor
    if probability >= Q128:
        raise DeltaOutOfDomain(delta)
    d1 = upper_quantile(max(min(probability, Q128 - probability), 2**62))
    if (2 * probability > Q128) != is_call:
        d1 = -d1
    s = f.deviation
    mantissa, exponent = exp_parts(f.drift + (s * ((s >> 1) - d1) >> 96))
    return min(2 * terms.spot * mantissa >> 113 - min(exponent, 113), MAX_AMOUNT)
