"""Twin of ``SettlementOracle``: keeps every observation, and reads prices off the whole history.

The contract keeps one word a day instead; that both give the same price is what tests compare.
"""

from dataclasses import dataclass, field
from enum import IntEnum

from keel.models.evm import ZERO_ADDRESS, Address, Clock
from keel.models.options.settlement_errors import (
    BondStillHeld,
    ForfeitTooLate,
    InvalidComponentCount,
    InvalidDay,
    InvalidExpiry,
    InvalidHintCount,
    InvalidPhase,
    NoBond,
    NotDisputable,
    NotDisputer,
    NotFirstRound,
    NotLastRound,
    OutOfBounds,
    OwnableUnauthorizedAccount,
    RoundTooLate,
    RoundWithoutAnswer,
    SecondMarketRatio,
    SourceFailed,
    StaleRound,
    TooEarly,
    UnknownFeed,
    WrongBond,
    ZeroAddress,
)

WAD = 10**18
DAY = 86_400
EXPIRY_HOUR = 8 * 3_600
MAX_COMPONENTS = 4
MIN_WINDOW, MAX_WINDOW = 300, DAY
MAX_AGE = 30 * DAY
DISPUTE_WINDOW = 1_800
DISPUTE_DELAY = 6 * 3_600
BOND_PERIOD = 3 * DAY
MIN_BOND, MAX_BOND = WAD // 100, 100 * WAD
PATIENCE = 26 * 3_600
MAX_SKIPPED = 8
MIN_RATE, MAX_RATE = WAD // 10, 10 * WAD
MIN_RATIO, MAX_RATIO = WAD // 100, 10 * WAD
MAX_PRICE = 2**128 - 1
DAY_SHIFT = 80
PHASE_SHIFT = 64


class Source(IntEnum):
    """Where a component's price comes from."""

    AGGREGATOR = 0
    REDEMPTION_RATE = 1
    MARKET_RATIO = 2
    CAPPED_MARKET_RATIO = 3


RATIOS = (Source.MARKET_RATIO, Source.CAPPED_MARKET_RATIO)


@dataclass(frozen=True)
class Component:
    """A factor of a feed; ``max_age`` in seconds."""

    target: Address
    source: Source
    max_age: int


@dataclass
class Aggregator:
    """A Chainlink proxy: answers and times by round id."""

    decimals: int
    rounds: dict[int, tuple[int, int]] = field(default_factory=dict)
    latest: int = 0
    fails: bool = False

    def price(self, round_id: int) -> int:
        """WAD; 0 where the round has no answer."""
        answer, time = self.rounds.get(round_id, (0, 0))
        price: int = answer * 10 ** (18 - self.decimals)
        if self.fails or time == 0 or not 0 < price <= MAX_PRICE:
            return 0
        return price

    def time(self, round_id: int) -> int:
        """Seconds; 0 where there is no round."""
        return 0 if self.fails else self.rounds.get(round_id, (0, 0))[1]


@dataclass
class Sources:
    """What the world says now; a source that fails has None."""

    aggregators: dict[Address, Aggregator] = field(default_factory=dict)
    rates: dict[Address, int | None] = field(default_factory=dict)
    ratios: dict[Address, int | None] = field(default_factory=dict)
    capacities: dict[Address, int] = field(default_factory=dict)
    """Of a ratio's pool, in pairs: see ``keel.models.options.peg_depth``."""

    def observed(self, component: Component) -> int:
        """Value of an observed source; 0 where it fails or is absurd."""
        if component.source is Source.REDEMPTION_RATE:
            rate = self.rates[component.target] or 0
            return rate if MIN_RATE <= rate <= MAX_RATE else 0
        ratio = self.ratios[component.target] or 0
        if not MIN_RATIO <= ratio <= MAX_RATIO:
            return 0
        return min(ratio, WAD) if component.source is Source.CAPPED_MARKET_RATIO else ratio


@dataclass(frozen=True)
class Feed:
    """A listed feed."""

    components: tuple[Component, ...]
    window: int
    listed_at: int


def is_expiry(timestamp: int) -> bool:
    """Tell whether it is 08:00 UTC."""
    return timestamp % DAY == EXPIRY_HOUR


def expiry_after(timestamp: int) -> int:
    """The first expiry that is not before a time."""
    return -(-(timestamp - EXPIRY_HOUR) // DAY) * DAY + EXPIRY_HOUR


class SettlementOracle:
    """Twin of the contract; the caller sets the block time and what the sources say."""

    def __init__(
        self,
        disputer: Address,
        *,
        sources: Sources,
        time: Clock,
        bond: int = MIN_BOND,
        owner: Address = ZERO_ADDRESS,
    ) -> None:
        _require_within(bond, MIN_BOND, MAX_BOND)
        self.disputer, self.sources, self.time = disputer, sources, time
        self.bond, self.owner = bond, owner
        self.feeds: dict[bytes, Feed] = {}
        self.history: dict[tuple[Component, int], list[tuple[int, int]]] = {}
        self.prices: dict[tuple[bytes, int], int] = {}
        self.disputed: set[tuple[bytes, int]] = set()
        self.posters: dict[tuple[bytes, int], Address] = {}

    # Feeds

    def list_feed(self, feed: bytes, components: tuple[Component, ...], window: int) -> bytes:
        """List ``feed``, the hash of what follows, and observe it."""
        if feed in self.feeds:
            return feed
        if not 1 <= len(components) <= MAX_COMPONENTS:
            raise InvalidComponentCount(len(components))
        _require_within(window, MIN_WINDOW, MAX_WINDOW)
        pools = 0
        for component in components:
            _require_within(component.max_age, 1, MAX_AGE)
            if component.source is Source.AGGREGATOR:
                _require_within(self.sources.aggregators[component.target].decimals, 0, 18)
            pools += component.source in RATIOS
            if component.source in RATIOS and pools > 1:
                raise SecondMarketRatio(component.target)
            self._price_now(component)
        self.feeds[feed] = Feed(components, window, self.time.timestamp)
        self.observe(feed)
        return feed

    def observe(self, feed: bytes) -> None:
        """Add to the history what each component says now."""
        listed = self._listed(feed)
        for component in listed.components:
            value = self._observation(component)
            if value is None:
                continue
            history = self.history.setdefault((component, listed.window), [])
            if not history or history[-1][0] < self.time.timestamp:
                history.append((self.time.timestamp, value))

    def _observation(self, component: Component) -> int | None:
        if component.source is not Source.AGGREGATOR:
            return self.sources.observed(component) or None
        aggregator = self.sources.aggregators[component.target]
        latest = aggregator.latest
        if not aggregator.price(latest) or aggregator.time(latest) > self.time.timestamp:
            return None
        return latest >> PHASE_SHIFT

    def _listed(self, feed: bytes) -> Feed:
        if feed not in self.feeds:
            raise UnknownFeed(feed)
        return self.feeds[feed]

    # Settlement

    def settle(self, feed: bytes, expiry: int, hints: tuple[int, ...]) -> int:
        """Fix the price of an expiry."""
        if (feed, expiry) in self.prices:
            return self.prices[feed, expiry]
        listed = self._checked(feed, expiry)
        earliest = self.settleable_from(feed, expiry)
        if self.time.timestamp < earliest:
            raise TooEarly(self.time.timestamp, earliest)
        if len(hints) != len(listed.components):
            raise InvalidHintCount(len(hints), len(listed.components))
        price = WAD
        for component, hint in zip(listed.components, hints, strict=True):
            price = min(
                price * self._price_at(component, listed.window, expiry, hint) // WAD, MAX_PRICE
            )
        self.prices[feed, expiry] = max(price, 1)
        return self.prices[feed, expiry]

    def _checked(self, feed: bytes, expiry: int) -> Feed:
        listed = self._listed(feed)
        if not is_expiry(expiry) or expiry < listed.listed_at:
            raise InvalidExpiry(expiry)
        return listed

    def _price_at(self, component: Component, window: int, expiry: int, hint: int) -> int:
        known = [(time, value) for time, value in self.history[component, window] if time <= expiry]
        last_day = expiry_after(known[-1][0]) if known else None
        if last_day != expiry:
            told = hint >> DAY_SHIFT
            if last_day is None or told != last_day // DAY:
                raise InvalidDay(told)
        if component.source is Source.AGGREGATOR:
            aggregator = self.sources.aggregators[component.target]
            return self._proved(aggregator, known[-1][1], expiry, hint % (1 << DAY_SHIFT))
        return mean_down(known, expiry, window=window, max_age=component.max_age)

    def _proved(self, aggregator: Aggregator, phase: int, expiry: int, round_id: int) -> int:
        """Price of the round, if it is the expiry's."""
        if round_id >> PHASE_SHIFT != phase:
            raise InvalidPhase(round_id, phase)
        price, time = aggregator.price(round_id), aggregator.time(round_id)
        if not price:
            raise RoundWithoutAnswer(round_id)
        deadline = expiry + PATIENCE
        if time >= expiry:
            if time > deadline:
                raise RoundTooLate(round_id, time)
            before = _neighbour(aggregator, round_id, -1)
            if before is None or (before and aggregator.time(before) >= expiry):
                raise NotFirstRound(round_id)
        else:
            if self.time.timestamp <= deadline:
                raise TooEarly(self.time.timestamp, deadline + 1)
            after = _neighbour(aggregator, round_id, 1)
            if after and aggregator.time(after) <= deadline:
                raise NotLastRound(round_id)
        return price

    def dispute(self, sender: Address, feed: bytes, expiry: int, *, value: int) -> None:
        """Delay an expiry's settlement, for a bond."""
        if sender != self.disputer:
            raise NotDisputer(sender)
        self._checked(feed, expiry)
        late = not expiry <= self.time.timestamp < expiry + DISPUTE_WINDOW
        if late or (feed, expiry) in self.disputed:
            raise NotDisputable(feed, expiry)
        if value != self.bond:
            raise WrongBond(value, self.bond)
        self.disputed.add((feed, expiry))
        self.posters[feed, expiry] = sender

    # Bonds

    def return_bond(self, feed: bytes, expiry: int) -> Address:
        """Take a dispute's bond out; return whose it is."""
        poster = self._poster(feed, expiry)
        earliest = expiry + BOND_PERIOD
        if self.time.timestamp < earliest:
            raise BondStillHeld(self.time.timestamp, earliest)
        del self.posters[feed, expiry]
        return poster

    def forfeit_bond(self, sender: Address, feed: bytes, expiry: int, receiver: Address) -> None:
        """Take a dispute's bond out for another."""
        if sender != self.owner:
            raise OwnableUnauthorizedAccount(sender)
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self._poster(feed, expiry)
        deadline = expiry + BOND_PERIOD
        if self.time.timestamp >= deadline:
            raise ForfeitTooLate(self.time.timestamp, deadline)
        del self.posters[feed, expiry]

    def _poster(self, feed: bytes, expiry: int) -> Address:
        if (feed, expiry) not in self.posters:
            raise NoBond(feed, expiry)
        return self.posters[feed, expiry]

    @property
    def held(self) -> int:
        """Wei of all bonds that are posted."""
        return self.bond * len(self.posters)

    # Views

    def settleable_from(self, feed: bytes, expiry: int) -> int:
        """From when on the expiry can be settled."""
        delay = DISPUTE_DELAY if (feed, expiry) in self.disputed else 0
        return expiry + DISPUTE_WINDOW + delay

    def latest_price(self, feed: bytes) -> tuple[int, int]:
        """Return the price now, and the time of its oldest part."""
        price, updated = WAD, self.time.timestamp
        for component in self._listed(feed).components:
            factor, time = self._price_now(component)
            price, updated = min(price * factor // WAD, MAX_PRICE), min(updated, time)
        return max(price, 1), updated

    def _price_now(self, component: Component) -> tuple[int, int]:
        now = self.time.timestamp
        if component.source is not Source.AGGREGATOR:
            price, time = self.sources.observed(component), now
        else:
            aggregator = self.sources.aggregators[component.target]
            price, time = aggregator.price(aggregator.latest), aggregator.time(aggregator.latest)
            if price and not time <= now <= time + component.max_age:
                raise StaleRound(component.target, time)
        if not price:
            raise SourceFailed(component.target)
        return price, time

    def market_of(self, feed: bytes) -> Address | None:
        """Whose market ratio is in the feed."""
        for component in self._listed(feed).components:
            if component.source in RATIOS:
                return component.target
        return None

    def capacity(self, feed: bytes) -> int | None:
        """Pairs that may be outstanding; none is no limit."""
        market = self.market_of(feed)
        return None if market is None else self.sources.capacities[market]

    def hints_for(self, feed: bytes, expiry: int) -> tuple[int, ...]:
        """Hints that settle: the day of the last observation, and the expiry's round."""
        listed = self._listed(feed)
        hints = []
        for component in listed.components:
            known = [
                observed for observed in self.history[component, listed.window]
                if observed[0] <= expiry
            ]  # fmt: skip
            if not known:
                hints.append(0)
                continue
            hint = expiry_after(known[-1][0]) // DAY << DAY_SHIFT
            if component.source is Source.AGGREGATOR:
                aggregator = self.sources.aggregators[component.target]
                hint |= round_of(aggregator, known[-1][1], expiry)
            hints.append(hint)
        return tuple(hints)


def mean_down(known: list[tuple[int, int]], expiry: int, *, window: int, max_age: int) -> int:
    """Time-weighted mean of the window that ends at ``expiry``, of observations up to it."""
    start = expiry - window
    inside = [(time, value) for time, value in known if time >= start]
    if not inside:
        return known[-1][1]
    before = [(time, value) for time, value in known if time < start]
    if before and before[-1][0] + max_age >= start:
        inside.insert(0, (start, before[-1][1]))
    ends = [time for time, _ in inside[1:]] + [expiry]
    length = expiry - inside[0][0]
    if length == 0:
        return inside[-1][1]
    total = sum(value * (end - time) for (time, value), end in zip(inside, ends, strict=True))
    return total // length


def round_of(aggregator: Aggregator, phase: int, expiry: int) -> int:
    """Id of the expiry's round in a phase, by the interface's words; 0 without any."""
    answered = sorted(
        round_id
        for round_id in aggregator.rounds
        if round_id >> PHASE_SHIFT == phase and aggregator.price(round_id)
    )
    for round_id in answered:
        if expiry <= aggregator.time(round_id) <= expiry + PATIENCE:
            if _neighbour(aggregator, round_id, -1) is not None:
                return round_id
            break
    earlier = [round_id for round_id in answered if aggregator.time(round_id) < expiry]
    return earlier[-1] if earlier else 0


def _neighbour(aggregator: Aggregator, round_id: int, step: int) -> int | None:
    """The next round with an answer; 0 where a phase begins or ends; none if it is too far."""
    phase = round_id >> PHASE_SHIFT << PHASE_SHIFT
    for distance in range(1, MAX_SKIPPED + 1):
        neighbour = round_id + step * distance
        if neighbour <= phase:
            return 0
        if aggregator.price(neighbour):
            return neighbour
    return 0 if step > 0 else None


def _require_within(given: int, minimum: int, maximum: int) -> None:
    if not minimum <= given <= maximum:
        raise OutOfBounds(given, minimum, maximum)
