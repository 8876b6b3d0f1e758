"""Twin of ``PegDepth``: what it costs to move a StableSwap pool's price."""

from math import isqrt

from keel.models.rounding import tdiv
from keel.models.stableswap.curve import A_PRECISION, get_d, spot_price

WAD = 10**18
MOVE = WAD // 100
FRACTION = WAD // 2
MIN_PRICE = WAD // 2
STEPS = 3
PRECISION = 4_096


def capacity(
    balances: tuple[int, int],
    *,
    rate: int,
    amp: int,
    average_d: int,
    average_price: int,
) -> int:
    """Pairs that may be outstanding on the ratio of a pool in this state; ``amp`` is A x 1,000."""
    if 0 in balances:
        return 0
    xp = (balances[0], balances[1] * rate // WAD)
    d = get_d(xp, amp)
    cost = per_move(average_price, spot_price(xp, d, amp), amp) * min(d, average_d) // WAD
    return cost * FRACTION // WAD * WAD // max(rate, WAD)


def per_move(average: int, spot: int, amp: int) -> int:
    """Least cost of a move over the move, up or down, from either of two prices."""
    cost = per_move_down(min(from_one(average), from_one(spot)), amp)
    q = WAD * WAD // (max(average, spot, WAD) + MOVE)
    for _ in range(3):
        cost = cost * q // WAD
    return cost


def from_one(price: int) -> int:
    """As far from one, on the lower side."""
    return WAD * WAD // price if price > WAD else price


def per_move_down(price: int, amp: int) -> int:
    """Least cost of a move over the move, among those of ``MOVE`` or more."""
    if price < MIN_PRICE + MOVE:
        return 0
    whole = price - MIN_PRICE
    near = cost_down(price, MOVE, amp) * WAD // MOVE
    return min(near, cost_down(price, whole, amp) * WAD // (2 * whole))


def cost_down(price: int, move: int, amp: int) -> int:
    """What selling until ``move`` below costs against ``price``, of an invariant of one."""
    x1, y1, _ = state_of(_below(price, amp), amp)
    x2, y2, _ = state_of(_not_below(price - move, amp), amp)
    if y2 <= y1:
        return 0
    return max(0, price * (y2 - y1) // WAD - (x1 - x2))


def state_of(g: int, amp: int) -> tuple[int, int, int]:
    """Balances, scarce coin first, and price where D^3 / (4 x y) is ``g``."""
    ann = 2 * amp * WAD // A_PRECISION
    total = WAD + (g - WAD) * WAD // ann
    root = isqrt(total * total - WAD**3 // g)
    x, y = (total - root) // 2, (total + root) // 2
    return x, y, x * (ann * y // WAD + g) * WAD // (y * (ann * x // WAD + g))


def _below(price: int, amp: int) -> int:
    """Return a g with a price below, hardly more than it takes; in balance that of the price."""
    if price == WAD:
        return WAD
    excess = excess_at(price, amp)
    while True:
        excess += excess // PRECISION + 1
        if state_of(WAD + excess, amp)[2] < price:
            return WAD + excess


def _not_below(price: int, amp: int) -> int:
    """Return a g with this price or more, hardly less than it may be."""
    excess = excess_at(price, amp)
    while True:
        excess = max(0, excess - excess // PRECISION - 1)
        if state_of(WAD + excess, amp)[2] >= price:
            return WAD + excess


def excess_at(price: int, amp: int) -> int:
    """About g - 1 at a price below one, by Newton's method on g (s^2 - t^2) = 1.

    Here s = x + y and t = y - x = k (s + Ann / (2 g^2)), with k = (1 - price) / (1 + price).
    """
    ann = 2 * amp * WAD // A_PRECISION
    k = (WAD - price) * WAD // (WAD + price)
    u = k * (WAD + ann // 2) // WAD
    norm = isqrt(WAD * WAD + u * u)
    g = WAD + u * u // norm * WAD // isqrt(norm * WAD)
    for _ in range(STEPS):
        s = WAD + tdiv((g - WAD) * WAD, ann)
        pull = tdiv(tdiv(ann * WAD, g) * WAD, g)
        t = tdiv(k * (s + tdiv(pull, 2)), WAD)
        gap = tdiv(s * s - t * t, WAD)
        turn = tdiv(tdiv(k * t, WAD) * (tdiv(g * WAD, ann) - pull), WAD)
        slope = gap + 2 * (tdiv(s * g, ann) - turn)
        g -= tdiv((tdiv(g * gap, WAD) - WAD) * WAD, slope)
    return max(0, g - WAD)
