"""How much stake may enter and leave in an epoch, and the queue of those who leave."""

from dataclasses import dataclass

from keel.sim.beacon.constants import (
    CHURN_LIMIT_QUOTIENT,
    EFFECTIVE_BALANCE_INCREMENT,
    MAX_PER_EPOCH_ACTIVATION_EXIT_CHURN_LIMIT,
    MAX_SEED_LOOKAHEAD,
    MIN_PER_EPOCH_CHURN_LIMIT_ELECTRA,
)


def balance_churn_limit(total_active: int) -> int:
    """`get_balance_churn_limit`: gwei per epoch, a multiple of an ether."""
    churn = max(MIN_PER_EPOCH_CHURN_LIMIT_ELECTRA, total_active // CHURN_LIMIT_QUOTIENT)
    return churn - churn % EFFECTIVE_BALANCE_INCREMENT


def activation_exit_churn_limit(total_active: int) -> int:
    """`get_activation_exit_churn_limit`: gwei that may enter, and as many that may leave."""
    return min(MAX_PER_EPOCH_ACTIVATION_EXIT_CHURN_LIMIT, balance_churn_limit(total_active))


def activation_exit_epoch(epoch: int) -> int:
    """`compute_activation_exit_epoch`: the first in which a change decided now takes effect."""
    return epoch + 1 + MAX_SEED_LOOKAHEAD


@dataclass
class ExitQueue:
    """`earliest_exit_epoch` and `exit_balance_to_consume` of the state."""

    earliest_epoch: int = 0
    balance_to_consume: int = 0

    def schedule(self, balance: int, *, epoch: int, churn: int) -> int:
        """`compute_exit_epoch_and_update_churn`: the exit epoch of this much stake."""
        earliest = max(self.earliest_epoch, activation_exit_epoch(epoch))
        left = churn if self.earliest_epoch < earliest else self.balance_to_consume
        if balance > left:
            more = (balance - left - 1) // churn + 1
            earliest += more
            left += more * churn
        self.balance_to_consume = left - balance
        self.earliest_epoch = earliest
        return earliest
