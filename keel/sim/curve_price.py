"""Where a two-coin StableSwap curve must stand for a given marginal price, in floating point.

For choosing trade sizes only: what a trade gives is the contract's word. Source of the invariant:
Egorov, "StableSwap", 2019, with Curve's convention Ann = A x n.
"""

from math import sqrt

_N = 2


def _other(ann: float, d: float, y: float) -> float:
    """Balance x for a balance y at invariant d."""
    c = d**3 / (_N**2 * y * ann)
    b = y + d / ann - d
    return (sqrt(b * b + 4 * c) - b) / 2


def _price(ann: float, d: float, x: float, y: float) -> float:
    """Marginal x per y: what the last bit of y is worth."""
    base = d**3 / (_N**2 * x * y)
    return (ann + base / y) / (ann + base / x)


def balances_at_price(amplification: float, d: float, price: float) -> tuple[float, float]:
    """Balances (x, y) at which one more y is worth `price` x; monotone, so bisection finds it."""
    ann = amplification * _N
    low, high = d * 1e-3, d * 1.5
    for _ in range(100):
        y = (low + high) / 2
        x = _other(ann, d, y)
        low, high = (y, high) if _price(ann, d, x, y) > price else (low, y)
    return x, y


def spot_price(amplification: float, d: float, x: float, y: float) -> float:
    """Marginal x per y at given balances."""
    return _price(amplification * _N, d, x, y)
