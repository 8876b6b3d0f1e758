"""The escape's keeper in a run: brings back advances that a loss has left open."""

from keel.keepers.action import Action
from keel.keepers.poker import Poker, UpkeepState
from keel.sim.hand import Hand
from keel.sim.market import MarketDay
from keel.sim.product import Tools
from keel.sim.records_liquidity import EscapeRecord
from keel.sim.world import ETHER


class Escape:
    """Looks after each report."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self._poker = Poker()
        self._hand = Hand(tools.world, self._poker, self._clear)
        self.record = EscapeRecord()
        tools.record.escape = self.record

    def open(self) -> None:
        """Nobody comes in."""

    def dawn(self, today: MarketDay) -> None:
        """Nothing happens before the report."""

    def wake(self) -> None:
        """Clear what the report has left open, before the holder claims: the ticket may not be."""
        for _action, receipt in self._hand.work():
            for event in self.tools.world.stack.queue.events(receipt, "AdvanceCleared"):
                self.record.cleared += 1
                self.record.returned += event.values["returned"] / ETHER
                self.record.shortfall += event.values["shortfall"] / ETHER

    def _clear(self, state: UpkeepState) -> tuple[Action, ...]:
        """The poker's other duties are the redemption vault's."""
        actions = self._poker.decide(state, 0).actions
        return tuple(action for action in actions if action.function == "clearAdvances")

    def play(self, number: int, today: MarketDay) -> None:
        """Holders ask for advances elsewhere."""

    def check(self, *, loss: bool) -> None:
        """STAKE-5 and STAKE-7 cover advances."""

    def measure(self, today: MarketDay) -> None:
        """No row."""

    def close(self, last: MarketDay) -> None:
        """No outcome of its own."""
