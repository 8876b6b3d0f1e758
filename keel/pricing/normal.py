"""The standard normal distribution for arrays, by the quotient that the contracts use."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from keel.models.options.normal_math import TAIL_DENOMINATOR, TAIL_NUMERATOR

Floats = NDArray[np.float64]

_SCALES = tuple(16.0**-k for k in range(len(TAIL_DENOMINATOR)))
_NUMERATOR = tuple(c / 2**112 * s for c, s in zip(TAIL_NUMERATOR, _SCALES, strict=False))
_DENOMINATOR = tuple(c / 2**96 * s for c, s in zip(TAIL_DENOMINATOR, _SCALES, strict=True))
"""Of N(-x) e**(x**2 / 2), for 0 <= x <= 13."""
_FAR = 13.0
_FAR_TERMS = 14
_ROOT_2PI = float(np.sqrt(2.0 * np.pi))


def _horner(terms: tuple[float, ...], x: Floats) -> Floats:
    value = x * terms[-1]
    for term in terms[-2:0:-1]:
        value += term
        value *= x
    value += terms[0]
    return value


def _scaled_tail(x: Floats) -> Floats:
    """N(-x) e**(x**2 / 2) of x >= 0."""
    near = np.minimum(x, _FAR)
    value = _horner(_NUMERATOR, near)
    value /= _horner(_DENOMINATOR, near)
    far = x > _FAR
    if far.any():
        value[far] = _far_tail(x[far])
    return value


def _far_tail(x: Floats) -> Floats:
    """By the asymptotic series of Mills' ratio, whose terms fall until about x**2 / 2 of them."""
    inverse = 1.0 / (x * x)
    total = np.ones_like(x)
    for k in range(_FAR_TERMS, 0, -1):
        total = 1.0 - (2 * k - 1) * inverse * total
    result: Floats = total / (x * _ROOT_2PI)
    return result


def distribution(x: Floats) -> tuple[Floats, Floats]:
    """Return distribution and density of a flat array, infinities included."""
    size = np.abs(x)
    bell = np.exp(-0.5 * size * size)
    tail = bell * _scaled_tail(size)
    np.subtract(1.0, tail, out=tail, where=x > 0.0)
    return tail, bell / _ROOT_2PI


def cdf(x: ArrayLike) -> Floats:
    """Distribution: the smaller tail to 2e-16 x max(1, x**2) of itself."""
    points = np.asarray(x, dtype=np.float64)
    return distribution(points.ravel())[0].reshape(points.shape)


def pdf(x: ArrayLike) -> Floats:
    """Density."""
    points = np.asarray(x, dtype=np.float64)
    result: Floats = np.exp(-0.5 * points * points) / _ROOT_2PI
    return result


def ppf(probability: ArrayLike) -> Floats:
    """Quantile; infinite at 0 and 1, not a number outside.

    Hastings' formula and three steps of Halley, on the smaller tail.
    """
    p = np.asarray(probability, dtype=np.float64)
    flat = p.ravel()
    tail = np.where(flat < 0.5, flat, 1.0 - flat)
    with np.errstate(all="ignore"):
        t = np.sqrt(-2.0 * np.log(tail))
        top = 2.515517 + t * (0.802853 + t * 0.010328)
        bottom = 1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308))
        x = t - top / bottom
        for _ in range(3):
            above, density = distribution(-x)
            step = np.where(density > 0.0, (above - tail) / density, 0.0)
            x = x + step / (1.0 - 0.5 * x * step)
    x = np.where(tail == 0.5, 0.0, np.where(tail == 0.0, np.inf, x))
    result: Floats = np.where(flat < 0.5, -x, x).reshape(p.shape)
    return result
