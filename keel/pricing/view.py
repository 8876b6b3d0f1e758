"""What somebody thinks an option is worth: the models, with a view of his own."""

from dataclasses import dataclass
from math import exp

from keel.pricing.depeg import depeg_quote, put_cover

YEAR = 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class View:
    """A market's opinion, or one trader's; a year's, all of them.

    Attributes
    ----------
    volatility : float
        Of what the option is on.
    intensity, loss : float
        Depegs that are expected, and the part of the price that one takes.
    rate : float
        Interest.
    drift : float
        Growth of the price that is expected beyond interest; none where one hedges.
    """

    volatility: float
    intensity: float
    loss: float
    rate: float = 0.0
    drift: float = 0.0


def call_in_kind(view: View, spot: float, strike: float, seconds: float) -> float:
    """Of a call paid in the underlying, in units of it."""
    quote = depeg_quote(
        spot,
        strike,
        seconds / YEAR,
        view.volatility,
        view.rate,
        -view.drift,
        intensity=view.intensity,
        loss=view.loss,
    )
    return float(quote.price) / spot


def cover(view: View, ratio: float, strike: float, seconds: float) -> float:
    """Of what lacks at expiry from the strike: market price over redemption rate."""
    years = seconds / YEAR
    return float(
        put_cover(
            ratio * exp(view.drift * years),
            strike,
            years,
            view.volatility,
            view.rate,
            intensity=view.intensity,
            loss=view.loss,
        )
    )
