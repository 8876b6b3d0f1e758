"""What is right to do, in numbers alone: for keepers, and for the simulation's actors too."""

from collections.abc import Iterable
from dataclasses import dataclass

from keel.models.staking.keys import Event, Status

ETHER = 10**18
FULL = 32 * ETHER
FURTHER = 31 * ETHER
LEAST_LOSS = ETHER // 10
"""Wei in a frame below which members leave an operator's penalties to the pool."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A ticket that no report has settled; wei, seconds."""

    ticket_id: int
    nominal: int
    advanced: int
    requested_at: int


def last_payable(tickets: Iterable[Waiting], budget: int, latest: int) -> int:
    """Last ticket, in order, that is old enough and that the budget pays in full; zero for none."""
    last = 0
    for ticket in tickets:
        budget -= ticket.nominal - ticket.advanced
        if budget < 0 or ticket.requested_at > latest:
            break
        last = ticket.ticket_id
    return last


def shortfall(queued: int, lent: int, available: int, leaving: int) -> int:
    """Wei that the queue lacks and nobody is on the way to bring; zero or less for none."""
    return queued - lent - available - leaving


def exits_for(short: int) -> int:
    """Validators whose exit brings as much."""
    return max(0, -(-short // FULL))


def first_deposits(depositable: int, awaiting: int) -> int:
    """Keys to begin with, once the rest for those that wait for it is put aside."""
    return max(0, depositable - awaiting * FURTHER) // FULL


def further_deposits(depositable: int, confirmed: int) -> int:
    """Confirmed keys that can have the rest."""
    return min(confirmed, depositable // FURTHER)


def key_events(
    status: Status,
    *,
    told_slashed: bool,
    valid: bool,
    foreign: bool,
    leaving: bool,
    slashed: bool,
    settled: bool,
) -> list[Event]:
    """What members tell of a key, by what the registry knows and what the layer shows."""
    events = []
    if status is Status.PREDEPOSITED and valid:
        events.append(Event.CONFIRMED)
    if status is Status.PREDEPOSITED and foreign:
        events.append(Event.REJECTED)
    if status is Status.FUNDED and leaving:
        events.append(Event.EXITING)
    if slashed and not told_slashed and status in (Status.FUNDED, Status.EXITING):
        events.append(Event.SLASHED)
    if status is Status.EXITING and settled:
        events.append(Event.SETTLED)
    return events
