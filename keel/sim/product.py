"""What the stack offers beside staking and swaps, as a run plays it.

A product brings people, a day, checks and figures of its own; `keel.sim.products` lists them, and
`keel.report.sections` has a section for each. A run knows no product by name.
"""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Protocol

from keel.sim.checks import Checks
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import RunRecord
from keel.sim.tickets import Tickets
from keel.sim.trading import Trading
from keel.sim.world import World


@dataclass(frozen=True, kw_only=True)
class Tools:
    """What all products of a run share.

    Attributes
    ----------
    stake : callable
        Ether of an account to its kETH, as far as the stake limit lets it, on the run's ledger.
    random : Random
        The products' own: what one draws doesn't change what the crowd does.
    crisis : MarketDay
        The worst day, or that of the blow.
    """

    world: World
    checks: Checks
    tickets: Tickets
    trading: Trading
    record: RunRecord
    parameters: ScenarioParameters
    stake: Callable[[str, int], None]
    random: Random
    crisis: MarketDay


class Product(Protocol):
    """One product in a run."""

    def __init__(self, tools: Tools) -> None: ...

    def open(self) -> None:
        """Before the first day: its people come in."""

    def dawn(self, today: MarketDay) -> None:
        """Each day, some time before its report."""

    def wake(self) -> None:
        """Each day, after the report and before anybody else: what keepers do at once."""

    def play(self, number: int, today: MarketDay) -> None:
        """Each day, once the market's price stands in the swap pool; days count from zero."""

    def check(self, *, loss: bool) -> None:
        """Each night: its invariants. `loss`: today's report lowered the rate."""

    def measure(self, today: MarketDay) -> None:
        """Each night: a row of its record."""

    def close(self, last: MarketDay) -> None:
        """After the last day: its people's outcomes."""
