"""Views of contracts held to what a model says: all at once, and by name where one differs."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, is_dataclass
from typing import Any

from keel.chain.contract import Contract
from tests.machines.batcher import View
from tests.machines.chain import Chain, Refused
from tests.machines.packing import PackedAbi

Key = tuple[Any, ...]
"""`contract.function` and its arguments."""
MOST_KNOWN = 20_000
"""Views whose calldata is kept."""


class Views:
    """Compares bytes, and decodes only to tell a difference."""

    def __init__(
        self, chain: Chain, contracts: Mapping[str, Contract], packed: Mapping[str, PackedAbi]
    ) -> None:
        self._chain, self._contracts, self._packed = chain, contracts, packed
        self._known: dict[Key, tuple[View, PackedAbi, str]] = {}

    def require(
        self, expected: Mapping[Key, Any], timestamp: int, number: int | None = None
    ) -> None:
        """Compare what each view answers in such a block with the value beside it."""
        views, told = [], []
        for key, value in expected.items():
            view, packed, function = self._known.get(key) or self._prepare(key)
            views.append(view)
            told.append(packed.encode_result(function, value))
        try:
            answer = self._chain.read(tuple(views), timestamp, number)
        except Refused:
            answer = None
        if answer != b"".join(told):
            raise AssertionError(self._differences(expected, timestamp, number))

    def numbers(
        self, keys: Sequence[Key], timestamp: int, number: int | None = None
    ) -> tuple[int, ...]:
        """Words that views return, one after the other."""
        views = tuple([(self._known.get(key) or self._prepare(key))[0] for key in keys])
        answer = self._chain.read(views, timestamp, number)
        return tuple(int.from_bytes(answer[i : i + 32], "big") for i in range(0, len(answer), 32))

    def _prepare(self, key: Key) -> tuple[View, PackedAbi, str]:
        contract, _, function = key[0].partition(".")
        packed = self._packed[contract]
        view = self._contracts[contract].address, packed.encode_call(function, key[1:])
        if len(self._known) >= MOST_KNOWN:
            self._known.clear()
        known = self._known[key] = view, packed, function
        return known

    def _differences(
        self, expected: Mapping[Key, Any], timestamp: int, number: int | None
    ) -> dict[Key, Any]:
        different: dict[Key, Any] = {}
        for key, value in expected.items():
            view, packed, function = self._known.get(key) or self._prepare(key)
            try:
                answer = self._chain.read((view,), timestamp, number)
                seen = packed.abi.decode_result(function, answer)
            except Refused as refusal:
                seen = packed.abi.decode_error(refusal.data)
            if normal(seen) != normal(value):
                different[key] = {"contract": seen, "model": value}
        return different


def normal(value: Any) -> Any:
    """Sequences as tuples, addresses in lower case."""
    if isinstance(value, list | tuple):
        return tuple(normal(item) for item in value)
    if is_dataclass(value) and not isinstance(value, type):
        return normal(astuple(value))
    return value.lower() if isinstance(value, str) else value
