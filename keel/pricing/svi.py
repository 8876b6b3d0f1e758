"""One expiry's smile: Gatheral's SVI in total variance, free of butterfly arbitrage.

Total variance is volatility**2 T; k is the logarithm of strike over forward.
"""

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.least_squares import least_squares
from keel.pricing.normal import Floats

MOST_SLOPE = 2.0
"""Of a wing of total variance in k, by Lee's moment formula."""
_GRID = np.linspace(-1.5, 1.5, 101)
_BENDS = np.sinh(np.linspace(-8.0, 8.0, 161))
_MARGIN = 1e-4
_PENALTIES = (10.0, 100.0, 1_000.0)
_STARTS = ((-0.3, -0.1), (0.3, 0.1), (0.0, 0.0))
"""Skew and place of the bend, as the free parameters have them."""


@dataclass(frozen=True)
class Svi:
    """w(k) = a + b (rho (k - m) + sqrt((k - m)**2 + sigma**2))."""

    a: float
    b: float
    rho: float
    m: float
    sigma: float

    def total_variance(self, k: ArrayLike) -> Floats:
        """Return w."""
        x, root = self._parts(k)
        result: Floats = self.a + self.b * (self.rho * x + root)
        return result

    def slope(self, k: ArrayLike) -> Floats:
        """Return dw / dk."""
        x, root = self._parts(k)
        result: Floats = self.b * (self.rho + x / root)
        return result

    def curvature(self, k: ArrayLike) -> Floats:
        """Return d2w / dk2."""
        _, root = self._parts(k)
        result: Floats = self.b * self.sigma**2 / root**3
        return result

    def durrleman(self, k: ArrayLike) -> Floats:
        """Return g, which the density of the spot is proportional to: it must not be negative."""
        points = np.asarray(k, dtype=np.float64)
        w, first, second = self.total_variance(k), self.slope(k), self.curvature(k)
        with np.errstate(divide="ignore", invalid="ignore"):
            g: Floats = (
                (1.0 - 0.5 * points * first / w) ** 2
                - 0.25 * first**2 * (1.0 / w + 0.25)
                + 0.5 * second
            )
        return g

    def volatility(self, k: ArrayLike, years: float) -> Floats:
        """Return the implied volatility of an expiry in ``years``."""
        result: Floats = np.sqrt(self.total_variance(k) / years)
        return result

    def is_arbitrage_free(self, tolerance: float = 1e-9) -> bool:
        """Whether variance is positive, no wing too steep, and g nowhere negative on a grid."""
        grid = self._grid()
        with np.errstate(invalid="ignore"):
            return bool(
                self.a + self.b * self.sigma * np.sqrt(1.0 - self.rho**2) > 0.0
                and self.b * (1.0 + abs(self.rho)) <= MOST_SLOPE
                and np.min(self.durrleman(grid)) >= -tolerance
            )

    def _grid(self) -> Floats:
        """From far out on either wing, densest around the bend and the forward."""
        return np.concatenate([self.m + self.sigma * _BENDS, _GRID])

    def _parts(self, k: ArrayLike) -> tuple[Floats, Floats]:
        x = np.asarray(k, dtype=np.float64) - self.m
        return x, np.sqrt(x * x + self.sigma**2)


@dataclass(frozen=True)
class SviFit:
    """A smile and how far it is from what it was fitted to.

    Attributes
    ----------
    smile : Svi
        Free of arbitrage, as far as its grid tells.
    error : float
        Root of the mean square difference in total variance.
    """

    smile: Svi
    error: float


def fit_svi(k: ArrayLike, total_variance: ArrayLike, weights: ArrayLike | None = None) -> SviFit:
    """Fit by least squares under the conditions of no butterfly arbitrage.

    Least variance and wings keep their bounds by the choice of parameters. Where g falls below a
    small margin, that counts as a residual, ever heavier until g is nowhere negative; what is left
    of it goes by flattening the smile about the forward, as little as it takes.

    Parameters
    ----------
    k, total_variance : array_like
        At least five points.
    weights : array_like, optional
        Of each point.
    """
    points, w = np.asarray(k, dtype=np.float64), np.asarray(total_variance, dtype=np.float64)
    if points.size < 5 or points.shape != w.shape or not (w > 0.0).all():
        raise ValueError("five points or more, of positive variance")
    share = np.ones_like(w) if weights is None else np.asarray(weights, dtype=np.float64)
    root = np.sqrt(share / share.sum()) / np.mean(w)
    middle, reach = 0.5 * (points.max() + points.min()), 0.5 * np.ptp(points)

    def smile_of(x: Floats) -> Svi:
        return _smile(x, float(middle), float(reach))

    def residuals(x: Floats, penalty: float) -> Floats:
        smile = smile_of(x)
        grid = smile._grid()
        short = np.minimum(smile.durrleman(grid) - _MARGIN, 0.0)
        off = root * (smile.total_variance(points) - w)
        return np.concatenate([off, short * penalty / np.sqrt(grid.size)])

    level = np.log(0.7 * float(np.min(w)))
    starts = [np.array([level, -2.0, skew, place, 0.0]) for skew, place in _STARTS]
    first = [least_squares(partial(residuals, penalty=_PENALTIES[0]), x) for x in starts]
    best = min(first, key=lambda found: found.cost)
    for penalty in _PENALTIES[1:]:
        if smile_of(best.parameters).is_arbitrage_free():
            break
        best = least_squares(partial(residuals, penalty=penalty), best.parameters)
    smile = _flattened(smile_of(best.parameters))
    difference = smile.total_variance(points) - w
    return SviFit(smile, float(np.sqrt(np.sum(share * difference**2) / share.sum())))


def _smile(x: Floats, middle: float, reach: float) -> Svi:
    """From free parameters: least variance, steepness, skew, place and width of the bend.

    The bend lies within twice the points' reach of their middle and is a thousandth to twice as
    wide: further out nothing tells one smile from another.
    """
    least, steepness, skew, place, width = (float(value) for value in np.clip(x, -30.0, 30.0))
    rho = 0.999 * float(np.tanh(skew))
    m = middle + 2.0 * reach * float(np.tanh(place))
    sigma = reach * float(np.exp(np.log(1e-3) + np.log(2e3) / (1.0 + np.exp(-width - 1.0))))
    b = MOST_SLOPE / (1.0 + abs(rho)) / (1.0 + float(np.exp(-steepness)))
    a = float(np.exp(least)) - b * sigma * float(np.sqrt(1.0 - rho**2))
    return Svi(a, b, rho, m, sigma)


def _flattened(smile: Svi) -> Svi:
    """Turn toward a flat smile through the same variance at the forward, as far as it takes."""
    at_forward = float(smile.total_variance(0.0))

    def turned(share: float) -> Svi:
        a = smile.a + share * (at_forward - smile.a)
        return Svi(a, (1.0 - share) * smile.b, smile.rho, smile.m, smile.sigma)

    if smile.is_arbitrage_free():
        return smile
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = 0.5 * (low + high)
        low, high = (low, middle) if turned(middle).is_arbitrage_free() else (middle, high)
    return turned(high)
