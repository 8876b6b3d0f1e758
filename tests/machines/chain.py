"""What machines need of a chain, and Anvil as one; `revm.py` has the other, in this process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from keel.chain.contract import Call
from keel.chain.rpc import Rpc, RpcError
from tests.machines import batcher
from tests.machines.batcher import Slot, View

GAS_LIMIT = 15_000_000
BLOCK_TIME = 12
START = 1_700_000_000

BATCHER = "0x" + "ba" * 20
Receipt = Mapping[str, Any]
"""What `Contract.events` reads: its `logs` as JSON-RPC has them."""


class Refused(Exception):
    """A call reverted.

    Attributes
    ----------
    data : bytes
        Revert data; empty too if the call ran out of gas.
    """

    def __init__(self, data: bytes) -> None:
        super().__init__("0x" + data.hex())
        self.data = data


class Chain(Protocol):
    """One call at a time, each in a block of its own at a time that the caller says."""

    rpc: Rpc
    """For deployment and for what is not done thousands of times."""

    @property
    def timestamp(self) -> int:
        """Time of the latest block, seconds."""

    @property
    def block_number(self) -> int:
        """Number of the latest block."""

    def transact(self, sender: str, call: Call, timestamp: int) -> bytes:
        """Make a call in the next block; return what it returned.

        Raises `Refused`, and then there is no block.
        """

    def receipt(self) -> Receipt:
        """Receipt of the call that `transact` made last."""

    def read(self, views: tuple[View, ...], timestamp: int, number: int | None = None) -> bytes:
        """Answers of views, one after the other; raises `Refused` if one reverts.

        They see a block of this time and, by default, the number of the latest one.
        """

    def storage(self, slots: Sequence[Slot]) -> list[int]:
        """Words in contracts' storage at the latest block."""

    def balances(self, addresses: Sequence[str]) -> list[int]:
        """Wei of each address."""

    def set_balance(self, address: str, wei: int) -> None:
        """Give `address` a balance without a call."""

    def set_storage(self, address: str, slot: int, value: int) -> None:
        """Write a word into a contract's storage without a call."""

    def snapshot(self) -> Any:
        """Remember the state; return what `revert` takes, once."""

    def revert(self, snapshot: Any) -> None:
        """Go back to a state."""


@dataclass
class AnvilChain:
    """A node over raw JSON-RPC. What is refused is found by a dry run and not sent."""

    rpc: Rpc
    _receipt: Receipt | None = None

    def __post_init__(self) -> None:
        self.rpc.call("anvil_autoImpersonateAccount", True)

    @property
    def timestamp(self) -> int:
        return self.rpc.timestamp

    @property
    def block_number(self) -> int:
        return int(self.rpc.call("eth_blockNumber"), 16)

    def transact(self, sender: str, call: Call, timestamp: int) -> bytes:
        transaction = call.as_transaction(sender, GAS_LIMIT)
        # Contracts that act once per block would take the latest block's number for their own.
        block = _block(timestamp, self.block_number + 1)
        try:
            answer = self.rpc.call("eth_call", transaction, "latest", {}, block)
        except RpcError as refusal:
            raise Refused(refusal.data) from None
        self.rpc.call("evm_setNextBlockTimestamp", timestamp)
        self._receipt = self.rpc.call("eth_sendTransactionSync", transaction)
        assert self._receipt["status"] == "0x1", "refused, where its dry run was not"
        return bytes.fromhex(answer[2:])

    def receipt(self) -> Receipt:
        assert self._receipt is not None
        return self._receipt

    def read(self, views: tuple[View, ...], timestamp: int, number: int | None = None) -> bytes:
        question = {"to": BATCHER, "data": "0x" + batcher.calldata(views).hex()}
        state, block = {BATCHER: {"code": "0x" + batcher.CODE.hex()}}, _block(timestamp, number)
        try:
            return bytes.fromhex(self.rpc.call("eth_call", question, "latest", state, block)[2:])
        except RpcError as refusal:
            raise Refused(refusal.data) from None

    def storage(self, slots: Sequence[Slot]) -> list[int]:
        numbers: dict[str, list[int]] = {}
        for address, number in slots:
            numbers.setdefault(address, []).append(number)
        calls = []
        for address, asked in numbers.items():
            question = {"to": address, "data": "0x" + "".join(f"{n:064x}" for n in asked)}
            code = {address: {"code": "0x" + batcher.READER_CODE.hex()}}
            calls.append(("eth_call", (question, "latest", code)))
        words = {
            address: iter([int(answer[i : i + 64], 16) for i in range(2, len(answer), 64)])
            for address, answer in zip(numbers, self.rpc.batch(calls), strict=True)
        }
        return [next(words[address]) for address, _ in slots]

    def balances(self, addresses: Sequence[str]) -> list[int]:
        asked = [("eth_getBalance", (address, "latest")) for address in addresses]
        return [int(answer, 16) for answer in self.rpc.batch(asked)]

    def set_balance(self, address: str, wei: int) -> None:
        self.rpc.set_balance(address, wei)

    def set_storage(self, address: str, slot: int, value: int) -> None:
        self.rpc.call("anvil_setStorageAt", address, hex(slot), f"0x{value:064x}")

    def snapshot(self) -> str:
        return self.rpc.snapshot()

    def revert(self, snapshot: str) -> None:
        self.rpc.revert(snapshot)


def _block(timestamp: int, number: int | None) -> dict[str, str]:
    return {"time": hex(timestamp)} | ({} if number is None else {"number": hex(number)})
