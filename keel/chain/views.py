"""Many views at one block in one round trip."""

from collections.abc import Mapping, Sequence
from typing import Any

from keel.chain.contract import Contract
from keel.chain.rpc import Rpc

View = tuple[Any, ...]
"""A contract, a function's name, its arguments."""


def read(rpc: Rpc, views: Mapping[str, View], block: int) -> dict[str, Any]:
    """Results by the names given, all of the same block; raises for the first that fails."""
    return dict(zip(views, read_all(rpc, list(views.values()), block), strict=True))


def read_all(rpc: Rpc, views: Sequence[View], block: int) -> list[Any]:
    """Results in the order given, all of the same block; raises for the first that fails."""
    calls = []
    for contract, name, *args in views:
        data = "0x" + contract.abi.encode_call(name, *args).hex()
        calls.append(("eth_call", [{"to": contract.address, "data": data}, hex(block)]))
    answers = rpc.batch(calls)
    return [_decoded(view, answer) for view, answer in zip(views, answers, strict=True)]


def _decoded(view: View, answer: str) -> Any:
    contract: Contract = view[0]
    return contract.abi.decode_result(view[1], bytes.fromhex(answer[2:]))
