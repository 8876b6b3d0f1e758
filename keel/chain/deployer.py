"""Deploys step by step and remembers: a second run sends what is missing and nothing else."""

import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import rlp
from eth_utils.address import to_checksum_address
from eth_utils.crypto import keccak

from keel.chain.abi import Reverted
from keel.chain.artifacts import Artifact
from keel.chain.builder import Reads
from keel.chain.contract import Contract
from keel.chain.manifest import Deployed, Manifest, ManifestMismatch
from keel.chain.rpc import Rpc, RpcError
from keel.chain.sender import Sender
from keel.errors import KeelError

Progress = Callable[[str, dict[str, Any] | None], None]
"""Called after each step with its name and receipt; the receipt is none if nothing was sent."""

_PENDING_SECONDS = 120.0
_POLL_SECONDS = 0.2
_MOST_BEHIND = 1_000
"""Transactions that a node may not have heard of."""
_GO_ON = "run the same command: it goes on from here"
_FUND_AND_GO_ON = "check the account's ether, then run the same command: it goes on from here"


class DeploymentFailed(KeelError):
    """A step's transaction failed."""


class Deployer:
    """Creates contracts and makes calls, once each.

    Parameters
    ----------
    rpc : Rpc
        The chain.
    artifacts : Mapping
        What is deployed.
    sender : Sender
        Who pays and, during the deployment, owns.
    path : Path, optional
        The manifest; an existing one of this chain is continued.
    progress : Progress, optional
        Told of each step.
    """

    def __init__(
        self,
        rpc: Rpc,
        artifacts: Mapping[str, Artifact],
        sender: Sender,
        *,
        path: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        self.rpc = rpc
        self.sender = sender
        self._artifacts = artifacts
        self._progress = progress or (lambda _name, _receipt: None)
        self.manifest = self._open_manifest(path)
        if self.manifest.contracts or self.manifest.pending:
            self._await_nonce("transactions of the last run are still pending")

    def _open_manifest(self, path: Path | None) -> Manifest:
        chain_id, genesis = self.rpc.chain_id, str(self.rpc.block("0x0")["hash"])
        if path is None or not path.exists():
            return Manifest(path, chain_id, genesis, current_commit())
        manifest = Manifest.load(path)
        if (manifest.chain_id, manifest.genesis) != (chain_id, genesis):
            raise ManifestMismatch(
                f"{path} belongs to another chain (id {manifest.chain_id})",
                "move it away, or connect to that chain",
            )
        return manifest

    def contract(self, role: str) -> Contract:
        """Handle of what was deployed as `role`."""
        entry = self.manifest.contracts[role]
        return Contract(self.rpc, entry.address, self._artifacts[entry.contract].abi)

    def attach(self, role: str, contract: str, address: str) -> Contract:
        """Enter a contract that something else created, by the ABI of ours; returns its handle."""
        code = self.rpc.code(address)
        if not code:
            raise DeploymentFailed(f"no {role} at {address}", "check the configuration")
        self.manifest.contracts[role] = Deployed(
            contract=contract,
            address=to_checksum_address(address),
            arguments="0x",
            creation_hash=None,
            runtime_hash="0x" + keccak(code).hex(),
            block=None,
            tx_hash=None,
        )
        self.manifest.save()
        return self.contract(role)

    def create(self, role: str, contract: str, *args: Any, value: int = 0) -> Contract:
        """Deploy `contract` as `role`, unless it is there; returns its handle.

        Raises `ManifestMismatch` if something else was deployed as `role`.
        """
        artifact = self._artifacts[contract]
        arguments = artifact.abi.encode_constructor(*args)
        done = self.manifest.contracts.get(role)
        if done is None or not self.rpc.code(done.address):  # dropped by a reorganisation, say
            receipt = self._adopted(role, artifact, arguments) or self._created(
                role, artifact, arguments, value
            )
            code = self._code(role, receipt["contractAddress"])
            self.manifest.contracts[role] = Deployed(
                contract=contract,
                address=to_checksum_address(receipt["contractAddress"]),
                arguments="0x" + arguments.hex(),
                creation_hash=artifact.creation_hash,
                runtime_hash="0x" + keccak(code).hex(),
                block=int(receipt["blockNumber"], 16),
                tx_hash=receipt.get("transactionHash"),
                **self._creation(),
            )
            self.manifest.pending = None
            self.manifest.save()
            self._progress(role, receipt)
            return self.contract(role)
        self._check(role, done, artifact.creation_hash, "0x" + arguments.hex())
        self._progress(role, None)
        return self.contract(role)

    def _check(self, role: str, done: Deployed, creation_hash: str, arguments: str) -> None:
        if (done.creation_hash, done.arguments) != (creation_hash, arguments):
            raise ManifestMismatch(
                f"{role} was deployed from other code or with other arguments",
                f"check out commit {self.manifest.commit} to continue, or move the manifest away",
            )
        if "0x" + keccak(self.rpc.code(done.address)).hex() != done.runtime_hash:
            raise ManifestMismatch(
                f"the code at {done.address} is not {role}'s", "move the manifest away"
            )

    def _created(
        self, role: str, artifact: Artifact, arguments: bytes, value: int
    ) -> dict[str, Any]:
        code = artifact.creation_code + arguments
        attempt = {"from": self.sender.address, "data": "0x" + code.hex(), "value": hex(value)}
        try:
            self.rpc.call("eth_call", attempt, "latest")
        except RpcError as failure:
            if not failure.data:
                raise DeploymentFailed(f"{role}: {failure.problem}", _FUND_AND_GO_ON) from failure
            refusal = artifact.abi.decode_error(failure.data)
            raise DeploymentFailed(f"{role}: {refusal}", "mend the configuration") from refusal
        nonce = self._next_nonce()
        self.manifest.pending = {
            "role": role,
            "sender": self.sender.address,
            "nonce": nonce,
            "creation_hash": artifact.creation_hash,
            "arguments": "0x" + arguments.hex(),
        }
        self.manifest.save()
        receipt = self.sender.send(None, code, value)
        if receipt["status"] != "0x1":
            raise DeploymentFailed(f"{role} could not be created", "see the transaction's trace")
        # The node that was asked for the nonce may have been behind.
        self.manifest.pending["nonce"] = next(
            each
            for each in range(nonce, nonce + _MOST_BEHIND)
            if created_address(self.sender.address, each) == receipt["contractAddress"].lower()
        )
        return receipt

    def _next_nonce(self) -> int:
        """Of the sender: none that has made a contract which the manifest has."""
        nonce = self._nonce("latest")
        while self._is_entered(created_address(self.sender.address, nonce)):
            nonce += 1
        return nonce

    def _is_entered(self, address: str) -> bool:
        """Whether a contract that the manifest has is there, and no reorganisation dropped it."""
        entered = (entry.address.lower() for entry in self.manifest.contracts.values())
        return address in entered and bool(self.rpc.code(address))

    def _code(self, role: str, address: str) -> bytes:
        """Of a contract that was just made: a node may have its receipt before it has the state."""
        deadline = time.monotonic() + _PENDING_SECONDS
        while not (code := self.rpc.code(address)):
            if time.monotonic() > deadline:
                raise DeploymentFailed(f"{role} was created, and has no code", _GO_ON)
            time.sleep(_POLL_SECONDS)
        return code

    def _adopted(self, role: str, artifact: Artifact, arguments: bytes) -> dict[str, Any] | None:
        """The contract that an interrupted run created as `role` before it could say so."""
        pending = self.manifest.pending
        if pending is None or pending["role"] != role or pending["sender"] != self.sender.address:
            return None
        address = created_address(pending["sender"], pending["nonce"])
        if not self.rpc.code(address) or self._is_entered(address):
            return None
        wanted = {"creation_hash": artifact.creation_hash, "arguments": "0x" + arguments.hex()}
        if not wanted.items() <= pending.items():
            raise ManifestMismatch(
                f"{role} was created from other code or with other arguments",
                f"check out commit {self.manifest.commit} to continue, or move the manifest away",
            )
        return {"contractAddress": address, "blockNumber": self.rpc.block()["number"]}

    def _creation(self) -> dict[str, Any]:
        pending = self.manifest.pending
        assert pending is not None
        return {"creator": pending["sender"], "nonce": pending["nonce"]}

    def _await_nonce(self, problem: str) -> None:
        """Until what the sender sent is mined: what is decided then is not decided twice."""
        deadline = time.monotonic() + _PENDING_SECONDS
        while self._nonce("pending") > self._nonce("latest"):
            if time.monotonic() > deadline:
                raise DeploymentFailed(problem, "run again later")
            time.sleep(_POLL_SECONDS)

    def _nonce(self, tag: str) -> int:
        return int(self.rpc.call("eth_getTransactionCount", self.sender.address, tag), 16)

    def ensure(
        self, step: str, contract: Contract, name: str, *args: Any, done: Callable[[], bool]
    ) -> None:
        """Call a function unless its effect is there already, as `done` sees on chain."""
        if done():
            self._progress(step, None)
            return
        data = contract.abi.encode_call(name, *args)
        try:
            contract.call(name, *args, sender=self.sender.address)
        except Reverted as refusal:
            raise DeploymentFailed(
                f"{step}: {refusal.problem}", "mend the configuration"
            ) from refusal
        receipt = self.sender.send(contract.address, data, 0)
        if receipt["status"] != "0x1" or not done():
            raise DeploymentFailed(f"{step} had no effect", "see the transaction's trace")
        self._progress(step, receipt)

    def expect(self, role: str, fact: Reads) -> None:
        """Nothing: what a constructor set is compared by an audit, once all is done."""


def created_address(sender: str, nonce: int) -> str:
    """Address of the contract that `sender` creates with `nonce` (CREATE)."""
    return "0x" + keccak(rlp.encode([bytes.fromhex(sender[2:]), nonce]))[12:].hex()


def current_commit() -> str:
    """Commit of the checkout, or "unknown" outside of one."""
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        ["git", "-C", str(root), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return answer.stdout.strip() or "unknown"
