"""What a buyer thinks an option is worth: the same models, with a view of his own."""

from dataclasses import dataclass

from keel.pricing.depeg import depeg_quote

YEAR = 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class View:
    """A market's opinion; a year's, all of them.

    Attributes
    ----------
    volatility : float
        Of what the option is on.
    intensity, loss : float
        Depegs that are expected, and the part of the price that one takes.
    rate : float
        Interest.
    """

    volatility: float
    intensity: float
    loss: float
    rate: float = 0.0


def call_in_kind(view: View, spot: float, strike: float, seconds: float) -> float:
    """Of a call paid in the underlying, in units of it."""
    quote = depeg_quote(
        spot,
        strike,
        seconds / YEAR,
        view.volatility,
        view.rate,
        intensity=view.intensity,
        loss=view.loss,
    )
    return float(quote.price) / spot
