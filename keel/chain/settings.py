"""A deployment's one file: `deployments/<network>.yaml`, checked before anything is sent.

Its keys are the fields of `StackConfig`, and two more: `network` and `gas_price`.
"""

import difflib
import re
import types
from collections.abc import Iterator
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import yaml
from eth_utils.address import is_checksum_address, to_checksum_address

from keel.chain.config import StackConfig, network
from keel.chain.quantity import ETHER, Key, QuantityInvalid
from keel.errors import KeelError

DEPLOYER = "deployer"
"""What stands for the account that pays, wherever an address is asked for."""

_ADDRESS = re.compile(r"0x[0-9a-fA-F]{40}")
_ZERO = "0x" + "00" * 20
_MAX_FEES_BPS = 2_000
_MAX_OFFPEG_FEE = 5 * 10**18
_OWN_KEYS = {
    "network": Key("the network this file is for, as in ape: local, sepolia, hoodi"),
    "gas_price": Key("for the plan's figures", ETHER, 1, 10**13),
}


class ConfigInvalid(KeelError):
    """The file is not a configuration: says which key, and what to write."""


@dataclass(frozen=True)
class Settings:
    """What the file says.

    Attributes
    ----------
    network : str
        Name, as in ape.
    gas_price : int
        Wei, for the plan's figures.
    """

    network: str
    gas_price: int
    stack: StackConfig


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


def load_settings(path: Path, deployer: str) -> Settings:
    """Read a file; `deployer` takes every role given to "deployer". Raises `ConfigInvalid`."""
    try:
        raw = yaml.load(path.read_text("utf-8"), _Texts)
    except OSError as failure:
        raise ConfigInvalid(
            f"{path} cannot be read ({failure.strerror})",
            "say --config FILE; deployments/ has some",
        ) from failure
    except (yaml.YAMLError, UnicodeDecodeError) as failure:
        raise ConfigInvalid(
            f"{path} is not YAML: {_one_line(failure)}", "mend that line"
        ) from failure
    if not isinstance(raw, dict):
        raise ConfigInvalid(f"{path} holds no keys", "start from one of the files in deployments/")
    return _Reader(path, deployer).settings(raw)


def _one_line(failure: Exception) -> str:
    return " ".join(str(failure).split())


def keys(section: Any = StackConfig, prefix: str = "") -> Iterator[tuple[str, Key, Any]]:
    """Every key with its dotted name and default; `MISSING` where one must be said."""
    hints = get_type_hints(section, include_extras=True)
    for field in fields(section):
        hint = hints[field.name]
        if is_dataclass(hint):
            yield from keys(hint, f"{prefix}{field.name}.")
        else:
            yield prefix + field.name, _key(hint), field.default


def _key(hint: Any) -> Key:
    assert get_origin(hint) is Annotated, "each key of a configuration says its unit"
    key = get_args(hint)[1]
    assert isinstance(key, Key)
    return key


def keys_table() -> str:
    """The table of keys as Markdown: name, what, bounds, default."""
    lines = ["| key | what | bounds | default |", "|---|---|---|---|"]
    own = [
        ("network", _OWN_KEYS["network"], MISSING),
        ("gas_price", _OWN_KEYS["gas_price"], 2 * 10**9),
    ]
    for name, key, default in (*own, *keys()):
        lines.append(f"| `{name}` | {key.doc} | {key.bounds} | {_shown(key, default)} |")
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
    return key.unit.show(value) if key.unit else str(value)


class _Reader:
    """Turns texts into a configuration; every complaint names file, key and what to write."""

    def __init__(self, path: Path, deployer: str) -> None:
        self._path, self._deployer = path, deployer

    def settings(self, raw: dict[str, Any]) -> Settings:
        own = {name: raw.pop(name) for name in _OWN_KEYS if name in raw}
        name = self._text("network", own.get("network", ""))
        offered = network(name)
        gas_price = self._amount(
            "gas_price", _OWN_KEYS["gas_price"], own.get("gas_price", "2 gwei")
        )
        for key in ("genesis_time", "deposit_contract", "weth"):
            known = getattr(offered, key)
            if known is None:
                continue
            if key in raw and str(raw[key]).lower() != str(known).lower():
                raise self._problem(
                    key, f"{raw[key]} is not {name}'s", f"leave it out: it is {known}"
                )
            raw[key] = str(known)
        if name != "local" and "deposit_contract" not in raw:
            raise self._problem(
                "deposit_contract", "is missing", f"write {name}'s deposit contract"
            )
        stack: StackConfig = self._section("", StackConfig, raw)
        self._check(stack)
        return Settings(name, gas_price, stack)

    def _problem(self, key: str, problem: str, next_step: str) -> ConfigInvalid:
        return ConfigInvalid(f"{self._path}: {key}: {problem}", next_step)

    def _section(self, prefix: str, section: Any, raw: Any) -> Any:
        if not isinstance(raw, dict):
            raise self._problem(prefix.rstrip("."), "is not a section", "indent its keys below it")
        hints = get_type_hints(section, include_extras=True)
        known = [*hints, *(() if prefix else _OWN_KEYS)]
        for name in raw:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                advice = f"write {prefix}{near[0]}" if near else "remove it"
                raise self._problem(prefix + name, "no such key", advice)
        given = {}
        for field in fields(section):
            key = prefix + field.name
            hint = hints[field.name]
            if field.name in raw:
                given[field.name] = (
                    self._section(f"{key}.", hint, raw[field.name])
                    if is_dataclass(hint)
                    else self._value(key, hint, raw[field.name])
                )
            elif field.default is MISSING and field.default_factory is MISSING:
                raise self._problem(key, "is missing", f"write {key}: {_key(hint).doc}")
        return section(**given)

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
            raise self._problem(
                name, "is not a list", f"write {name}: [{length or 'one'}, or more]"
            )
        if length is not None and len(raw) != length:
            raise self._problem(name, f"has {len(raw)} entries", f"write {length}: {key.doc}")
        return tuple(
            self._scalar(f"{name}[{index}]", key, kind, item) for index, item in enumerate(raw)
        )

    def _scalar(self, name: str, key: Key, kind: type, raw: Any) -> Any:
        if kind is bool:
            if raw not in ("true", "false"):
                raise self._problem(name, f"{raw!r} is not yes or no", "write true or false")
            return raw == "true"
        return self._address(name, raw) if kind is str else self._amount(name, key, raw)

    def _text(self, name: str, raw: Any) -> str:
        if not isinstance(raw, str) or not raw:
            raise self._problem(name, "is not one value", f"write {name}: and a value")
        return raw

    def _amount(self, name: str, key: Key, raw: Any) -> int:
        try:
            return key.parse(self._text(name, raw))
        except QuantityInvalid as refusal:
            raise self._problem(name, refusal.problem, refusal.next_step) from None

    def _address(self, name: str, raw: Any) -> str:
        text = self._text(name, raw)
        if text == DEPLOYER:
            return self._deployer
        if not _ADDRESS.fullmatch(text):
            raise self._problem(
                name, f"{text!r} is not an address", f"write 0x and 40 hex digits, or {DEPLOYER}"
            )
        mixed = text[2:] not in (text[2:].lower(), text[2:].upper())
        if mixed and not is_checksum_address(text):
            raise self._problem(name, f"{text} has a wrong checksum", "copy the address again")
        if text == _ZERO:
            raise self._problem(name, "is the zero address", f"write an account's, or {DEPLOYER}")
        return str(to_checksum_address(text))

    def _check(self, stack: StackConfig) -> None:
        """What no single key can tell."""
        for members, quorum, key in (
            (stack.members, stack.quorum, "quorum"),
            (stack.confirmers, stack.confirmer_quorum, "confirmer_quorum"),
        ):
            if len(set(members)) < len(members):
                raise self._problem(key, "an account is a member twice", "name each once")
            least = len(members) // 2 + 1
            if not least <= quorum <= len(members):
                raise self._problem(
                    key, f"{quorum} of {len(members)}", f"write {least} to {len(members)}"
                )
        if sum(stack.fee_bps) > _MAX_FEES_BPS:
            raise self._problem("fee_bps", f"{sum(stack.fee_bps)} bps in all", "write at most 20 %")
        if stack.swap.fee * stack.swap.offpeg_fee_multiplier > _MAX_OFFPEG_FEE:
            raise self._problem(
                "swap.offpeg_fee_multiplier",
                "makes a fee above 5 % far off balance",
                "lower it, or swap.fee",
            )
