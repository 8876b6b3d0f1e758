"""Where contracts keep what they know: layouts by name, mappings, and Solady's tokens.

Reading a slot costs a tenth of a view, so that a machine can compare all it knows after each call.
"""

import json
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from itertools import chain as joined
from operator import lshift
from pathlib import Path
from typing import Any, NamedTuple

from eth_utils.crypto import keccak

from tests.machines.batcher import Slot
from tests.machines.chain import Chain

LAYOUTS = Path(__file__).parents[1] / "snapshots" / "storage"

SOLADY_SUPPLY = 0x05345CDF77EB68F44C
"""Slot of an ERC-20's total supply."""

_ERC20_BALANCE = bytes(8) + bytes.fromhex("87a211a2")
_ERC20_ALLOWANCE = bytes(8) + bytes.fromhex("7f5e9f20")
_ERC721_OWNER = bytes(28) + bytes.fromhex("7d882553")
_ERC721_ACCOUNT = bytes.fromhex("0a5a2e7a") + bytes(4)


_CONTAINERS = (dict, list, set, deque)


class Section(NamedTuple):
    """Slots of one kind: what they are about, where they are, and what a model says of them.

    Attributes
    ----------
    keys : Sequence
        Names each word in `words`.
    normal : Callable, optional
        Makes what is compared of the words that were read, where that isn't the words themselves.
    """

    title: str
    keys: Sequence[Any]
    slots: Sequence[Slot]
    words: Sequence[int]
    normal: Callable[[list[int]], Sequence[int]] | None = None


class Remembered:
    """What is worked out of a model's values again only when they have changed.

    Nothing is trusted to tell of changes: all that is told is held to a copy of what was told the
    last time. Containers may be told, of what never changes itself.
    """

    def __init__(self, work: Callable[..., list[Section]]) -> None:
        self._work = work
        self._told: tuple[Any, ...] | None = None
        self._sections: list[Section] = []

    def sections(self, *told: Any) -> list[Section]:
        """What `work` makes of it."""
        if told != self._told:
            self._sections = self._work(*told)
            self._told = tuple([v.copy() if isinstance(v, _CONTAINERS) else v for v in told])
        return self._sections


def table(
    title: str, place: Callable[[Any], Slot], words: Callable[..., Mapping[Any, int]] = dict
) -> Remembered:
    """Words of one kind by their keys, as `words` makes them of what a model says."""
    keys: list[Any] = []
    places: list[Slot] = []

    def work(*told: Any) -> list[Section]:
        nonlocal keys, places
        rows = words(*told)
        if keys != [*rows]:
            keys = [*rows]
            places = [place(key) for key in keys]
        return [Section(title, keys, places, [*rows.values()])]

    return Remembered(work)


class Comparison:
    """Reads the slots of all sections at once and compares."""

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._sections: list[Section] = []
        self._slots: list[Slot] = []
        self._words: list[int] = []
        self._others: list[Section] = []
        self._passed: dict[str, tuple[Section, list[int]]] = {}

    def require(self, sections: list[Section]) -> None:
        """Fail with all differences by their names."""
        if sections != self._sections:
            self._arrange(sections)
        seen = self._chain.storage(self._slots)
        start = len(self._words)
        same = seen[:start] == self._words
        for section in self._others:
            end = start + len(section.slots)
            same = self._is_same(section, seen[start:end]) and same
            start = end
        assert same, self._differences()

    def _arrange(self, sections: list[Section]) -> None:
        """Put those first whose words are compared as they are, all at once."""
        plain = [section for section in sections if section.normal is None]
        self._others = [section for section in sections if section.normal is not None]
        self._slots = [*joined.from_iterable([each.slots for each in plain + self._others])]
        self._words = [*joined.from_iterable([each.words for each in plain])]
        self._sections = sections

    def _is_same(self, section: Section, found: list[int]) -> bool:
        """Compare what was read, unless all of this was compared the last time."""
        known, seen = self._passed.get(section.title, (None, None))
        if section is known and found == seen:
            return True
        assert section.normal is not None
        same = section.normal(found.copy()) == section.words
        if same:
            self._passed[section.title] = section, found
        return same

    def _differences(self) -> dict[str, dict[str, int]]:
        different = {}
        for title, keys, places, words, normal in self._sections:
            found: Sequence[int] = self._chain.storage(places)
            if normal is not None:
                found = normal([*found])
            different |= {
                f"{title} {key}".strip(): {"contract": one, "model": word}
                for key, one, word in zip(keys, found, words, strict=True)
                if one != word
            }
        return different


class Layout:
    """Variables and structs of a contract, as the snapshot of its storage layout names them."""

    def __init__(self, contract: str) -> None:
        self._contract = contract
        self._slots: dict[str, int] = {}
        self._fields: dict[str, dict[str, int]] = {}
        for row in json.loads((LAYOUTS / f"{contract}.json").read_text()):
            if row.startswith("struct "):
                name, _, members = row.removeprefix("struct ").partition(": ")
                fields = (member.split() for member in members.split("; "))
                self._fields[name.rpartition(".")[2]] = {f[-1]: _bits(f[0]) for f in fields}
            else:
                place, *_, name = row.split()
                self._slots[name] = int(place.partition("+")[0])

    def slot(self, name: str) -> int:
        """Slot of a variable."""
        if name not in self._slots:
            raise LookupError(
                f"no variable {name} of {self._contract} in {LAYOUTS}: `make snapshots`"
            )
        return self._slots[name]

    def pack(self, struct: str, values: Mapping[str, int]) -> int:
        """A struct of one slot."""
        return self.packer(struct, *values)(*values.values())

    def packer(self, struct: str, *names: str) -> Callable[..., int]:
        """What makes a word of these fields' values."""
        places = [divmod(self._fields[struct][name], 256) for name in names]
        assert len({slot for slot, _ in places}) == 1, f"{names} of {struct} are in several slots"
        shifts = [shift for _, shift in places]
        return lambda *values: sum(map(lshift, values, shifts))

    def offset(self, struct: str, name: str) -> int:
        """Slots before that of a field."""
        return self._fields[struct][name] // 256


def _bits(place: str) -> int:
    slot, _, offset = place.partition("+")
    return 256 * int(slot) + 8 * int(offset)


@cache
def of_mapping(slot: int, key: str | int) -> int:
    """Slot of an entry; a string is an address."""
    word = _address(key).rjust(32, b"\0") if isinstance(key, str) else key.to_bytes(32, "big")
    return _hash(word + slot.to_bytes(32, "big"))


@cache
def of_array(slot: int) -> int:
    """Slot of the first item of an array."""
    return _hash(slot.to_bytes(32, "big"))


@cache
def solady_balance(owner: str) -> int:
    """Slot of an ERC-20 balance."""
    return _hash(_address(owner) + _ERC20_BALANCE)


@cache
def solady_allowance(owner: str, spender: str) -> int:
    """Slot of an ERC-20 allowance."""
    return _hash(_address(owner) + _ERC20_ALLOWANCE + _address(spender))


def solady_owner(token_id: int) -> int:
    """Slot of an ERC-721's owner, with 96 bits of the contract's above; approvals come next."""
    return _OWNERS + 2 * token_id


@cache
def solady_operator(owner: str, operator: str) -> int:
    """Slot that tells whether an operator is approved for all of an owner's ERC-721."""
    return _hash(_address(owner) + _ERC721_ACCOUNT + _address(operator))


@cache
def solady_count(owner: str) -> int:
    """Slot of how many ERC-721 an owner has."""
    return _hash(_address(owner) + _ERC721_ACCOUNT)


def _hash(data: bytes) -> int:
    return int.from_bytes(keccak(data), "big")


def _address(account: str) -> bytes:
    return bytes.fromhex(account[2:])


_OWNERS = _hash(_ERC721_OWNER)
