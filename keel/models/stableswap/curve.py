"""The StableSwap invariant of two coins, in the integers of Curve's StableSwap-NG.

Balances are *scaled*: multiplied by their coin's rate over 1e18, so that one unit of either is
worth the same at redemption. ``amp`` is A times ``A_PRECISION``. Every division rounds down.
"""

from keel.models.stableswap.errors import PoolError

N_COINS = 2
N_POW_N = 4
A_PRECISION = 1_000
"""Ten times StableSwap-NG's: the same results wherever its A is the same."""
NG_A_PRECISION = 100
WAD = 10**18
FEE_DENOMINATOR = 10**10
MAX_ROUNDS = 255
MAX_SQUARE = 2**147
MAX_START = 2**126

Pair = tuple[int, int]


def get_d(xp: Pair, amp: int) -> int:
    """Return the invariant D of two scaled balances.

    Newton's method from above, as StableSwap-NG runs it, until two iterates differ by at most one.
    In integers it can enter a cycle instead. The next iterate depends on the last alone, so one
    that repeats proves that the loop would never end: the smallest D of the cycle is returned.

    Raises
    ------
    PoolError
        ``EmptyReserve`` if exactly one balance is zero: D is then undefined.
    """
    if sum(xp) == 0:
        return 0
    _require_reserves(xp)
    iterates = [sum(xp)]
    while True:
        d = _next_d(iterates[-1], xp, amp)
        if abs(d - iterates[-1]) <= 1:
            return d
        if d in iterates:
            return min(iterates[iterates.index(d) :])
        iterates.append(d)


def _next_d(d: int, xp: Pair, amp: int) -> int:
    ann = amp * N_COINS
    d_p = d * d // xp[0] * d // xp[1] // N_POW_N
    numerator = (ann * sum(xp) // A_PRECISION + d_p * N_COINS) * d
    return numerator // ((ann - A_PRECISION) * d // A_PRECISION + (N_COINS + 1) * d_p)


def get_y(x: int, d: int, amp: int) -> int:
    """Return one scaled balance when the other is ``x`` and the invariant ``d``.

    Raises
    ------
    PoolError
        ``ReserveOutOfRange`` if ``x`` is nothing beside ``d``: zero, or so small that 256 bits
        could not hold the way to the answer.
    """
    ann = amp * N_COINS
    c = d * d // (x * N_COINS) if x else MAX_SQUARE
    b = x + d * A_PRECISION // ann
    if c >= MAX_SQUARE:
        raise PoolError("ReserveOutOfRange", reserve=x, invariant=d)
    c = c * d * A_PRECISION // (ann * N_COINS)
    if c >= (d + b) * MAX_START:
        raise PoolError("ReserveOutOfRange", reserve=x, invariant=d)
    y = d
    for _ in range(MAX_ROUNDS):
        previous, y = y, (y * y + c) // (2 * y + b - d)
        if abs(y - previous) <= 1:
            return y
    raise AssertionError("Newton's method on a parabola did not converge")


def spot_price(xp: Pair, d: int, amp: int) -> int:
    """Return the price of coin 1 in coin 0, both scaled, before fees (WAD)."""
    _require_reserves(xp)
    curved = d // N_POW_N * d // xp[0] * d // xp[1]
    flat = amp * N_COINS * xp[0] // A_PRECISION
    return WAD * (flat + curved * xp[0] // xp[1]) // (flat + curved)


def dynamic_fee(x: int, y: int, *, fee: int, offpeg_fee_multiplier: int) -> int:
    """Return the fee rate (1e10 scale) at two scaled balances: ``fee`` in balance, more off it."""
    if offpeg_fee_multiplier <= FEE_DENOMINATOR:
        return fee
    closeness = (offpeg_fee_multiplier - FEE_DENOMINATOR) * 4 * x * y // (x + y) ** 2
    return offpeg_fee_multiplier * fee // (closeness + FEE_DENOMINATOR)


def _require_reserves(xp: tuple[int, ...]) -> None:
    if 0 in xp:
        raise PoolError("EmptyReserve")
