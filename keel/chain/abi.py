"""Encoding and decoding by ABI, overloads, custom errors and events included."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from keel.errors import KeelError

Entry = Mapping[str, Any]

_PANIC = "Panic(uint256)"
_TEXT = "Error(string)"

_errors_seen: dict[bytes, Entry] = {}
"""Errors of every ABI so far, by selector: a contract further down may be who refuses."""


class UnknownAbi(KeelError):
    """The ABI has no such function or event, or several of that name."""


class Reverted(KeelError):
    """A contract refused a call.

    Attributes
    ----------
    name : str
        Name of the custom error, "Panic" or "Error"; empty if the data named none.
    values : tuple
        Its values, in order.
    """

    def __init__(self, name: str, values: tuple[Any, ...], data: bytes) -> None:
        self.name, self.values, self.data = name, values, data
        shown = ", ".join(map(str, values))
        super().__init__(f"reverted: {name}({shown})" if name else f"reverted: 0x{data.hex()}")


@dataclass(frozen=True)
class Event:
    """A decoded log."""

    name: str
    address: str
    values: dict[str, Any]


def canonical(parameter: Mapping[str, Any]) -> str:
    """Type as in a signature: tuples written out."""
    kind: str = parameter["type"]
    if not kind.startswith("tuple"):
        return kind
    inner = ",".join(canonical(component) for component in parameter["components"])
    return f"({inner}){kind[len('tuple') :]}"


def signature(entry: Entry) -> str:
    """`name(type,...)` of a function, error or event."""
    return f"{entry['name']}({','.join(canonical(item) for item in entry['inputs'])})"


def _plain(value: Any) -> Any:
    """Bytes and lists as eth_abi wants them; hex strings of bytes are accepted too."""
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value


def _named(inputs: Sequence[Mapping[str, Any]], values: Sequence[Any]) -> Iterable[tuple[str, Any]]:
    for item, value in zip(inputs, values, strict=True):
        if item["type"] == "tuple":
            yield from _named(item["components"], value)
        else:
            yield item["name"], value


@cache
def _selector(text: str) -> bytes:
    return bytes(keccak(text=text)[:4])


def _structured(parameter: Mapping[str, Any], value: Any) -> Any:
    """Structs as dictionaries, in arrays and in structs too."""
    if not parameter["type"].startswith("tuple"):
        return value
    if parameter["type"].endswith("]"):
        inner = dict(parameter, type=parameter["type"].rpartition("[")[0])
        return [_structured(inner, item) for item in value]
    parts = zip(parameter["components"], value, strict=True)
    return {component["name"]: _structured(component, part) for component, part in parts}


class Abi:
    """What a contract understands.

    Parameters
    ----------
    entries : Sequence
        The JSON ABI.
    """

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = list(entries)
        _errors_seen.update(self._errors)

    @cached_property
    def _functions(self) -> dict[str, Entry]:
        """By signature and, where it is unique, by name."""
        table: dict[str, Entry] = {}
        names: dict[str, list[Entry]] = {}
        for entry in self._of_type("function"):
            table[signature(entry)] = entry
            names.setdefault(entry["name"], []).append(entry)
        for name, entries in names.items():
            if len(entries) == 1:
                table[name] = entries[0]
        return table

    @cached_property
    def _errors(self) -> dict[bytes, Entry]:
        return {keccak(text=signature(entry))[:4]: entry for entry in self._of_type("error")}

    @cached_property
    def _events(self) -> dict[bytes, Entry]:
        return {keccak(text=signature(entry)): entry for entry in self._of_type("event")}

    def _of_type(self, kind: str) -> Iterable[Entry]:
        return (entry for entry in self.entries if entry["type"] == kind)

    def function(self, name: str) -> Entry:
        """Entry by name or, for overloads, by signature."""
        try:
            return self._functions[name]
        except KeyError:
            raise UnknownAbi(
                f"no single function {name!r}", "name an overload by its signature"
            ) from None

    def encode_call(self, name: str, *args: Any) -> bytes:
        """Calldata."""
        entry = self.function(name)
        return _selector(signature(entry)) + encode(
            [canonical(item) for item in entry["inputs"]], _plain(args)
        )

    def decode_result(self, name: str, data: bytes) -> Any:
        """One value, or a tuple of several; structs are tuples."""
        outputs = self.function(name)["outputs"]
        values = decode([canonical(item) for item in outputs], data)
        return values[0] if len(values) == 1 else values

    def decode_struct(self, name: str, data: bytes) -> dict[str, Any]:
        """The one struct that a function returns, by the names of its components."""
        (output,) = self.function(name)["outputs"]
        values: dict[str, Any] = _structured(output, self.decode_result(name, data))
        return values

    def encode_constructor(self, *args: Any) -> bytes:
        """Constructor arguments, to follow the creation code."""
        for entry in self._of_type("constructor"):
            return encode([canonical(item) for item in entry["inputs"]], _plain(args))
        return b""

    def decode_constructor(self, data: bytes) -> dict[str, Any]:
        """Constructor arguments by name; members of a struct by theirs."""
        for entry in self._of_type("constructor"):
            inputs = entry["inputs"]
            values = decode([canonical(item) for item in inputs], data)
            return dict(_named(inputs, values))
        return {}

    def decode_error(self, data: bytes) -> Reverted:
        """Name and values of revert data."""
        for text in (_PANIC, _TEXT):
            if data[:4] == keccak(text=text)[:4]:
                name, _, kind = text.rstrip(")").partition("(")
                return Reverted(name, tuple(decode([kind], data[4:])), data)
        entry = self._errors.get(data[:4]) or _errors_seen.get(data[:4])
        if entry is None:
            return Reverted("", (), data)
        kinds = [canonical(item) for item in entry["inputs"]]
        return Reverted(entry["name"], tuple(decode(kinds, data[4:])), data)

    def topic(self, name: str) -> str:
        """First topic of an event."""
        for topic, entry in self._events.items():
            if entry["name"] == name:
                return "0x" + topic.hex()
        raise UnknownAbi(f"no event {name!r}", "check the name")

    def decode_log(self, log: Mapping[str, Any]) -> Event | None:
        """The log as an event of this ABI; none if it is somebody else's."""
        topics = [bytes.fromhex(topic[2:]) for topic in log["topics"]]
        entry = self._events.get(topics[0]) if topics else None
        if entry is None:
            return None
        indexed = [item for item in entry["inputs"] if item["indexed"]]
        others = [item for item in entry["inputs"] if not item["indexed"]]
        values = {
            item["name"]: decode([canonical(item)], topic)[0]
            for item, topic in zip(indexed, topics[1:], strict=True)
        }
        data = bytes.fromhex(log["data"][2:])
        decoded = decode([canonical(item) for item in others], data)
        values |= {item["name"]: value for item, value in zip(others, decoded, strict=True)}
        return Event(entry["name"], log["address"], values)
