"""The poker: sets in motion what anybody may, and what waits for somebody to do it.

The redemption vault settles holdbacks, claims paid tickets, and pays those in line only when it is
called (`advance`). Advances on tickets whose value fell by more than a tenth aren't netted by the
report that finalises them: they come back by `clearAdvances`, or when the holder claims, which may
be never.
"""

from dataclasses import dataclass

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Decision, ether
from keel.keepers.journal import Journal

_PER_CALL = 25
_NOBODY = "0x" + "00" * 20


@dataclass(frozen=True, kw_only=True)
class UpkeepState:
    """What waits.

    Attributes
    ----------
    block : int
        Of this look.
    settled, paid : int
        Tickets of the vault so far; both only grow.
    holdbacks_due, tickets_due : int
        That `advance` would settle, and claim; as far as they are counted.
    line, idle : int
        Shares of the vault in line for WETH, and wei of it that is there.
    closed : bool
        One call won't do: deposits and exits would still find tickets waiting after it.
    open_advances : int
        Wei lent on tickets that are finalised: neither netted nor cleared.
    clearable : tuple of int
        Ids of finalised tickets with an advance that was neither netted nor cleared.
    hints : tuple of int
        Checkpoints of the first of them, as many as a call clears.
    """

    block: int = 0
    settled: int
    paid: int
    holdbacks_due: int
    tickets_due: int
    line: int = 0
    idle: int = 0
    closed: bool = False
    open_advances: int = 0
    clearable: tuple[int, ...] = ()
    hints: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Poker:
    """Settings: none but its name."""

    name: str = "poker"

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """The vault's purchases, the queue's advances."""
        return [
            (stack.redemption, ("Sold", "BoughtFromPool")),
            (
                stack.queue,
                ("AdvanceClaimed", "AdvanceCleared", "AdvancesNetted", "WithdrawalsFinalized"),
            ),
        ]

    def read(self, stack: Stack, journal: Journal, block: int) -> UpkeepState:
        """Counts by the contracts, tickets by their events."""
        seen = read(
            {
                "counts": (stack.redemption, "ticketCounts"),
                "line": (stack.redemption, "pendingExits"),
                "position": (stack.redemption, "position"),
                "room": (stack.redemption, "maxDeposit", _NOBODY),
                "report": (stack.pool, "lastReport"),
                "finalised": (stack.queue, "getLastFinalizedRequestId"),
                "lent": (stack.queue, "etherLent"),
                "checkpoint": (stack.queue, "getLastCheckpointIndex"),
            },
            block,
        )
        _bought, settled, paid = seen["counts"]
        bought = [
            *((event.values["requestId"], event.block) for event in journal.events("Sold")),
            *(
                (event.values["requestId"], event.block)
                for event in journal.events("BoughtFromPool")
            ),
        ]
        bought.sort()
        due = sum(request <= seen["finalised"] for request, _block in bought[paid:])
        holdbacks = 0
        if settled < len(bought):
            sold_at = int(stack.rpc.block(hex(bought[settled][1]))["timestamp"], 16)
            holdbacks = int(sold_at <= seen["report"][0])
        open_advances, clearable, hints = self._advances(stack, journal, seen, block)
        return UpkeepState(
            block=block,
            settled=settled,
            paid=paid,
            holdbacks_due=holdbacks,
            tickets_due=due if settled > paid or holdbacks else 0,
            line=seen["line"],
            idle=seen["position"][0],
            closed=seen["room"] == 0,
            open_advances=open_advances,
            clearable=clearable,
            hints=hints,
        )

    @staticmethod
    def _advances(
        stack: Stack, journal: Journal, seen: dict[str, int], block: int
    ) -> tuple[int, tuple[int, ...], tuple[int, ...]]:
        """What is lent beyond the advances of waiting tickets is open on finalised ones."""
        if seen["lent"] == 0:
            return 0, (), ()
        advanced = {event.values["requestId"] for event in journal.events("AdvanceClaimed")}
        cleared = {event.values["requestId"] for event in journal.events("AdvanceCleared")}
        waiting = sorted(each for each in advanced if each > seen["finalised"])
        amounts = read(
            {str(each): (stack.queue, "getAdvance", each) for each in waiting},
            block,
        )
        is_open = seen["lent"] - sum(amounts.values())
        netted = _netted(journal)
        ids = [
            each
            for each in sorted(advanced - cleared)
            if each <= seen["finalised"] and not any(each in span for span in netted)
        ]
        if is_open <= 0 or not ids:
            return 0, (), ()
        hints = stack.queue.call(
            "findCheckpointHints", ids[:_PER_CALL], 1, seen["checkpoint"], block=hex(block)
        )
        return is_open, tuple(ids), tuple(hints)

    def decide(self, state: UpkeepState, now: int) -> Decision:
        """Whatever waits, each in a call of its own."""
        actions = []
        if state.holdbacks_due or state.tickets_due or (state.line and state.idle):
            actions.append(self._advance(state))
        if state.open_advances and state.clearable:
            actions.append(self._clear(state))
        figures = {
            "vault_tickets_due": float(state.tickets_due),
            "open_advances_ether": state.open_advances / 10**18,
        }
        idle = "" if actions else "no holdback, paid ticket or open advance waits"
        return Decision(actions=tuple(actions), idle=idle, figures=figures)

    @staticmethod
    def _advance(state: UpkeepState) -> Action:
        reasons = [f"{state.tickets_due} of its tickets are paid"] if state.tickets_due else []
        reasons += ["a holdback is due"] if state.holdbacks_due else []
        reasons += [f"people in line can have {ether(state.idle)}"] if state.line else []
        key = f"advance:{state.settled}:{state.paid}:{state.line}"
        # It may pass over checkpoints alone, of which no view tells, and be needed again.
        return Action(
            key=f"{key}:{state.block}" if state.closed else key,
            contract="redemption",
            function="advance",
            what="advances the redemption vault's book",
            why=" and ".join(reasons),
        )

    @staticmethod
    def _clear(state: UpkeepState) -> Action:
        ids, hints = state.clearable[:_PER_CALL], state.hints
        return Action(
            key=f"clear:{','.join(map(str, ids))}",
            contract="queue",
            function="clearAdvances",
            arguments=(list(ids), list(hints)),
            what=f"clears the advances on {len(ids)} finalised tickets",
            why=f"{ether(state.open_advances)} of advances on finalised tickets are still open",
        )


def _netted(journal: Journal) -> list[range]:
    """Tickets whose advances the report that finalised them took off: it does so for all or none.

    One report at most is in a block, for each ends a frame.
    """
    blocks = {event.block for event in journal.events("AdvancesNetted")}
    return [
        range(event.values["from"], event.values["to"] + 1)
        for event in journal.events("WithdrawalsFinalized")
        if event.block in blocks
    ]
