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
    158456325028528675308819979010,
    13204693752377316632758272198,
    -220078229199201742822625403,
    5239957586373166152305253,
    -130994898740304937159286,
    3278050779393780889920,
)
"""Of r coth(r / 2) in r**2, for 0 <= r <= ln(2) / 2; Q96. Relative error of e**r: 2.7e-19."""

LN_TERMS = (
    158456325028528675188284293767,
    52818775009509551815309728795,
    31691265005711688793862997858,
    22636617859146045042406082344,
    17606258697476500962957508296,
    14405085188807009314033985570,
    12190967301061159569444675243,
    10496696963590946187529808893,
    10507815638612892629360642457,
)
"""Of 2 atanh(z) / z in z**2, for 0 <= z <= 29 / 169; Q96. Relative error: 8e-21."""


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
    if a == b:
        return 0
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
