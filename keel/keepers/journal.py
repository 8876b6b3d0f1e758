"""What a keeper did: it survives `kill -9` at any instruction.

A transaction is in here, signed, before the node hears of it. So after a crash the same bytes are
sent again, under the same nonce: once on the chain, however often they are sent.
"""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from keel.keepers.action import Action


class State(StrEnum):
    """Of an attempt."""

    SENT = "sent"
    DONE = "done"
    """Mined, and successful; final after some blocks."""
    REVERTED = "reverted"
    OVERTAKEN = "overtaken"
    """Mined, and refused only because somebody was faster."""
    CANCELLED = "cancelled"
    """Its nonce went to an empty transaction, or to one that isn't ours."""

    @property
    def is_open(self) -> bool:
        """Whether the nonce is still to be mined."""
        return self is State.SENT


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """One attempt at an action; it has a nonce of its own."""

    key: str
    attempt: int
    what: str
    contract: str
    function: str
    sender: str
    nonce: int
    state: State
    detail: str
    began: int
    expires: int
    retry_at: int
    benign: tuple[str, ...] = ()
    """The action's: refusals that only say that somebody was faster."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One signed transaction of an attempt; replacements share its nonce."""

    hash: str
    sender: str
    nonce: int
    raw: bytes
    fields: dict[str, Any]
    sent_block: int
    cancels: bool
    block: int | None
    block_hash: str | None


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An event of the chain."""

    block: int
    source: str
    name: str
    values: dict[str, Any]


class Journal(Protocol):
    """Where it is all written down; one process writes at a time."""

    def close(self) -> None:
        """Let go of it."""

    def atomic(self) -> AbstractContextManager[None]:
        """All or nothing of what is written inside."""

    # Attempts

    def begin(self, action: Action, sender: str, nonce: int, block: int) -> None:
        """A new attempt at an action."""

    def latest(self, key: str) -> Attempt | None:
        """The last attempt at an action."""

    def at_nonce(self, sender: str, nonce: int) -> Attempt:
        """The attempt that a nonce belongs to."""

    def attempts(self, *states: State) -> list[Attempt]:
        """In order of their nonces; all, or those in some states."""

    def settle(self, attempt: Attempt, state: State, detail: str = "", retry_at: int = 0) -> None:
        """What became of an attempt."""

    # Transactions

    def remember(
        self, sent: str, raw: bytes, fields: Mapping[str, Any], sender: str, *,
        block: int, cancels: bool,
    ) -> None:  # fmt: skip
        """A signed transaction, before it is sent."""

    def sent(self, sender: str, nonce: int) -> list[Sent]:
        """Transactions under one nonce, the first first."""

    def place(self, sent: Sent, block: int | None, block_hash: str | None) -> None:
        """Where a transaction was mined; nowhere, after a reorganisation."""

    def mined_since(self, block: int) -> list[Sent]:
        """Transactions mined in this block or later."""

    def highest_nonce(self, sender: str) -> int:
        """Of all attempts that aren't settled, -1 for none."""

    # Events

    def add_events(self, found: Sequence[tuple[int, int, str, str, dict[str, Any]]]) -> None:
        """Events as (block, position in it, contract, name, values)."""

    def events(self, name: str) -> list[Seen]:
        """All of one name, in order."""

    def scanned(self) -> list[tuple[int, str]]:
        """Blocks up to which events were read, with hashes; the newest first."""

    def mark_scanned(self, block: int, block_hash: str, keep: int = 256) -> None:
        """Events up to this block are in."""

    def forget_after(self, block: int) -> None:
        """A reorganisation took everything after this block."""

    # Anything else

    def recall(self, name: str, default: Any = None) -> Any:
        """What was kept under a name."""

    def keep(self, name: str, body: Any) -> None:
        """Keep something that JSON can hold."""
