"""What a run remembers of an option vault; amounts in tokens, prices in tokens per share."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class Round:
    """One round with options, from its roll to the next.

    Attributes
    ----------
    spot, strike, settled : float
        Of the quote: USD, or ether per ether of redemption value.
    volatility : float
        A year's, that the strike was chosen and the reserve priced with.
    written, sold : float
        Options: units of the underlying.
    premium, payoff : float
        Tokens that buyers paid, and that their options paid them at expiry.
    price_before, price_after : float
        Of a share, when the round began and when it was over.
    """

    opened: date
    expiry: date
    spot: float
    strike: float
    volatility: float
    written: float
    sold: float
    premium: float
    settled: float
    payoff: float
    fees: float
    price_before: float
    price_after: float

    @property
    def exercised(self) -> bool:
        """Whether it ended in the money."""
        return self.payoff > 0


@dataclass
class VaultRounds:
    """One vault's run.

    Attributes
    ----------
    idle_rounds : int
        Rounds that could not be opened.
    """

    name: str
    token: str
    quote: str
    rounds: list[Round] = field(default_factory=list)
    idle_rounds: int = 0
    price: float = 1.0
    """Of a share in the end."""

    @property
    def premium(self) -> float:
        """All premiums, in tokens."""
        return sum(each.premium for each in self.rounds)

    @property
    def payoff(self) -> float:
        """All payoffs, in tokens."""
        return sum(each.payoff for each in self.rounds)

    @property
    def prices(self) -> list[float]:
        """Of a share, when each round was over."""
        return [each.price_after for each in self.rounds]


def drawdown(values: list[float]) -> float:
    """Largest fall from a peak, as a part of it."""
    peak, worst = 0.0, 0.0
    for value in values:
        peak = max(peak, value)
        worst = max(worst, 1 - value / peak)
    return worst
