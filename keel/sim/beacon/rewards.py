"""Rewards and penalties of one epoch: pure functions of stake and participation, vectorised."""

from dataclasses import dataclass
from math import isqrt

import numpy as np
from numpy.typing import NDArray

from keel.sim.beacon.constants import (
    BASE_REWARD_FACTOR,
    EFFECTIVE_BALANCE_INCREMENT,
    EPOCHS_PER_YEAR,
    INACTIVITY_PENALTY_QUOTIENT_BELLATRIX,
    INACTIVITY_SCORE_BIAS,
    INACTIVITY_SCORE_RECOVERY_RATE,
    PROPOSER_WEIGHT,
    SYNC_REWARD_WEIGHT,
    TIMELY_HEAD_WEIGHT,
    TIMELY_SOURCE_WEIGHT,
    TIMELY_TARGET_WEIGHT,
    WEIGHT_DENOMINATOR,
)

Gweis = NDArray[np.int64]
Mask = NDArray[np.bool_]

PARTS = 1_000_000
"""Shares are given in millionths."""
_FLAGS = (TIMELY_SOURCE_WEIGHT, TIMELY_TARGET_WEIGHT, TIMELY_HEAD_WEIGHT)


def base_reward_per_increment(total_active: int) -> int:
    """`get_base_reward_per_increment`: gwei for each ether of effective balance."""
    return EFFECTIVE_BALANCE_INCREMENT * BASE_REWARD_FACTOR // isqrt(total_active)


def perfect_apr(total_active: int) -> float:
    """Yearly return of a validator that misses nothing while nobody else does."""
    return base_reward_per_increment(total_active) * EPOCHS_PER_YEAR / EFFECTIVE_BALANCE_INCREMENT


def stake_that_pays(apr: float) -> int:
    """Total active gwei at which `perfect_apr` is this."""
    return int((BASE_REWARD_FACTOR * EPOCHS_PER_YEAR / apr) ** 2)


@dataclass(frozen=True, kw_only=True)
class Stake:
    """Totals that decide what an epoch pays, in gwei: all that is active, and what attested."""

    active: int
    participating: int

    @property
    def justifies(self) -> bool:
        """Two thirds attested to the target."""
        return 3 * self.participating >= 2 * self.active


def rewards(effective: Gweis, stake: Stake, *, performance: int, leak: bool) -> Gweis:
    """What validators online earn: three flags, and the expected value of proposals and sync.

    `performance` is the share of it, in millionths, that they really get. In a leak attestations
    pay nothing.
    """
    increment = EFFECTIVE_BALANCE_INCREMENT
    base = effective // increment * base_reward_per_increment(stake.active)
    earned = base * (PROPOSER_WEIGHT + SYNC_REWARD_WEIGHT) // WEIGHT_DENOMINATOR
    if not leak:
        attesting, active = stake.participating // increment, stake.active // increment
        for weight in _FLAGS:
            earned = earned + base * weight * attesting // (active * WEIGHT_DENOMINATOR)
    result: Gweis = earned * performance // PARTS
    return result


def absence_penalties(effective: Gweis, stake: Stake, *, sync: Mask) -> Gweis:
    """What validators offline, or slashed, lose: source and target.

    Where `sync` is set, the expected penalty in the sync committee comes on top.
    """
    base = effective // EFFECTIVE_BALANCE_INCREMENT * base_reward_per_increment(stake.active)
    lost: Gweis = (
        base * TIMELY_SOURCE_WEIGHT // WEIGHT_DENOMINATOR
        + base * TIMELY_TARGET_WEIGHT // WEIGHT_DENOMINATOR
        + np.where(sync, base * SYNC_REWARD_WEIGHT // WEIGHT_DENOMINATOR, 0)
    )
    return lost


def inactivity_scores(scores: Gweis, *, participating: Mask, leak: bool) -> Gweis:
    """`process_inactivity_updates`, for eligible validators."""
    moved = np.where(participating, scores - np.minimum(1, scores), scores + INACTIVITY_SCORE_BIAS)
    if not leak:
        moved = moved - np.minimum(INACTIVITY_SCORE_RECOVERY_RATE, moved)
    return moved


def inactivity_penalties(effective: Gweis, scores: Gweis) -> Gweis:
    """`get_inactivity_penalty_deltas`, for eligible validators that missed the target."""
    quotient = INACTIVITY_SCORE_BIAS * INACTIVITY_PENALTY_QUOTIENT_BELLATRIX
    lost: Gweis = effective * scores // quotient
    return lost
