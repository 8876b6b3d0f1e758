"""What ``OperatorKeys`` and ``OperatorRanks`` keep: keys, what became of them, and counts."""

from copy import copy
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, NamedTuple

from keel.models.evm import Address


class Status(IntEnum):
    """Of a key."""

    UNUSED = 0
    PREDEPOSITED = 1
    CONFIRMED = 2
    FUNDED = 3
    EXITING = 4
    SETTLED = 5
    REJECTED = 6


class Event(IntEnum):
    """What the oracle's members saw of a key."""

    CONFIRMED = 0
    REJECTED = 1
    EXITING = 2
    SETTLED = 3
    SLASHED = 4
    UNDERPERFORMED = 5


class KeyNews(NamedTuple):
    """One of a report's news."""

    operator_id: int
    key_index: int
    what: Event


class Key(NamedTuple):
    """Times in seconds; zero for never."""

    pubkey: bytes
    signature: bytes
    status: Status = Status.UNUSED
    exit_requested_at: int = 0
    slashed: bool = False
    late_exit_charged: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether an exit was asked for."""
        return self.exit_requested_at != 0

    @property
    def is_active(self) -> bool:
        """Funded, and to stay."""
        return self.status is Status.FUNDED and not self.exit_requested_at

    @property
    def is_awaiting(self) -> bool:
        """With a first deposit, and still to be funded."""
        return self.status is Status.PREDEPOSITED or self.status is Status.CONFIRMED

    @property
    def is_filling(self) -> bool:
        """A validator, or on the way to be one, and to stay."""
        return self.is_active or self.is_awaiting

    @property
    def needs_bond(self) -> bool:
        """Whether its operator answers for it."""
        return self.status not in (Status.SETTLED, Status.REJECTED)

    @property
    def earns(self) -> bool:
        """Whether it has a part in the rewards."""
        return self.status is Status.FUNDED or self.status is Status.EXITING


@dataclass
class Operator:
    """Flags change when the bond or the keys do; counts are those of the keys.

    Attributes
    ----------
    fill : int
        Validators, or on the way, that stay.
    active : int
        Funded ones that stay.
    awaiting : int
        Keys with a first deposit that are still to be funded.
    bonded : int
        Keys that need a bond.
    earning : int
        Keys with a part in the rewards.
    unused : int
        Keys that were never deposited: the last ones.
    """

    manager: Address
    stopped: bool = False
    offering: bool = False
    poor: bool = False
    short: bool = False
    strikes: int = 0
    keys: list[Key] = field(default_factory=list)
    fill: int = field(default=0, init=False)
    active: int = field(default=0, init=False)
    awaiting: int = field(default=0, init=False)
    bonded: int = field(default=0, init=False)
    earning: int = field(default=0, init=False)
    unused: int = field(default=0, init=False)

    @property
    def is_present(self) -> bool:
        """Whether the concentration cap counts it."""
        return self.offering or self.fill > 0

    def add(self, key: Key) -> None:
        """Put a key behind the others."""
        self.keys.append(key)
        self._count(key, 1)

    def remove_last(self) -> Key:
        """Take the last key away."""
        key = self.keys.pop()
        self._count(key, -1)
        return key

    def change(self, index: int, **changes: Any) -> Key:
        """Change a key; keys themselves stay as they are."""
        key = self.keys[index]._replace(**changes)
        self._count(self.keys[index], -1)
        self._count(key, 1)
        self.keys[index] = key
        return key

    def _count(self, key: Key, change: int) -> None:
        self.fill += change * key.is_filling
        self.active += change * key.is_active
        self.awaiting += change * key.is_awaiting
        self.bonded += change * key.needs_bond
        self.earning += change * key.earns
        self.unused += change * (key.status is Status.UNUSED)

    def copy(self) -> "Operator":
        """The same, whatever is done to this one."""
        twin = copy(self)
        twin.keys = self.keys.copy()
        return twin
