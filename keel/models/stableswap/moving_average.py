"""Exponential moving averages over time, in the integers of StableSwap-NG."""

from keel.models.rounding import tdiv

WAD = 10**18
_LN2_96 = 54916777467707473351141471128


def exp_wad(x: int) -> int:
    """Return ``e**x`` (WAD) of a signed WAD: the rational approximation that EVM libraries share.

    ``x`` is reduced to half of ln 2 and scaled to 2**96; a (6, 7)-term quotient of polynomials
    follows, whose constants and shifts are the specification: another form differs in the last
    digits.
    """
    if x <= -41446531673892822313:  # ln(0.5e-18): the result rounds to nothing
        return 0
    if x >= 135305999368893231589:
        raise OverflowError("exp_wad")
    x = tdiv(x << 78, 5**18)
    k = (tdiv(x << 96, _LN2_96) + 2**95) >> 96
    x -= k * _LN2_96

    y = (((x + 1346386616545796478920950773328) * x) >> 96) + 57155421227552351082224309758442
    p = y + x - 94201549194550492254356042504812
    p = ((p * y) >> 96) + 28719021644029726153956944680412240
    p = p * x + (4385272521454847904659076985693276 << 96)
    q = x - 2855989394907223263936484059900
    q = ((q * x) >> 96) + 50020603652535783019961831881945
    q = ((q * x) >> 96) - 533845033583426703283633433725380
    q = ((q * x) >> 96) + 3604857256930695427073651918091429
    q = ((q * x) >> 96) - 14423608567350463180887372962807573
    q = ((q * x) >> 96) + 26449188498355588339934803723976023
    return tdiv(p, q) * 3822833074963236453042738258902158003155416615667 >> (195 - k)


def moving_average(last: int, average: int, *, elapsed: int, window: int) -> int:
    """Return the average after ``last`` has stood for ``elapsed`` seconds, rounded down.

    ``window`` is the time constant in seconds: the half-life over ln 2.
    """
    if elapsed == 0:
        return average
    alpha = exp_wad(-(elapsed * WAD // window))
    return (last * (WAD - alpha) + average * alpha) // WAD
