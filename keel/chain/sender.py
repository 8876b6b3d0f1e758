"""Who sends a deployment's transactions: an account of the node, or an ape account."""

from dataclasses import dataclass
from typing import Any, Protocol

from keel.chain.rpc import Rpc

_GAS_LIMIT = 8_000_000
_HEADROOM = 120
"""Per cent of what the node estimates: the block that takes it may find an average older, say."""


class Sender(Protocol):
    """Signs and sends; nonces are the chain's."""

    @property
    def address(self) -> str:
        """The account's address."""

    def send(self, to: str | None, data: bytes, value: int) -> dict[str, Any]:
        """Receipt of a mined transaction, as JSON-RPC gives it; `to` none creates a contract."""


@dataclass(frozen=True)
class NodeSender:
    """An account the node signs for: Anvil's, or an impersonated one."""

    rpc: Rpc
    address: str

    def send(self, to: str | None, data: bytes, value: int) -> dict[str, Any]:
        """Receipt of a mined transaction."""
        transaction = {
            "from": self.address,
            "data": "0x" + data.hex(),
            "value": hex(value),
            "gas": hex(_GAS_LIMIT),
        }
        if to is not None:
            transaction["to"] = to
        return self.rpc.receipt(self.rpc.call("eth_sendTransaction", transaction))


@dataclass(frozen=True)
class ApeSender:
    """An ape account on the connected network: gas, with headroom, and fees as ape estimates them.

    It goes on once a transaction is mined: what a reorganisation drops, the next run sends again.
    """

    account: Any
    rpc: Rpc

    @property
    def address(self) -> str:
        """The account's address."""
        return str(self.account.address)

    def send(self, to: str | None, data: bytes, value: int) -> dict[str, Any]:
        """Receipt of a mined transaction."""
        provider = self.account.provider
        transaction = provider.network.ecosystem.create_transaction(
            sender=self.account.address,
            data=data,
            value=value,
            required_confirmations=0,
            **({"receiver": to} if to else {}),
        )
        transaction.gas_limit = provider.estimate_gas_cost(transaction) * _HEADROOM // 100
        return self.rpc.receipt(str(self.account.call(transaction).txn_hash))
