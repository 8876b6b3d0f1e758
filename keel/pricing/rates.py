"""Options on staking yield, and averages of volatility over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from keel.pricing.black_scholes import factors, kernel
from keel.pricing.normal import Floats, distribution


@dataclass(frozen=True)
class Caplet:
    """An option on a yield.

    Attributes
    ----------
    rate : array
        The option on the rate itself, a year's fraction, not discounted.
    price, delta, vega : array
        Of the payment: its derivatives are by the forward rate and by the volatility.
    """

    rate: Floats
    price: Floats
    delta: Floats
    vega: Floats


@dataclass(frozen=True)
class Payment:
    """When and on what a yield is paid.

    Attributes
    ----------
    fixing, accrual : array_like
        Years until the rate is fixed, and years from then on that it accrues, paid at their end.
    interest : array_like
        Of the currency, a year's, continuous.
    notional : array_like
    """

    fixing: ArrayLike
    accrual: ArrayLike
    interest: ArrayLike = 0.0
    notional: ArrayLike = 1.0

    @property
    def discount(self) -> Floats:
        """Of a payment at the end of the accrual."""
        years = np.asarray(self.fixing, dtype=np.float64) + np.asarray(self.accrual)
        result: Floats = np.exp(-np.asarray(self.interest) * years)
        return result

    @property
    def worth(self) -> Floats:
        """Of one of rate."""
        result: Floats = np.asarray(self.notional) * np.asarray(self.accrual) * self.discount
        return result


def normal_caplet(
    forward: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    payment: Payment,
    *,
    is_cap: ArrayLike = True,
    in_arrears: bool = False,
) -> Caplet:
    """Bachelier's: the rate is normal, with a volatility in rate per root of a year.

    Parameters
    ----------
    forward, strike, volatility : array_like
    payment : Payment
    is_cap : array_like of bool
    in_arrears : bool
        The rate is the average over its accrual, of which a third counts as variance.
    """
    f, k, v, t = (
        np.asarray(a, dtype=np.float64) for a in (forward, strike, volatility, payment.fixing)
    )
    if in_arrears:
        t = t + np.asarray(payment.accrual) / 3.0
    f, k, v, t, sign = np.broadcast_arrays(f, k, v, t, np.where(is_cap, 1.0, -1.0))
    root = np.sqrt(t)
    deviation = v * root
    ahead = sign * (f - k)
    with np.errstate(divide="ignore", invalid="ignore"):
        d = np.where(ahead == 0.0, 0.0, ahead / deviation)
    n, density = (part.reshape(d.shape) for part in distribution(d.ravel()))
    rate = np.maximum(ahead * n + deviation * density, 0.0)
    worth = payment.worth
    return Caplet(rate, worth * rate, worth * sign * n, worth * density * root)


def lognormal_caplet(
    forward: ArrayLike,
    strike: ArrayLike,
    volatility: ArrayLike,
    payment: Payment,
    *,
    is_cap: ArrayLike = True,
) -> Caplet:
    """Black's: the rate is lognormal."""
    f, k, v, t, cap = np.broadcast_arrays(
        *(np.asarray(a, dtype=np.float64) for a in (forward, strike, volatility, payment.fixing)),
        np.asarray(is_cap),
    )
    shape = f.shape
    f, k, v, t, cap = (a.reshape(-1) for a in (f, k, v, t, cap))
    zero, root = np.zeros_like(f), np.sqrt(t)
    parts = kernel(f, k, factors(f, k, zero, zero, zero).log_forward, v * root, cap)
    sign = np.where(cap, 1.0, -1.0)
    rate, delta, vega = (
        a.reshape(shape) for a in (parts.price, sign * parts.n1, f * parts.density * root)
    )
    worth = payment.worth
    return Caplet(rate, worth * rate, worth * delta, worth * vega)


@dataclass(frozen=True)
class TimeAverage:
    """Means of a step function over a window, weighted by time."""

    geometric: float
    arithmetic: float


def time_average(steps: Sequence[tuple[float, float]], window_end: float) -> TimeAverage:
    """Means of (start, value) steps from the first start to ``window_end``."""
    starts = np.array([start for start, _ in steps], dtype=np.float64)
    values = np.array([value for _, value in steps], dtype=np.float64)
    spans = np.diff(starts, append=window_end)
    if (spans < 0.0).any() or spans.sum() <= 0.0:
        raise ValueError("steps must follow each other, and end before the window does")
    shares = spans / spans.sum()
    return TimeAverage(
        float(np.exp(np.sum(shares * np.log(values)))), float(np.sum(shares * values))
    )
