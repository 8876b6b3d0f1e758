"""Least squares of a few parameters: Levenberg and Marquardt's method."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from keel.pricing.normal import Floats

_ROUNDS = 100
_STEP = 1e-6
_SETTLED = 1e-9


@dataclass(frozen=True)
class Solution:
    """Parameters, and the sum of the squared residuals there."""

    parameters: Floats
    cost: float


def least_squares(residuals: Callable[[Floats], Floats], start: Floats) -> Solution:
    """Minimise the sum of squares from ``start``, by central differences.

    Parameters
    ----------
    residuals : callable
        Of any parameters, finite.
    start : array
    """
    x = start.astype(np.float64)
    r = residuals(x)
    cost, damping = float(r @ r), 1e-3
    for _ in range(_ROUNDS):
        jacobian = _jacobian(residuals, x)
        normal, gradient = jacobian.T @ jacobian, jacobian.T @ r
        improved = False
        while damping < 1e12:
            scale = np.diag(np.maximum(np.diag(normal), 1e-12))
            step = np.linalg.solve(normal + damping * scale, -gradient)
            tried = residuals(x + step)
            tried_cost = float(tried @ tried)
            if tried_cost < cost:
                improved = cost - tried_cost > _SETTLED * cost
                x, r, cost, damping = x + step, tried, tried_cost, damping / 5.0
                break
            damping *= 4.0
        if not improved:
            break
    return Solution(x, cost)


def _jacobian(residuals: Callable[[Floats], Floats], x: Floats) -> Floats:
    columns = []
    for k in range(x.size):
        step = np.zeros_like(x)
        step[k] = _STEP * max(1.0, abs(float(x[k])))
        columns.append((residuals(x + step) - residuals(x - step)) / (2.0 * step[k]))
    return np.stack(columns, axis=1)
