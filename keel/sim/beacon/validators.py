"""The validators followed, as columns; row 0 is the rest of the network."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from keel.sim.beacon.constants import (
    EFFECTIVE_BALANCE_INCREMENT,
    FAR_FUTURE_EPOCH,
    HYSTERESIS_DOWNWARD_MULTIPLIER,
    HYSTERESIS_QUOTIENT,
    HYSTERESIS_UPWARD_MULTIPLIER,
    MAX_EFFECTIVE_BALANCE_ELECTRA,
    MIN_ACTIVATION_BALANCE,
)
from keel.sim.beacon.rewards import Gweis, Mask

_HYSTERESIS = EFFECTIVE_BALANCE_INCREMENT // HYSTERESIS_QUOTIENT
DOWNWARD = _HYSTERESIS * HYSTERESIS_DOWNWARD_MULTIPLIER
UPWARD = _HYSTERESIS * HYSTERESIS_UPWARD_MULTIPLIER


def max_effective(credentials: bytes) -> int:
    """`get_max_effective_balance`: 2,048 ether for compounding (0x02) credentials, else 32."""
    return MAX_EFFECTIVE_BALANCE_ELECTRA if credentials[:1] == b"\x02" else MIN_ACTIVATION_BALANCE


@dataclass
class Validators:
    """One entry per row in each column; balances in gwei of one validator.

    Attributes
    ----------
    weight : Gweis
        How many equal validators the row stands for.
    operator : Gweis
        Id of the pool's operator, -1 for none.
    position : Gweis
        Index in the whole validator set, -1 for rows that stand for many.
    ours : Mask
        Whether withdrawals go to the pool.
    """

    balance: Gweis
    effective: Gweis
    max_effective: Gweis
    eligibility_epoch: Gweis
    activation_epoch: Gweis
    exit_epoch: Gweis
    withdrawable_epoch: Gweis
    score: Gweis
    weight: Gweis
    operator: Gweis
    position: Gweis
    slashed: Mask
    online: Mask
    ours: Mask

    @classmethod
    def empty(cls) -> "Validators":
        """No rows."""
        flags = ("slashed", "online", "ours")
        columns: dict[str, Any] = {
            column.name: np.empty(0, dtype=np.bool_ if column.name in flags else np.int64)
            for column in fields(cls)
        }
        return cls(**columns)

    def __len__(self) -> int:
        """Rows."""
        return len(self.balance)

    def append(
        self,
        balance: int,
        *,
        credentials: bytes,
        positions: Gweis,
        operators: Gweis,
        ours: bool,
        weight: int = 1,
        active_since: int = FAR_FUTURE_EPOCH,
    ) -> int:
        """`add_validator_to_registry`, for as many as there are positions; the first new row."""
        first, count = len(self), len(positions)
        most = max_effective(credentials)
        values: dict[str, int | bool | Gweis] = {
            "balance": balance,
            "effective": min(balance - balance % EFFECTIVE_BALANCE_INCREMENT, most),
            "max_effective": most,
            "eligibility_epoch": active_since,
            "activation_epoch": active_since,
            "exit_epoch": FAR_FUTURE_EPOCH,
            "withdrawable_epoch": FAR_FUTURE_EPOCH,
            "score": 0,
            "weight": weight,
            "operator": operators,
            "position": positions,
            "slashed": False,
            "online": True,
            "ours": ours,
        }
        for name, value in values.items():
            column = getattr(self, name)
            added = np.broadcast_to(np.asarray(value, dtype=column.dtype), (count,))
            setattr(self, name, np.concatenate([column, added]))
        return first

    def active(self, epoch: int) -> Mask:
        """`is_active_validator`."""
        return (self.activation_epoch <= epoch) & (epoch < self.exit_epoch)

    def eligible(self, epoch: int) -> Mask:
        """`get_eligible_validator_indices`: active, or slashed and not yet withdrawable."""
        return self.active(epoch) | (self.slashed & (epoch + 1 < self.withdrawable_epoch))

    def new_effective(self) -> Gweis:
        """`process_effective_balance_updates`."""
        moved = (self.balance + DOWNWARD < self.effective) | (
            self.effective + UPWARD < self.balance
        )
        whole = self.balance - self.balance % EFFECTIVE_BALANCE_INCREMENT
        return np.where(moved, np.minimum(whole, self.max_effective), self.effective)
