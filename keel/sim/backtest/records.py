"""What a backtest found: each round of each vault in whole units, and what it came to."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from itertools import accumulate

from keel.sim.options.records import drawdown

WAD = 10**18
YEAR = 365.25


@dataclass(frozen=True, kw_only=True)
class Written:
    """One round with calls, from its roll to the next.

    Attributes
    ----------
    opened, expiry : int
        Seconds.
    spot, strike, volatility : int
        USD per wkETH, and a year's; WAD, as the vault saw and chose them at its roll.
    locked, amount, sold : int
        Wei of wkETH that backed the round, and calls.
    premium, payoff, fees : int
        Wei of wkETH: paid by the buyer, paid to him, kept from the shares.
    settled : int
        USD per wkETH at the expiry (WAD).
    price : int
        Of a share when the round was over, in wkETH (WAD).
    """

    opened: int
    expiry: int
    spot: int
    strike: int
    volatility: int
    locked: int
    amount: int
    sold: int
    premium: int
    payoff: int
    fees: int
    settled: int
    price: int

    @property
    def day(self) -> date:
        """On which it was over."""
        return datetime.fromtimestamp(self.expiry, UTC).date()


@dataclass(frozen=True)
class Friday:
    """What a wkETH was worth, in USD, when a week was over."""

    day: date
    worth: float


@dataclass
class Vaulted:
    """One delta target's vault.

    Attributes
    ----------
    idle : int
        Weeks in which it wrote nothing.
    prices : list of float
        Of a share on each Friday from the first roll on, in wkETH.
    """

    target: float
    deposit: int
    rounds: list[Written] = field(default_factory=list)
    idle: int = 0
    prices: list[float] = field(default_factory=list)

    @property
    def unsold(self) -> int:
        """Rounds whose calls nobody bought."""
        return sum(not each.sold for each in self.rounds)

    @property
    def exercised(self) -> int:
        """Rounds that ended in the money, of those that were sold."""
        return sum(each.payoff > 0 for each in self.rounds)

    @property
    def limited(self) -> int:
        """Rounds in which the swap pool's depth let less be written than was deposited."""
        return sum(each.amount < each.locked for each in self.rounds)

    def part(self, amount: int) -> float:
        """Of what was deposited."""
        return amount / self.deposit

    @property
    def premium(self) -> float:
        """All premiums, per wkETH deposited."""
        return self.part(sum(each.premium for each in self.rounds))

    @property
    def payoff(self) -> float:
        """All payoffs, per wkETH deposited."""
        return self.part(sum(each.payoff for each in self.rounds))

    @property
    def fees(self) -> float:
        """All fees, per wkETH deposited."""
        return self.part(sum(each.fees for each in self.rounds))

    @property
    def against_holding(self) -> float:
        """What a share is over a wkETH that was only held."""
        return self.prices[-1] / self.prices[0] - 1

    @property
    def deepest(self) -> float:
        """Largest fall from a peak against holding."""
        return drawdown(self.prices)


@dataclass
class Backtest:
    """The whole run.

    Attributes
    ----------
    fridays : list of Friday
        From the first roll to the last.
    gaps : list of float
        Each day, the swap pool's price beside the market's ratio that it was traded to.
    checks : dict
        How often each agreement of chain and models was checked.
    """

    source: str
    commit: str
    apr: float
    vaults: list[Vaulted]
    fridays: list[Friday] = field(default_factory=list)
    gaps: list[float] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)
    transactions: int = 0
    twin_seconds: float = 0.0
    chain_seconds: float = 0.0

    @property
    def weeks(self) -> int:
        """Rounds that every vault had time for."""
        return len(self.fridays) - 1

    @property
    def years(self) -> float:
        """Length."""
        return (self.fridays[-1].day - self.fridays[0].day).days / YEAR

    @property
    def held(self) -> list[float]:
        """USD of a wkETH that was only held, over what it was at first."""
        first = self.fridays[0].worth
        return [friday.worth / first for friday in self.fridays]

    def worth(self, vault: Vaulted) -> list[float]:
        """USD of a wkETH that was deposited, over what it was at first."""
        return [
            held * price / vault.prices[0]
            for held, price in zip(self.held, vault.prices, strict=True)
        ]

    def yearly(self, growth: float) -> float:
        """A growth over the whole run as one a year."""
        return float(growth ** (1 / self.years) - 1)

    def by_year(self, values: Sequence[float]) -> dict[int, float]:
        """Growth in each calendar year of what stood so on the Fridays."""
        ends: dict[int, float] = {}
        for friday, value in zip(self.fridays, values, strict=True):
            ends[friday.day.year] = value
        starts = [values[0], *ends.values()]
        return {
            year: end / start - 1
            for (year, end), start in zip(ends.items(), starts[:-1], strict=True)
        }


def falls(values: Sequence[float]) -> list[float]:
    """How far below the highest value so far, each time; zero or less."""
    return [value / peak - 1 for value, peak in zip(values, accumulate(values, max), strict=True)]
