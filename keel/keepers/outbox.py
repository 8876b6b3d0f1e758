"""Transactions on their way: one nonce per attempt, written down before they are sent.

What is stuck is replaced under its own nonce with higher fees, up to the ceiling. What is too late
is replaced by an empty transaction. What a reorganisation drops is sent again, the same bytes. Not
one of these can make an attempt happen twice: a nonce is spent once, and each is followed by the
nonces of the key that signed it.
"""

import fcntl
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eth_utils.address import to_checksum_address

from keel.chain.contract import Call
from keel.chain.rpc import Rpc, RpcError
from keel.chain.signer import Signer
from keel.errors import KeelError
from keel.keepers.action import Action, Limits
from keel.keepers.journal import Attempt, Journal, Sent, State

_CANCEL_GAS = 21_000
_BACKOFF_BLOCKS = 5
_DAY = 7_200
"""Blocks."""
Header = dict[str, Any]
Named = Callable[[Attempt, bytes], str]
"""The name of the error in revert data; empty for none."""


class KeyInUse(KeelError):
    """Another process signs with this key."""


class JournalInUse(KeelError):
    """Another process writes this journal."""


class OtherKey(KeelError):
    """Something that another key has signed is still on its way."""


class FeesTooHigh(KeelError):
    """The network asks more for gas than the ceiling allows."""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of an attempt, for the log."""

    attempt: Attempt
    state: State
    detail: str
    gas_paid: int = 0


def lock_key(folder: Path, address: str) -> int:
    """Hold a key for this process; the lock falls when the process ends, however it ends."""
    return _hold(
        folder / f"{address.lower()}.lock",
        KeyInUse(f"another keeper signs for {address}", "stop it, or give this one another key"),
    )


def lock_journal(path: Path) -> int:
    """Be the one process that writes a journal, in the same way."""
    return _hold(
        path.with_suffix(".lock"),
        JournalInUse(
            f"another process keeps the journal of {path.stem}",
            f"stop it, or call this one {path.stem}-2",
        ),
    )


def _hold(path: Path, held: KeelError) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise held from None
    return handle


@dataclass
class Outbox:
    """All that one key has sent and not seen final."""

    rpc: Rpc
    signer: Signer
    journal: Journal
    limits: Limits
    chain_id: int = field(init=False)

    def __post_init__(self) -> None:
        """Ask for the chain once: signatures name it. Raises `OtherKey`."""
        self.chain_id = self.rpc.chain_id
        others = {each.sender for each in self.journal.attempts(State.SENT)} - {self.signer.address}
        if others:
            raise OtherKey(
                f"transactions of {', '.join(sorted(others))} are still on their way",
                "let this keeper run with that key until they are done, or give it a new --state",
            )

    @property
    def is_waiting(self) -> bool:
        """Whether some nonce is still to be mined."""
        return bool(self.journal.attempts(State.SENT))

    # Sending

    def fees(self, head: Header) -> dict[str, int]:
        """EIP-1559 fees for a new transaction; raises `FeesTooHigh`."""
        base = int(head.get("baseFeePerGas", "0x0"), 16)
        most = 2 * base + self.limits.tip
        if base + self.limits.tip > self.limits.max_fee_per_gas:
            raise FeesTooHigh(
                f"gas costs {base} wei and the tip, the ceiling is {self.limits.max_fee_per_gas}",
                "wait, or raise the ceiling",
            )
        return {
            "maxFeePerGas": min(most, self.limits.max_fee_per_gas),
            "maxPriorityFeePerGas": self.limits.tip,
        }

    def send(self, action: Action, call: Call, gas: int, head: Header) -> Sent:
        """Write an attempt down, then send it."""
        block = int(head["number"], 16)
        sender = self.signer.address
        nonce = max(self._nonce(sender), self.journal.highest_nonce(sender) + 1)
        fields = self._fields(call.to, call.data, call.value, gas, nonce) | self.fees(head)
        with self.journal.atomic():
            self.journal.begin(action, sender, nonce, block)
            sent = self._remember(fields, block, cancels=False)
        self._broadcast(sent)
        return sent

    def _fields(self, to: str, data: bytes, value: int, gas: int, nonce: int) -> dict[str, Any]:
        return {
            "type": 2, "chainId": self.chain_id, "nonce": nonce,
            "to": to_checksum_address(to),
            "data": "0x" + data.hex(), "value": value, "gas": gas,
        }  # fmt: skip

    def _remember(self, fields: dict[str, Any], block: int, *, cancels: bool) -> Sent:
        tx_hash, raw = self.signer.sign(fields)
        sender = self.signer.address
        self.journal.remember(tx_hash, raw, fields, sender, block=block, cancels=cancels)
        return Sent(
            hash=tx_hash, sender=sender, nonce=fields["nonce"], raw=raw, fields=fields,
            sent_block=block, cancels=cancels, block=None, block_hash=None,
        )  # fmt: skip

    def _broadcast(self, sent: Sent) -> None:
        """Send; a node that knows it, or whose chain has passed it, is no failure."""
        try:
            self.rpc.call("eth_sendRawTransaction", "0x" + sent.raw.hex())
        except RpcError as refusal:
            known = ("already", "known", "nonce too low", "underpriced", "imported")
            if not any(word in str(refusal).lower() for word in known):
                raise

    # Following

    def settle(self, head: Header, named: Named = lambda _attempt, _data: "") -> list[Outcome]:
        """Look at all that isn't final; send again, replace or cancel what must be."""
        block = int(head["number"], 16)
        outcomes = self._undo_reorganised(block)
        for attempt in self.journal.attempts(State.SENT):
            outcome = self._follow(attempt, head, block, named)
            if outcome is not None:
                outcomes.append(outcome)
        return outcomes

    def _undo_reorganised(self, block: int) -> list[Outcome]:
        """Attempts whose transaction is no longer where it was are open again."""
        outcomes = []
        for sent in self.journal.mined_since(block - self.limits.confirmations):
            receipt = self._receipt(sent.hash)
            if receipt is not None and receipt["blockHash"] == sent.block_hash:
                continue
            attempt = self.journal.at_nonce(sent.sender, sent.nonce)
            with self.journal.atomic():
                self.journal.place(sent, None, None)
                self.journal.settle(attempt, State.SENT, "dropped by a reorganisation")
            outcomes.append(
                Outcome(attempt=attempt, state=State.SENT, detail="dropped by a reorganisation")
            )
        return outcomes

    def _follow(self, attempt: Attempt, head: Header, block: int, named: Named) -> Outcome | None:
        group = self.journal.sent(attempt.sender, attempt.nonce)
        for sent in group:
            receipt = self._receipt(sent.hash)
            if receipt is not None:
                return self._mined(attempt, sent, receipt, block, named)
        if self._nonce(attempt.sender) > attempt.nonce:
            return self._lost(attempt, block)
        self._push(attempt, group, head, block)
        return None

    def _mined(
        self, attempt: Attempt, sent: Sent, receipt: dict[str, Any], block: int, named: Named
    ) -> Outcome:
        state, detail, retry_at = State.DONE, "", 0
        if sent.cancels:
            state, detail = State.CANCELLED, "too late: its nonce went to an empty transaction"
        elif receipt["status"] != "0x1":
            name = named(attempt, self._replayed(sent, receipt["blockNumber"]))
            state, detail = State.REVERTED, "reverted on the chain" + (f": {name}" if name else "")
            if name in attempt.benign:
                state, detail = State.OVERTAKEN, f"somebody was faster: {name}"
        if state is not State.DONE:
            retry_at = block + _BACKOFF_BLOCKS * 2 ** min(attempt.attempt, 8)
        paid = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
        with self.journal.atomic():
            self.journal.place(sent, int(receipt["blockNumber"], 16), receipt["blockHash"])
            self.journal.settle(attempt, state, detail, retry_at)
            if state is State.OVERTAKEN:
                self._book_lost(attempt, paid, block)
        return Outcome(attempt=attempt, state=state, detail=detail, gas_paid=paid)

    def _replayed(self, sent: Sent, block: str) -> bytes:
        """What a mined transaction is answered at its block's end: there whoever was faster shows.

        Empty where it would pass by then, or the node has forgotten the block.
        """
        call = {name: sent.fields[name] for name in ("to", "data")}
        amounts = {name: hex(sent.fields[name]) for name in ("value", "gas")}
        try:
            self.rpc.call("eth_call", call | amounts | {"from": sent.sender}, block)
        except RpcError as refusal:
            return refusal.data
        return b""

    def lost_today(self, contract: str, function: str, block: int) -> int:
        """Wei of gas that others made a function lose in the day that began with the first."""
        kept = self.journal.recall(f"lost:{contract}.{function}", {"since": 0, "wei": 0})
        return int(kept["wei"]) if block < kept["since"] + _DAY else 0

    def _book_lost(self, attempt: Attempt, wei: int, block: int) -> None:
        name = f"lost:{attempt.contract}.{attempt.function}"
        before = self.lost_today(attempt.contract, attempt.function, block)
        since = self.journal.recall(name)["since"] if before else block
        self.journal.keep(name, {"since": since, "wei": before + wei})

    def _lost(self, attempt: Attempt, block: int) -> Outcome | None:
        """The nonce is spent and none of ours was mined: by whoever else holds this key.

        Believed only once it is as deep as what counts as final; until then a receipt may come.
        """
        depth = max(block - self.limits.confirmations, 0)
        if self._nonce(attempt.sender, hex(depth)) <= attempt.nonce:
            return None
        detail = "its nonce went to a transaction that isn't ours"
        self.journal.settle(attempt, State.CANCELLED, detail, block)
        return Outcome(attempt=attempt, state=State.CANCELLED, detail=detail)

    def _push(self, attempt: Attempt, group: list[Sent], head: Header, block: int) -> None:
        """Send again what the node has lost; replace what is stuck or too late."""
        newest = group[-1]
        is_ours = attempt.sender == self.signer.address
        is_lost = self.rpc.call("eth_getTransactionByHash", newest.hash) is None
        too_late = block > attempt.expires and not newest.cancels
        stuck = block >= newest.sent_block + self.limits.stuck_blocks
        if is_ours and (too_late or (stuck and self._is_dearer(newest, head))):
            replacement = self._replacement(
                newest, head, block, cancels=newest.cancels or too_late, is_lost=is_lost
            )
            if replacement is not None:
                self._broadcast(replacement)
                return
        if is_lost and not too_late:
            self._broadcast(newest)

    def _is_dearer(self, sent: Sent, head: Header) -> bool:
        """Whether gas now costs what this one doesn't offer; a full mempool counts too."""
        base = int(head.get("baseFeePerGas", "0x0"), 16)
        offered: int = sent.fields["maxFeePerGas"]
        return offered < base + self.limits.tip or offered < self.limits.max_fee_per_gas

    def _replacement(
        self, sent: Sent, head: Header, block: int, *, cancels: bool, is_lost: bool
    ) -> Sent | None:
        """The same nonce with higher fees; none if the ceiling is too low for that.

        What the node has lost needs no higher ones: at the ceiling it can be cancelled still.
        """
        bump = 100 + self.limits.bump_percent
        base, ceiling = int(head.get("baseFeePerGas", "0x0"), 16), self.limits.max_fee_per_gas
        tip = -(-sent.fields["maxPriorityFeePerGas"] * bump // 100)
        most = max(-(-sent.fields["maxFeePerGas"] * bump // 100), base + tip)
        if most > ceiling:
            if not (cancels and is_lost and not sent.cancels):
                return None
            most, tip = ceiling, min(tip, ceiling)
        fields = sent.fields | {"maxFeePerGas": most, "maxPriorityFeePerGas": tip}
        if cancels:
            fields |= {
                "to": self.signer.address, "data": "0x", "value": 0, "gas": _CANCEL_GAS,
            }  # fmt: skip
        with self.journal.atomic():
            return self._remember(fields, block, cancels=cancels)

    def _nonce(self, address: str, tag: str = "latest") -> int:
        return int(self.rpc.call("eth_getTransactionCount", address, tag), 16)

    def _receipt(self, tx_hash: str) -> dict[str, Any] | None:
        receipt: dict[str, Any] | None = self.rpc.call("eth_getTransactionReceipt", tx_hash)
        return receipt
