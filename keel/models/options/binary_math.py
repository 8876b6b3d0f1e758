"""Exponential, logarithm and root of time in binary fixed point.

Each is a polynomial or quotient of polynomials on a reduced range; the coefficients are the
specification. Errors are of the value itself, so that a price keeps its digits deep in a wing.
"""

from math import isqrt

from keel.models.rounding import tdiv

Q96 = 2**96
Q112 = 2**112
YEAR = 365 * 86_400

LN2 = 54916777467707473351141471128
INVERSE_LN2 = 114302077158074026402637675937
INFINITE_LN = 2**103

EXP_TERMS = (
    158456325028528675187180344708,
    13204693752377389523504413321,
    -220078229206279779592698199,
    5239957837743007849595724,
    -130998934009830462654727,
    3307908185456533729228,
    -82845510589316235393,
)
"""Of r coth(r / 2) in r**2, for 0 <= r <= ln(2) / 2; Q96. Relative error of e**r: 2.1e-22."""

LN_TERMS = (
    158456325028528675187079813436,
    52818775009509558450612823279,
    31691265005705673539880064099,
    22636617861245077946250752710,
    17606258330622810495241916415,
    14405121200337439858549546318,
    12188890986620871112715313462,
    10566462245690585540585108008,
    9243787063821402143561003210,
    9542046067123956921700065119,
)
"""Of 2 atanh(z) / z in z**2, for 0 <= z <= 29 / 169; Q96. Relative error: 6e-23."""


def horner(terms: tuple[int, ...], x: int) -> int:
    """Return a polynomial at ``x`` (Q96), lowest coefficient first; each step rounds down."""
    value = 0
    for term in reversed(terms):
        value = (value * x >> 96) + term
    return value


def exp_parts(x: int) -> tuple[int, int]:
    """Return ``(mantissa, exponent)`` with e**x = mantissa * 2**exponent / Q112.

    The mantissa lies between Q112 over the root of two and Q112 times it. ``x`` is Q96 below
    2**110 in size.
    """
    exponent = x * INVERSE_LN2 + 2**191 >> 192
    r = x - exponent * LN2
    even = horner(EXP_TERMS, r * r >> 96)
    return ((even + r) << 112) // (even - r), exponent


def exp_q112(x: int) -> int:
    """Return e**x (Q112, rounded down) of ``x`` (Q96) between -20 and 20."""
    mantissa, exponent = exp_parts(x)
    return mantissa << exponent if exponent >= 0 else mantissa >> -exponent


def ln_ratio(a: int, b: int) -> int:
    """Return ln(a / b) (Q96); plus and minus ``INFINITE_LN`` where ``b`` or ``a`` is zero.

    Near the money it is 2 atanh((a - b) / (a + b)) with one division, so that what tells the two
    apart keeps its digits. A power of two brings a ratio beyond 99 / 70 there.
    """
    shift = 0
    if 70 * a > 99 * b or 70 * b > 99 * a:
        if a == 0 or b == 0:
            return -INFINITE_LN if a == 0 else INFINITE_LN
        shift = ((a << 112) // b).bit_length() - 113
        a, b = (a << -shift, b) if shift < 0 else (a, b << shift)
        if 70 * a > 99 * b:
            b, shift = b << 1, shift + 1
    z = tdiv((a - b) << 96, a + b)
    return shift * LN2 + (z * horner(LN_TERMS, z * z >> 96) >> 96)


def root_years(time: int) -> int:
    """Return the root of ``time`` (seconds) in years of 365 days (Q96), rounded down."""
    return isqrt((time << 192) // YEAR)
