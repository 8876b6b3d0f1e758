"""Compiled contracts, as ape's project holds them."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from keel.chain.abi import Abi
from keel.errors import KeelError


class NotCompiled(KeelError):
    """The project has no such compiled contract."""


@dataclass(frozen=True)
class Artifact:
    """One contract: its ABI and creation code without constructor arguments."""

    name: str
    abi: Abi
    creation_code: bytes

    @property
    def creation_hash(self) -> str:
        """Keccak-256 of the creation code."""
        return "0x" + keccak(self.creation_code).hex()

    @classmethod
    def of(cls, name: str, entry: Mapping[str, Any]) -> "Artifact":
        """From a contract type as ape writes it."""
        code = entry["deploymentBytecode"]["bytecode"]
        return cls(name, Abi(entry["abi"]), bytes.fromhex(code[2:]))


class Artifacts(Mapping[str, Artifact]):
    """Artifacts by contract name, converted when asked for.

    Parameters
    ----------
    project : ape.managers.project.ProjectManager
        Compiled if it is not.
    """

    def __init__(self, project: Any) -> None:
        self._types = project.load_contracts()
        self._known: dict[str, Artifact] = {}

    def __getitem__(self, name: str) -> Artifact:
        """Artifact of the contract `name`."""
        if name not in self._known:
            if name not in self._types:
                raise NotCompiled(f"no compiled contract {name}", "run `ape compile`")
            dumped = self._types[name].model_dump(mode="json", by_alias=True)
            self._known[name] = Artifact.of(name, dumped)
        return self._known[name]

    def __iter__(self) -> Any:
        """Names."""
        return iter(self._types)

    def __len__(self) -> int:
        """How many contracts there are."""
        return len(self._types)


class BuildFile(Mapping[str, Artifact]):
    """Artifacts from what `make compile` left, without ape: a keeper starts in half a second.

    Parameters
    ----------
    path : Path
        Of ape's `.build/__local__.json`.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._types: dict[str, Any] = json.loads(path.read_text())["contractTypes"]
        except (OSError, ValueError, KeyError) as failure:
            raise NotCompiled(f"{path} holds no contracts ({failure})", "run `make compile`") from (
                failure
            )
        self._known: dict[str, Artifact] = {}

    def __getitem__(self, name: str) -> Artifact:
        """Artifact of the contract `name`."""
        if name not in self._known:
            if name not in self._types:
                raise NotCompiled(f"no compiled contract {name}", "run `make compile`")
            self._known[name] = Artifact.of(name, self._types[name])
        return self._known[name]

    def __iter__(self) -> Iterator[str]:
        """Names."""
        return iter(self._types)

    def __len__(self) -> int:
        """How many contracts there are."""
        return len(self._types)
