"""The consensus layer in its simple form: activation, accrual, penalties, exits, sweeps.

No chain access: `ConsensusLayer` is told of deposits and exit requests and answers what the
oracle's members would see. Amounts in wei, times in seconds. Constants: consensus-specs, Capella.
"""

from dataclasses import dataclass, field
from random import Random

ETHER = 10**18
MAX_EFFECTIVE = 32 * ETHER
EPOCH = 384
YEAR = 365 * 86_400

WITHDRAWABILITY_DELAY = 256 * EPOCH
"""From exit to withdrawable: MIN_VALIDATOR_WITHDRAWABILITY_DELAY."""
MINIMUM_EXIT_WAIT = 5 * EPOCH
"""Exits take effect no earlier: 1 + MAX_SEED_LOOKAHEAD epochs after the one they come in."""


@dataclass(frozen=True, kw_only=True)
class ConsensusParameters:
    """What a scenario chooses.

    Attributes
    ----------
    apr : float
        Yearly return on an active validator's 32 ether, tips included.
    tips : float
        Part of it that goes to the fee recipient at once.
    activation_wait, exit_wait : int
        Seconds in the entry and exit queues, on top of the protocol's minimum for exits.
    sweep_period : int
        Seconds in which the withdrawal sweep passes each validator once.
    offline : float
        Chance that a validator misses a day; it then loses what it would have earned.
    """

    apr: float
    tips: float = 0.2
    activation_wait: int = 86_400
    exit_wait: int = 43_200
    sweep_period: int = 4 * 86_400
    offline: float = 0.01


@dataclass
class Validator:
    """One validator of the pool; times of what has not happened are None."""

    pubkey: bytes
    balance: int
    active_at: int
    sweep_at: int
    exit_at: int | None = None
    swept: bool = False

    def is_active(self, now: int) -> bool:
        """Whether it earns."""
        return self.active_at <= now and (self.exit_at is None or now < self.exit_at)


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What the members see at a reference time."""

    validators: int
    exited: int
    balance: int
    deposits_seen: int


@dataclass(frozen=True, kw_only=True)
class Credits:
    """Ether credited since the step before: swept withdrawals, and tips."""

    withdrawals: int
    tips: int


@dataclass
class ConsensusLayer:
    """The pool's validators; advance it with `step`."""

    parameters: ConsensusParameters
    random: Random
    now: int
    validators: list[Validator] = field(default_factory=list)
    _by_key: dict[bytes, Validator] = field(default_factory=dict)
    deposited: int = 0

    def deposit(self, pubkey: bytes, amount: int, *, active_at: int | None = None) -> None:
        """Take a deposit; a genesis validator is active at once."""
        wait = self.parameters.activation_wait
        offset = self.random.randrange(self.parameters.sweep_period)
        validator = Validator(
            pubkey=pubkey,
            balance=amount,
            active_at=self.now + wait if active_at is None else active_at,
            sweep_at=self.now + offset,
        )
        self.validators.append(validator)
        self._by_key[pubkey] = validator
        self.deposited += amount

    def request_exit(self, pubkey: bytes) -> None:
        """Let the operator start an exit; asking twice changes nothing."""
        validator = self._by_key[pubkey]
        if validator.exit_at is None:
            begins = max(self.now, validator.active_at)
            validator.exit_at = begins + MINIMUM_EXIT_WAIT + self.parameters.exit_wait

    def step(self, until: int) -> Credits:
        """Let time pass to `until`."""
        elapsed = until - self.now
        withdrawals = tips = 0
        for validator in self.validators:
            if validator.swept:
                continue
            if validator.is_active(until):
                tips += self._accrue(validator, elapsed)
            withdrawals += self._sweep(validator, until)
        self.now = until
        return Credits(withdrawals=withdrawals, tips=tips)

    def _accrue(self, validator: Validator, elapsed: int) -> int:
        """Reward on the balance; returns the tips."""
        reward = int(MAX_EFFECTIVE * self.parameters.apr * elapsed / YEAR)
        tips = int(reward * self.parameters.tips)
        if self.random.random() < self.parameters.offline:
            validator.balance -= reward - tips
            return 0
        validator.balance += reward - tips
        return tips

    def _sweep(self, validator: Validator, until: int) -> int:
        if validator.sweep_at > until:
            return 0
        validator.sweep_at += self.parameters.sweep_period
        withdrawable = validator.exit_at is not None and (
            validator.exit_at + WITHDRAWABILITY_DELAY <= until
        )
        keep = 0 if withdrawable else min(validator.balance, MAX_EFFECTIVE)
        amount, validator.balance = validator.balance - keep, keep
        validator.swept = withdrawable
        return amount

    def observe(self) -> Observation:
        """Sum up as a report does, pending deposits included."""
        return Observation(
            validators=len(self.validators),
            exited=sum(v.exit_at is not None and v.exit_at <= self.now for v in self.validators),
            balance=sum(validator.balance for validator in self.validators),
            deposits_seen=self.deposited,
        )

    def leaving(self) -> int:
        """Balances of validators that were asked to exit and are not swept yet."""
        return sum(v.balance for v in self.validators if v.exit_at is not None and not v.swept)
