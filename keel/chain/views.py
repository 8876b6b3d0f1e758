"""What contracts say at a block: many views in one round trip, or a call that may be refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import Contract, View, read_all

Named = tuple[Any, ...]
"""A contract, a function's name, its arguments."""


def read(views: Mapping[str, Named], block: int) -> dict[str, Any]:
    """Results by the names given, all of the same block; raises for the first that fails."""
    asked = [View(contract, name, tuple(args)) for contract, name, *args in views.values()]
    return dict(zip(views, read_all(asked, hex(block)), strict=True))


@dataclass(frozen=True)
class Answer:
    """What came of a call that was tried.

    Attributes
    ----------
    value : Any
        Its result; none if it was refused.
    refusal : str
        Name of the contract's error; empty if it wasn't refused.
    """

    value: Any = None
    refusal: str = ""


def tried(
    contract: Contract, name: str, *args: Any, block: int, sender: str | None = None
) -> Answer:
    """Try a call without sending it.

    Only the contract's own refusal is swallowed, for it is an answer: that something can't be done
    in this block is part of the block's state. A node that fails says nothing, and raises.
    """
    try:
        return Answer(contract.call(name, *args, sender=sender, block=hex(block)))
    except Reverted as reverted:
        return Answer(refusal=reverted.name or "no reason given")
