"""What the description of the stack in `deploy` asks of whoever reads it: build it, or audit it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from keel.chain.contract import Contract
from keel.chain.manifest import Manifest
from keel.chain.rpc import Rpc


@dataclass(frozen=True)
class Reads:
    """A fact on chain: a view that answers a value.

    Attributes
    ----------
    unordered : bool
        Whether the value is a set that the view lists in any order.
    """

    contract: Contract
    view: str
    value: Any
    arguments: tuple[Any, ...] = ()
    unordered: bool = False

    def __call__(self) -> bool:
        """Whether it is so."""
        found, wanted = plain(self.found()), plain(self.value)
        return sorted(found) == sorted(wanted) if self.unordered else bool(found == wanted)

    def found(self) -> Any:
        """What the view answers."""
        return self.contract.call(self.view, *self.arguments)


def plain(value: Any) -> Any:
    """Addresses in small letters, lists as tuples: so that equal means the same."""
    if isinstance(value, str):
        return value.lower()
    if isinstance(value, list | tuple):
        return tuple(plain(item) for item in value)
    return value


class Account(Protocol):
    """Who sends."""

    @property
    def address(self) -> str:
        """The account's address."""


class Builder(Protocol):
    """Takes the stack's parts one after the other.

    Everything about a contract is said once, in `deploy`: what creates it, what it is told
    afterwards, what it must read in the end. A `Deployer` makes it so; an `Auditor` compares.
    """

    rpc: Rpc
    manifest: Manifest

    @property
    def sender(self) -> Account:
        """Who pays and, during the deployment, owns."""

    def contract(self, role: str) -> Contract:
        """Handle of what was deployed as `role`."""

    def create(self, role: str, contract: str, *args: Any, value: int = 0) -> Contract:
        """`contract` with these constructor arguments, as `role`."""

    def attach(self, role: str, contract: str, address: str) -> Contract:
        """A contract that something else created, by the ABI of ours."""

    def ensure(
        self, step: str, contract: Contract, name: str, *args: Any, done: Callable[[], bool]
    ) -> None:
        """The effect of a call, as `done` sees on chain."""

    def expect(self, role: str, fact: Reads) -> None:
        """A fact that holds in the end: what a constructor set, and an owner may change."""
