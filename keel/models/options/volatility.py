"""Twin of the volatility oracle: the higher of realised and quorum, in bounded steps."""

from dataclasses import dataclass, field
from math import isqrt

from keel.models.evm import ZERO_ADDRESS, Address
from keel.models.options.binary_math import YEAR, ln_ratio
from keel.models.options.black_scholes import MAX_AMOUNT
from keel.models.options.vault_errors import (
    AlreadyMember,
    NoQuorum,
    NotMember,
    ObservationTooEarly,
    OutOfBounds,
    VolatilityStale,
    ZeroAddress,
)
from keel.models.rounding import mul_div_up
from keel.models.stableswap.moving_average import exp_wad

WAD = 10**18
DAY = 86_400
MAX_AGE = DAY
MIN_SPACING = 20 * 3_600
MOST_RISKS = (10 * WAD, 99 * WAD // 100, WAD)
"""Of intensity, loss and rate."""


@dataclass(frozen=True)
class Values:
    """What members submit, and what results (WAD, a year's; loss of the spot)."""

    volatility: int
    intensity: int = 0
    loss: int = 0
    rate: int = 0


@dataclass(frozen=True)
class VolatilityTerms:
    """What an oracle is fixed to: as the interface has them, without the feed."""

    quorum: int
    realised_factor: int
    weight: int
    max_move: int
    min_volatility: int
    max_volatility: int
    intensity_step: int
    loss_step: int
    rate_step: int


@dataclass
class VolatilityOracle:
    """Members' submissions, the recorded price, and what comes of them.

    Attributes
    ----------
    price, observed_at : int
        Of the feed, last recorded (WAD); zeros before the first.
    variance : int
        Mean of a year's squared log returns (WAD).
    submissions : dict
        A member's latest values, and their time.
    """

    terms: VolatilityTerms
    owner: Address
    members: list[Address]
    values: Values
    price: int = 0
    observed_at: int = 0
    variance: int = 0
    updated_at: int = 0
    submissions: dict[Address, tuple[Values, int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin with the initial volatility as the realised one."""
        self.variance = self.values.volatility**2 // WAD
        self.log_move = ln_ratio(WAD + self.terms.max_move, WAD) * WAD >> 96

    # Members

    def submit(self, now: int, member: Address, submitted: Values, price: int | None) -> None:
        """Take a member's values; ``price`` is the feed's, none where that is stale."""
        terms = self.terms
        if member not in self.members:
            raise NotMember(member)
        _require_within(submitted.volatility, terms.min_volatility, terms.max_volatility)
        risks = (submitted.intensity, submitted.loss, submitted.rate)
        for value, most in zip(risks, MOST_RISKS, strict=True):
            _require_within(value, 0, most)
        self.submissions[member] = submitted, now
        if now >= self.observed_at + MIN_SPACING and price is not None:
            self._record(now, price)
        self._update_if_quorum(now)

    def replace_member(self, previous: Address, member: Address) -> None:
        """Give ``member`` the place of ``previous``."""
        if member == ZERO_ADDRESS:
            raise ZeroAddress()
        if member in self.members:
            raise AlreadyMember(member)
        if previous not in self.members:
            raise NotMember(previous)
        self.members[self.members.index(previous)] = member
        self.submissions.pop(previous, None)

    # Realised volatility

    def observe(self, now: int, price: int) -> None:
        """Record the feed's price."""
        if now < self.observed_at + MIN_SPACING:
            raise ObservationTooEarly(self.observed_at + MIN_SPACING, now)
        self._record(now, price)
        self._update_if_quorum(now)

    def _record(self, now: int, price: int) -> None:
        price = min(price, MAX_AMOUNT)
        if self.price:
            elapsed = now - self.observed_at
            square = ln_ratio(price, self.price) ** 2 >> 96
            sample = square * YEAR // elapsed * WAD >> 96
            weight = min(self.terms.weight * elapsed // DAY, WAD)
            self.variance = self.variance * (WAD - weight) // WAD + sample * weight // WAD
        self.price, self.observed_at = price, now

    @property
    def realised(self) -> int:
        """A year's volatility of the recorded prices (WAD), rounded down."""
        return isqrt(self.variance * WAD)

    # Values

    def update(self, now: int) -> None:
        """Move the values towards what is asked."""
        self._move_towards(now, self.consensus(now))

    def _update_if_quorum(self, now: int) -> None:
        if len(self._fresh(now)) >= self.terms.quorum:
            self._move_towards(now, self.consensus(now))

    def _move_towards(self, now: int, asked: Values) -> None:
        elapsed, terms, last = min(now - self.updated_at, DAY), self.terms, self.values
        factor = exp_wad(self.log_move * elapsed // DAY)
        wanted = max(self.realised * terms.realised_factor // WAD, asked.volatility)
        lowest, highest = mul_div_up(last.volatility, WAD, factor), last.volatility * factor // WAD
        volatility = _clamp(wanted, lowest, highest)

        def stepped(last_value: int, asked_value: int, daily: int) -> int:
            step = daily * elapsed // DAY
            return _clamp(asked_value, max(last_value - step, 0), last_value + step)

        self.values = Values(
            volatility=_clamp(volatility, terms.min_volatility, terms.max_volatility),
            intensity=stepped(last.intensity, asked.intensity, terms.intensity_step),
            loss=stepped(last.loss, asked.loss, terms.loss_step),
            rate=stepped(last.rate, asked.rate, terms.rate_step),
        )
        self.updated_at = now

    def current(self, now: int) -> Values:
        """Return the values; refuse stale ones."""
        oldest = min(self.updated_at, self.observed_at)
        if now > oldest + MAX_AGE:
            raise VolatilityStale(oldest, now)
        return self.values

    # Quorum

    def consensus(self, now: int) -> Values:
        """Return the upper medians of the last day's submissions."""
        fresh = self._fresh(now)
        if len(fresh) < self.terms.quorum:
            raise NoQuorum(len(fresh), self.terms.quorum)

        def median(name: str) -> int:
            return int(sorted(getattr(values, name) for values in fresh)[len(fresh) // 2])

        return Values(median("volatility"), median("intensity"), median("loss"), median("rate"))

    def _fresh(self, now: int) -> list[Values]:
        return [values for values, at in self.submissions.values() if at + MAX_AGE >= now]


def _clamp(value: int, lowest: int, highest: int) -> int:
    return min(max(value, lowest), highest)


def _require_within(given: int, minimum: int, maximum: int) -> None:
    if not minimum <= given <= maximum:
        raise OutOfBounds(given, minimum, maximum)
