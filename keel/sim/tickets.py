"""Withdrawal tickets: asked for, waited for, claimed."""

from dataclasses import dataclass, replace
from random import Random

from keel.sim.checks import Checks, Ledger
from keel.sim.records import RunRecord, Ticket
from keel.sim.world import ETHER, World

_MOST_PER_TICKET = 1_000 * ETHER


@dataclass
class Tickets:
    """All tickets of a run; they live in its record."""

    world: World
    ledger: Ledger
    checks: Checks
    record: RunRecord
    random: Random

    def request(self, who: str, wei: int) -> None:
        """Ask for ether, in as many tickets as it takes."""
        world, queue = self.world, self.world.stack.queue
        whole, rest = divmod(wei, _MOST_PER_TICKET)
        amounts = [_MOST_PER_TICKET] * whole + [rest] * (rest > 0)
        receipt = world.act(who, queue, "requestWithdrawals(uint256[],address)", amounts, who)
        events = queue.events(receipt, "WithdrawalRequested")
        for event, amount in zip(events, amounts, strict=True):
            self.enter(event.values["requestId"], who, amount)

    def enter(self, ticket_id: int, owner: str, nominal: int) -> None:
        """Take down a ticket that was made in the latest block."""
        self.record.tickets[ticket_id] = Ticket(
            ticket_id=ticket_id,
            owner=owner,
            nominal=nominal,
            requested_at=self.world.rpc.timestamp,
        )

    def settle(self, ticket_id: int, amount: int) -> None:
        """Take down what a ticket's last claim paid, in the latest block."""
        self.ledger.claimed += amount
        ticket = self.record.tickets[ticket_id]
        self.record.tickets[ticket_id] = replace(
            ticket, paid=ticket.advanced + amount, paid_at=self.world.rpc.timestamp
        )

    def unfinalised(self) -> list[Ticket]:
        """Tickets that no report has settled, in order."""
        finalised = self.world.stack.queue.call("getLastFinalizedRequestId")
        return [ticket for ticket in self.record.tickets.values() if ticket.ticket_id > finalised]

    def advance(self, who: str) -> None:
        """Take what the holder's tickets can get while no report comes."""
        world, queue = self.world, self.world.stack.queue
        for ticket in self.unfinalised():
            if ticket.owner != who or not queue.call("claimableAdvance", ticket.ticket_id):
                continue
            receipt = world.act(who, queue, "claimInAdvance", ticket.ticket_id, who)
            (event,) = queue.events(receipt, "AdvanceClaimed")
            self.record.tickets[ticket.ticket_id] = replace(
                ticket,
                advanced=ticket.advanced + event.values["etherAmount"],
                advanced_at=world.rpc.timestamp,
            )

    def claim(self) -> int:
        """Claim what is due, though the crowd forgets some; returns what stays due."""
        world, queue = self.world, self.world.stack.queue
        finalised = queue.call("getLastFinalizedRequestId")
        due = [
            t for t in self.record.tickets.values() if t.paid is None and t.ticket_id <= finalised
        ]
        left = 0
        for ticket in due:
            ids = [ticket.ticket_id]
            hints = queue.call("findCheckpointHints", ids, 1, queue.call("getLastCheckpointIndex"))
            (amount,) = queue.call("getClaimableEther", ids, hints)
            forgets = ticket.owner == world.cast.crowd and self.random.random() < 0.1
            if forgets or ticket.owner not in world.cast.people:  # a contract's keeper claims
                left += amount
                continue
            receipt = world.act(ticket.owner, queue, "claimWithdrawals", ids, hints)
            (event,) = queue.events(receipt, "WithdrawalClaimed")
            self.checks.expect_equal("STAKE-9", "payment", event.values["amountOfETH"], amount)
            self.settle(ticket.ticket_id, amount)
        return left
