"""Rules of clearing house and oracle: each is predicted by the models, then mirrored elsewhere."""

from collections import Counter
from copy import copy
from typing import Any

from keel.models.evm import Clock, Revert
from keel.models.options.clearing import MAX_PAIRS, SHORT, Kind, OptionClearing, Series
from keel.models.options.clearing_errors import (
    CollateralNotReceived,
    TransferFailed,
    TransferFromFailed,
)
from keel.models.options.settlement import BOND_PERIOD, DAY, SettlementOracle, expiry_after
from tests.machines.drawing import (
    PART,
    booleans,
    floats,
    integers,
    just,
    log_scale,
    mostly,
    one_of,
    sampled_from,
)
from tests.machines.options_bonds import BOND_SITUATIONS, BondRules
from tests.machines.options_claims import ClaimRules
from tests.machines.options_world import WAD, OptionWorld
from tests.machines.rules import initialize, note, precondition, rule

FUNDS = 10**36
FAILING = ("revert", "return false")
RARE_SITUATIONS = ("settled by unwinding", "more longs than shorts")
"""Of a price that nobody has used yet: what Hypothesis draws seldom keeps one waiting."""
OPTION_SITUATIONS = (
    *(f"clearing.{name}" for name in (
        "listSeries", "mint", "mintUpTo", "burn", "settle", "redeem", "unwind", "transferFrom",
        "approve", "setOperator", "openMarket", "closeMarket",
    )),
    "oracle.observe", "oracle.settle", *BOND_SITUATIONS,
    "last claim",
    *RARE_SITUATIONS,
    "no room for all", "ratio below one", "ratio above one", "rate fell",
    "round without answer", "new phase", "price without round", "price of another day",
    "6 decimals", "18 decimals", "in the money", "out of the money", "capped payoff",
)  # fmt: skip
AMOUNT = mostly(
    one_of(log_scale(1, 10**24), log_scale(10**15, 10**21)),
    sampled_from([0, MAX_PAIRS, MAX_PAIRS + 1]),
)


def fork(clearing: OptionClearing) -> OptionClearing:
    """A copy of both models, that shares the clock, the sources, and what never changes."""
    oracle, after = copy(clearing.oracle), copy(clearing)
    oracle.history = {key: [*history] for key, history in oracle.history.items()}
    oracle.prices, oracle.disputed = {**oracle.prices}, {*oracle.disputed}
    oracle.posters = {**oracle.posters}
    after.oracle, after.operators = oracle, {*clearing.operators}
    after.books = {series_id: copy(book) for series_id, book in clearing.books.items()}
    after.markets = {key: copy(market) for key, market in clearing.markets.items()}
    after.claims, after.allowances = Counter(clearing.claims), Counter(clearing.allowances)
    after.interest = Counter(clearing.interest)
    return after


class OptionRules(OptionWorld, ClaimRules, BondRules):
    """What writers, holders, observers and the world do; OPT-1 and OPT-2."""

    acted: Counter[str]
    refused: Counter[str]

    clearing: OptionClearing
    oracle: SettlementOracle
    time: Clock
    people: tuple[str, ...]
    disputer: str
    owner: str
    markets: tuple[tuple[bytes, str, Kind], ...]

    def start_options(self) -> None:
        self.balances = {token: Counter(dict.fromkeys(self.people, FUNDS)) for token in self.tokens}
        self.modes = dict.fromkeys(self.tokens, "plain")
        self.paid: Counter[int] = Counter()
        self.phase, self.number = 0, self.sources.aggregators[self.aggregator].latest
        self.touched: set[int] = set()
        self.fines = 0

    def series_id(self, series: Series) -> int:
        """Its id, as the contract hashes it."""
        raise NotImplementedError

    def mirror(
        self, sender: str, function: str, arguments: tuple[Any, ...], outcome: Any, value: int
    ) -> None:
        """Repeat the call elsewhere, with `value` wei; `outcome` is its result, or a `Revert`."""

    # Acting

    def act(
        self,
        sender: str,
        function: str,
        *arguments: Any,
        predict: Any,
        series_id: int = 0,
        value: int = 0,
    ) -> bool:
        """Let 12 s pass; predict on a copy of the models; mirror; check what must hold."""
        self.time.timestamp += 12
        before = self.clearing, self.balances
        self.clearing = fork(self.clearing)
        self.balances = {token: Counter(held) for token, held in self.balances.items()}
        self.oracle = self.clearing.oracle
        try:
            outcome = predict()
        except Revert as refusal:
            name = type(refusal).__name__
            self.clearing, self.balances = before
            self.oracle = self.clearing.oracle
            self.refused[f"{function}: {name}"] += 1
            note(f"{function} refused: {name}")
            self.mirror(sender, function, arguments, refusal, value)
            return False
        self.acted[function] += 1
        if series_id:
            self.touched = {series_id}
        self.mirror(sender, function, arguments, outcome, value)
        self.require_invariants()
        return True

    def require_invariants(self) -> None:
        held: Counter[str] = Counter()
        for series_id, book in self.clearing.books.items():
            longs = sum(self.clearing.claims[who, series_id] for who in self.people)
            shorts = sum(self.clearing.claims[who, series_id | SHORT] for who in self.people)
            assert (longs, shorts) == (book.longs, book.shorts), "OPT-1"
            held[book.series.collateral] += book.collateral
            if not book.price:
                exact = longs * book.series.worst
                assert longs == shorts, "OPT-1"
                assert (
                    0
                    <= book.collateral * 10 ** (36 - book.decimals) - exact
                    < 10 ** (36 - book.decimals)
                ), "OPT-1"
            else:
                owed = sum(
                    book.paid(self.clearing.claims[who, series_id], book.payoff)
                    + book.paid(
                        self.clearing.claims[who, series_id | SHORT],
                        book.series.worst - book.payoff,
                    )
                    for who in self.people
                )
                assert owed <= book.held, "OPT-2"
                assert self.paid[series_id] + book.held == book.need(book.pairs), "OPT-2"
                assert longs or shorts or book.held == 0, "OPT-2"
        for token in self.tokens:
            assert self.balances[token]["clearing"] == held[token], f"OPT-1: {token}"

    def _pull(self, token: str, account: str, amount: int) -> None:
        mode = self.modes[token]
        if mode in FAILING or amount > self.balances[token][account]:
            raise TransferFromFailed()
        if mode == "take fee" and amount // 10:
            raise CollateralNotReceived(amount - amount // 10, amount)
        self.balances[token][account] -= amount
        self.balances[token]["clearing"] += amount

    def _push(self, token: str, account: str, amount: int) -> None:
        mode = self.modes[token]
        if mode in FAILING:
            raise TransferFailed()
        self.balances[token]["clearing"] -= amount
        self.balances[token][account] += amount - (amount // 10 if mode == "take fee" else 0)

    # Series

    @initialize(strikes=sampled_from([0.8, 0.95, 1.0, 1.05, 1.3]), amount=log_scale(10**15, 10**21))
    def open_series(self, strikes, amount):
        """A series of each market, with pairs."""
        for position in range(len(self.markets)):
            self._list(position, strikes, 0.1, 1)
        for position, series_id in enumerate(list(self.clearing.books)):
            self._mint(self.people[position % 3], series_id, amount, position)

    @rule(
        position=integers(0, 20),
        moneyness=mostly(floats(0.5, 1.6), sampled_from([0.0, 1e11])),
        width=mostly(floats(0.01, 1.0), sampled_from([0.0, 2.0])),
        days=mostly(integers(0, 1), sampled_from([-1, 500])),
        fresh=mostly(just(True), just(False)),
    )
    def list_series(self, position, moneyness, width, days, fresh):
        if fresh:
            self.push_round(1.0, "none")
        self._list(position, moneyness, width, days)

    def _list(self, position, moneyness, width, days):
        feed, token, kind = self.markets[position % len(self.markets)]
        try:
            price, _ = self.oracle.latest_price(feed)
        except Revert:
            price = WAD
        strike = int(price * moneyness)
        cap = 0 if kind is Kind.CALL_IN_KIND else int(strike * width)
        expiry = expiry_after(self.time.timestamp + 13) + days * DAY
        series = Series(feed, token, expiry, kind, strike, cap)
        series_id = self.series_id(series)
        terms = (feed, token, expiry, int(kind), strike, cap)
        self.act(
            self.people[2], "clearing.listSeries", terms,
            predict=lambda: self.clearing.list_series(series_id, series), series_id=series_id,
        )  # fmt: skip

    @rule(position=integers(0, 20), is_open=booleans())
    def change_market(self, position, is_open):
        key = self.markets[position % len(self.markets)]
        market = self.clearing.markets[key]
        bounds = (market.min_strike, market.strike_step, market.max_time) if is_open else ()
        function = "openMarket" if is_open else "closeMarket"

        def predict():
            self.clearing.markets[key].is_open = is_open

        self.act(self.owner, f"clearing.{function}", *key, *bounds, predict=predict)
        if not is_open:  # for a while only
            self.change_market(position, True)

    # Pairs

    def _some_series(self, position: int, wanted: Any) -> int:
        """Of those that are wanted, and else of all."""
        chosen = [i for i, book in self.clearing.books.items() if wanted(book)]
        chosen = chosen or list(self.clearing.books)
        return chosen[position % len(chosen)]

    def _is_live(self, book: Any) -> bool:
        return not book.price and book.series.expiry > self.time.timestamp + 12

    @precondition(lambda self: any(map(self._is_live, self.clearing.books.values())))
    @rule(
        position=integers(0, 20), which=mostly(just(True), just(False)), amount=AMOUNT,
        receivers=integers(0, 8),
    )  # fmt: skip
    def mint(self, position, which, amount, receivers):
        series_id = self._some_series(position, self._is_live if which else lambda _book: True)
        self._mint(self.people[position % 3], series_id, amount, receivers)

    def _mint(self, payer, series_id, amount, receivers):
        long_to, short_to = self.people[receivers % 3], self.people[receivers // 3 % 3]
        if series_id not in self.clearing.books:
            return
        series = self.clearing.books[series_id].series
        capacity = self.oracle.capacity(series.feed)
        if capacity is not None and 0 < amount < MAX_PAIRS:
            amount = min(amount, capacity // 4 + 1)

        def predict():
            collateral = self.clearing.mint(series_id, amount, long_to, short_to)
            self._pull(series.collateral, payer, collateral)
            self.acted[f"{self.clearing.books[series_id].decimals} decimals"] += 1
            return collateral

        self.act(
            payer, "clearing.mint", series_id, amount, long_to, short_to,
            predict=predict, series_id=series_id,
        )  # fmt: skip

    @precondition(lambda self: any(map(self._is_live, self.clearing.books.values())))
    @rule(position=integers(0, 20), most=mostly(AMOUNT, just(2**256 - 1)), receivers=integers(0, 8))
    def mint_up_to(self, position, most, receivers):
        series_id, payer = self._some_series(position, self._is_live), self.people[position % 3]
        long_to, short_to = self.people[receivers % 3], self.people[receivers // 3 % 3]

        def predict():
            amount, collateral = self.clearing.mint_up_to(series_id, most, long_to, short_to)
            if amount:
                token = self.clearing.books[series_id].series.collateral
                self._pull(token, payer, collateral)
            self.acted["no room for all"] += amount < most
            return amount, collateral

        self.act(
            payer, "clearing.mintUpTo", series_id, most, long_to, short_to,
            predict=predict, series_id=series_id,
        )  # fmt: skip

    @precondition(lambda self: self.clearing.books)
    @rule(position=integers(0, 20), who=integers(0, 2), part=PART)
    def burn(self, position, who, part):
        account = self.people[who]

        def pairs(series_id):
            claims = self.clearing.claims
            return min(claims[account, series_id], claims[account, series_id | SHORT])

        held = [i for i, book in self.clearing.books.items() if not book.price and pairs(i)]
        series_id = held[position % len(held)] if held else self._some_series(
            position, lambda book: not book.price
        )  # fmt: skip
        amount = part.of(pairs(series_id))

        def predict():
            collateral = self.clearing.burn(account, series_id, amount, account)
            self._push(self.clearing.books[series_id].series.collateral, account, collateral)
            return collateral

        arguments = (series_id, amount, account)
        self.act(account, "clearing.burn", *arguments, predict=predict, series_id=series_id)

    # Settlement

    @rule(position=integers(0, 20))
    def observe(self, position):
        self._observe(list(self.feeds.values())[position % len(self.feeds)])

    def _observe(self, feed):
        self.act(self.people[2], "oracle.observe", feed, predict=lambda: self.oracle.observe(feed))

    def _due(self) -> list[tuple[bytes, int]]:
        """Expiries of listed series that are over and without a price."""
        found = {
            (book.series.feed, book.series.expiry)
            for book in self.clearing.books.values()
            if book.series.expiry <= self.time.timestamp
        }
        return sorted(found - self.oracle.prices.keys())

    @precondition(lambda self: self._due())
    @rule(position=integers(0, 20), twist=mostly(just(0), integers(1, 5)))
    def settle_price(self, position, twist):
        due = self._due()
        feed, expiry = due[position % len(due)]
        earliest = self.oracle.settleable_from(feed, expiry)
        if not twist and self.time.timestamp + 12 < earliest:
            self.time.timestamp = earliest
        hints = list(self.oracle.hints_for(feed, expiry))
        if twist == 1:
            hints[0] += 1
        elif twist == 2:
            hints[-1] += 1 << 80
        elif twist == 3:
            hints[0] -= min(1, hints[0])
        elif twist == 4:
            hints.append(0)
        components = self.oracle.feeds[feed].components
        own = expiry // DAY
        hints = tuple(hints)

        def predict():
            price = self.oracle.settle(feed, expiry, hints)
            self.acted["price of another day"] += any(hint >> 80 != own for hint in hints)
            aggregator = self.sources.aggregators[self.aggregator]
            rounds = [
                hint % 2**80
                for hint, part in zip(hints, components, strict=True)
                if part.target == self.aggregator
            ]
            self.acted["price without round"] += any(
                aggregator.time(round_id) < expiry for round_id in rounds
            )
            return price

        self.act(self.people[2], "oracle.settle", feed, expiry, hints, predict=predict)

    def _is_priced(self, book: Any) -> bool:
        return not book.price and (book.series.feed, book.series.expiry) in self.oracle.prices

    @precondition(lambda self: any(map(self._is_priced, self.clearing.books.values())))
    @rule(position=integers(0, 20), which=mostly(just(True), just(False)))
    def settle_series(self, position, which):
        series_id = self._some_series(position, self._is_priced if which else lambda _book: True)

        def predict():
            price = self.clearing.settle(series_id)
            book = self.clearing.books[series_id]
            self.acted["in the money" if book.payoff else "out of the money"] += 1
            self.acted["capped payoff"] += book.payoff == book.series.worst
            return price

        self.act(self.people[1], "clearing.settle", series_id, predict=predict, series_id=series_id)

    @precondition(lambda self: any(book.price for book in self.clearing.books.values()))
    @rule(position=integers(0, 20), who=integers(0, 2), part=PART)
    def redeem(self, position, who, part):
        account = self.people[who]
        claims = [
            claim
            for series_id, book in self.clearing.books.items()
            if book.price
            for claim in (series_id, series_id | SHORT)
        ]
        held = [claim for claim in claims if self.clearing.claims[account, claim]]
        claim_id = (held or claims)[position % len(held or claims)]
        self._redeem(account, claim_id, part.of(self.clearing.claims[account, claim_id]))

    @precondition(lambda self: any(book.price for book in self.clearing.books.values()))
    @rule(position=integers(0, 20), order=integers(0, 5))
    def redeem_all(self, position, order):
        """Everybody, all of a series, in some order."""
        series_id = self._some_series(position, lambda book: book.price and book.held)
        for number in range(6):
            account = self.people[(number + order) % 3]
            claim_id = series_id | ((number // 3 + order) % 2)
            amount = self.clearing.claims[account, claim_id]
            if self.clearing.books[series_id].price and amount:
                self._redeem(account, claim_id, amount)

    def _redeem(self, account, claim_id, amount):
        series_id = claim_id & ~SHORT

        def predict():
            payout = self.clearing.redeem(account, claim_id, amount, account)
            book = self.clearing.books[series_id]
            self._push(book.series.collateral, account, payout)
            self.paid[series_id] += payout
            self.acted["last claim"] += book.longs + book.shorts == 0
            return payout

        arguments = (claim_id, amount, account)
        return self.act(
            account, "clearing.redeem", *arguments, predict=predict, series_id=series_id
        )

    def _is_unwindable(self, book: Any) -> bool:
        return bool(book.price and book.held) or self._is_priced(book)

    @precondition(lambda self: any(map(self._is_unwindable, self.clearing.books.values())))
    @rule(
        position=integers(0, 60), longs=PART, shorts=PART, more=integers(0, 2),
        which=mostly(just(True), just(False)),
    )  # fmt: skip
    def unwind(self, position, longs, shorts, more, which):
        """Mostly by who holds claims of a series that has a price, or can be given one."""
        wanted = self._is_unwindable if which else lambda _book: True
        claims = self.clearing.claims
        places = [
            (series_id, account)
            for series_id, book in self.clearing.books.items()
            if wanted(book)
            for account in self.people
        ]
        holding = [(i, who) for i, who in places if claims[who, i] or claims[who, i | SHORT]]
        series_id, account = (holding or places)[position % len(holding or places)]
        held = [claims[account, series_id | bit] for bit in (0, SHORT)]
        amounts = [longs.of(held[0]), shorts.of(held[1])]
        if more < 2:  # of the one than of the other
            amounts[1 - more] = min(amounts) // 2

        def predict():
            book = self.clearing.books[series_id]
            settled = book.price > 0
            paid = self.clearing.unwind(account, series_id, *amounts, account)
            self._push(book.series.collateral, account, sum(paid))
            self.paid[series_id] += sum(paid)
            self.acted["settled by unwinding"] += not settled
            self.acted["more longs than shorts"] += amounts[0] > amounts[1] > 0
            self.acted["last claim"] += book.longs + book.shorts == 0
            return paid

        arguments = (series_id, *amounts, account)
        self.act(account, "clearing.unwind", *arguments, predict=predict, series_id=series_id)

    def require_all_is_paid(self) -> None:
        """Tokens mended, time past: every series can be settled, and every claim redeemed."""
        for token in self.tokens[:2]:
            self._set_mode(token, "plain")
        last = max(book.series.expiry for book in self.clearing.books.values())
        self.time.timestamp = max(self.time.timestamp, last + BOND_PERIOD + 1)
        self.require_bonds_return()
        for _ in range(len(self._due())):
            before = len(self._due())
            self.settle_price(0, 0)
            assert len(self._due()) == before - 1, "settlement is stuck"
        for series_id, book in list(self.clearing.books.items()):
            if not book.price:
                self.settle_series(list(filter(self._is_unsettled, self.clearing.books)).index(
                    series_id), True)  # fmt: skip
        for series_id in list(self.clearing.books):
            for claim_id in (series_id, series_id | SHORT):
                for account in self.people:
                    amount = self.clearing.claims[account, claim_id]
                    assert not amount or self._redeem(account, claim_id, amount), "OPT-2"
            assert self.clearing.books[series_id].held == 0, "OPT-2"
        assert not any(self.balances[token]["clearing"] for token in self.tokens), "OPT-2"

    def _is_unsettled(self, series_id: int) -> bool:
        return not self.clearing.books[series_id].price
