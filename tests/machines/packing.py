"""ABI encoding at the speed that a campaign needs: one closure for each function.

`eth_abi` does the same for any value, with checks that take ten times as long.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache
from typing import Any

from eth_abi.abi import encode
from eth_abi.grammar import parse
from eth_utils.crypto import keccak

from keel.chain.abi import Abi, canonical, signature

_WORDS = ("uint256", "bytes32", "address", "bool")
MOST_REMEMBERED = 10_000
Packer = Callable[[Any], bytes]


def packer(kinds: Sequence[str]) -> Callable[[Sequence[Any]], bytes]:
    """What encodes values of these types, as `eth_abi.encode` does."""
    return _tuple_packer(tuple(kinds))


def packer_of_one(kind: str) -> Packer:
    """What encodes a value of this type."""
    if kind in _WORDS:
        return _packer(kind)
    pack = packer([kind])
    return lambda value: pack((value,))


@cache
def _tuple_packer(kinds: tuple[str, ...]) -> Callable[[Sequence[Any]], bytes]:
    packers = [_packer(kind) for kind in kinds]
    if any("bytes" in kind.replace("bytes32", "") for kind in kinds):
        return _remembering(_packer_of_parts(packers, kinds))
    if len(packers) == 1 and not _is_dynamic(kinds[0]):
        only = packers[0]
        return lambda values: only(values[0])
    if not any(map(_is_dynamic, kinds)):
        return lambda values: b"".join(
            [pack(value) for pack, value in zip(packers, values, strict=True)]
        )
    return _packer_of_parts(packers, kinds)


def _remembering(pack: Callable[[Sequence[Any]], bytes]) -> Callable[[Sequence[Any]], bytes]:
    """The same, quick for what came before: keys are long, and stay as they are."""
    remembered = lru_cache(MOST_REMEMBERED)(pack)

    def pack_or_recall(values: Sequence[Any]) -> bytes:
        try:
            return remembered(tuple(values))
        except TypeError:  # lists have no hash
            return pack(values)

    return pack_or_recall


def _packer_of_parts(
    packers: Sequence[Packer], kinds: Sequence[str]
) -> Callable[[Sequence[Any]], bytes]:
    sizes = [None if _is_dynamic(kind) else _size(kind) for kind in kinds]
    head = sum(size or 32 for size in sizes)

    def pack(values: Sequence[Any]) -> bytes:
        heads, tails, offset = [], [], head
        for pack_one, size, value in zip(packers, sizes, values, strict=True):
            packed = pack_one(value)
            if size is None:
                heads.append(offset.to_bytes(32, "big"))
                tails.append(packed)
                offset += len(packed)
            else:
                heads.append(packed)
        return b"".join(heads + tails)

    return pack


def _packer(kind: str) -> Packer:
    parsed = parse(kind)
    if parsed.is_array:
        item = parsed.item_type.to_type_str()
        counted = not parsed.arrlist[-1]

        def pack_array(values: Sequence[Any]) -> bytes:
            packed = _tuple_packer((item,) * len(values))(values) if values else b""
            return len(values).to_bytes(32, "big") + packed if counted else packed

        return pack_array
    if kind.startswith("("):
        return _tuple_packer(tuple(part.to_type_str() for part in parsed.components))
    if kind == "address":
        return _pack_address
    if kind == "bytes32":
        return _pack_bytes32
    if kind in ("bytes", "string"):
        return _pack_bytes if kind == "bytes" else _pack_string
    if kind.startswith("bytes"):
        return lambda value: encode([kind], [value])
    return _pack_signed if kind.startswith("int") else _pack_unsigned


@cache
def _pack_address(value: str) -> bytes:
    return bytes.fromhex(value[2:]).rjust(32, b"\0")


def _pack_bytes32(value: bytes) -> bytes:
    assert len(value) == 32
    return value


def _pack_bytes(value: bytes) -> bytes:
    return len(value).to_bytes(32, "big") + value + bytes(-len(value) % 32)


def _pack_string(value: str) -> bytes:
    return _pack_bytes(value.encode())


def _pack_signed(value: int) -> bytes:
    return value.to_bytes(32, "big", signed=True)


def _pack_unsigned(value: int) -> bytes:
    return value.to_bytes(32, "big")


def _is_dynamic(kind: str) -> bool:
    return bool(parse(kind).is_dynamic)


def _size(kind: str) -> int:
    parsed = parse(kind)
    if parsed.is_array:
        return int(parsed.arrlist[-1][0]) * _size(parsed.item_type.to_type_str())
    if kind.startswith("("):
        return sum(_size(part.to_type_str()) for part in parsed.components)
    return 32


class PackedAbi:
    """A contract's functions and errors, encoded and compared without decoding."""

    def __init__(self, abi: Abi) -> None:
        self.abi = abi
        self._calls: dict[str, tuple[bytes, Callable[[Sequence[Any]], bytes]]] = {}
        self._results: dict[str, Packer] = {}
        self._errors: dict[bytes, tuple[str, Callable[[Sequence[Any]], bytes]]] = {}
        self._events: dict[str, tuple[str, list[tuple[str, int]]]] = {}
        for entry in abi.entries:
            if entry["type"] == "event":
                topic = "0x" + keccak(text=signature(entry)).hex()
                self._events[topic] = entry["name"], _numbers_in(entry)
            if entry["type"] == "error":
                kinds = [canonical(item) for item in entry["inputs"]]
                selector = keccak(text=signature(entry))[:4]
                self._errors[selector] = entry["name"], packer(kinds)

    def encode_call(self, name: str, arguments: Sequence[Any]) -> bytes:
        """Calldata."""
        if name not in self._calls:
            entry = self.abi.function(name)
            pack = packer([canonical(item) for item in entry["inputs"]])
            self._calls[name] = keccak(text=signature(entry))[:4], pack
        selector, pack = self._calls[name]
        return selector + pack(arguments)

    def encode_result(self, name: str, value: Any) -> bytes:
        """What a function returns if `value`, or the tuple of several, is its result."""
        return self.result_packer(name)(value)

    def result_packer(self, name: str) -> Packer:
        """What encodes results of a function."""
        if name not in self._results:
            kinds = [canonical(item) for item in self.abi.function(name)["outputs"]]
            self._results[name] = packer_of_one(kinds[0]) if len(kinds) == 1 else packer(kinds)
        return self._results[name]

    def numbers(self, log: Mapping[str, Any]) -> tuple[str, dict[str, int]] | None:
        """Name and unsigned integers of a log of this contract's."""
        found = self._events.get(log["topics"][0])
        if found is None:
            return None
        name, fields = found
        words = "".join(topic[2:] for topic in log["topics"][1:]) + log["data"][2:]
        return name, {field: int(words[at : at + 64], 16) for field, at in fields}

    def is_error(self, data: bytes, name: str, values: Sequence[Any]) -> bool:
        """Tell whether revert data is the custom error `name` with these values."""
        known = self._errors.get(data[:4])
        return known is not None and known[0] == name and data[4:] == known[1](values)


def _numbers_in(event: Mapping[str, Any]) -> list[tuple[str, int]]:
    """Names of unsigned integers, and where they are in the topics and the data after them."""
    inputs = sorted(event["inputs"], key=lambda item: not item["indexed"])
    return [
        (item["name"], 64 * word)
        for word, item in enumerate(inputs)
        if item["type"].startswith("uint") and "[" not in item["type"]
    ]
