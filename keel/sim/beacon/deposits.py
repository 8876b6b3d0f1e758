"""The entry queue: deposits wait for finality and for churn (`process_pending_deposits`)."""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum, auto

from keel.sim.beacon.constants import MAX_PENDING_DEPOSITS_PER_EPOCH


class Standing(Enum):
    """What the key of a deposit is already."""

    OPEN = auto()
    """New, or a validator that stays."""
    EXITING = auto()
    WITHDRAWABLE = auto()


@dataclass(frozen=True, kw_only=True)
class PendingDeposit:
    """A deposit that the chain has seen and not yet credited.

    Attributes
    ----------
    pubkey : bytes
        Empty for a stranger's, of which only the place in the queue matters.
    amount : int
        Gwei.
    epoch : int
        In which the deposit contract logged it.
    from_pool : bool
        Whether the pool paid it.
    """

    pubkey: bytes
    credentials: bytes
    amount: int
    epoch: int
    operator: int = -1
    from_pool: bool = True


@dataclass
class DepositQueue:
    """`pending_deposits` and `deposit_balance_to_consume` of the state."""

    pending: deque[PendingDeposit] = field(default_factory=deque)
    balance_to_consume: int = 0

    def add(self, deposits: Iterable[PendingDeposit]) -> None:
        """Line up."""
        self.pending.extend(deposits)

    def take(
        self, *, finalized_epoch: int, churn: int, standing: Callable[[bytes], Standing]
    ) -> list[PendingDeposit]:
        """Deposits to credit now, in order; those to validators on their way out wait."""
        available = self.balance_to_consume + churn
        processed, limited = 0, False
        due: list[PendingDeposit] = []
        postponed: list[PendingDeposit] = []
        for _ in range(min(MAX_PENDING_DEPOSITS_PER_EPOCH, len(self.pending))):
            deposit = self.pending[0]
            if deposit.epoch > finalized_epoch:
                break
            state = standing(deposit.pubkey)
            if state is Standing.OPEN:
                limited = processed + deposit.amount > available
                if limited:
                    break
                processed += deposit.amount
            (postponed if state is Standing.EXITING else due).append(deposit)
            self.pending.popleft()
        self.pending.extend(postponed)
        self.balance_to_consume = available - processed if limited else 0
        return due
