"""A chain in this process: pyrevm, some fifty times as fast as a node.

Facts of pyrevm 0.3.7 that this file works around:

- Everything happens in one endless transaction. Transient storage is cleared before each call;
  slots stay warm, which changes gas and nothing else; `commit()` breaks it and is not used.
- `set_balance` is not in the journal: going back undoes transfers, and then what was set by hand.
- Revert data is only in the text of the exception.
- A sender with code is refused, in views too.
"""

from collections.abc import Sequence
from itertools import starmap
from typing import Any

from pyrevm import EVM, BlockEnv, CfgEnv, Env

from keel.chain.contract import Call
from keel.chain.deployer import created_address
from keel.chain.rpc import Rpc, RpcError
from tests.machines import batcher
from tests.machines.batcher import Slot, View
from tests.machines.chain import BLOCK_TIME, GAS_LIMIT, START, Receipt, Refused

SPEC = "Prague"
"""As ape-config.yaml compiles for; spelt differently, pyrevm takes its latest without a word."""
CHAIN_ID = 31_337
STRANGER = "0x" + "57" * 20
ACCOUNTS = tuple(f"0x{number:040x}" for number in range(0xACC0, 0xACCA))
"""Ten accounts with ten thousand ether each, as a node has."""
_BLOCK_GAS = 10**9
_MODULUS = 2**256
_OUTPUT = "output: 0x"


class RevmChain:
    """An EVM of the fork that the contracts are compiled for, with blocks that are only numbers."""

    def __init__(self) -> None:
        self.evm = EVM(spec_id=SPEC, env=Env(cfg=CfgEnv(chain_id=CHAIN_ID)))
        self.timestamp, self.block_number = START, 0
        self.rpc: Rpc = InProcessNode(self)
        self._entered: tuple[int, int] | None = None
        self._result: Any = None
        self._gifts: list[tuple[str, int]] = []
        self.enter(self.block_number, self.timestamp)
        self._batcher = str(self.evm.deploy(STRANGER, batcher.CREATION_CODE))

    def enter(self, number: int, timestamp: int) -> None:
        """Let the next call see this block, with no transient storage left by the one before."""
        if self._entered != (number, timestamp):
            block = BlockEnv(number=number, timestamp=timestamp, basefee=0, gas_limit=_BLOCK_GAS)
            self.evm.set_block_env(block)
            self._entered = number, timestamp
        self.evm.reset_transient_storage()

    def transact(self, sender: str, call: Call, timestamp: int) -> bytes:
        self.enter(self.block_number + 1, timestamp)
        try:
            answer: bytes = self.evm.message_call(
                sender, call.to, calldata=call.data, value=call.value, gas=GAS_LIMIT
            )
        except RuntimeError as failure:
            raise Refused(revert_data(failure)) from None
        self._result = self.evm.result
        self.block_number += 1
        self.timestamp = timestamp
        return answer

    def receipt(self) -> Receipt:
        logs = [
            {"address": log.address, "topics": log.topics, "data": "0x" + log.data[1].hex()}
            for log in self._result.logs
        ]
        return {"status": "0x1", "blockNumber": hex(self.block_number), "logs": logs}

    def read(self, views: tuple[View, ...], timestamp: int, number: int | None = None) -> bytes:
        self.enter(self.block_number if number is None else number, timestamp)
        try:
            answer: bytes = self.evm.message_call(
                STRANGER, self._batcher, calldata=batcher.calldata(views), gas=_BLOCK_GAS
            )
        except RuntimeError as failure:
            raise Refused(revert_data(failure)) from None
        return answer

    def call(
        self,
        sender: str,
        to: str,
        data: bytes,
        *,
        value: int = 0,
        number: int | None = None,
        timestamp: int | None = None,
        gas: int = GAS_LIMIT,
    ) -> bytes:
        """A call that changes nothing, by default in the latest block."""
        self.enter(
            self.block_number if number is None else number,
            self.timestamp if timestamp is None else timestamp,
        )
        checkpoint = self.evm.snapshot()
        try:
            answer: bytes = self.evm.message_call(sender, to, calldata=data, value=value, gas=gas)
            return answer
        except RuntimeError as failure:
            raise Refused(revert_data(failure)) from None
        finally:
            self.evm.revert(checkpoint)

    def storage(self, slots: Sequence[Slot]) -> list[int]:
        return list(starmap(self.evm.storage, slots))

    def balances(self, addresses: Sequence[str]) -> list[int]:
        return list(map(self.evm.get_balance, addresses))

    def create(self, sender: str, code: bytes, value: int) -> str:
        """Deploy; return the address. Raises `Refused`."""
        number, timestamp = self.block_number + 1, self.timestamp + BLOCK_TIME
        self.enter(number, timestamp)
        nonce = self.evm.basic(sender).nonce
        try:
            address = str(self.evm.deploy(sender, code, value=value, gas=_BLOCK_GAS))
        except RuntimeError as failure:
            raise Refused(revert_data(failure)) from None
        assert address.lower() == created_address(sender, nonce)
        self._result = self.evm.result
        self.block_number, self.timestamp = number, timestamp
        return address

    def set_balance(self, address: str, wei: int) -> None:
        change = wei - self.evm.get_balance(address)
        if change:
            self._gifts.append((address, change))
            self.evm.set_balance(address, wei)

    def set_storage(self, address: str, slot: int, value: int) -> None:
        self.evm.insert_account_storage(address, slot, value)

    def snapshot(self) -> Any:
        return self.evm.snapshot(), self.block_number, self.timestamp, len(self._gifts)

    def revert(self, snapshot: Any) -> None:
        checkpoint, self.block_number, self.timestamp, kept = snapshot
        self.evm.revert(checkpoint)
        while len(self._gifts) > kept:
            address, change = self._gifts.pop()
            self.evm.set_balance(address, (self.evm.get_balance(address) - change) % _MODULUS)


def revert_data(failure: RuntimeError) -> bytes:
    """Revert data of a call that failed; none if it was halted."""
    _, found, rest = str(failure).partition(_OUTPUT)
    if not found and not str(failure).startswith("Halt"):
        raise failure
    return bytes.fromhex(rest.partition(" ")[0])


class InProcessNode(Rpc):
    """As much of a node as `Deployer` and `Contract` ask for, in front of a `RevmChain`."""

    def __init__(self, chain: RevmChain) -> None:
        super().__init__("revm://")
        self._chain, self._receipts = chain, dict[str, dict[str, Any]]()
        self._next_timestamp: int | None = None

    def call(self, method: str, *params: Any) -> Any:
        """Result of one call; raises `RpcError`."""
        handler = getattr(self, f"_{method}", None)
        if handler is None:
            raise RpcError(method, -32_601, "not in this process")
        try:
            return handler(*params)
        except Refused as refusal:
            raise RpcError(method, 3, "execution reverted", refusal.data) from None

    @property
    def chain(self) -> RevmChain:
        """What it is in front of."""
        return self._chain

    def batch(self, calls: Any) -> list[Any]:
        """Results of many calls in the order given."""
        return [self.call(method, *params) for method, params in calls]

    # Reading

    def _eth_chainId(self) -> str:
        return hex(CHAIN_ID)

    def _txpool_status(self) -> dict[str, str]:
        return {"pending": "0x0", "queued": "0x0"}

    def _eth_blockNumber(self) -> str:
        return hex(self._chain.block_number)

    def _eth_getBlockByNumber(self, tag: str, _full: bool) -> dict[str, Any]:
        if tag not in ("latest", "0x0"):
            raise RpcError("eth_getBlockByNumber", -32_602, "no history")
        number, timestamp = (0, START) if tag == "0x0" else self._latest()
        return {"hash": f"0x{number:064x}", "number": hex(number), "timestamp": hex(timestamp)}

    def _latest(self) -> tuple[int, int]:
        return self._chain.block_number, self._chain.timestamp

    def _eth_getBalance(self, address: str, _tag: str) -> str:
        return hex(self._chain.evm.get_balance(address))

    def _eth_getCode(self, address: str, _tag: str) -> str:
        return "0x" + bytes(self._chain.evm.get_code(address) or b"").hex()

    def _eth_getTransactionCount(self, address: str, _tag: str) -> str:
        return hex(self._chain.evm.basic(address).nonce)

    def _eth_call(
        self, transaction: dict[str, str], _tag: str, _state: Any = None, block: Any = None
    ) -> str:
        sender = transaction.get("from", STRANGER)
        data = bytes.fromhex(transaction.get("data", "0x")[2:])
        value = int(transaction.get("value", "0x0"), 16)
        if "to" not in transaction:
            snapshot = self._chain.snapshot()
            try:
                return self._chain.create(sender, data, value)
            finally:
                self._chain.revert(snapshot)
        if self._chain.evm.get_code(sender):
            sender = STRANGER
        block = {key: int(word, 16) for key, word in (block or {}).items()}
        answer = self._chain.call(
            sender,
            transaction["to"],
            data,
            value=value,
            number=block.get("number"),
            timestamp=block.get("time"),
            gas=int(transaction.get("gas", hex(GAS_LIMIT)), 16),
        )
        return "0x" + answer.hex()

    # Writing

    def _eth_accounts(self) -> list[str]:
        for account in ACCOUNTS:
            self._chain.set_balance(account, 10**22)
        return list(ACCOUNTS)

    def _eth_sendTransactionSync(self, transaction: dict[str, str]) -> dict[str, Any]:
        return self._receipts[self._eth_sendTransaction(transaction)]

    def _eth_sendTransaction(self, transaction: dict[str, str]) -> str:
        sender, value = transaction["from"], int(transaction.get("value", "0x0"), 16)
        data, created = bytes.fromhex(transaction["data"][2:]), None
        if "to" in transaction:
            timestamp = self._next_timestamp or self._chain.timestamp + BLOCK_TIME
            self._chain.transact(sender, Call(transaction["to"], data, value), timestamp)
            self._next_timestamp = None
        else:
            created = self._chain.create(sender, data, value)
        tx_hash = f"0x{self._chain.block_number:064x}"
        said = {"transactionHash": tx_hash, "contractAddress": created, **self._chain.receipt()}
        self._receipts[tx_hash] = said
        return tx_hash

    def _eth_getTransactionReceipt(self, tx_hash: str) -> dict[str, Any] | None:
        return self._receipts.get(tx_hash)

    def _evm_setNextBlockTimestamp(self, timestamp: int) -> None:
        self._next_timestamp = timestamp

    def _evm_mine(self) -> None:
        self._chain.block_number += 1
        self._chain.timestamp = self._next_timestamp or self._chain.timestamp + BLOCK_TIME
        self._next_timestamp = None

    def _anvil_setBalance(self, address: str, wei: str) -> None:
        self._chain.set_balance(address, int(wei, 16))
