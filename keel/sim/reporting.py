"""The members see, vote and submit; the second quorum confirms large losses."""

from dataclasses import dataclass
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.reports import hash_news, hash_report, report_data
from keel.keepers.rules import Waiting, last_payable
from keel.models.staking.keys import KeyNews
from keel.models.staking.ledger import Report
from keel.sim.beacon.constants import GWEI
from keel.sim.checks import Checks, Ledger
from keel.sim.operators import Operators
from keel.sim.records import RunRecord
from keel.sim.tickets import Tickets
from keel.sim.world import ETHER, World

_MARGIN = 3_600
"""Tickets younger than this at the reference time wait for the next report."""


@dataclass
class Reporting:
    """One report per frame."""

    world: World
    ledger: Ledger
    checks: Checks
    record: RunRecord
    tickets: Tickets
    operators: Operators

    def report(self) -> bool:
        """Report the frame that just ended; returns whether the rate fell."""
        world, stack = self.world, self.world.stack
        ref_slot, ref_timestamp, _deadline = stack.oracle.call("getCurrentFrame")
        seen = world.observe(ref_timestamp)
        withdrawals, rewards = (
            world.rpc.balance(vault.address)
            for vault in (stack.withdrawal_vault, stack.rewards_vault)
        )
        news = self.operators.news(ref_timestamp)
        report = Report(
            ref_slot=ref_slot,
            validators=seen.validators,
            exited_validators=seen.exited,
            cl_balance=seen.balance * GWEI,
            deposits_seen=seen.deposits_seen * GWEI,
            withdrawal_vault_balance=withdrawals,
            rewards_vault_balance=rewards,
            last_request_id=self._last_payable(withdrawals + rewards, ref_timestamp),
            registry_hash=hash_news(news),
            operator_losses=self.operators.losses(seen),
        )
        self.record.reports += 1
        return self._deliver(report, news)

    def found(self, keys: int) -> None:
        """The first report of all: it confirms the keys whose first deposits just went out."""
        stack = self.world.stack
        ref_slot, ref_timestamp, _deadline = stack.oracle.call("getCurrentFrame")
        news = self.operators.news(ref_timestamp)
        report = Report(
            ref_slot=ref_slot,
            validators=keys,
            exited_validators=0,
            cl_balance=keys * ETHER,
            deposits_seen=keys * ETHER,
            withdrawal_vault_balance=0,
            rewards_vault_balance=0,
            registry_hash=hash_news(news),
        )
        self._deliver(report, news)

    def _deliver(self, report: Report, news: list[KeyNews]) -> bool:
        """Vote, confirm a loss where the checker asks for it, submit, and tell the news."""
        world, stack, cast = self.world, self.world.stack, self.world.cast
        report_hash, data = hash_report(report), report_data(report)
        quorum = stack.oracle.call("quorum")
        for member in cast.members[:quorum]:
            world.act(member, stack.oracle, "vote", report.ref_slot, report_hash)
        try:
            stack.oracle.call("submitReport", *data, [], sender=cast.members[0])
        except Reverted as refusal:
            if refusal.name != "LossNeedsConfirmation":
                raise
            world.act(cast.confirmer, stack.loss_confirmer, "vote", report.ref_slot, report_hash)
            self.record.confirmations += 1
        receipt = world.act(cast.members[0], stack.oracle, "submitReport", *data, [])
        self.operators.tell(data[0], news)
        return self._book(receipt)

    def _book(self, receipt: dict[str, Any]) -> bool:
        """Enter what the report says it did into the ledger."""
        stack = self.world.stack
        loss = False
        for event in stack.pool.events(receipt):
            if event.name == "GainReported":
                self.ledger.gained += event.values["gain"]
            elif event.name == "LossReported":
                self.ledger.lost += event.values["loss"]
                loss = event.values["fromRate"] > 0
                self._book_loss(receipt, event.values)
        for event in stack.queue.events(receipt, "WithdrawalsFinalized"):
            self.ledger.locked += event.values["amountOfETHLocked"]
        return loss

    def _book_loss(self, receipt: dict[str, Any], values: dict[str, int]) -> None:
        charged = self.world.stack.bonds.events(receipt, "LossCharged")
        parts = {name: wei for name, wei in values.items() if name.startswith("from")}
        for name, wei in parts.items():
            self.record.borne[name] = self.record.borne.get(name, 0.0) + wei / ETHER
        self.ledger.borne += sum(parts.values())
        covered = sum(event.values["covered"] for event in charged)
        self.checks.expect_equal("STAKE-10", "from bonds", covered, values["fromBonds"])

    def _last_payable(self, collected: int, ref_timestamp: int) -> int:
        """Last ticket that is old enough and that buffer and vaults can pay in full."""
        waiting = (
            Waiting(
                ticket_id=ticket.ticket_id,
                nominal=ticket.nominal,
                advanced=ticket.advanced,
                requested_at=ticket.requested_at,
            )
            for ticket in self.tickets.unfinalised()
        )
        buffered = int(self.world.stack.pool.call("getBalances")[0])
        return last_payable(waiting, buffered + collected, ref_timestamp - _MARGIN)
