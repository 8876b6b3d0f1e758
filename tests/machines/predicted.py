"""Calls whose result or refusal a model has foretold, made on a chain and compared."""

from collections.abc import Mapping, Sequence
from typing import Any

from eth_utils.conversions import to_hex

from keel.chain.abi import Abi
from keel.chain.contract import Contract
from keel.chain.rpc import Rpc, RpcError
from keel.models.evm import Revert

GAS = hex(5_000_000)
ZERO = "0x" + "00" * 20


class PredictedChain:
    """Makes calls at a given time and compares what comes of them.

    `known` are contracts whose errors a call may pass on.
    """

    def __init__(self, rpc: Rpc, *known: Contract) -> None:
        self.rpc = rpc
        self.errors = Abi([entry for contract in known for entry in contract.abi.entries])

    def play(
        self,
        contract: Contract,
        sender: str,
        function: str,
        arguments: tuple[Any, ...],
        timestamp: int,
        outcome: Any,
    ) -> dict[str, Any] | None:
        """Receipt of a call that `outcome` foretells; none if that is a `Revert`.

        An outcome of None foretells success, whatever the call returns.
        """
        call = contract.prepare(function, *arguments)
        transaction = call.as_transaction(sender) | {"gas": GAS}
        what = f"{function}{arguments} at {timestamp}"
        seen = self.dry_run(transaction, timestamp)
        if isinstance(outcome, Revert):
            assert isinstance(seen, Exception), f"{what} is not refused: {outcome}"
            told = self.errors.decode_error(seen.data)
            assert told.name == type(outcome).__name__, (what, told, outcome)
            assert plain(told.values) == plain(outcome.values), (what, told, outcome)
            return None
        if isinstance(seen, Exception):
            raise AssertionError(f"{what}: {self.errors.decode_error(seen.data)}")
        if outcome is not None:
            result = contract.abi.decode_result(function, seen)
            assert plain(result) == plain(outcome), (what, result, outcome)
        self.rpc.call("evm_setNextBlockTimestamp", timestamp)
        receipt: dict[str, Any] = self.rpc.call("eth_sendTransactionSync", transaction)
        assert receipt["status"] == "0x1", what
        return receipt

    def dry_run(self, transaction: Mapping[str, Any], timestamp: int) -> bytes | RpcError:
        """What a call in a block of that time returns, or its refusal."""
        try:
            answer = self.rpc.call("eth_call", transaction, "latest", {}, self.at(timestamp))
        except RpcError as refusal:
            if refusal.code != 3:
                raise
            return refusal
        return bytes.fromhex(answer[2:])

    def at(self, timestamp: int) -> dict[str, str]:
        """What a call in the next block sees, if that has this time."""
        number = int(self.rpc.call("eth_blockNumber"), 16) + 1
        return {"number": hex(number), "time": hex(timestamp)}

    def read(self, contract: Contract, name: str, *arguments: Any, timestamp: int) -> Any:
        """A view, in the next block."""
        transaction = contract.prepare(name, *arguments).as_transaction(ZERO)
        answer = self.rpc.call("eth_call", transaction, "latest", {}, self.at(timestamp))
        return contract.abi.decode_result(name, bytes.fromhex(answer[2:]))

    def require_same(
        self, expected: Sequence[tuple[Contract, str, tuple[Any, ...], Any]], timestamp: int
    ) -> None:
        """Compare views, in a block of that time, with what the model says of each."""
        overrides = self.at(timestamp)
        calls = [
            contract.prepare(name, *arguments).as_transaction(ZERO)
            for contract, name, arguments, _value in expected
        ]
        answers = self.rpc.batch([("eth_call", (call, "latest", {}, overrides)) for call in calls])
        different = {}
        for (contract, name, arguments, value), answer in zip(expected, answers, strict=True):
            seen = contract.abi.decode_result(name, bytes.fromhex(answer[2:]))
            if plain(seen) != plain(value):
                different[name, arguments] = {"contract": seen, "model": value}
        assert not different, different


def plain(value: Any) -> Any:
    """The same for equal values: tuples for lists, lower case for addresses."""
    if isinstance(value, (list, tuple)):
        return tuple(plain(part) for part in value)
    if isinstance(value, bytes):
        return to_hex(value)
    return value.lower() if isinstance(value, str) else value
