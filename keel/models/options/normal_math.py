"""The standard normal distribution."""

from keel.models.options.binary_math import exp_parts, horner
from keel.models.rounding import tdiv

WAD = 10**18
Q128 = 2**128
CUTOFF = 13 << 96
"""The tail beyond is below 2 / Q128: nothing is left of it."""
FLAT = 9 * WAD
"""A tail beyond rounds to no wei."""
INVERSE_ROOT_2PI = 135753023439836232162591007175785461952

TAIL_NUMERATOR = (
    2596148429267413814265248164610048,
    64871413931935791694212103685763025,
    808496603483430128865639072302910804,
    6458074950155369701475838059345695995,
    36196637480044826530570023390901163031,
    147862374086931921575028307510975352768,
    444678375343440718807547120880532872746,
    972033142099243490705142824700655547796,
    1481023099229684454814153159181030713066,
    1426421354745211822996472165534182170673,
    664369877135800595396647657381674306073,
)
TAIL_DENOMINATOR = (
    79228162514264337593543950336,
    2991157285161653421405644182931,
    52717724926992841655125295151271,
    573528663012224558527982858996045,
    4287984559134531396437968744966474,
    23186832914346257612945256389036867,
    92784324186163522730860660562663966,
    275657718176542603199533974271202808,
    598264793755241178898094342453666896,
    907929580345745031513430255490240799,
    872926782288281046882100133558465558,
    406574296565099000148376089736527607,
)
"""Of N(-x) e**(x**2 / 2) in x / 16, for 0 <= x <= 13: Q112 over Q96. Relative error: 3e-20,
beside that of the exponential."""


def tail(x: int) -> tuple[int, int, int]:
    """Return N(-x) (Q128) of 0 <= x < ``CUTOFF`` (Q96), with e**(-x**2 / 2) as it is there.

    That is ``mantissa / 2**(112 + shift)``.
    """
    mantissa, exponent = exp_parts(-(x * x >> 97))
    numerator, denominator = horner(TAIL_NUMERATOR, x >> 4), horner(TAIL_DENOMINATOR, x >> 4)
    return mantissa * numerator // denominator >> -exponent, mantissa, -exponent


def normal(x: int) -> tuple[int, int]:
    """Return distribution and density (Q128) at ``x`` (Q96).

    The distribution is the tail or its complement: ``normal(x) + normal(-x)`` is one, exactly.
    """
    if abs(x) >= CUTOFF:
        return (0 if x < 0 else Q128), 0
    upper, mantissa, shift = tail(abs(x))
    return (upper if x < 0 else Q128 - upper), mantissa * INVERSE_ROOT_2PI >> 112 + shift


def cdf(x: int) -> int:
    """Return the distribution (WAD) at ``x`` (signed WAD), rounded to the nearest.

    Off by 0.6 wei at most; monotone, and ``cdf(x) + cdf(-x)`` is 1e18.
    """
    if abs(x) >= FLAT:
        return 0 if x < 0 else WAD
    upper, _, _ = tail((abs(x) << 96) // WAD)
    rounded = upper * WAD + Q128 // 2 >> 128
    return rounded if x < 0 else WAD - rounded


def pdf(x: int) -> int:
    """Return the density (WAD) at ``x`` (signed WAD), rounded down."""
    if abs(x) >= FLAT:
        return 0
    _, density = normal(tdiv(x << 96, WAD))
    return density * WAD >> 128
