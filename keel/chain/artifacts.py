"""Compiled contracts, as ape's project holds them."""

from collections.abc import Mapping
from dataclasses import dataclass
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
            code = dumped["deploymentBytecode"]["bytecode"]
            self._known[name] = Artifact(name, Abi(dumped["abi"]), bytes.fromhex(code[2:]))
        return self._known[name]

    def __iter__(self) -> Any:
        """Names."""
        return iter(self._types)

    def __len__(self) -> int:
        """How many contracts there are."""
        return len(self._types)
