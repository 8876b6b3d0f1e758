"""What members of the oracle see, and the books by which it can be checked; all in gwei."""

from dataclasses import dataclass

from keel.errors import KeelError


class EpochNotKept(KeelError):
    """The reference slot lies ahead, or too far back."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """The pool at the end of an epoch; what grows is counted from the beginning.

    Attributes
    ----------
    validators, exited : int
        Keys the pool has paid a deposit for, and those whose exit epoch has come.
    balance : int
        Of the pool's validators, the pool's pending deposits included.
    deposits_seen : int
        All that the pool has deposited.
    withdrawn, tips : int
        Credited to the withdrawal vault and to the rewards vault.
    operator_losses : tuple of int
        By operator id: all penalties, gross of gains.
    """

    epoch: int
    validators: int
    exited: int
    balance: int
    deposits_seen: int
    withdrawn: int
    tips: int
    operator_losses: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ValidatorView:
    """One validator; balance in gwei, epochs counted from the layer's genesis."""

    balance: int
    ours: bool
    slashed: bool
    exit_epoch: int
    withdrawable_epoch: int


@dataclass
class Books:
    """Sums of all that ever moved the pool's balances.

    Attributes
    ----------
    deposited : int
        Paid by the pool.
    given : int
        Top-ups of the pool's validators by others.
    diverted : int
        Deposits of the pool that went to validators of somebody else.
    """

    deposited: int = 0
    given: int = 0
    diverted: int = 0
    rewards: int = 0
    penalties: int = 0
    withdrawn: int = 0
    tips: int = 0

    @property
    def held(self) -> int:
        """What balances and pending deposits must sum to."""
        gains = self.deposited + self.given + self.rewards
        return gains - self.diverted - self.penalties - self.withdrawn
