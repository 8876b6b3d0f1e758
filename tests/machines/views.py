"""Views of contracts held to what a model says: all at once, and by name where one differs."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, fields, is_dataclass
from functools import cache
from typing import Any

from keel.chain.contract import Contract
from tests.machines.batcher import View
from tests.machines.chain import Chain, Refused
from tests.machines.packing import PackedAbi, Packer

Key = tuple[Any, ...]
"""`contract.function` and its arguments."""
MOST_KNOWN = 20_000
"""Views whose calldata is kept."""
MOST_ASKED = 100
"""Sets of views that are kept; the same ones are asked again and again."""


class Views:
    """Compares bytes, and decodes only to tell a difference."""

    def __init__(
        self, chain: Chain, contracts: Mapping[str, Contract], packed: Mapping[str, PackedAbi]
    ) -> None:
        self._chain, self._contracts, self._packed = chain, contracts, packed
        self._known: dict[Key, tuple[View, Packer]] = {}
        self._asked: dict[tuple[Key, ...], tuple[tuple[View, ...], list[Packer]]] = {}

    def require(
        self, expected: Mapping[Key, Any], timestamp: int, number: int | None = None
    ) -> None:
        """Compare what each view answers in such a block with the value beside it."""
        views, packers = self._together(tuple(expected))
        told = [pack(value) for pack, value in zip(packers, expected.values(), strict=True)]
        try:
            answer = self._chain.read(views, timestamp, number)
        except Refused:
            answer = None
        if answer != b"".join(told):
            raise AssertionError(self._differences(expected, timestamp, number))

    def numbers(
        self, keys: Sequence[Key], timestamp: int, number: int | None = None
    ) -> tuple[int, ...]:
        """Words that views return, one after the other."""
        views, _packers = self._together(tuple(keys))
        answer = self._chain.read(views, timestamp, number)
        return tuple(int.from_bytes(answer[i : i + 32], "big") for i in range(0, len(answer), 32))

    def _together(self, keys: tuple[Key, ...]) -> tuple[tuple[View, ...], list[Packer]]:
        """What asks for all of them, and what packs the answer of each."""
        asked = self._asked.get(keys)
        if asked is None:
            known = [self._known.get(key) or self._prepare(key) for key in keys]
            asked = tuple([view for view, _ in known]), [pack for _, pack in known]
            if len(self._asked) >= MOST_ASKED:
                self._asked.clear()
            self._asked[keys] = asked
        return asked

    def _prepare(self, key: Key) -> tuple[View, Packer]:
        contract, _, function = key[0].partition(".")
        packed = self._packed[contract]
        view = self._contracts[contract].address, packed.encode_call(function, key[1:])
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        known = self._known[key] = view, packed.result_packer(function)
        return known

    def _differences(
        self, expected: Mapping[Key, Any], timestamp: int, number: int | None
    ) -> dict[Key, Any]:
        different: dict[Key, Any] = {}
        for key, value in expected.items():
            contract, _, function = key[0].partition(".")
            packed, (view, _pack) = self._packed[contract], self._prepare(key)
            try:
                answer = self._chain.read((view,), timestamp, number)
                seen = packed.abi.decode_result(function, answer)
            except Refused as refusal:
                seen = packed.abi.decode_error(refusal.data)
            if normal(seen) != normal(value):
                different[key] = {"contract": seen, "model": value}
        return different


def values_of(record: Any) -> tuple[Any, ...]:
    """Of a dataclass' fields, as they are: `astuple` copies what is in them."""
    return tuple([getattr(record, name) for name in _names_of(type(record))])


@cache
def _names_of(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind))


def normal(value: Any) -> Any:
    """Sequences as tuples, addresses in lower case."""
    if isinstance(value, list | tuple):
        return tuple(normal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return normal(astuple(value))
    return value.lower() if isinstance(value, str) else value
