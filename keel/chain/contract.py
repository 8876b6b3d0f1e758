"""A contract at an address, over raw JSON-RPC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keel.chain.abi import Abi, Event
from keel.chain.rpc import Rpc, RpcError

_GAS_LIMIT = 10_000_000


@dataclass(frozen=True)
class Call:
    """A transaction to be sent: what `Contract.prepare` gives and `send` takes."""

    to: str
    data: bytes
    value: int = 0

    def as_transaction(self, sender: str, gas: int = _GAS_LIMIT) -> dict[str, str]:
        """JSON-RPC transaction object, gas fixed: estimating costs a round trip."""
        return {
            "from": sender,
            "to": self.to,
            "data": "0x" + self.data.hex(),
            "value": hex(self.value),
            "gas": hex(gas),
        }


@dataclass(frozen=True)
class Contract:
    """Handle of a deployed contract.

    Functions are named by name or, for overloads, by signature: `call("get_dy", 0, 1, dx)`,
    `call("requestWithdrawals(uint256[],address)", [amount], owner)`.
    """

    rpc: Rpc
    address: str
    abi: Abi

    def call(
        self,
        name: str,
        *args: Any,
        sender: str | None = None,
        value: int = 0,
        block: str = "latest",
    ) -> Any:
        """Result of a view, or of a dry run; raises `Reverted`."""
        transaction = Call(self.address, self.abi.encode_call(name, *args), value).as_transaction(
            sender or "0x" + "00" * 20
        )
        if sender is None:
            del transaction["from"]
        return self.abi.decode_result(name, self._answer(transaction, block))

    def struct(self, name: str, *args: Any, block: str = "latest") -> dict[str, Any]:
        """Result of a view that returns one struct, by the names of its components."""
        transaction = self.prepare(name, *args).as_transaction("")
        del transaction["from"]
        return self.abi.decode_struct(name, self._answer(transaction, block))

    def _answer(self, transaction: dict[str, str], block: str) -> bytes:
        try:
            answer: str = self.rpc.call("eth_call", transaction, block)
        except RpcError as refusal:
            raise self.explained(refusal) from None
        return bytes.fromhex(answer[2:])

    def prepare(self, name: str, *args: Any, value: int = 0) -> Call:
        """Transaction of a call, not sent."""
        return Call(self.address, self.abi.encode_call(name, *args), value)

    def view(self, name: str, *args: Any) -> "View":
        """A read that `read_all` makes together with others."""
        return View(self, name, args)

    def transact(self, name: str, *args: Any, sender: str, value: int = 0) -> dict[str, Any]:
        """Receipt of a mined transaction from an account the node signs for; raises `Reverted`."""
        transaction = self.prepare(name, *args, value=value).as_transaction(sender)
        try:
            receipt = self.rpc.receipt(self.rpc.call("eth_sendTransaction", transaction))
        except RpcError as refusal:
            raise self.explained(refusal) from None
        if receipt["status"] != "0x1":
            before = hex(int(receipt["blockNumber"], 16) - 1)
            self.call(name, *args, sender=sender, value=value, block=before)
            raise self.abi.decode_error(b"")
        return receipt

    def events(self, receipt: Mapping[str, Any], name: str | None = None) -> list[Event]:
        """This contract's events in a receipt, by name if given."""
        found = []
        for log in receipt["logs"]:
            if log["address"].lower() != self.address.lower():
                continue
            event = self.abi.decode_log(log)
            if event is not None and name in (None, event.name):
                found.append(event)
        return found

    def explained(self, refusal: RpcError) -> Exception:
        """The contract's own error, if that is what the node refused a call for."""
        return self.abi.decode_error(refusal.data) if refusal.is_revert else refusal


@dataclass(frozen=True)
class View:
    """A read of a contract, not made yet."""

    contract: Contract
    name: str
    args: tuple[Any, ...]


def read_all(views: Sequence[View], block: str = "latest") -> list[Any]:
    """Results of reads at one block, in one round trip.

    All of one chain. Raises for the first that failed: `Reverted`, where it was its contract.
    """
    if not views:
        return []
    calls = [
        (
            "eth_call",
            (
                {
                    "to": view.contract.address,
                    "data": "0x" + view.contract.abi.encode_call(view.name, *view.args).hex(),
                },
                block,
            ),
        )
        for view in views
    ]
    try:
        answers = views[0].contract.rpc.batch(calls)
    except RpcError as refusal:
        raise views[0].contract.explained(refusal) from None
    return [
        view.contract.abi.decode_result(view.name, bytes.fromhex(answer[2:]))
        for view, answer in zip(views, answers, strict=True)
    ]
