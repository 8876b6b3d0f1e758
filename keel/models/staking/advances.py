"""Twin of ``TicketAdvances``: what tickets get from the buffer while no report comes."""

from abc import abstractmethod
from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from keel.models.rounding import mul_div_down
from keel.models.staking.ledger import BPS
from keel.models.staking.shares import StakedEther

ESCAPE_DELAY = 7 * 86_400
"""Seconds without a report after which the escape opens."""
HOLD_LIMIT = 14 * 86_400
"""Seconds for which a loss that waits for the second quorum keeps it closed."""
ADVANCE_BPS = 9_000
"""Most that a ticket gets, of its value at the last rate, in 1/10,000."""


class Lender(StakedEther):
    """A pool whose buffer pays advances."""

    applied_at: int
    """Seconds; when the last report came."""

    @property
    @abstractmethod
    def buffered(self) -> int:
        """Wei in the buffer."""

    @abstractmethod
    def pay_advance(self, ether_amount: int) -> None:
        """Give the queue ether of the buffer; it stays an asset."""

    @abstractmethod
    def recover_advance(self, ether_amount: int, shortfall: int) -> None:
        """Take an advance back; what is missing is a loss of the next report."""


def escape_opens_at(applied_at: int, *, loss_on_hold_since: int, now: int) -> int:
    """First second at which advances are paid, as things stand."""
    opens_at = applied_at + ESCAPE_DELAY
    if applied_at < loss_on_hold_since <= now:
        opens_at = max(opens_at, loss_on_hold_since + HOLD_LIMIT)
    return opens_at


def advance_within(value: int, *, paid: int, ahead: int, buffered: int, waiting: int) -> int:
    """Wei that an unfinalised ticket worth ``value`` may still get.

    Parameters
    ----------
    paid : int
        What it got before.
    ahead : int
        Nominals of the tickets before it.
    buffered : int
        Ether of the buffer.
    waiting : int
        Advances on unfinalised tickets: they were the buffer's, and count as if they still were.
    """
    reachable = max(0, buffered + waiting - ahead)
    most = min(mul_div_down(value, ADVANCE_BPS, BPS), reachable)
    return min(max(0, most - paid), buffered)


class Fate(IntEnum):
    """Of the advances in one finalisation."""

    NONE = 0
    NETTED = 1
    OPEN = 2


@dataclass
class AdvanceBook:
    """Who got what, in wei by ticket.

    Attributes
    ----------
    paid : dict
        Whatever became of the ticket since.
    open : set
        Finalised tickets whose advance was not netted and has not come back.
    highest_rate : int
        Of an advance since none was waiting; 27 decimals.
    """

    paid: dict[int, int] = field(default_factory=dict)
    open: set[int] = field(default_factory=set)
    highest_rate: int = 0

    def of(self, request_id: int) -> int:
        """Wei that a ticket got."""
        return self.paid.get(request_id, 0)

    def on(self, request_ids: Container[int]) -> int:
        """Wei that tickets got."""
        return sum([wei for request_id, wei in self.paid.items() if request_id in request_ids])

    def pay(self, request_id: int, ether_amount: int, rate_ray: int) -> None:
        """Note an advance made at a rate."""
        self.paid[request_id] = self.of(request_id) + ether_amount
        self.highest_rate = max(self.highest_rate, rate_ray)

    def covered_at(self, rate_ray: int) -> bool:
        """Whether each ticket is worth its advance at this rate, whatever the others are."""
        return rate_ray * BPS >= self.highest_rate * ADVANCE_BPS

    def finalize(self, request_ids: Iterable[int], *, netted: int, still_waiting: int) -> None:
        """Leave advances that were not netted to be cleared ticket by ticket."""
        if not netted:
            self.open.update(i for i in request_ids if self.of(i))
        if not still_waiting:
            self.highest_rate = 0

    def clear(self, request_id: int, value: int) -> tuple[int, int]:
        """Take an open advance back: wei that the ticket covers, and what is missing."""
        self.open.remove(request_id)
        covered = min(value, self.of(request_id))
        return covered, self.of(request_id) - covered
