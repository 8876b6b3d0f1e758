"""The reporter: a member of the oracle. Looks, votes, submits, tells the news.

One per member key. All see the same report, so a quorum comes by itself; who submits takes turns,
and the others step in if the one whose turn it is stays silent. With the confirmer's role it votes
in the second quorum, and only there, when a loss needs it.
"""

from dataclasses import astuple, dataclass
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import Contract
from keel.chain.reports import hash_report, report_data
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Alert, Decision, Severity, ether
from keel.keepers.beacon import BeaconNode
from keel.keepers.journal import Journal
from keel.keepers.reading import chain_state
from keel.keepers.report import Built, build
from keel.models.staking.keys import Event, KeyNews
from keel.models.staking.ledger import OperatorLoss, Report

_SECONDS_PER_SLOT = 12
_OVERTAKEN = (
    "AlreadyAgreed", "AlreadySubmitted", "DuplicateVote", "LossAlreadyOnHold", "NewsNotNewer",
    "ReportNotSubmitted",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class OracleState:
    """The oracle as one member sees it.

    Attributes
    ----------
    rank : int, optional
        The member's place in the list; none if it isn't a member.
    agreed : bytes
        Hash with a quorum in the current frame; zero for none.
    confirmed : bytes
        The second quorum's.
    agreed_since : int
        When this keeper first saw the quorum.
    quorum : int
        Members that must agree.
    built : Built, optional
        This member's own report, once the consensus layer is final at the reference slot.
    built_at : int
        When that was.
    unready : str
        Why there is none.
    refusal : str
        What the pool would say to the report now: the error's name, empty if it takes it.
    held : bool
        Whether a loss is noted as waiting for the second quorum.
    voted, confirmed_by_me : bool
        Whether the chain has this member's vote for `built`, and no quorum yet.
    """

    ref_slot: int
    ref_timestamp: int
    deadline: int
    rank: int | None
    members: int
    submitted: bool
    agreed: bytes
    confirmed: bytes
    agreed_since: int
    news_told: bool
    quorum: int
    built: Built | None
    built_at: int = 0
    unready: str = ""
    refusal: str = ""
    held: bool = False
    voted: bool = False
    confirmed_by_me: bool = False


@dataclass(frozen=True, kw_only=True)
class Reporter:
    """Settings of one member.

    Attributes
    ----------
    account : str
        The member's address.
    confirms : bool
        Whether it belongs to the second quorum instead of the first.
    turn_seconds : int
        How long the others wait for the one whose turn it is.
    """

    name: str
    account: str
    node: BeaconNode
    confirms: bool = False
    turn_seconds: int = 60

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing: a report is made of states alone."""
        return []

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> OracleState:
        """The frame, and once it can be known, the report."""
        seen = read(
            {
                "frame": (stack.oracle, "getCurrentFrame"),
                "members": (stack.loss_confirmer if self.confirms else stack.oracle, "getMembers"),
                "submitted": (stack.oracle, "lastSubmittedRefSlot"),
                "quorum": (stack.oracle, "quorum"),
                "held": (stack.oracle, "lossOnHoldSince"),
                "last": (stack.pool, "lastReport"),
                "news": (stack.registry, "lastNews"),
            },
            block,
        )
        ref_slot, ref_timestamp, deadline = seen["frame"]
        hashes = read(
            {
                "agreed": (stack.oracle, "consensusHash", ref_slot),
                "confirmed": (stack.loss_confirmer, "consensusHash", ref_slot),
            },
            block,
        )
        members = [member.lower() for member in seen["members"]]
        account = self.account.lower()
        submitted = seen["submitted"] == ref_slot
        if submitted and seen["news"][0] >= ref_slot:
            built, unready = None, f"slot {ref_slot} is reported, and its news are told"
        else:
            built, unready = self._built(
                stack, journal, ref_slot, ref_timestamp, seen["last"][0], block
            )
        digest = hash_report(built.report) if built else b""
        return OracleState(
            ref_slot=ref_slot,
            ref_timestamp=ref_timestamp,
            deadline=deadline,
            rank=members.index(account) if account in members else None,
            members=len(members),
            submitted=submitted,
            agreed_since=self._first_seen(stack, journal, ref_slot, hashes["agreed"], block),
            news_told=seen["news"][0] >= ref_slot,
            quorum=seen["quorum"],
            built=built,
            built_at=journal.recall("built_at", 0),
            unready=unready,
            refusal=(
                self._refusal(stack, built)
                if built and not submitted and digest == hashes["agreed"]
                else ""
            ),
            held=seen["held"] > seen["last"][1],
            voted=self._has_voted(stack.oracle, ref_slot, digest, block),
            confirmed_by_me=self._has_voted(stack.loss_confirmer, ref_slot, digest, block),
            **hashes,
        )

    def _has_voted(self, consensus: Contract, ref_slot: int, digest: bytes, block: int) -> bool:
        """Whether the chain would refuse the same vote again: a journal knows only what was sent.

        What was sent may have been cancelled as too late, or dropped by a reorganisation.
        """
        if not digest:
            return False
        try:
            consensus.call("vote", ref_slot, digest, sender=self.account, block=hex(block))
        except Reverted as refusal:
            return refusal.name == "DuplicateVote"
        return False

    def _built(
        self,
        stack: Stack,
        journal: Journal,
        ref_slot: int,
        ref_timestamp: int,
        last: int,
        head: int,
    ) -> tuple[Built | None, str]:
        """The report, from the journal if it was built before, and why there is none."""
        kept = journal.recall("report")
        if kept is not None and kept["ref_slot"] == ref_slot:
            return _restored(kept), ""
        if not self.node.is_final(ref_slot):
            return None, f"the consensus layer isn't final at slot {ref_slot} yet"
        block = self.node.block_number(ref_slot)
        if self._is_ahead(stack, block):
            return None, f"the node hasn't come to block {block} of slot {ref_slot} yet"
        chain = chain_state(stack, ref_slot, ref_timestamp, block)
        keys = [key.pubkey for key in chain.keys]
        layer = self.node.state(ref_slot, keys)
        built = build(chain, layer, self._before(stack, ref_slot, ref_timestamp, last, keys))
        with journal.atomic():
            journal.keep("report", _as_json(built))
            journal.keep("built_at", int(stack.rpc.block(hex(head))["timestamp"], 16))
        return built, ""

    def _before(
        self, stack: Stack, ref_slot: int, ref_timestamp: int, last: int, keys: list[bytes]
    ) -> Any:
        """The state of the last report's slot; none before the first report."""
        slot = ref_slot - (ref_timestamp - last) // _SECONDS_PER_SLOT
        if int(stack.oracle.call("lastSubmittedRefSlot")) != slot:
            return None
        return self.node.state(slot, keys)

    @staticmethod
    def _is_ahead(stack: Stack, block: int) -> bool:
        return int(stack.rpc.call("eth_blockNumber"), 16) < block

    @staticmethod
    def _first_seen(
        stack: Stack, journal: Journal, ref_slot: int, agreed: bytes, block: int
    ) -> int:
        """When the quorum was first seen: turns are counted from there, also after a restart."""
        if not any(agreed):
            return 0
        kept = journal.recall("agreed", {})
        if kept.get("ref_slot") != ref_slot:
            since = int(stack.rpc.block(hex(block))["timestamp"], 16)
            kept = {"ref_slot": ref_slot, "since": since}
            journal.keep("agreed", kept)
        return int(kept["since"])

    def _refusal(self, stack: Stack, built: Built) -> str:
        try:
            stack.oracle.call("submitReport", *report_data(built.report), [], sender=self.account)
        except Reverted as refusal:
            return refusal.name or "an error without a name"
        return ""

    # Deciding

    def decide(self, state: OracleState, now: int) -> Decision:
        """One step: vote, submit, or tell the news."""
        figures = {
            "frame_left_seconds": float(state.deadline - now),
            "reported": float(state.submitted),
        }
        if state.rank is None:
            return Decision(idle=f"{self.account} is not a member", figures=figures)
        if state.built is None:
            return Decision(idle=state.unready, figures=figures, alerts=self._late(state, now))
        if self.confirms:
            actions, idle = self._confirm(state)
        elif state.submitted:
            actions, idle = self._tell_news(state, now)
        else:
            actions, idle = self._report(state, now)
        alerts = self._late(state, now) + self._disagreement(state)
        return Decision(actions=actions, alerts=alerts, idle=idle, figures=figures)

    def _report(self, state: OracleState, now: int) -> tuple[tuple[Action, ...], str]:
        assert state.built is not None
        report = state.built.report
        digest = hash_report(report)
        if not any(state.agreed):
            if state.voted:
                return (), f"voted on slot {state.ref_slot}, and waits for the other members"
            late = max(0, self._place(state) - state.quorum + 1) * self.turn_seconds
            if now < state.built_at + late:
                return (), f"the others are a quorum for slot {state.ref_slot}; votes if they fail"
            return (self._vote(state, digest),), ""
        if state.agreed != digest:
            return (), f"the members agreed on another report of slot {state.ref_slot}"
        if not self._is_my_turn(state, now):
            return (), f"a quorum stands for slot {state.ref_slot}; another member submits"
        if state.refusal == "LossNeedsConfirmation":
            if state.held:
                return (), f"the loss of slot {state.ref_slot} waits for the second quorum"
            return (self._hold(state),), ""
        return (self._submit(state),), ""

    def _vote(self, state: OracleState, digest: bytes) -> Action:
        assert state.built is not None
        return Action(
            key=_vote_key("vote", state.ref_slot, digest),
            contract="oracle",
            function="vote",
            arguments=(state.ref_slot, digest),
            what=f"votes for the report of slot {state.ref_slot}: {describe(state.built)}",
            why="the frame ended, the consensus layer is final there, and it hasn't voted yet",
            benign=_OVERTAKEN,
        )

    def _submit(self, state: OracleState) -> Action:
        assert state.built is not None
        return Action(
            key=f"submit:{state.ref_slot}:{hash_report(state.built.report).hex()}",
            contract="oracle",
            function="submitReport",
            arguments=(*report_data(state.built.report), []),
            what=f"submits the report of slot {state.ref_slot}: {describe(state.built)}",
            why="a quorum agreed on it",
            benign=_OVERTAKEN,
        )

    def _hold(self, state: OracleState) -> Action:
        assert state.built is not None
        return Action(
            key=f"hold:{state.ref_slot}",
            contract="oracle",
            function="submitForConfirmation",
            arguments=(*report_data(state.built.report), []),
            what=f"notes that the loss of slot {state.ref_slot} waits for the second quorum",
            why="the loss is beyond what one quorum may report, and advances must stay closed",
            benign=_OVERTAKEN,
        )

    def _confirm(self, state: OracleState) -> tuple[tuple[Action, ...], str]:
        assert state.built is not None
        digest = hash_report(state.built.report)
        if state.submitted or state.refusal != "LossNeedsConfirmation":
            return (), f"no loss of slot {state.ref_slot} waits for the second quorum"
        if any(state.confirmed) or state.confirmed_by_me:
            return (), f"confirmed the loss of slot {state.ref_slot}"
        action = Action(
            key=_vote_key("confirm", state.ref_slot, digest),
            contract="loss_confirmer",
            function="vote",
            arguments=(state.ref_slot, digest),
            what=f"confirms the loss of slot {state.ref_slot}: {describe(state.built)}",
            why="the first quorum's report is the one it sees too, and needs a second",
            benign=_OVERTAKEN,
        )
        return (action,), ""

    def _tell_news(self, state: OracleState, now: int) -> tuple[tuple[Action, ...], str]:
        assert state.built is not None
        done = f"slot {state.ref_slot} is reported"
        news = state.built.news
        if not news or state.news_told or state.agreed != hash_report(state.built.report):
            return (), done
        if not self._is_my_turn(state, now):
            return (), f"{done}; another member tells the news"
        counts = {what: sum(each.what is what for each in news) for what in Event}
        said = ", ".join(f"{count} {what.name.lower()}" for what, count in counts.items() if count)
        action = Action(
            key=f"news:{state.ref_slot}",
            contract="oracle",
            function="submitNews",
            arguments=(report_data(state.built.report)[0], [tuple(each) for each in news]),
            what=f"tells the registry the news of slot {state.ref_slot}: {said}",
            why="the report named them by their hash, and nobody told them yet",
            benign=_OVERTAKEN,
        )
        return (action,), ""

    def _is_my_turn(self, state: OracleState, now: int) -> bool:
        """Who begins changes with the frame; each later one waits a turn longer."""
        return now >= state.agreed_since + self._place(state) * self.turn_seconds

    @staticmethod
    def _place(state: OracleState) -> int:
        """In this frame's order of members."""
        assert state.rank is not None
        frame_seconds = state.deadline - state.ref_timestamp
        return (state.rank - state.ref_timestamp // frame_seconds) % state.members

    def _late(self, state: OracleState, now: int) -> tuple[Alert, ...]:
        half = (state.ref_timestamp + state.deadline) // 2
        if state.submitted or now < half or self.confirms:
            return ()
        left = state.deadline - now
        text = f"slot {state.ref_slot} isn't reported, and its frame ends in {left:,} seconds"
        return (Alert(key="late", severity=Severity.CRITICAL, what=text),)

    def _disagreement(self, state: OracleState) -> tuple[Alert, ...]:
        assert state.built is not None
        if not any(state.agreed) or state.agreed == hash_report(state.built.report):
            return ()
        text = f"the members agreed on a report of slot {state.ref_slot} that isn't what I see"
        return (Alert(key="disagreement", severity=Severity.CRITICAL, what=text),)


def describe(built: Built) -> str:
    """A report in a line."""
    report = built.report
    parts = [
        f"{report.validators} validators ({report.exited_validators} exited)",
        f"{ether(report.cl_balance)} on the consensus layer",
        f"{ether(report.withdrawal_vault_balance + report.rewards_vault_balance)} to collect",
    ]
    if report.operator_losses:
        parts.append(f"{ether(report.blamed)} lost by operators")
    if report.last_request_id:
        parts.append(f"tickets paid up to {report.last_request_id}")
    if built.news:
        parts.append(f"{len(built.news)} news of keys")
    return ", ".join(parts)


def _vote_key(what: str, ref_slot: int, digest: bytes) -> str:
    return f"{what}:{ref_slot}:{digest.hex()}"


def _as_json(built: Built) -> dict[str, Any]:
    *fields, _losses = astuple(built.report)
    return {
        "ref_slot": built.report.ref_slot,
        "fields": [each.hex() if isinstance(each, bytes) else each for each in fields],
        "losses": [[loss.operator_id, loss.ether_amount] for loss in built.report.operator_losses],
        "news": [list(each) for each in built.news],
    }


def _restored(kept: dict[str, Any]) -> Built:
    *numbers, registry_hash = kept["fields"]
    losses = tuple(
        OperatorLoss(operator_id=operator, ether_amount=wei) for operator, wei in kept["losses"]
    )
    names = Report.__dataclass_fields__
    values = dict(zip(names, [*numbers, bytes.fromhex(registry_hash), losses], strict=True))
    news = tuple(KeyNews(operator, index, Event(what)) for operator, index, what in kept["news"])
    return Built(report=Report(**values), news=news)
