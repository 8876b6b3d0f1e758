"""What the rest of the world may do to the consensus layer, and what it sees of it."""

from collections.abc import Iterable, Sequence

import numpy as np

from keel.sim.beacon.constants import (
    FAR_FUTURE_EPOCH,
    MIN_ACTIVATION_BALANCE,
    SECONDS_PER_EPOCH,
    SHARD_COMMITTEE_PERIOD,
)
from keel.sim.beacon.deposits import PendingDeposit
from keel.sim.beacon.observation import EpochNotKept, Observation, ValidatorView
from keel.sim.beacon.parameters import POOL_CREDENTIALS
from keel.sim.beacon.rewards import PARTS
from keel.sim.beacon.transition import NETWORK, Transition


class BeaconLayer(Transition):
    """The pool's validators in their network; advance it with `advance`."""

    def advance(self, until: int) -> None:
        """Let all epochs pass that end by this time."""
        while self.now + SECONDS_PER_EPOCH <= until:
            self.process_epoch()

    # What the world does

    def open_with(self, pubkeys: Sequence[bytes], operators: Sequence[int]) -> None:
        """Validators that are active already, old enough to exit, anywhere in the set."""
        count = len(pubkeys)
        first = self._append(
            MIN_ACTIVATION_BALANCE,
            credentials=self.parameters.credentials,
            positions=self._random.integers(self.set_size, size=count),
            operators=np.array(operators, dtype=np.int64),
            ours=True,
            active_since=self.epoch - SHARD_COMMITTEE_PERIOD,
        )
        self._row_of.update(zip(pubkeys, range(first, first + count), strict=True))
        self._pool_keys.update(pubkeys)
        self.books.deposited += count * MIN_ACTIVATION_BALANCE
        self._history.pop()
        self._remember()

    def deposit(
        self,
        pubkey: bytes,
        amount: int,
        *,
        operator: int = -1,
        credentials: bytes | None = None,
        from_pool: bool = True,
    ) -> None:
        """Log a deposit of gwei; credentials count only where the key is new."""
        if credentials is None:
            credentials = self.parameters.credentials
        self.deposits.add(
            [
                PendingDeposit(
                    pubkey=pubkey,
                    credentials=credentials,
                    amount=amount,
                    epoch=self.epoch,
                    operator=operator,
                    from_pool=from_pool,
                )
            ]
        )
        if from_pool:
            self._pool_keys.add(pubkey)
            self.books.deposited += amount

    def request_exit(self, pubkey: bytes) -> bool:
        """Exit by the operator's key, or triggered by the withdrawal address (EIP-7002).

        Both have the same conditions: active for 256 epochs, and not exiting already. Returns
        whether the exit was taken up; a refused one leaves no trace.
        """
        row, v = self._row_of.get(pubkey), self.validators
        if row is None or not v.active(self.epoch)[row] or v.exit_epoch[row] != FAR_FUTURE_EPOCH:
            return False
        if self.epoch < v.activation_epoch[row] + SHARD_COMMITTEE_PERIOD:
            return False
        self._initiate_exit(row)
        return True

    def slash(self, pubkeys: Iterable[bytes]) -> int:
        """Slash validators, with the initial penalty; how many could be slashed."""
        rows = [self._row_of[key] for key in pubkeys if key in self._row_of]
        return sum(self._slash(row) for row in rows)

    def slash_network(self, share: int) -> None:
        """Slash a share, in millionths, of the validators that are not the pool's."""
        weight = int(self.validators.weight[NETWORK])
        slashed = weight * share // PARTS
        if slashed == 0:
            return
        self.validators.weight[NETWORK] = weight - slashed
        row = self._append(
            int(self.validators.balance[NETWORK]),
            credentials=POOL_CREDENTIALS,
            positions=np.array([-1]),
            operators=np.array([-1]),
            ours=False,
            weight=slashed,
            active_since=-SHARD_COMMITTEE_PERIOD,
        )
        self._slash(row)

    def set_network_online(self, online: bool) -> None:
        """Let the rest of the network stop attesting, or come back."""
        self.validators.online[NETWORK] = online
        self._stale = True

    # What can be seen

    def active_keys(self) -> list[bytes]:
        """Keys of the pool's validators on duty, in the order they came."""
        on_duty = self.validators.active(self.epoch) & self.validators.ours
        return [key for key, row in self._row_of.items() if on_duty[row]]

    def exit_epoch_of(self, pubkey: bytes) -> int:
        """`FAR_FUTURE_EPOCH` for none."""
        row = self._row_of.get(pubkey)
        return FAR_FUTURE_EPOCH if row is None else int(self.validators.exit_epoch[row])

    def is_leaving(self, pubkey: bytes) -> bool:
        """Whether an exit is set, or done."""
        return self.exit_epoch_of(pubkey) != FAR_FUTURE_EPOCH

    def is_slashed(self, pubkey: bytes) -> bool:
        """Whether it was slashed, ever."""
        row = self._row_of.get(pubkey)
        return row is not None and bool(self.validators.slashed[row])

    def is_settled(self, pubkey: bytes) -> bool:
        """Whether all that it had is withdrawn."""
        row, v = self._row_of.get(pubkey), self.validators
        if row is None or v.withdrawable_epoch[row] > self.epoch:
            return False
        return int(v.balance[row]) == 0

    def balance_of(self, pubkey: bytes) -> int:
        """Gwei credited to the validator."""
        row = self._row_of.get(pubkey)
        return 0 if row is None else int(self.validators.balance[row])

    def view(self) -> dict[bytes, ValidatorView]:
        """The pool's validators as they stand, those of keys that only wait left out."""
        v = self.validators
        return {
            key: ValidatorView(
                balance=int(v.balance[row]),
                ours=bool(v.ours[row]),
                slashed=bool(v.slashed[row]),
                exit_epoch=int(v.exit_epoch[row]),
                withdrawable_epoch=int(v.withdrawable_epoch[row]),
            )
            for key, row in self._row_of.items()
        }

    def leaving(self) -> int:
        """Gwei of the pool's validators that are on their way out."""
        v = self.validators
        return int(v.balance[v.ours & (v.exit_epoch != FAR_FUTURE_EPOCH)].sum())

    def live(self) -> int:
        """The pool's validators with a balance, or a deposit that waits to become one."""
        credited = int(np.count_nonzero(self.validators.ours & (self.validators.balance > 0)))
        return credited + len(self._pool_keys - self._row_of.keys())

    def observe(self, timestamp: int | None = None) -> Observation:
        """The state at the last epoch boundary up to a time; raises `EpochNotKept`."""
        if timestamp is None:
            return self._history[-1]
        epoch = (timestamp - self.genesis_time) // SECONDS_PER_EPOCH
        first = self._history[0].epoch
        if not first <= epoch <= self.epoch:
            raise EpochNotKept(
                f"epoch {epoch} isn't kept: the layer knows {first} to {self.epoch}",
                "advance the layer first, and report within its memory",
            )
        return self._history[epoch - first]
