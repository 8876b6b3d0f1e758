"""Compares what is on chain with the manifest, the sources and the configuration."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eth_utils.crypto import keccak

from keel.chain.abi import Reverted
from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifacts
from keel.chain.builder import Account, Reads, plain
from keel.chain.config import StackConfig
from keel.chain.contract import Contract
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import created_address
from keel.chain.manifest import Deployed, Manifest, ManifestMismatch
from keel.chain.rpc import Rpc, RpcError

_FUNDS = 10**24
_GAS_LIMIT = 10_000_000
_NO_CODE = "0x"


@dataclass(frozen=True)
class Drift:
    """One thing that is not as it should be.

    Attributes
    ----------
    role : str
        The contract, by its role in the manifest.
    what : str
        What was compared.
    """

    role: str
    what: str
    expected: str
    found: str


@dataclass(frozen=True)
class Audit:
    """What was compared, and what differs; nothing compared is not a pass.

    Attributes
    ----------
    covered : dict
        How many comparisons of each kind: code, arguments, facts.
    """

    covered: dict[str, int]
    drifts: tuple[Drift, ...]

    @property
    def passed(self) -> bool:
        """Whether everything was looked at and nothing differs."""
        return all(self.covered.values()) and not self.drifts


class _CannotGoOn(Exception):
    """A part is missing that the others need."""


@dataclass(frozen=True)
class _Creator:
    address: str


class Auditor:
    """Reads the description of the stack and compares; sends nothing to the live chain.

    The code of each contract is made anew from our sources: on a fork, its creator sends the
    creation again with the same nonce and the arguments that the configuration gives. Immutable
    values, and the contracts that a constructor creates, come out as they must be, and are compared
    whole with the live code.

    Parameters
    ----------
    rpc : Rpc
        The live chain; read only.
    fork : Rpc
        Node of a fork of it, which the audit may spoil.
    manifest : Manifest
        Of the deployment.
    """

    def __init__(self, rpc: Rpc, fork: Rpc, artifacts: Artifacts, manifest: Manifest) -> None:
        self.rpc, self.manifest = rpc, manifest
        self._fork, self._artifacts = fork, artifacts
        self.drifts: list[Drift] = []
        self.covered = {"code": 0, "arguments": 0, "facts": 0}
        self._seen = set[str]()
        self._made: dict[str, bytes] = {}

    @property
    def sender(self) -> Account:
        """Who created the stack."""
        return _Creator(creator(self.manifest))

    def _note(self, role: str, what: str, expected: Any, found: Any) -> None:
        self.drifts.append(Drift(role, what, _short(expected), _short(found)))

    def contract(self, role: str) -> Contract:
        """Handle of what the manifest has as `role`."""
        entry = self.manifest.contracts[role]
        return Contract(self.rpc, entry.address, self._artifacts[entry.contract].abi)

    def _entry(self, role: str, contract: str) -> Deployed:
        self._seen.add(role)
        entry = self.manifest.contracts.get(role)
        if entry is None:
            self._note(role, "contract", contract, "not in the manifest")
            raise _CannotGoOn
        if entry.contract != contract:
            self._note(role, "contract", contract, entry.contract)
        return entry

    def attach(self, role: str, contract: str, address: str) -> Contract:
        """Compare the address, and the code with what a constructor made or the manifest saw."""
        entry = self._entry(role, contract)
        if entry.address.lower() != address.lower():
            self._note(role, "address", entry.address, address)
        self._compare_code(role, entry, self._made.get(entry.address.lower()))
        return Contract(self.rpc, address, self._artifacts[contract].abi)

    def create(self, role: str, contract: str, *args: Any, value: int = 0) -> Contract:
        """Compare sources, constructor arguments, address and code."""
        entry, artifact = self._entry(role, contract), self._artifacts[contract]
        arguments = artifact.abi.encode_constructor(*args)
        self.covered["arguments"] += 1
        if entry.arguments != "0x" + arguments.hex():
            was = artifact.abi.decode_constructor(bytes.fromhex(entry.arguments[2:]))
            now = artifact.abi.decode_constructor(arguments)
            for name, wanted in now.items():
                if plain(was.get(name)) != plain(wanted):
                    self._note(role, f"argument {name}", wanted, was.get(name))
        if entry.creation_hash != artifact.creation_hash:
            self._note(role, "sources' creation code", artifact.creation_hash, entry.creation_hash)
        made = None
        if entry.creator is None or entry.nonce is None:
            self._note(role, "creator", "named", "not in the manifest")
        else:
            address = created_address(entry.creator, entry.nonce)
            if address != entry.address.lower():
                self._note(role, "address", address, entry.address)
            creation = artifact.creation_code + arguments
            made = self._recreate(role, entry.creator, entry.nonce, creation, value)
        self._compare_code(role, entry, made)
        return self.contract(role)

    def _compare_code(self, role: str, entry: Deployed, made: bytes | None) -> None:
        """Live code against what our sources make, or else against what the manifest saw."""
        self.covered["code"] += 1
        live = self.rpc.code(entry.address)
        seen = "0x" + keccak(live).hex()
        if not live:
            self._note(role, "code", entry.runtime_hash, "none")
            raise _CannotGoOn
        if entry.runtime_hash != seen:
            self._note(role, "code's hash in the manifest", entry.runtime_hash, seen)
        if made is not None and made != live:
            at = next(
                (
                    at
                    for at, (one, other) in enumerate(zip(made, live, strict=False))
                    if one != other
                ),
                min(len(made), len(live)),
            )
            self._note(
                role, f"code from byte {at:,}", "0x" + made[at : at + 32].hex(),
                "0x" + live[at : at + 32].hex(),
            )  # fmt: skip

    def _recreate(
        self, role: str, creator: str, nonce: int, code: bytes, value: int
    ) -> bytes | None:
        """The code that creation gives; keeps that of the contracts it creates, too."""
        address = created_address(creator, nonce)
        with _undone(self._fork):
            family = [address, *self._children(address)]
            for member in family:
                self._fork.call("anvil_setCode", member, _NO_CODE)
                self._fork.call("anvil_setNonce", member, "0x0")
            self._fork.impersonate(creator)
            self._fork.set_balance(creator, _FUNDS)
            self._fork.call("anvil_setNonce", creator, hex(nonce))
            creation = {
                "from": creator,
                "data": "0x" + code.hex(),
                "value": hex(value),
                "gas": hex(_GAS_LIMIT),
            }
            try:
                receipt = self._fork.receipt(self._fork.call("eth_sendTransaction", creation))
            except RpcError as refusal:
                self._note(role, "creation", "succeeds", refusal.problem)
                return None
            if receipt["status"] != "0x1":
                self._note(role, "creation", "succeeds", "reverts")
                return None
            self._made |= {member: self._fork.code(member) for member in family[1:]}
            return self._fork.code(address)

    def _children(self, address: str) -> Iterator[str]:
        """What the contract at `address` has created."""
        nonce = int(self._fork.call("eth_getTransactionCount", address, "latest"), 16)
        return (created_address(address, count) for count in range(1, nonce))

    def ensure(
        self, step: str, contract: Contract, name: str, *args: Any, done: Callable[[], bool]
    ) -> None:
        """Compare the effect of a call."""
        if isinstance(done, Reads):
            self.expect(self._role(contract), done)
            return
        self.covered["facts"] += 1
        if not done():
            self._note(self._role(contract), step, f"{name}({_short(args)})", "not so")

    def expect(self, role: str, fact: Reads) -> None:
        """Compare a fact."""
        self.covered["facts"] += 1
        if not fact():
            given = f"({', '.join(map(_short, fact.arguments))})" if fact.arguments else ""
            self._note(role, fact.view + given, fact.value, fact.found())

    def _role(self, contract: Contract) -> str:
        for role, entry in self.manifest.contracts.items():
            if entry.address.lower() == contract.address.lower():
                return role
        return contract.address

    def leftovers(self) -> None:
        """Note what the manifest has and the stack has not."""
        for role in self.manifest.contracts:
            if role not in self._seen:
                self._note(role, "contract", "no such part", "in the manifest")


def audit(rpc: Rpc, artifacts: Artifacts, manifest: Manifest, config: StackConfig) -> Audit:
    """Compare a deployment with its manifest, its sources and its configuration.

    Raises `ManifestMismatch` if the manifest is of another chain.
    """
    if (manifest.chain_id, manifest.genesis) != (rpc.chain_id, str(rpc.block("0x0")["hash"])):
        raise ManifestMismatch(
            f"{manifest.path} belongs to another chain (id {manifest.chain_id})",
            "connect to that chain",
        )
    with Anvil(0, "--fork-url", rpc.url) as anvil:
        auditor = Auditor(rpc, Rpc(anvil.url), artifacts, manifest)
        try:
            deploy_stack(auditor, config)
            auditor.leftovers()
        except _CannotGoOn:
            pass
        except Reverted as refusal:
            auditor.drifts.append(Drift("stack", "a view", "answers", refusal.problem))
    return Audit(auditor.covered, tuple(auditor.drifts))


def creator(manifest: Manifest) -> str:
    """The account that deployed; raises `ManifestMismatch` if none is named."""
    for entry in manifest.contracts.values():
        if entry.creator:
            return entry.creator
    raise ManifestMismatch(
        f"{manifest.path} names no creator", "finish the deployment, or deploy again"
    )


def load(path: Path) -> Manifest:
    """The manifest of a finished deployment."""
    if not path.exists():
        raise ManifestMismatch(f"no manifest at {path}", "deploy first, or say --manifest FILE")
    return Manifest.load(path)


@contextmanager
def _undone(rpc: Rpc) -> Iterator[None]:
    snapshot = rpc.snapshot()
    try:
        yield
    finally:
        rpc.revert(snapshot)


def _short(value: Any) -> str:
    if isinstance(value, bytes):
        text = value.rstrip(b"\0")
        return text.decode() if text.isascii() and text else "0x" + value.hex()
    if isinstance(value, list | tuple):
        return ", ".join(map(_short, value))
    return str(value)
