"""All expiries at once: the surface SVI of Gatheral and Jacquier, free of arbitrage.

w(k) = theta / 2 (1 + rho phi k + sqrt((phi k + rho)**2 + 1 - rho**2)), with the total variance
theta at the forward, and phi = eta / (theta**gamma (1 + theta)**(1 - gamma)).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.least_squares import least_squares
from keel.pricing.normal import Floats


@dataclass(frozen=True)
class Butterfly:
    """Sufficient for no butterfly arbitrage: first < 4 and second <= 4."""

    first: Floats
    second: Floats

    @property
    def holds(self) -> bool:
        """Whether both do, everywhere."""
        return bool(np.all(self.first < 4.0) and np.all(self.second <= 4.0))


@dataclass(frozen=True)
class Ssvi:
    """What all expiries share."""

    rho: float
    eta: float
    gamma: float

    def phi(self, theta: ArrayLike) -> Floats:
        """Return the steepness at a total variance."""
        t = np.asarray(theta, dtype=np.float64)
        result: Floats = self.eta / (t**self.gamma * (1.0 + t) ** (1.0 - self.gamma))
        return result

    def total_variance(self, k: ArrayLike, theta: ArrayLike) -> Floats:
        """Return w."""
        bent = self.phi(theta) * np.asarray(k, dtype=np.float64)
        root = np.sqrt((bent + self.rho) ** 2 + 1.0 - self.rho**2)
        result: Floats = 0.5 * np.asarray(theta) * (1.0 + self.rho * bent + root)
        return result

    def volatility(self, k: ArrayLike, theta: ArrayLike, years: ArrayLike) -> Floats:
        """Return the implied volatility."""
        result: Floats = np.sqrt(self.total_variance(k, theta) / np.asarray(years))
        return result

    def butterfly(self, theta: ArrayLike) -> Butterfly:
        """Return theta phi (1 + abs(rho)), and the same with phi squared."""
        phi, skew = self.phi(theta), 1.0 + abs(self.rho)
        return Butterfly(np.asarray(theta) * phi * skew, np.asarray(theta) * phi**2 * skew)

    def is_calendar_free(self, thetas: ArrayLike, reach: float = 3.0) -> bool:
        """Whether total variance falls nowhere from one expiry to the next, on a grid of k."""
        levels = np.asarray(thetas, dtype=np.float64)
        surface = self.total_variance(np.linspace(-reach, reach, 601)[:, None], levels)
        return bool(np.all(np.diff(levels) >= 0.0) and np.all(np.diff(surface) >= -1e-12))


@dataclass(frozen=True)
class Slice:
    """One expiry's points: k, total variance, and the total variance at the forward."""

    k: ArrayLike
    total_variance: ArrayLike

    @property
    def at_forward(self) -> float:
        """Total variance at k = 0, between its neighbours."""
        k, w = np.asarray(self.k, dtype=np.float64), np.asarray(self.total_variance)
        order = np.argsort(k)
        return float(np.interp(0.0, k[order], w[order]))


@dataclass(frozen=True)
class SsviFit:
    """A surface, its levels by expiry, and how far it is from what it was fitted to.

    Attributes
    ----------
    surface : Ssvi
    thetas : array
        Total variance at the forward by expiry, rising.
    error : float
        Root of the mean square difference in total variance.
    """

    surface: Ssvi
    thetas: Floats
    error: float


def fit_ssvi(slices: Sequence[Slice]) -> SsviFit:
    """Fit by least squares; whatever the points, the surface has no arbitrage.

    With 0 < gamma <= 1/2 and eta (1 + abs(rho)) <= 2 no expiry has butterfly arbitrage, and with
    levels that do not fall there is none between expiries: the parameters fitted keep to that.

    Parameters
    ----------
    slices : sequence of Slice
        From the first expiry on.
    """
    if not slices:
        raise ValueError("no expiry")
    points = [
        (np.asarray(part.k, dtype=np.float64), np.asarray(part.total_variance)) for part in slices
    ]
    levels = np.maximum.accumulate(np.array([part.at_forward for part in slices]))
    first = np.concatenate([levels[:1], np.maximum(np.diff(levels), 1e-9)])

    def residuals(x: Floats) -> Floats:
        surface, thetas = _surface(x)
        off = [
            (surface.total_variance(k, theta) - w) / theta / np.sqrt(k.size)
            for (k, w), theta in zip(points, thetas, strict=True)
        ]
        return np.concatenate(off)

    starts = [np.concatenate([[skew, 0.0, 1.0], np.log(first)]) for skew in (-0.3, 0.3)]
    best = min((least_squares(residuals, x) for x in starts), key=lambda found: found.cost)
    surface, thetas = _surface(best.parameters)
    off = np.concatenate(
        [surface.total_variance(k, theta) - w for (k, w), theta in zip(points, thetas, strict=True)]
    )
    return SsviFit(surface, thetas, float(np.sqrt(np.mean(off**2))))


def _surface(x: Floats) -> tuple[Ssvi, Floats]:
    """From free parameters: skew, steepness, its decay, and the logarithms of levels' rises."""
    skew, steepness, decay = (float(value) for value in np.clip(x[:3], -30.0, 30.0))
    rho = float(np.tanh(skew)) * 0.999
    eta = 2.0 / (1.0 + abs(rho)) / (1.0 + float(np.exp(-steepness)))
    gamma = 0.5 / (1.0 + float(np.exp(-decay)))
    return Ssvi(rho, eta, gamma), np.cumsum(np.exp(np.clip(x[3:], -40.0, 5.0)))
