"""The state transition, epoch by epoch, in the order of the specification."""

from collections import deque

import numpy as np
from numpy.typing import NDArray

from keel.sim.beacon import rewards, slashing
from keel.sim.beacon.churn import (
    ExitQueue,
    activation_exit_churn_limit,
    activation_exit_epoch,
)
from keel.sim.beacon.constants import (
    EJECTION_BALANCE,
    EPOCHS_PER_DAY,
    EPOCHS_PER_SLASHINGS_VECTOR,
    FAR_FUTURE_EPOCH,
    GWEI,
    MIN_ACTIVATION_BALANCE,
    MIN_EPOCHS_TO_INACTIVITY_PENALTY,
    MIN_VALIDATOR_WITHDRAWABILITY_DELAY,
    SECONDS_PER_EPOCH,
    SHARD_COMMITTEE_PERIOD,
)
from keel.sim.beacon.deposits import DepositQueue, PendingDeposit, Standing
from keel.sim.beacon.observation import Books, Observation
from keel.sim.beacon.parameters import POOL_CREDENTIALS, BeaconParameters
from keel.sim.beacon.rewards import PARTS, Gweis, Mask, Stake
from keel.sim.beacon.sweep import Sweep
from keel.sim.beacon.validators import DOWNWARD, UPWARD, Validators

Rows = NDArray[np.intp]
_HISTORY = 60 * EPOCHS_PER_DAY
NETWORK = 0
"""The row of all validators that are not followed one by one."""


class Transition:
    """The state, and how an epoch changes it; `BeaconLayer` adds the world around it.

    Parameters
    ----------
    parameters : BeaconParameters
        Network and behaviour.
    seed : int
        Decides who is offline when, and where the sweep stands.
    genesis_time : int
        Seconds at which epoch 0 begins.
    """

    def __init__(self, parameters: BeaconParameters, seed: int, *, genesis_time: int = 0) -> None:
        self.parameters = parameters
        self.genesis_time = genesis_time
        self.epoch = 0
        self.finalized_epoch = 0
        self.books = Books()
        self.validators = Validators.empty()
        self.deposits = DepositQueue()
        self.exits = ExitQueue()
        self.slashed_stake = slashing.SlashedStake()
        self.sweep = Sweep()
        self._random = np.random.default_rng(seed)
        self._row_of: dict[bytes, int] = {}
        self._pool_keys: set[bytes] = set()
        self._wake: set[int] = set()
        self._losses = np.zeros(parameters.operators + 1, dtype=np.int64)  # the last: no operator
        self._justified_before = True
        self._history: deque[Observation] = deque(maxlen=_HISTORY)
        self._append(
            MIN_ACTIVATION_BALANCE,
            credentials=POOL_CREDENTIALS,
            positions=np.array([-1]),
            operators=np.array([-1]),
            ours=False,
            weight=parameters.network // MIN_ACTIVATION_BALANCE,
            active_since=-SHARD_COMMITTEE_PERIOD,
        )
        self.sweep.pointer = int(self._random.integers(self.set_size))
        strangers = parameters.entry_backlog // MIN_ACTIVATION_BALANCE
        self.deposits.add(
            PendingDeposit(
                pubkey=b"",
                credentials=b"",
                amount=MIN_ACTIVATION_BALANCE,
                epoch=0,
                from_pool=False,
            )
            for _ in range(strangers)
        )
        if parameters.exit_backlog:
            self.exits.schedule(parameters.exit_backlog, epoch=0, churn=self.churn)
        self._remember()

    @property
    def now(self) -> int:
        """Seconds at which the current epoch begins."""
        return self.genesis_time + self.epoch * SECONDS_PER_EPOCH

    @property
    def stake(self) -> Stake:
        """Active and attesting gwei in this epoch."""
        v = self.validators
        active = v.active(self.epoch)
        each = v.effective * v.weight
        return Stake(
            active=max(GWEI, int(each[active].sum())),
            participating=int(each[active & v.online & ~v.slashed].sum()),
        )

    @property
    def churn(self) -> int:
        """Gwei that may enter, and as many that may leave, in this epoch."""
        return activation_exit_churn_limit(self.stake.active)

    @property
    def set_size(self) -> int:
        """Validators the sweep goes round."""
        return int(self.validators.weight.sum())

    @property
    def in_leak(self) -> bool:
        """`is_in_inactivity_leak`."""
        return self.epoch - 1 - self.finalized_epoch > MIN_EPOCHS_TO_INACTIVITY_PENALTY

    def process_epoch(self) -> None:
        """`process_epoch` in the order of the specification, then the sweep of the next epoch."""
        if self.epoch % EPOCHS_PER_DAY == 0:
            self._draw_offline()
        if self._stale or self.epoch in self._wake:
            self._wake.discard(self.epoch)
            self._refresh()
        self._justify()
        self._pay()
        self._update_registry()
        self._punish_slashed()
        self._credit_deposits()
        self._update_effective()
        self.epoch += 1
        self._sweep()
        self._remember()

    def _draw_offline(self) -> None:
        v = self.validators
        if self.parameters.offline or not v.online[v.ours].all():
            drawn = self._random.integers(PARTS, size=len(v)) >= self.parameters.offline
            v.online = np.where(v.ours, drawn, v.online)
            self._stale = True

    def _refresh(self) -> None:
        """All that stays the same from epoch to epoch until something happens."""
        v = self.validators
        self._stake = self.stake
        active = v.active(self.epoch)
        self._eligible: Mask = v.eligible(self.epoch)
        self._attesting: Mask = active & v.online & ~v.slashed
        self._missing: Rows = np.flatnonzero(self._eligible & ~self._attesting)
        self._leaking = self.in_leak
        self._earned: Gweis = np.where(
            self._attesting,
            rewards.rewards(
                v.effective,
                self._stake,
                performance=self.parameters.performance,
                leak=self._leaking,
            ),
            0,
        )
        self._lost: Gweis = rewards.absence_penalties(
            v.effective[self._missing], self._stake, sync=active[self._missing]
        )
        self._earned_by_pool = int(self._earned[v.ours].sum())
        self._tips = self.parameters.tips * int(np.count_nonzero(self._attesting & v.ours))
        self._some_poor = bool((v.effective <= EJECTION_BALANCE).any())
        self._waiting: Rows = np.flatnonzero(v.activation_epoch == FAR_FUTURE_EPOCH)
        self._floor: Gweis = v.effective - DOWNWARD
        self._ceiling: Gweis = np.where(
            v.effective < v.max_effective, v.effective + UPWARD, FAR_FUTURE_EPOCH
        )
        self._stale = False

    def _justify(self) -> None:
        justified = self._stake.justifies
        if justified and self._justified_before:
            self.finalized_epoch = self.epoch - 1
        self._justified_before = justified
        if self.in_leak != self._leaking:
            self._refresh()

    def _pay(self) -> None:
        v = self.validators
        penalties = self._lost
        if self._leaking or v.score.any():
            v.score[self._eligible] = rewards.inactivity_scores(
                v.score[self._eligible],
                participating=self._attesting[self._eligible],
                leak=self._leaking,
            )
            rows = self._missing
            penalties = penalties + rewards.inactivity_penalties(v.effective[rows], v.score[rows])
        v.balance += self._earned
        self.books.rewards += self._earned_by_pool
        self.books.tips += self._tips
        if len(self._missing):
            self._penalise(self._missing, penalties)

    def _penalise(self, rows: Rows, penalties: Gweis) -> None:
        """`decrease_balance`, entered into the books of whoever bears it."""
        v = self.validators
        taken = np.minimum(v.balance[rows], penalties)
        v.balance[rows] -= taken
        taken = np.where(v.ours[rows], taken, 0)
        self.books.penalties += int(taken.sum())
        np.add.at(self._losses, v.operator[rows], taken)

    def _update_registry(self) -> None:
        """`process_registry_updates`: eligibility, activation once final, ejection."""
        v = self.validators
        for row in self._waiting:
            if v.eligibility_epoch[row] == FAR_FUTURE_EPOCH:
                if v.effective[row] >= MIN_ACTIVATION_BALANCE:
                    v.eligibility_epoch[row] = self.epoch + 1
            elif v.eligibility_epoch[row] <= self.finalized_epoch:
                v.activation_epoch[row] = activation_exit_epoch(self.epoch)
                self._wake.add(int(v.activation_epoch[row]))
                self._stale = True
        if self._some_poor:
            staying = v.active(self.epoch) & (v.exit_epoch == FAR_FUTURE_EPOCH)
            for row in np.flatnonzero(staying & (v.effective <= EJECTION_BALANCE)):
                self._initiate_exit(int(row))

    def _initiate_exit(self, row: int) -> None:
        """`initiate_validator_exit`; does nothing if an exit is set."""
        v = self.validators
        if v.exit_epoch[row] != FAR_FUTURE_EPOCH:
            return
        balance = int(v.effective[row]) * int(v.weight[row])
        exit_epoch = self.exits.schedule(balance, epoch=self.epoch, churn=self.churn)
        v.exit_epoch[row] = exit_epoch
        v.withdrawable_epoch[row] = exit_epoch + MIN_VALIDATOR_WITHDRAWABILITY_DELAY
        self._wake_for(row)

    def _wake_for(self, row: int) -> None:
        v = self.validators
        leaves = int(v.withdrawable_epoch[row])
        self._wake |= {int(v.exit_epoch[row]), leaves - 1, leaves}
        self._stale = True

    def _slash(self, row: int) -> bool:
        v = self.validators
        slashable = v.activation_epoch[row] <= self.epoch < v.withdrawable_epoch[row]
        if v.slashed[row] or not slashable:
            return False
        self._initiate_exit(row)
        v.slashed[row] = True
        v.withdrawable_epoch[row] = max(
            int(v.withdrawable_epoch[row]), self.epoch + EPOCHS_PER_SLASHINGS_VECTOR
        )
        effective = int(v.effective[row])
        self.slashed_stake.add(self.epoch, effective * int(v.weight[row]))
        self._penalise(np.array([row]), np.array([slashing.initial_penalty(effective)]))
        self._wake_for(row)
        return True

    def _punish_slashed(self) -> None:
        """The correlated penalty, of those whose midpoint this epoch is."""
        if not self.slashed_stake.entries:
            return
        v = self.validators
        due = np.flatnonzero(v.slashed & (v.withdrawable_epoch - slashing.MIDPOINT == self.epoch))
        if len(due) == 0:
            return
        slashed = self.slashed_stake.total(self.epoch)
        penalties = [
            slashing.correlated_penalty(
                int(effective), slashed=slashed, total_active=self._stake.active
            )
            for effective in v.effective[due]
        ]
        self._penalise(due, np.array(penalties, dtype=np.int64))

    def _credit_deposits(self) -> None:
        due = self.deposits.take(
            finalized_epoch=self.finalized_epoch,
            churn=activation_exit_churn_limit(self._stake.active),
            standing=self._standing,
        )
        for deposit in due:
            if deposit.pubkey:
                self._credit(deposit)

    def _standing(self, pubkey: bytes) -> Standing:
        row, v = self._row_of.get(pubkey), self.validators
        if row is None or v.exit_epoch[row] == FAR_FUTURE_EPOCH:
            return Standing.OPEN
        withdrawable = v.withdrawable_epoch[row] < self.epoch + 1
        return Standing.WITHDRAWABLE if withdrawable else Standing.EXITING

    def _credit(self, deposit: PendingDeposit) -> None:
        """`apply_pending_deposit`: a known key keeps its credentials, whatever the deposit says."""
        row = self._row_of.get(deposit.pubkey)
        if row is None:
            ours = deposit.credentials[12:] == self.parameters.credentials[12:]
            row = self._append(
                0,
                credentials=deposit.credentials,
                positions=np.array([self.set_size]),
                operators=np.array([deposit.operator]),
                ours=ours,
            )
            self._row_of[deposit.pubkey] = row
            whole = deposit.amount - deposit.amount % GWEI
            self.validators.effective[row] = min(whole, self.validators.max_effective[row])
        self.validators.balance[row] += deposit.amount
        ours = bool(self.validators.ours[row])
        if ours and not deposit.from_pool:
            self.books.given += deposit.amount
        if deposit.from_pool and not ours:
            self.books.diverted += deposit.amount

    def _update_effective(self) -> None:
        v = self.validators
        if self._stale:
            self._floor, self._ceiling = v.effective - DOWNWARD, v.effective + UPWARD
        if ((v.balance < self._floor) | (v.balance > self._ceiling)).any():
            v.effective = v.new_effective()
            self._stale = True

    def _sweep(self) -> None:
        """`get_expected_withdrawals` of an epoch: all of who has left, the surplus of others."""
        v = self.validators
        rows = self.sweep.next_epoch(self.set_size)
        if len(rows) == 0:
            return
        full = v.effective[rows] == v.max_effective[rows]
        keep = np.where(full, np.minimum(v.balance[rows], v.max_effective[rows]), v.balance[rows])
        keep = np.where(v.withdrawable_epoch[rows] <= self.epoch, 0, keep)
        taken = v.balance[rows] - keep
        v.balance[rows] = keep
        self.books.withdrawn += int(taken[v.ours[rows]].sum())

    def _append(self, balance: int, **row: object) -> int:
        first = self.validators.append(balance, **row)  # type: ignore[arg-type]
        self.sweep.place(self.validators.position)
        self._stale = True
        return first

    def _remember(self) -> None:
        v = self.validators
        pending = sum(deposit.amount for deposit in self.deposits.pending if deposit.from_pool)
        exited = int(np.count_nonzero(v.ours & (v.exit_epoch <= self.epoch)))
        self._history.append(
            Observation(
                epoch=self.epoch,
                validators=len(self._pool_keys),
                exited=exited,
                balance=int(v.balance[v.ours].sum()) + pending,
                deposits_seen=self.books.deposited,
                withdrawn=self.books.withdrawn,
                tips=self.books.tips,
                operator_losses=tuple(int(loss) for loss in self._losses[:-1]),
            )
        )
