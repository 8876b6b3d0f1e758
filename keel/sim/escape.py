"""The escape's keeper in a run: brings back advances that a loss has left open."""

from keel.keepers.escape import Desk, decide
from keel.sim.market import MarketDay
from keel.sim.product import Tools
from keel.sim.records_liquidity import EscapeRecord
from keel.sim.world import ETHER


class Escape:
    """Looks after each report."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.desk = Desk(tools.world.stack)
        self.record = EscapeRecord()
        tools.record.escape = self.record

    def open(self) -> None:
        """Nobody comes in."""

    def dawn(self, today: MarketDay) -> None:
        """Nothing happens before the report."""

    def wake(self) -> None:
        """Clear what the report has left open, before the holder claims: the ticket may not be."""
        advanced = [t.ticket_id for t in self.tools.record.tickets.values() if t.advanced]
        if not advanced:
            return
        self.desk.note(advanced)
        tickets = decide(self.desk.state())
        if not tickets:
            return
        world = self.tools.world
        receipt = world.send(world.cast.keeper, self.desk.call(tickets))
        for event in world.stack.queue.events(receipt, "AdvanceCleared"):
            self.record.cleared += 1
            self.record.returned += event.values["returned"] / ETHER
            self.record.shortfall += event.values["shortfall"] / ETHER

    def play(self, number: int, today: MarketDay) -> None:
        """Holders ask for advances elsewhere."""

    def check(self, *, loss: bool) -> None:
        """STAKE-5 and STAKE-7 cover advances."""

    def measure(self, today: MarketDay) -> None:
        """No row."""

    def close(self, last: MarketDay) -> None:
        """No outcome of its own."""
