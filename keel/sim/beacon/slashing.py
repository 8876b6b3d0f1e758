"""What a slashing costs, at once and at the midpoint (`slash_validator`, `process_slashings`)."""

from dataclasses import dataclass, field

from keel.sim.beacon.constants import (
    EFFECTIVE_BALANCE_INCREMENT,
    EPOCHS_PER_SLASHINGS_VECTOR,
    MIN_SLASHING_PENALTY_QUOTIENT_ELECTRA,
    PROPORTIONAL_SLASHING_MULTIPLIER_BELLATRIX,
)

MIDPOINT = EPOCHS_PER_SLASHINGS_VECTOR // 2
"""Epochs before withdrawability at which the correlated penalty falls."""


def initial_penalty(effective: int) -> int:
    """Gwei lost at once: 1/4096 of the effective balance."""
    return effective // MIN_SLASHING_PENALTY_QUOTIENT_ELECTRA


def correlated_penalty(effective: int, *, slashed: int, total_active: int) -> int:
    """Gwei lost at the midpoint, when `slashed` gwei were slashed within the vector."""
    adjusted = min(slashed * PROPORTIONAL_SLASHING_MULTIPLIER_BELLATRIX, total_active)
    per_increment = adjusted // (total_active // EFFECTIVE_BALANCE_INCREMENT)
    return per_increment * (effective // EFFECTIVE_BALANCE_INCREMENT)


@dataclass
class SlashedStake:
    """`slashings` of the state: effective balances slashed in the last 8,192 epochs."""

    entries: list[tuple[int, int]] = field(default_factory=list)

    def add(self, epoch: int, effective: int) -> None:
        """Remember."""
        self.entries.append((epoch, effective))

    def total(self, epoch: int) -> int:
        """What still counts in `epoch`."""
        first = epoch - EPOCHS_PER_SLASHINGS_VECTOR
        self.entries = [entry for entry in self.entries if entry[0] > first]
        return sum(effective for _, effective in self.entries)
