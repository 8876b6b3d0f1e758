"""What keeps option vaults going: observations, the volatility's quorum, settlements."""

from collections.abc import Sequence
from dataclasses import dataclass

from keel.chain.options import OptionVault
from keel.pricing.view import View
from keel.sim.world import World

WAD = 10**18


@dataclass
class Upkeep:
    """The same for all vaults on one feed and one volatility.

    Attributes
    ----------
    members : sequence of str
        Of the volatility's quorum.
    """

    world: World
    handle: OptionVault
    members: Sequence[str]
    caller: str

    def observe(self) -> None:
        """Record what the feed's sources say."""
        self.world.act(self.caller, self.handle.settlement, "observe", self.handle.feed)

    def submit(self, view: View) -> None:
        """The members agree on a view; the last one's submission moves the values."""
        values = tuple(
            round(part * WAD) for part in (view.volatility, view.intensity, view.loss, view.rate)
        )
        for member in self.members:
            self.world.act(member, self.handle.volatility, "submit", values)

    def settle(self, series: int, expiry: int) -> None:
        """Fix the price of an expiry, and the series' payoff by it."""
        oracle, feed = self.handle.settlement, self.handle.feed
        if not oracle.call("settlementPrice", feed, expiry):
            hints = oracle.call("hintsFor", feed, expiry)
            self.world.act(self.caller, oracle, "settle", feed, expiry, hints)
        if series:
            self.world.act(self.caller, self.handle.clearing, "settle", series)
