"""The gauge: stakes, streams, and who is owed what. Token balances are the caller's business."""

from collections import Counter
from collections.abc import Collection
from copy import copy
from dataclasses import dataclass, field

from keel.models.evm import ZERO_ADDRESS, Address, Clock
from keel.models.gauge.errors import (
    AmountTooLarge,
    DurationOutOfBounds,
    InsufficientStake,
    InvalidReceiver,
    NotDistributor,
    NothingReceived,
    RateWouldFall,
    RewardExists,
    TooManyRewards,
    TransferFailed,
    TransferFromFailed,
    UnknownReward,
    ZeroAddress,
    ZeroAmount,
)
from keel.models.gauge.streams import MAX_AMOUNT, MIN_STAKED, Checkpoint, Stream

MAX_REWARDS = 8
DAY = 86_400
MIN_DURATION = DAY
MAX_DURATION = 4 * 365 * DAY


@dataclass
class Reward:
    """A token on the list.

    Attributes
    ----------
    distributor : who may fund
    funded : units that were ever added
    paid : units that were ever claimed; the contract does not keep this
    settlements : by account, how often a checkpoint has rounded; nor this
    """

    distributor: Address
    stream: Stream = field(default_factory=Stream)
    checkpoints: dict[Address, Checkpoint] = field(default_factory=dict)
    funded: int = 0
    paid: int = 0
    settlements: Counter[Address] = field(default_factory=Counter)

    def copy(self) -> "Reward":
        """The same, whatever is done to this one."""
        twin = copy(self)
        twin.checkpoints = self.checkpoints.copy()
        twin.settlements = self.settlements.copy()
        return twin


class Gauge:
    """Twin of ``LiquidityGauge``; the caller sets the block time."""

    def __init__(self, address: Address, owner: Address, *, time: Clock) -> None:
        self.address, self.owner, self.time = address, owner, time
        self.total_staked = 0
        self.stakes: Counter[Address] = Counter()
        self.rewards: dict[Address, Reward] = {}
        self._clock, self._counted = 0, time.timestamp

    @property
    def clock(self) -> int:
        """Seconds so far in which at least ``MIN_STAKED`` was staked."""
        if self.total_staked < MIN_STAKED:
            return self._clock
        return self._clock + self.time.timestamp - self._counted

    @property
    def counted(self) -> tuple[int, int]:
        """The clock when a stake last changed, and the time then."""
        return self._clock, self._counted

    def copy(self) -> "Gauge":
        """The same at the same time, whatever is done to this one."""
        twin = copy(self)
        twin.stakes = self.stakes.copy()
        twin.rewards = {token: reward.copy() for token, reward in self.rewards.items()}
        return twin

    # Stakes

    def stake(self, sender: Address, amount: int, receiver: Address) -> None:
        """Stake ``amount`` of the sender's LP tokens for ``receiver``."""
        self._require_receiver(receiver)
        if amount == 0:
            raise ZeroAmount()
        room = MAX_AMOUNT - self.total_staked
        if amount > room:
            raise AmountTooLarge(amount, room)
        self._change_stake(receiver, amount)

    def unstake(self, sender: Address, amount: int, receiver: Address) -> None:
        """Take ``amount`` of the sender's stake out."""
        self._require_receiver(receiver)
        if amount == 0:
            raise ZeroAmount()
        if amount > self.stakes[sender]:
            raise InsufficientStake(amount, self.stakes[sender])
        self._change_stake(sender, -amount)

    def _change_stake(self, account: Address, gain: int) -> None:
        for reward in self.rewards.values():
            self._settle(account, reward)
        self._clock, self._counted = self.clock, self.time.timestamp
        self.stakes[account] += gain
        self.total_staked += gain

    def _settle(self, account: Address, reward: Reward) -> int:
        reward.stream = self._stream_now(reward)
        integral = reward.stream.integral
        checkpoint = reward.checkpoints.get(account, Checkpoint())
        owed = checkpoint.owed_down(integral, self.stakes[account])
        if checkpoint.integral != integral:
            reward.settlements[account] += 1
            reward.checkpoints[account] = Checkpoint(integral=integral, owed=owed)
        return owed

    def _stream_now(self, reward: Reward) -> Stream:
        return reward.stream.advanced(self.clock, self.total_staked)

    # Rewards

    def claim(
        self, sender: Address, token: Address, receiver: Address, *, fails: bool = False
    ) -> int:
        """Return what is sent to ``receiver``: all that the sender is owed of ``token``."""
        self._require_receiver(receiver)
        reward = self._reward(token)
        if fails and self.earned(sender, token):
            raise TransferFailed()
        return self._collect(sender, reward)

    def claim_all(
        self, sender: Address, receiver: Address, *, failing: Collection[Address] = ()
    ) -> list[int]:
        """Return what is sent of each token; of those that are ``failing``, nothing."""
        self._require_receiver(receiver)
        paid = []
        for token, reward in self.rewards.items():
            if token in failing:
                self._settle(sender, reward)
                paid.append(0)
            else:
                paid.append(self._collect(sender, reward))
        return paid

    def _collect(self, account: Address, reward: Reward) -> int:
        amount = self._settle(account, reward)
        if amount:
            integral = reward.checkpoints[account].integral
            reward.checkpoints[account] = Checkpoint(integral=integral)
            reward.paid += amount
        return amount

    # Distributors

    def fund(
        self, sender: Address, token: Address, amount: int, duration: int, *, received: int | None
    ) -> int:
        """Add what is ``received`` of ``amount`` (None: the transfer fails) to the stream."""
        reward = self._reward(token)
        if sender != reward.distributor:
            raise NotDistributor(sender, reward.distributor)
        if amount == 0:
            raise ZeroAmount()
        if not MIN_DURATION <= duration <= MAX_DURATION:
            raise DurationOutOfBounds(duration, MIN_DURATION, MAX_DURATION)
        if received is None:
            raise TransferFromFailed()
        if received == 0:
            raise NothingReceived(token)
        room = MAX_AMOUNT - reward.funded
        if received > room:
            raise AmountTooLarge(received, room)
        stream = self._stream_now(reward)
        longest = stream.longest(self.clock, received)
        if longest is not None and duration > longest:
            raise RateWouldFall(duration, longest)
        reward.stream = stream.extended(self.clock, received, duration)
        reward.funded += received
        return received

    def set_distributor(self, sender: Address, token: Address, distributor: Address) -> None:
        """Name who may fund."""
        reward = self._reward(token)
        if sender not in (reward.distributor, self.owner):
            raise NotDistributor(sender, reward.distributor)
        if distributor == ZERO_ADDRESS:
            raise ZeroAddress()
        reward.distributor = distributor

    # Owner

    def add_reward(self, token: Address, distributor: Address) -> None:
        """Put a token on the list."""
        if distributor == ZERO_ADDRESS:
            raise ZeroAddress()
        if token in self.rewards:
            raise RewardExists(token)
        if len(self.rewards) == MAX_REWARDS:
            raise TooManyRewards(MAX_REWARDS)
        self.rewards[token] = Reward(distributor)

    # Views

    def earned(self, account: Address, token: Address) -> int:
        """Units of ``token`` that the account could claim now."""
        reward = self._reward(token)
        checkpoint = reward.checkpoints.get(account, Checkpoint())
        return checkpoint.owed_down(self._stream_now(reward).integral, self.stakes[account])

    def stream_of(self, token: Address) -> tuple[Address, int, int, int]:
        """Distributor, units remaining (rounded up), seconds to the end, units ever funded."""
        reward = self._reward(token)
        duration = max(0, reward.stream.end - self.clock)
        return reward.distributor, self._stream_now(reward).remaining_up, duration, reward.funded

    def _reward(self, token: Address) -> Reward:
        if token not in self.rewards:
            raise UnknownReward(token)
        return self.rewards[token]

    def _require_receiver(self, receiver: Address) -> None:
        if receiver in (ZERO_ADDRESS, self.address):
            raise InvalidReceiver(receiver)
