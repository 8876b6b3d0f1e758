"""Where contracts keep what they know: layouts by name, mappings, and Solady's tokens.

Reading a slot costs a tenth of a view, so that a machine can compare all it knows after each call.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from operator import lshift
from pathlib import Path
from typing import Any, NamedTuple

from eth_utils.crypto import keccak

from tests.machines.batcher import Slot
from tests.machines.chain import Chain

LAYOUTS = Path(__file__).parents[1] / "snapshots" / "storage"

MOST_WORDS = 1_000
"""Of each kind that are kept, as most don't change from call to call."""
SOLADY_SUPPLY = 0x05345CDF77EB68F44C
"""Slot of an ERC-20's total supply."""

_ERC20_BALANCE = bytes(8) + bytes.fromhex("87a211a2")
_ERC20_ALLOWANCE = bytes(8) + bytes.fromhex("7f5e9f20")
_ERC721_OWNER = bytes(28) + bytes.fromhex("7d882553")
_ERC721_ACCOUNT = bytes.fromhex("0a5a2e7a") + bytes(4)


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


def require_words(chain: Chain, sections: Sequence[Section]) -> None:
    """Read all slots at once and compare."""
    slots: list[Slot] = []
    for section in sections:
        slots += section.slots
    seen = chain.storage(slots)
    start, different = 0, {}
    for title, keys, places, words, normal in sections:
        found: Sequence[int] = seen[start : start + len(places)]
        start += len(places)
        if normal is not None:
            found = normal(list(found))
        if found != words:
            rows = zip(keys, found, words, strict=True)
            different |= {
                f"{title} {key}".strip(): {"contract": one, "model": word}
                for key, one, word in rows
                if one != word
            }
    assert not different, different


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
        return lru_cache(MOST_WORDS)(lambda *values: sum(map(lshift, values, shifts)))

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
