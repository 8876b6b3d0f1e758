"""The finaliser: sees to it that tickets can be paid.

In this stack a report finalises: it names the last ticket that buffer and vaults pay
(`rules.last_payable`). What is left to do is to bring the ether: to ask validators to exit for
what the queue lacks. Once a frame, as a report tells what really came back.
"""

from dataclasses import dataclass

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Decision, ether
from keel.keepers.journal import Journal
from keel.keepers.rules import FULL, exits_for, shortfall


@dataclass(frozen=True, kw_only=True)
class QueueState:
    """What the queue owes, and what there is to pay it; wei.

    Attributes
    ----------
    collected : int
        In the vaults, for the next report to collect.
    leaving : int
        Validators asked to exit, or exiting, and not yet settled.
    active : int
        Validators that may be asked.
    """

    ref_slot: int
    queued: int
    lent: int
    tickets: int
    buffered: int
    collected: int
    leaving: int
    active: int


@dataclass(frozen=True, kw_only=True)
class Finaliser:
    """Settings.

    Attributes
    ----------
    most_exits : int
        Asked for in one frame.
    """

    name: str = "finaliser"
    most_exits: int = 32

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing."""
        return []

    def read(self, stack: Stack, journal: Journal, block: int) -> QueueState:
        """Views of queue, pool and registry."""
        seen = read(
            {
                "frame": (stack.oracle, "getCurrentFrame"),
                "queued": (stack.queue, "unfinalizedStETH"),
                "lent": (stack.queue, "etherLent"),
                "tickets": (stack.queue, "unfinalizedRequestNumber"),
                "balances": (stack.pool, "getBalances"),
                "operators": (stack.registry, "operatorCount"),
                "earning": (stack.bonds, "earning", 0),
            },
            block,
        )
        operators = read(
            {
                str(number): (stack.registry, "getOperator", number)
                for number in range(seen["operators"])
            },
            block,
        )
        active = sum(each[7] for each in operators.values())
        vaults = (stack.withdrawal_vault, stack.rewards_vault)
        return QueueState(
            ref_slot=seen["frame"][0],
            queued=seen["queued"],
            lent=seen["lent"],
            tickets=seen["tickets"],
            buffered=seen["balances"][0],
            collected=sum(stack.rpc.balance(vault.address) for vault in vaults),
            leaving=seen["earning"][1] - active,
            active=active,
        )

    def decide(self, state: QueueState, now: int) -> Decision:
        """Exits for what is short."""
        available = state.buffered + state.collected
        short = shortfall(state.queued, state.lent, available, state.leaving * FULL)
        figures = {
            "queued_ether": state.queued / 10**18,
            "short_ether": max(0, short) / 10**18,
            "leaving_validators": float(state.leaving),
        }
        count = min(exits_for(short), self.most_exits, state.active)
        if count == 0:
            idle = "no ticket waits"
            if state.tickets:
                idle = f"{state.tickets} tickets wait, and what pays them is there or on its way"
            return Decision(idle=idle, figures=figures)
        action = Action(
            key=f"exits:{state.ref_slot}",
            contract="registry",
            function="requestExits",
            arguments=(count,),
            what=f"asks {count} validators to exit",
            why=(
                f"{state.tickets} tickets of {ether(state.queued)} wait, buffer and vaults hold "
                f"{ether(available)}, and {state.leaving} validators are on their way out"
            ),
        )
        return Decision(actions=(action,), figures=figures)
