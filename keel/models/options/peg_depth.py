"""Twin of ``PegDepth``: what it costs to move a StableSwap pool's price."""

from math import isqrt

from keel.models.stableswap.curve import get_d

WAD = 10**18
MOVE = WAD // 100
FRACTION = WAD // 2
MIN_PRICE = WAD // 2
FIRST_EXCESS = WAD // 100
LEAST_EXCESS = 10**6
HALVINGS = 12


def capacity(
    balances: tuple[int, int],
    *,
    rate: int,
    amp: int,
    average_d: int,
    price: int,
    average_price: int,
) -> int:
    """Pairs that may be outstanding on the ratio of a pool in this state; ``amp`` is A x 100."""
    if 0 in balances:
        return 0
    d = min(get_d((balances[0], balances[1] * rate // WAD), amp), average_d)
    per_move = per_move_down(min(from_one(average_price), from_one(price)), amp)
    return per_move * d // WAD * FRACTION // WAD * WAD // max(rate, WAD)


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
    x1, y1, _ = state_of(_bracket(price, amp)[1], amp)
    x2, y2, _ = state_of(_bracket(price - move, amp)[0], amp)
    if y2 <= y1:
        return 0
    return max(0, price * (y2 - y1) // WAD - (x1 - x2))


def state_of(g: int, amp: int) -> tuple[int, int, int]:
    """Balances, scarce coin first, and price where D^3 / (4 x y) is ``g``."""
    ann = 2 * amp * WAD // 100
    total = WAD + (g - WAD) * WAD // ann
    root = isqrt(total * total - WAD**3 // g)
    x, y = (total - root) // 2, (total + root) // 2
    return x, y, x * (ann * y // WAD + g) * WAD // (y * (ann * x // WAD + g))


def _bracket(price: int, amp: int) -> tuple[int, int]:
    """Two neighbouring g, with prices at or above, and below; in balance the same."""
    if price == WAD:
        return WAD, WAD

    def is_below(excess: int) -> bool:
        return state_of(WAD + excess, amp)[2] < price

    high = FIRST_EXCESS
    while not is_below(high):
        high *= 4
    while high > LEAST_EXCESS and is_below(high // 4):
        high //= 4
    low = high // 4 if high > LEAST_EXCESS else 0
    for _ in range(HALVINGS):
        middle = (low + high) // 2
        if is_below(middle):
            high = middle
        else:
            low = middle
    return WAD + low, WAD + high
