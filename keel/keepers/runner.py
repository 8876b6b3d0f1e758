"""One keeper at work: follow what was sent, catch up, read, decide, carry out."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from keel.chain.abi import Reverted
from keel.chain.contract import Call, Contract
from keel.chain.rpc import RpcError
from keel.chain.stack import Stack
from keel.errors import KeelError
from keel.keepers.action import Action, Decision, Limits, ether
from keel.keepers.alerts import Alarm
from keel.keepers.breaker import Breaker
from keel.keepers.journal import Attempt, Journal, State
from keel.keepers.metrics import Metrics
from keel.keepers.outbox import FeesTooHigh, Outbox
from keel.keepers.scanner import Scanner
from keel.keepers.story import Story

_HEADROOM = 120
"""Percent of the estimated gas: state may change until it is mined."""


class Strategy(Protocol):
    """What makes one keeper differ from another."""

    @property
    def name(self) -> str:
        """Names journal, log and metrics."""

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Events it needs the history of."""

    def read(self, stack: Stack, journal: Journal, block: int) -> Any:
        """The state at a block."""

    def decide(self, state: Any, now: int) -> Decision:
        """Pure: what to do in this state at this time."""


@dataclass
class Runner:
    """Carries out what a strategy decides; without an outbox it only says what it would do."""

    strategy: Strategy
    stack: Stack
    journal: Journal
    story: Story
    metrics: Metrics
    limits: Limits = field(default_factory=Limits)
    outbox: Outbox | None = None
    account: str = "0x" + "00" * 20
    """Whose calls a dry run simulates."""
    alarm: Alarm = field(default_factory=Alarm)
    is_blind: bool = False
    """Whether the last look came to nothing: no news of it is not good news."""
    _seen: str = ""
    _at: tuple[int, int] = (0, 0)
    """Time and number of the newest block it looked at."""

    def __post_init__(self) -> None:
        """Take up where the journal ends."""
        self.breaker = Breaker(**self.journal.recall("breaker", {}))
        self._scanner = Scanner(self.stack.rpc, self.journal, self.strategy.watches(self.stack))
        if self.outbox is not None:
            self.account = self.outbox.signer.address

    @property
    def block(self) -> int:
        """The newest block that it has looked at."""
        return self._at[1]

    def tick(self) -> bool:
        """Look at the newest block; returns whether it was new."""
        try:
            head = self.stack.rpc.block()
        except KeelError as problem:
            # A node that is away says nothing of what this keeper does: no reason to be silent.
            self.is_blind = True
            self.metrics.failed()
            self.story.tell(*self._at, "fails", str(problem), subject="node")
            return False
        self.story.forget("node")
        if head["hash"] == self._seen:
            return False
        block, now = int(head["number"], 16), int(head["timestamp"], 16)
        self._at, self.is_blind = (now, block), True
        try:
            if self._work(head, block, now) and self.breaker.failures:
                self._set_breaker(self.breaker.succeeded())
            self.story.forget("failure")
        except KeelError as problem:
            self._failed(problem, block, now)
        self.journal.keep("processed", {"block": block, "hash": head["hash"]})
        self._seen = head["hash"]
        self.metrics.processed(block, breaker_open=not self.breaker.allows(block))
        return True

    def _work(self, head: dict[str, Any], block: int, now: int) -> bool:
        """Returns whether all went well that was tried."""
        well = self._settle(head, block, now)
        fresh = self._scanner.catch_up(block)
        if fresh > 100:
            self.story.tell(now, block, "catches", f"up with {fresh} blocks that it missed")
        if not self.breaker.allows(block):
            return False
        if self.outbox is not None and self.outbox.is_waiting:
            self.is_blind = False
            return False  # what it would see isn't what it will be
        state = self.strategy.read(self.stack, self.journal, block)
        decision = self.strategy.decide(state, now)
        self.metrics.show(decision.figures)
        self._alert(decision, block, now)
        self.is_blind = False
        if not decision.actions and decision.idle:
            self.story.tell(now, block, "waits", decision.idle, subject="idle")
        for action in decision.actions:
            self.story.forget("idle")
            well = self._carry_out(action, head, block, now) and well
        return well

    def _settle(self, head: dict[str, Any], block: int, now: int) -> bool:
        well = True
        outcomes = self.outbox.settle(head, self._error_name) if self.outbox is not None else ()
        for outcome in outcomes:
            self.metrics.decided(outcome.state)
            self.metrics.paid(outcome.gas_paid)
            gas = f", for {ether(outcome.gas_paid, 6)} of gas" if outcome.gas_paid else ""
            detail = f" ({outcome.detail})" if outcome.detail else ""
            self.story.tell(now, block, outcome.state, f"{outcome.attempt.what}{detail}{gas}")
            well = well and outcome.state is not State.REVERTED
            if outcome.state is State.REVERTED:
                self._set_breaker(self.breaker.failed(block))
        return well

    def _error_name(self, attempt: Attempt, data: bytes) -> str:
        return self.stack.find(attempt.contract).abi.decode_error(data).name if data else ""

    # Carrying out

    def _carry_out(self, action: Action, head: dict[str, Any], block: int, now: int) -> bool:
        """Simulate, check, send; returns whether nothing went wrong."""
        subject = f"{action.contract}.{action.function}"
        held = self._held_back(action, block)
        if held:
            self.story.tell(now, block, "skips", f"{action.what}: {held}", subject=subject)
            return True
        contract = self.stack.find(action.contract)
        call = contract.prepare(action.function, *action.arguments, value=action.value)
        try:
            gas = max(self._simulate(contract, call), action.least_gas)
        except Reverted as refusal:
            return self._refused(action, refusal, block, now)
        reason = self._too_dear(action, gas, head)
        if reason:
            self.metrics.decided("skipped")
            self.story.tell(now, block, "skips", f"{action.what}: {reason}", subject=subject)
            return True
        text = f"{action.what}, because {action.why}"
        if self.outbox is None:
            self.metrics.decided("would")
            self.story.tell(now, block, "would", text, subject=subject)
            return True
        sent = self.outbox.send(action, call, gas, head)
        self.metrics.decided("sent")
        self.story.forget(subject)
        self.story.tell(now, block, "sends", f"{text} [{sent.hash[:10]}, nonce {sent.nonce}]")
        return True

    def _held_back(self, action: Action, block: int) -> str:
        """Why this action may not be tried now; empty if it may."""
        if action.profit is not None and self.outbox is not None:
            lost = self.outbox.lost_today(action.contract, action.function, block)
            if lost >= self.limits.max_lost:
                return f"others were faster, which has cost {ether(lost)} of gas today"
        last = self.journal.latest(action.key)
        if last is None:
            return ""
        if last.state in (State.SENT, State.DONE):
            return f"it is {last.state} already, with nonce {last.nonce}"
        reverts = sum(each.key == action.key for each in self.journal.attempts(State.REVERTED))
        if reverts >= self.limits.max_attempts:
            return f"given up after {reverts} attempts that reverted"
        if last.state is State.OVERTAKEN and action.profit is not None:
            return ""  # the gas that it costs is its bound
        if block < last.retry_at:
            return f"it failed, and is tried again from block {last.retry_at} on"
        return ""

    def _simulate(self, contract: Contract, call: Call) -> int:
        """Gas with headroom; raises `Reverted`."""
        transaction = call.as_transaction(self.account)
        del transaction["gas"]
        try:
            self.stack.rpc.call("eth_call", transaction, "latest")
            estimate = int(self.stack.rpc.call("eth_estimateGas", transaction), 16)
        except RpcError as refusal:
            raise contract.explained(refusal) from None
        return estimate * _HEADROOM // 100

    def _refused(self, action: Action, refusal: Reverted, block: int, now: int) -> bool:
        benign = refusal.name in action.benign
        subject = f"{action.contract}.{action.function}"
        self.metrics.decided("overtaken" if benign else "refused")
        said = "the simulation failed"
        if benign:
            said = "somebody was faster"
        text = f"{action.what}: {said} ({refusal.name if benign else refusal.problem})"
        self.story.tell(now, block, "skips" if benign else "refused", text, subject=subject)
        if not benign:
            self._set_breaker(self.breaker.failed(block))
        return benign

    def _too_dear(self, action: Action, gas: int, head: dict[str, Any]) -> str:
        """Why a limit forbids it; empty if none does."""
        if gas > self.limits.max_gas:
            return f"{gas:,} gas is more than the limit of {self.limits.max_gas:,}"
        if action.value > self.limits.max_value:
            return f"{ether(action.value)} is more than the limit of {ether(self.limits.max_value)}"
        base = int(head.get("baseFeePerGas", "0x0"), 16)
        price = base + self.limits.tip
        if price > self.limits.max_fee_per_gas:
            return str(
                FeesTooHigh(f"gas costs {price} wei, the ceiling is {self.limits.max_fee_per_gas}")
            )
        if action.profit is not None:
            left = action.profit - gas * price
            if left < self.limits.profit_floor:
                return f"after gas {ether(left, 6)} would stay, below the floor of " + ether(
                    self.limits.profit_floor, 6
                )
        return ""

    # Alerts and failures

    def _alert(self, decision: Decision, block: int, now: int) -> None:
        began, ended, unsent = self.alarm.update(decision.alerts)
        for alert in began:
            self.metrics.decided(f"alert_{alert.severity.name.lower()}")
            self.story.tell(now, block, alert.severity.name.lower(), alert.what)
        for alert in ended:
            self.story.tell(now, block, "over", alert.what)
        if unsent:
            self.story.tell(
                now, block, "warning", f"the webhook didn't answer ({unsent})", subject="webhook"
            )
        else:
            self.story.forget("webhook")

    def _failed(self, problem: KeelError, block: int, now: int) -> None:
        self.metrics.failed()
        self._set_breaker(self.breaker.failed(block))
        pause = f"; silent until block {self.breaker.closed_until}"
        text = str(problem) + (pause if not self.breaker.allows(block) else "")
        self.story.tell(now, block, "fails", text, subject="failure")

    def _set_breaker(self, breaker: Breaker) -> None:
        self.breaker = breaker
        self.journal.keep("breaker", asdict(breaker))


def gauges(values: Mapping[str, int], scale: int = 10**18) -> dict[str, float]:
    """Wei, or WADs, as figures."""
    return {name: value / scale for name, value in values.items()}
