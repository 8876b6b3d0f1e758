"""What every twin shares with the EVM: addresses, block time, refused calls."""

from dataclasses import dataclass
from typing import ClassVar

Address = str

ZERO_ADDRESS: Address = "0x0000000000000000000000000000000000000000"
MAX_UINT256 = 2**256 - 1


@dataclass
class Clock:
    """Block time in seconds, one object for all twins of a stack; the caller sets it."""

    timestamp: int


class Revert(Exception):
    """A refused call: nothing changed. Each subclass is the custom error of its name."""

    fields: ClassVar[tuple[str, ...]] = ()

    def __init__(self, *values: Address | int | bytes) -> None:
        if len(values) != len(self.fields):
            raise TypeError(f"{type(self).__name__} takes {self.fields}, got {values}")
        super().__init__(*values)

    @property
    def values(self) -> tuple[Address | int | bytes, ...]:
        """Values of the custom error, in the order of its declaration."""
        return self.args

    def __str__(self) -> str:
        """Show the error as Solidity would write it."""
        pairs = zip(self.fields, self.values, strict=True)
        return f"{type(self).__name__}({', '.join(f'{name}={value!r}' for name, value in pairs)})"
