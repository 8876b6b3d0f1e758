"""What a deployment did, in a file that survives it: `deployments/<network>.json`."""

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from keel.errors import KeelError


class ManifestMismatch(KeelError):
    """The manifest is of another chain, or of other contracts."""


@dataclass(frozen=True)
class Deployed:
    """One contract on chain.

    Attributes
    ----------
    creation_hash, runtime_hash : str
        Keccak-256 of the creation code without arguments, and of the code on chain. What others
        created has neither creation hash nor block.
    arguments : str
        ABI-encoded constructor arguments, hex.
    creator, nonce : str and int, optional
        Account and nonce of the creation, which give the address.
    """

    contract: str
    address: str
    arguments: str
    creation_hash: str | None
    runtime_hash: str
    block: int | None
    tx_hash: str | None
    creator: str | None = None
    nonce: int | None = None


@dataclass
class Manifest:
    """Addresses and proofs of a deployed stack; saved after each step."""

    path: Path | None
    chain_id: int
    genesis: str
    commit: str
    contracts: dict[str, Deployed] = field(default_factory=dict)
    """By role in the stack; `LossConfirmer` is a HashConsensus, say."""
    pending: dict[str, Any] | None = None
    """The contract being created: role, sender, nonce."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a file; raises `ManifestMismatch` if it is not a manifest."""
        try:
            raw = json.loads(path.read_text())
            contracts = {role: Deployed(**entry) for role, entry in raw.pop("contracts").items()}
            return cls(path=path, contracts=contracts, **raw)
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as failure:
            raise ManifestMismatch(
                f"{path} is not a deployment manifest ({failure})", "move it away and deploy again"
            ) from failure

    def save(self) -> None:
        """Write the file whole, or leave the old one."""
        if self.path is None:
            return
        body = asdict(self)
        del body["path"]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        draft = self.path.with_suffix(".tmp")
        draft.write_text(json.dumps(body, indent=2) + "\n")
        os.replace(draft, self.path)
