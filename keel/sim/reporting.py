"""The members see, vote and submit; the second quorum confirms large losses."""

from dataclasses import dataclass

from eth_utils.crypto import keccak

from keel.chain.abi import Reverted
from keel.sim.beacon.constants import GWEI
from keel.sim.checks import Ledger
from keel.sim.records import RunRecord
from keel.sim.tickets import Tickets
from keel.sim.world import World

_MARGIN = 3_600
"""Tickets younger than this at the reference time wait for the next report."""


@dataclass
class Reporting:
    """One report per frame."""

    world: World
    ledger: Ledger
    record: RunRecord
    tickets: Tickets

    def report(self) -> bool:
        """Report the frame that just ended; returns whether the rate fell."""
        world, stack, cast = self.world, self.world.stack, self.world.cast
        ref_slot, ref_timestamp, _deadline = stack.oracle.call("getCurrentFrame")
        seen = world.observe(ref_timestamp)
        collected = (
            world.rpc.balance(stack.withdrawal_vault.address),
            world.rpc.balance(stack.rewards_vault.address),
        )
        report = (
            ref_slot,
            seen.validators,
            seen.exited,
            seen.balance * GWEI,
            seen.deposits_seen * GWEI,
            *collected,
            self._last_payable(sum(collected), ref_timestamp),
        )
        report_hash = _hash_report(report)
        quorum = stack.oracle.call("quorum")
        for member in cast.members[:quorum]:
            world.act(member, stack.oracle, "vote", ref_slot, report_hash)
        try:
            stack.oracle.call("submitReport", report, [], sender=cast.members[0])
        except Reverted as refusal:
            if refusal.name != "LossNeedsConfirmation":
                raise
            world.act(cast.confirmer, stack.loss_confirmer, "vote", ref_slot, report_hash)
            self.record.confirmations += 1
        receipt = world.act(cast.members[0], stack.oracle, "submitReport", report, [])
        self.record.reports += 1
        return self._book(receipt)

    def _book(self, receipt: dict[str, object]) -> bool:
        """Enter what the report says it did into the ledger."""
        stack = self.world.stack
        loss = False
        for event in stack.pool.events(receipt):
            if event.name == "GainReported":
                self.ledger.gained += event.values["gain"]
            elif event.name == "LossReported":
                self.ledger.lost += event.values["loss"]
                loss = event.values["fromRate"] > 0
        for event in stack.queue.events(receipt, "WithdrawalsFinalized"):
            self.ledger.locked += event.values["amountOfETHLocked"]
        return loss

    def _last_payable(self, collected: int, ref_timestamp: int) -> int:
        """Last ticket that is old enough and that buffer and vaults can pay in full."""
        stack = self.world.stack
        budget = int(stack.pool.call("getBalances")[0]) + collected
        last = 0
        for ticket in self.tickets.unfinalised():
            budget -= ticket.nominal
            if budget < 0 or ticket.requested_at > ref_timestamp - _MARGIN:
                break
            last = ticket.ticket_id
        return last


def _hash_report(report: tuple[int, ...]) -> bytes:
    """keccak256(abi.encode(report)): eight static words."""
    return keccak(b"".join(word.to_bytes(32, "big") for word in report))
