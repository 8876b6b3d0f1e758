"""The withdrawal sweep: a pointer that goes round all validators, 16 a slot."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keel.sim.beacon.constants import MAX_WITHDRAWALS_PER_PAYLOAD, SLOTS_PER_EPOCH
from keel.sim.beacon.rewards import Gweis

PER_EPOCH = MAX_WITHDRAWALS_PER_PAYLOAD * SLOTS_PER_EPOCH


def epochs_to_come_round(validators: int) -> int:
    """Epochs until each of so many validators was passed, rounded up."""
    return -(-validators // PER_EPOCH)


@dataclass
class Sweep:
    """`next_withdrawal_validator_index`, and where in the whole set each followed row stands."""

    pointer: int = 0
    _order: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    _positions: Gweis = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def place(self, positions: Gweis) -> None:
        """Take the rows' indices in the validator set; a negative one is never passed."""
        self._order = np.argsort(positions, kind="stable")
        self._positions = positions[self._order]

    def next_epoch(self, validators: int) -> NDArray[np.intp]:
        """Rows that an epoch's 32 payloads pass, no row twice."""
        count = min(PER_EPOCH, validators)
        start, stop = self.pointer, self.pointer + count
        self.pointer = stop % validators
        passed = self._between(start, min(stop, validators))
        if stop > validators:
            passed = np.concatenate([passed, self._between(0, stop - validators)])
        return passed

    def _between(self, start: int, stop: int) -> NDArray[np.intp]:
        first, last = np.searchsorted(self._positions, (start, stop))
        return self._order[first:last]
