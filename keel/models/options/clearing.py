"""Twin of ``OptionClearing``: markets, series, claims and what they are worth.

Balances of collateral tokens are the caller's business.
"""

from collections import Counter
from dataclasses import dataclass, field
from enum import IntEnum

from keel.models.evm import ZERO_ADDRESS, Address, Clock
from keel.models.options.clearing_errors import (
    AlreadySettled,
    AmountTooLarge,
    CapacityExceeded,
    CapTooSmall,
    ERC6909InsufficientAllowance,
    ERC6909InsufficientBalance,
    ERC6909InvalidReceiver,
    ExpiryOutOfBounds,
    InvalidCap,
    InvalidExpiry,
    InvalidReceiver,
    InvalidStrike,
    MarketIsClosed,
    NoPrice,
    NotSettled,
    SeriesExpired,
    UnknownMarket,
    UnknownSeries,
    ZeroAmount,
)
from keel.models.options.settlement import SettlementOracle, is_expiry
from keel.models.rounding import mul_div_down, mul_div_up

WAD = 10**18
DAY = 86_400
MAX_TIME = 730 * DAY
MAX_TERM = 2**96 - 1
MAX_PAIRS = 2**88 - 1
SHORT = 1
MIN_CAP = WAD // 100


class Kind(IntEnum):
    """What a series pays."""

    CALL_IN_KIND = 0
    CASH_CALL = 1
    CASH_PUT = 2


@dataclass(frozen=True)
class Series:
    """Terms; strike and cap are WAD of the quote, the expiry is in seconds."""

    feed: bytes
    collateral: Address
    expiry: int
    kind: Kind
    strike: int
    cap: int

    @property
    def worst(self) -> int:
        """The worst payoff of a unit, WAD."""
        return WAD if self.kind is Kind.CALL_IN_KIND else self.cap

    def payoff(self, price: int) -> int:
        """Payoff of a unit at a price, WAD; rounded down."""
        if self.kind is Kind.CALL_IN_KIND:
            return max(0, price - self.strike) * WAD // price
        gain = price - self.strike if self.kind is Kind.CASH_CALL else self.strike - price
        return min(max(0, gain), self.cap)


@dataclass
class Market:
    """A feed with a collateral and a kind; bounds are WAD and seconds."""

    decimals: int
    min_strike: int
    strike_step: int
    max_time: int
    is_open: bool = True


@dataclass
class Book:
    """What is outstanding of a series, and how it was settled."""

    series: Series
    decimals: int
    longs: int = 0
    shorts: int = 0
    price: int = 0
    payoff: int = 0
    pairs: int = 0
    held: int = 0

    def need(self, pairs: int) -> int:
        """Token units that the worst payoff of ``pairs`` takes."""
        return mul_div_up(pairs, self.series.worst, 10 ** (36 - self.decimals))

    def paid(self, claims: int, per_unit: int) -> int:
        """Token units that ``per_unit`` of each claim pays."""
        return mul_div_down(claims, per_unit, 10 ** (36 - self.decimals))

    def take_out(self, longs: int, shorts: int) -> int:
        """Take claims and their payout out; the last ones take what roundings have left."""
        last = (longs, shorts) == (self.longs, self.shorts)
        rest = self.series.worst - self.payoff
        exact = longs * self.payoff + shorts * rest
        payout = self.held if last else self.paid(exact, 1)
        self.longs -= longs
        self.shorts -= shorts
        self.held -= payout
        return payout

    @property
    def collateral(self) -> int:
        """Token units held for the series."""
        return self.held if self.price else self.need(self.longs)

    @property
    def payouts(self) -> tuple[int, int]:
        """What the longs that are left get, and the rest; nothing before settlement."""
        if not self.price:
            return 0, 0
        longs = self.paid(self.longs, self.payoff)
        return longs, self.held - longs


@dataclass
class OptionClearing:
    """Twin of the contract; the caller sets the block time, and names the series' ids."""

    address: Address
    oracle: SettlementOracle
    time: Clock
    markets: dict[tuple[bytes, Address, Kind], Market] = field(default_factory=dict)
    books: dict[int, Book] = field(default_factory=dict)
    claims: Counter[tuple[Address, int]] = field(default_factory=Counter)
    operators: set[tuple[Address, Address]] = field(default_factory=set)
    allowances: Counter[tuple[Address, Address, int]] = field(default_factory=Counter)
    interest: Counter[tuple[Address, int]] = field(default_factory=Counter)

    # Series

    def list_series(self, series_id: int, series: Series) -> int:
        """List a series under its id."""
        if series_id in self.books:
            return series_id
        key = (series.feed, series.collateral, series.kind)
        market = self.markets.get(key)
        if market is None:
            raise UnknownMarket(*key)
        if not market.is_open:
            raise MarketIsClosed(*key)
        self._require_terms(series, market)
        price, _ = self.oracle.latest_price(series.feed)
        capped = self.oracle.market_of(series.feed) is not None
        if capped and series.kind is not Kind.CALL_IN_KIND:
            least = mul_div_up(price, MIN_CAP, WAD)
            if series.cap < least:
                raise CapTooSmall(series.cap, least)
        self.books[series_id] = Book(series, market.decimals)
        return series_id

    def _require_terms(self, series: Series, market: Market) -> None:
        now = self.time.timestamp
        if not is_expiry(series.expiry):
            raise InvalidExpiry(series.expiry)
        if not now < series.expiry <= now + market.max_time:
            raise ExpiryOutOfBounds(series.expiry, now, now + market.max_time)
        strike, step = series.strike, market.strike_step
        if not market.min_strike <= strike <= MAX_TERM or strike % step:
            raise InvalidStrike(strike, market.min_strike, step)
        if series.kind is Kind.CALL_IN_KIND:
            if series.cap:
                raise InvalidCap(series.cap, 0)
            return
        maximum = strike if series.kind is Kind.CASH_PUT else MAX_TERM
        if not 0 < series.cap <= maximum:
            raise InvalidCap(series.cap, maximum)

    def _book(self, series_id: int) -> Book:
        if series_id not in self.books:
            raise UnknownSeries(series_id)
        return self.books[series_id]

    # Pairs

    def mint(self, series_id: int, amount: int, long_to: Address, short_to: Address) -> int:
        """Mint pairs; return the collateral that the sender owes."""
        book = self._open_book(series_id)
        if amount == 0:
            raise ZeroAmount()
        if amount > MAX_PAIRS - book.longs:
            raise AmountTooLarge(amount, MAX_PAIRS - book.longs)
        self._add_interest(book.series, amount)
        return self._issue(book, series_id, amount, long_to, short_to)

    def mint_up_to(
        self, series_id: int, most: int, long_to: Address, short_to: Address
    ) -> tuple[int, int]:
        """Mint as many pairs as there is room for; return how many, and the collateral owed."""
        book = self._open_book(series_id)
        amount = min(most, MAX_PAIRS - book.longs)
        pool = self.oracle.market_of(book.series.feed)
        capacity = self.oracle.capacity(book.series.feed)
        if pool is not None and capacity is not None:
            taken = self.interest[pool, book.series.expiry]
            amount = min(amount, max(0, capacity - taken))
        if not amount:
            return 0, 0
        self._add_interest(book.series, amount)
        return amount, self._issue(book, series_id, amount, long_to, short_to)

    def _open_book(self, series_id: int) -> Book:
        book = self._book(series_id)
        series = book.series
        key = (series.feed, series.collateral, series.kind)
        if not self.markets[key].is_open:
            raise MarketIsClosed(*key)
        if self.time.timestamp >= series.expiry:
            raise SeriesExpired(series_id, series.expiry)
        return book

    def _issue(
        self, book: Book, series_id: int, amount: int, long_to: Address, short_to: Address
    ) -> int:
        collateral = book.need(book.longs + amount) - book.need(book.longs)
        book.longs += amount
        book.shorts += amount
        self._give(long_to, series_id, amount)
        self._give(short_to, series_id | SHORT, amount)
        return collateral

    def _add_interest(self, series: Series, amount: int) -> None:
        pool = self.oracle.market_of(series.feed)
        if pool is None:
            return
        pairs = self.interest[pool, series.expiry] + amount
        capacity = self.oracle.capacity(series.feed)
        if capacity is not None and pairs > capacity:
            raise CapacityExceeded(pairs, capacity)
        self.interest[pool, series.expiry] = pairs

    def burn(self, sender: Address, series_id: int, amount: int, receiver: Address) -> int:
        """Burn pairs of the sender; return the collateral due."""
        self._require_receiver(receiver)
        book = self._book(series_id)
        if amount == 0:
            raise ZeroAmount()
        if book.price:
            raise AlreadySettled(series_id)
        self._take(sender, series_id, amount)
        self._take(sender, series_id | SHORT, amount)
        collateral = book.need(book.longs) - book.need(book.longs - amount)
        book.longs -= amount
        book.shorts -= amount
        pool = self.oracle.market_of(book.series.feed)
        if pool is not None:
            self.interest[pool, book.series.expiry] -= amount
        return collateral

    # Settlement

    def settle(self, series_id: int) -> int:
        """Settle at the oracle's price."""
        book = self._book(series_id)
        if book.price:
            raise AlreadySettled(series_id)
        price = self._settle(book)
        if not price:
            raise NoPrice(book.series.feed, book.series.expiry)
        return price

    def _settle(self, book: Book) -> int:
        series = book.series
        price = self.oracle.prices.get((series.feed, series.expiry), 0)
        if price:
            book.held, book.pairs = book.need(book.longs), book.longs
            book.price, book.payoff = price, series.payoff(price)
        return price

    def redeem(self, sender: Address, claim_id: int, amount: int, receiver: Address) -> int:
        """Redeem claims of the sender; return the payout due."""
        self._require_receiver(receiver)
        series_id = claim_id & ~SHORT
        book = self._book(series_id)
        if amount == 0:
            raise ZeroAmount()
        if not book.price:
            raise NotSettled(series_id)
        self._take(sender, claim_id, amount)
        return book.take_out(0, amount) if claim_id & SHORT else book.take_out(amount, 0)

    def unwind(
        self, sender: Address, series_id: int, longs: int, shorts: int, receiver: Address
    ) -> tuple[int, int]:
        """Redeem longs and shorts of the sender; return what is due for pairs, and for others."""
        self._require_receiver(receiver)
        book = self._book(series_id)
        if longs == shorts == 0:
            raise ZeroAmount()
        if not book.price and not self._settle(book):
            raise NotSettled(series_id)
        self._take(sender, series_id, longs)
        self._take(sender, series_id | SHORT, shorts)
        pairs = min(longs, shorts)
        collateral = book.take_out(pairs, pairs) if pairs else 0
        payout = book.take_out(longs - pairs, shorts - pairs) if longs != shorts else 0
        return collateral, payout

    # Claims

    def transfer_from(
        self, caller: Address, sender: Address, receiver: Address, claim_id: int, amount: int
    ) -> None:
        """Move claims as their owner, an operator, or one with an allowance."""
        if caller != sender and (sender, caller) not in self.operators:
            key = (sender, caller, claim_id)
            if self.allowances[key] < amount:
                raise ERC6909InsufficientAllowance(caller, self.allowances[key], amount, claim_id)
            if self.allowances[key] < 2**256 - 1:
                self.allowances[key] -= amount
        if receiver == ZERO_ADDRESS:
            raise ERC6909InvalidReceiver(receiver)
        if receiver == self.address:
            raise InvalidReceiver(receiver)
        self._take(sender, claim_id, amount)
        self._give(receiver, claim_id, amount)

    def _give(self, account: Address, claim_id: int, amount: int) -> None:
        if account == ZERO_ADDRESS:
            raise ERC6909InvalidReceiver(account)
        if account == self.address:
            raise InvalidReceiver(account)
        self.claims[account, claim_id] += amount

    def _take(self, account: Address, claim_id: int, amount: int) -> None:
        held = self.claims[account, claim_id]
        if amount > held:
            raise ERC6909InsufficientBalance(account, held, amount, claim_id)
        self.claims[account, claim_id] -= amount

    def _require_receiver(self, receiver: Address) -> None:
        if receiver in (ZERO_ADDRESS, self.address):
            raise InvalidReceiver(receiver)
