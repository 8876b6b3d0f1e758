"""Many views at one block in one round trip, by names."""

from collections.abc import Mapping
from typing import Any

from keel.chain.contract import View, read_all

Named = tuple[Any, ...]
"""A contract, a function's name, its arguments."""


def read(views: Mapping[str, Named], block: int) -> dict[str, Any]:
    """Results by the names given, all of the same block; raises for the first that fails."""
    asked = [View(contract, name, tuple(args)) for contract, name, *args in views.values()]
    return dict(zip(views, read_all(asked, hex(block)), strict=True))
