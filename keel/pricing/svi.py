"""One expiry's smile: Gatheral's SVI in total variance, free of butterfly arbitrage.

Total variance is volatility**2 T; k is the logarithm of strike over forward.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.least_squares import least_squares
from keel.pricing.normal import Floats

MOST_SLOPE = 2.0
"""Of a wing of total variance in k, by Lee's moment formula."""
_GRID = np.linspace(-1.5, 1.5, 301)
_PENALTY = 10.0
_STARTS = ((-0.1, 0.1), (0.0, 0.05), (0.0, 0.3), (0.1, 0.1))


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
        """From far out on either wing, densest around the bend."""
        bend = self.m + self.sigma * np.sinh(np.linspace(-8.0, 8.0, 801))
        return np.sort(np.concatenate([_GRID, bend]))

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

    Minimum variance and wings keep their bounds by the choice of parameters; where g would be
    negative, that counts as a residual, and is then removed by lifting the smile's bend.

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
    grid = np.concatenate([_GRID, points])

    def residuals(x: Floats) -> Floats:
        smile = _smile(x)
        off = root * (smile.total_variance(points) - w)
        arbitrage = np.minimum(smile.durrleman(grid), 0.0) * _PENALTY / np.sqrt(grid.size)
        return np.concatenate([off, arbitrage])

    least = float(np.min(w))
    starts = [
        np.array([np.log(0.7 * least), 0.0, -0.2, shift, np.log(width)]) for shift, width in _STARTS
    ]
    best = min((least_squares(residuals, x) for x in starts), key=lambda found: found.cost)
    smile = _lifted(_smile(best.parameters))
    difference = smile.total_variance(points) - w
    return SviFit(smile, float(np.sqrt(np.sum(share * difference**2) / share.sum())))


def _smile(x: Floats) -> Svi:
    """From free parameters: least variance, steepness, skew, place and width of the bend."""
    least, steepness, skew, m, width = (float(value) for value in np.clip(x, -30.0, 30.0))
    rho, sigma = np.tanh(skew) * 0.999, np.exp(width)
    b = MOST_SLOPE / (1.0 + abs(rho)) / (1.0 + np.exp(-steepness))
    a = np.exp(least) - b * sigma * np.sqrt(1.0 - rho**2)
    return Svi(float(a), float(b), float(rho), m, float(sigma))


def _lifted(smile: Svi) -> Svi:
    """Raise and flatten until g is nowhere negative: a flat smile has g = 1."""
    for _ in range(200):
        if smile.is_arbitrage_free():
            return smile
        least = smile.a + smile.b * smile.sigma * np.sqrt(1.0 - smile.rho**2)
        b, sigma = smile.b * 0.99, smile.sigma * 1.01
        a = 1.001 * least - b * sigma * np.sqrt(1.0 - smile.rho**2)
        smile = Svi(float(a), b, smile.rho, smile.m, sigma)
    raise ValueError("no smile without arbitrage near these points")
