"""Gas of a day's report of the staking layer, and of the votes before it."""

from dataclasses import dataclass

from keel.chain.reports import hash_report, report_data
from keel.chain.stack import Stack
from keel.models.staking.ledger import Report

_REWARDS = 10**18 // 20
"""Wei that come into each vault."""


@dataclass(frozen=True)
class ReportGas:
    """Of one report: its votes in their order, and the report itself."""

    votes: tuple[int, ...]
    report: int


@dataclass(frozen=True)
class DailyReports:
    """Reports of a stack without validators, whose node signs for the oracle's members.

    Attributes
    ----------
    members : tuple of str
        As many as the quorum vote, the first ones.
    sender : str
        Who submits; anyone may.
    """

    stack: Stack
    members: tuple[str, ...]
    sender: str

    def make(self, last_request_id: int) -> ReportGas:
        """Go to the next frame, and report: rewards, and payment of all tickets up to an id."""
        stack, rpc = self.stack, self.stack.rpc
        _slot, _reference, deadline = stack.oracle.call("getCurrentFrame")
        rpc.mine_at(max(deadline, rpc.timestamp + 1))
        for vault in (stack.withdrawal_vault, stack.rewards_vault):
            rpc.set_balance(vault.address, _REWARDS)
        slot, _reference, _deadline = stack.oracle.call("getCurrentFrame")
        report = Report(
            ref_slot=slot,
            validators=0,
            exited_validators=0,
            cl_balance=0,
            deposits_seen=0,
            withdrawal_vault_balance=_REWARDS,
            rewards_vault_balance=_REWARDS,
            last_request_id=last_request_id,
        )
        voted = hash_report(report)
        voters = self.members[: int(stack.oracle.call("quorum"))]
        votes = [stack.oracle.transact("vote", slot, voted, sender=voter) for voter in voters]
        made = stack.oracle.transact(
            "submitReport", *report_data(report), [last_request_id], sender=self.sender
        )
        return ReportGas(
            tuple(int(vote["gasUsed"], 16) for vote in votes), int(made["gasUsed"], 16)
        )
