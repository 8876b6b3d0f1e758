"""The keeper of the stale-oracle escape: it brings advances back that a loss has left open.

Where the rate has fallen by more than a tenth since an advance, the report that finalises the
ticket nets nothing: the pool's ether comes back when somebody calls `clearAdvances`, or the holder
claims, which may be never.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from keel.chain.contract import Call, read_all
from keel.chain.stack import Stack


@dataclass(frozen=True, kw_only=True)
class EscapeState:
    """What a keeper has to know.

    Attributes
    ----------
    lent : int
        Wei of the pool that is out as advances.
    waiting : int
        Of that, on tickets that no report has finalised.
    finalised : sequence of int
        Finalised tickets that got an advance which was not seen to come back.
    """

    lent: int
    waiting: int
    finalised: Sequence[int]


def decide(state: EscapeState) -> list[int]:
    """Tickets to clear: none while all that is out is on tickets that still wait."""
    return list(state.finalised) if state.lent > state.waiting else []


@dataclass
class Desk:
    """Reads the queue, and makes a call of what was decided.

    It is told of advances (`AdvanceClaimed`), as a log reader would be.
    """

    stack: Stack
    _advanced: set[int] = field(default_factory=set, init=False)

    def note(self, tickets: Collection[int]) -> None:
        """Remember tickets that got an advance."""
        self._advanced.update(tickets)

    def state(self) -> EscapeState:
        """As of the latest block; forgets what is settled."""
        queue, known = self.stack.queue, sorted(self._advanced)
        lent, last, *amounts = read_all(
            [
                queue.view("etherLent"),
                queue.view("getLastFinalizedRequestId"),
                *(queue.view("getAdvance", ticket) for ticket in known),
            ]
        )
        waiting = sum(
            amount for ticket, amount in zip(known, amounts, strict=True) if ticket > last
        )
        finalised = [ticket for ticket in known if ticket <= last]
        if lent <= waiting:
            self._advanced.difference_update(finalised)
        return EscapeState(lent=lent, waiting=waiting, finalised=finalised)

    def call(self, tickets: Sequence[int]) -> Call:
        """The transaction."""
        queue = self.stack.queue
        last = queue.call("getLastCheckpointIndex")
        hints = queue.call("findCheckpointHints", tickets, 1, last)
        return queue.prepare("clearAdvances", tickets, hints)
