"""YAML files of which every key says its unit and bounds: read, checked, and listed as a table.

The fields of a dataclass are the keys, each annotated with `keel.chain.quantity.Key`; a field that
is a dataclass itself is a section.
"""

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import yaml
from eth_utils.address import is_checksum_address, to_checksum_address

from keel.chain.quantity import TEXT, Key, QuantityInvalid
from keel.errors import KeelError

DEPLOYER = "deployer"
"""What stands for the account that pays, wherever an address is asked for."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_ZERO = "0x" + "00" * 20


class ConfigInvalid(KeelError):
    """The file is not a configuration: says which key, and what to write."""


class _Texts(yaml.BaseLoader):
    """Every scalar is text, so that no address turns into a number; a key twice is an error."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if key.value in seen:
                raise yaml.MarkedYAMLError(
                    problem=f"{key.value} twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def load_texts(path: Path, option: str) -> dict[str, Any]:
    """What a file holds, every scalar as text. Raises `ConfigInvalid`; `option` names a file."""
    try:
        raw = yaml.load(path.read_text("utf-8"), _Texts)
    except OSError as failure:
        raise ConfigInvalid(f"{path} cannot be read ({failure.strerror})", option) from failure
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        raise ConfigInvalid(
            f"{path} is not YAML: {_one_line(failure)}", "mend that line"
        ) from failure
    if not isinstance(raw, dict):
        raise ConfigInvalid(f"{path} holds no keys", option)
    return raw


def _one_line(failure: Exception) -> str:
    return " ".join(str(failure).split())


def keys(section: Any, prefix: str = "") -> Iterator[tuple[str, Key, Any]]:
    """Every key with its dotted name and default; `MISSING` where one must be said.

    Of a class its defaults, of an instance what it holds.
    """
    hints = get_type_hints(_class(section), include_extras=True)
    for field in fields(section):
        hint, default = hints[field.name], _default(section, field)
        if is_dataclass(hint):
            yield from keys(hint if default is MISSING else default, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, _key(hint), default


def _class(section: Any) -> Any:
    return section if isinstance(section, type) else type(section)


def _default(section: Any, field: Field[Any]) -> Any:
    if not isinstance(section, type):
        return getattr(section, field.name)
    return field.default if field.default_factory is MISSING else field.default_factory()


def _key(hint: Any) -> Key:
    assert get_origin(hint) is Annotated, "each key of a configuration says its unit"
    key = get_args(hint)[1]
    assert isinstance(key, Key)
    return key


def table(entries: Iterable[tuple[str, Key, Any]]) -> str:
    """Keys as Markdown: name, what, bounds, default."""
    lines = ["| key | what | bounds | default |", "|---|---|---|---|"]
    lines += [f"| `{n}` | {key.doc} | {key.bounds} | {_shown(key, d)} |" for n, key, d in entries]
    return "\n".join(lines) + "\n"


def _shown(key: Key, value: Any) -> str:
    if value is MISSING:
        return "must be said"
    if value is None:
        return "unset"
    if isinstance(value, tuple):
        return ", ".join(_shown(key, item) for item in value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return key.unit.show(value) if key.unit and key.unit is not TEXT else str(value)


class SectionReader:
    """Turns texts into dataclasses; every complaint names file, key and what to write.

    Parameters
    ----------
    deployer : str, optional
        Takes every role given to "deployer".
    """

    def __init__(self, path: Path, deployer: str = _ZERO) -> None:
        self._path, self._deployer = path, deployer

    own: tuple[str, ...] = ()
    """Keys of the file besides the section's."""

    def problem(self, key: str, problem: str, next_step: str) -> ConfigInvalid:
        """A complaint about a key."""
        return ConfigInvalid(f"{self._path}: {key}: {problem}", next_step)

    def section(self, prefix: str, section: Any, raw: Any) -> Any:
        """An instance of the class; where `section` is one, it gives what is left out."""
        if not isinstance(raw, dict):
            raise self.problem(prefix.rstrip("."), "is not a section", "indent its keys below it")
        hints = get_type_hints(_class(section), include_extras=True)
        known = [*hints, *(() if prefix else self.own)]
        for name in raw:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                advice = f"write {prefix}{near[0]}" if near else "remove it"
                raise self.problem(prefix + name, "no such key", advice)
        given = {}
        for field in fields(section):
            key, hint, default = (
                prefix + field.name, hints[field.name], _default(section, field),
            )  # fmt: skip
            if field.name not in raw:
                if default is MISSING:
                    raise self.problem(key, "is missing", f"write {key}: {_key(hint).doc}")
                given[field.name] = default
            elif is_dataclass(hint):
                below = hint if default is MISSING else default
                given[field.name] = self.section(f"{key}.", below, raw[field.name])
            else:
                given[field.name] = self._value(key, hint, raw[field.name])
        return _class(section)(**given)

    def _value(self, name: str, hint: Any, raw: Any) -> Any:
        key, kind = _key(hint), get_args(hint)[0]
        if get_origin(kind) is tuple:
            of, *more = get_args(kind)
            return self._list(name, key, of, None if more == [...] else 1 + len(more), raw)
        if get_origin(kind) in (Union, types.UnionType):
            kind = get_args(kind)[0]
        return self._scalar(name, key, kind, raw)

    def _list(self, name: str, key: Key, kind: type, length: int | None, raw: Any) -> Any:
        if not isinstance(raw, list) or not raw:
            raise self.problem(name, "is not a list", f"write {name}: [{length or 'one'}, or more]")
        if length is not None and len(raw) != length:
            raise self.problem(name, f"has {len(raw)} entries", f"write {length}: {key.doc}")
        return tuple(
            self._scalar(f"{name}[{index}]", key, kind, item) for index, item in enumerate(raw)
        )

    def _scalar(self, name: str, key: Key, kind: type, raw: Any) -> Any:
        if kind is bool:
            if raw not in ("true", "false"):
                raise self.problem(name, f"{raw!r} is not yes or no", "write true or false")
            return raw == "true"
        if key.unit is TEXT:
            return self.text(name, raw)
        return self._address(name, raw) if kind is str else self.amount(name, key, raw)

    def text(self, name: str, raw: Any) -> str:
        """One value as it stands."""
        if not isinstance(raw, str) or not raw:
            raise self.problem(name, "is not one value", f"write {name}: and a value")
        return raw

    def amount(self, name: str, key: Key, raw: Any) -> int:
        """An integer in the key's unit and bounds."""
        try:
            return key.parse(self.text(name, raw))
        except QuantityInvalid as refusal:
            raise self.problem(name, refusal.problem, refusal.next_step) from None

    def _address(self, name: str, raw: Any) -> str:
        text = self.text(name, raw)
        if text == DEPLOYER:
            return self._deployer
        if not _ADDRESS.fullmatch(text):
            raise self.problem(
                name, f"{text!r} is not an address", f"write 0x and 40 hex digits, or {DEPLOYER}"
            )
        mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
        if mixed and not is_checksum_address(text):
            raise self.problem(name, f"{text} has a wrong checksum", "copy the address again")
        if text == _ZERO:
            raise self.problem(name, "is the zero address", f"write an account's, or {DEPLOYER}")
        return str(to_checksum_address(text))
