"""The smallest input that buys a wanted output."""

from collections.abc import Callable
from functools import partial

from keel.models.stableswap.curve import WAD, get_y
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.trades import MAX_BALANCE, Market, fee_rate_of_swap, swap


def get_dx(market: Market, i: int, dy: int) -> int:
    """Return the smallest ``dx`` of coin ``i`` whose execution pays at least ``dy`` of the other.

    At a constant fee rate the output never falls as the input grows. But the rate moves with the
    input: it falls until the trade mirrors the pool (``x`` reaches the other coin's balance), which
    keeps the output monotone, and rises after that, which does not. So up to the mirror the
    smallest input is found by bisection. Beyond it, the smallest input at a rate below the true
    one is too small, or right; taking the rate from there and repeating climbs to the least fixed
    point, which no smaller input can undercut.
    """
    if dy == 0:
        raise PoolError("ZeroAmount")
    j = 1 - i
    reserve = market.balances[j]
    if dy > reserve:
        raise PoolError("InsufficientReserve", needed=dy, available=reserve)
    xp, d = market.xp, market.d
    limit = MAX_BALANCE - market.balances[i]

    def sold(dx: int) -> int:
        return xp[i] + dx * market.rates[i] // WAD

    def paid(dx: int, rate: int | None = None) -> int:
        y = get_y(sold(dx), d, market.amp)
        gross = xp[j] - y - 1
        if gross < 0:
            return -1
        if rate is None:
            rate = fee_rate_of_swap(market, i, sold(dx), y)
        return (gross - market.fee_on(gross, rate)) * WAD // market.rates[j]

    def pays(dx: int, rate: int | None = None) -> bool:
        return paid(dx, rate) >= dy

    mirror = min(limit, max(0, ((xp[j] - xp[i] + 1) * WAD - 1) // market.rates[i]))
    if mirror > 0 and pays(mirror):
        dx = _first(pays, 1, mirror)
    else:
        dx = mirror + 1
        rate = None
        while dx <= limit:
            following = fee_rate_of_swap(market, i, sold(dx), get_y(sold(dx), d, market.amp))
            if following == rate:
                break
            rate = following
            dx = _first(partial(pays, rate=rate), dx, limit + 1)
    if dx > limit:
        raise PoolError("InsufficientReserve", needed=dy, available=reserve)
    swap(market, i, dx)
    return dx


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """Return the smallest integer at which ``holds`` turns true, or ``high``, which isn't asked."""
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
