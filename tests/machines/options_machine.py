"""The machine of clearing house and oracle: prices jump, sources lie and fail, tokens break."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from keel.chain.artifacts import Artifact
from keel.models.evm import Clock
from keel.models.options import peg_depth
from keel.models.options.clearing import Kind, Market, OptionClearing
from keel.models.options.settlement import (
    DAY,
    Aggregator,
    Component,
    SettlementOracle,
    Sources,
)
from tests.fixtures.options import BOND, FEEDS, PRICE, PRICE_DECIMALS, TOKEN_MODES, WAD, OptionDesk
from tests.machines.chain import Chain
from tests.machines.options import OPTION_SITUATIONS, OptionRules
from tests.machines.options_chain import OptionsChain, id_of
from tests.machines.options_world import WINDOW
from tests.machines.staking_chain import address_of

CONTRACTS = (
    "RateTokenMock", "WrappedTokenMock", "CollateralMock", "AggregatorMock", "PegMarketMock",
    "SettlementOracle", "OptionClearing",
)  # fmt: skip
SITUATIONS = OPTION_SITUATIONS
NAMES = ("owner", "disputer", "writer", "holder", "other")
BOUNDS = (WAD // 1000, 1, 60 * DAY)
"""Of every market: a least strike, any step, and a longest time that some series pass."""


def options_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy both on mocks, with everybody funded, and return what plays on them."""
    accounts = {name: address_of(name).lower() for name in NAMES}
    for account in accounts.values():
        chain.set_balance(account, 10**24)
    desk = OptionDesk(chain.rpc, artifacts, *accounts.values())
    names = {
        part: getattr(desk, part).address.lower()
        for part in ("wketh", "weth", "usdc", "aggregator", "market", "clearing", "oracle")
    }
    contracts = {"clearing": desk.clearing, "oracle": desk.oracle}
    markets = []
    for feed, token, kinds in (
        ("spot", "wketh", (Kind.CALL_IN_KIND,)), ("spot", "usdc", (Kind.CASH_PUT, Kind.CASH_CALL)),
        ("lower", "wketh", (Kind.CALL_IN_KIND,)), ("market", "usdc", (Kind.CASH_PUT,)),
        ("ratio", "weth", (Kind.CASH_PUT,)), ("rate", "weth", (Kind.CASH_CALL,)),
    ):  # fmt: skip
        for kind in kinds:
            markets.append((desk.feeds[feed], names[token], kind))
            desk.open_market(feed, getattr(desk, token), kind, BOUNDS)
    tokens = (names["usdc"], names["weth"], names["wketh"])
    known = {names[token]: getattr(desk, token) for token in ("usdc", "weth", "wketh")}
    observed = _history(desk)
    options_chain = OptionsChain(chain, contracts, tokens)
    start = [chain.snapshot()]

    class OptionsMachine(OptionRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        names = accounts | {
            part: getattr(desk, part).address.lower() for part in ("clearing", "oracle")
        }

        def __init__(self) -> None:
            super().__init__()
            chain.revert(start[0])
            start[0] = chain.snapshot()
            self.time = Clock(chain.timestamp)
            self.owner, self.disputer, *people = accounts.values()
            self.people, self.feeds, self.tokens = tuple(people), desk.feeds, tokens
            self.wketh, self.market = (desk_name(part) for part in ("wketh", "market"))
            self.aggregator, self.markets = desk_name("aggregator"), tuple(markets)
            feed = Aggregator(PRICE_DECIMALS, {1: (PRICE, observed["round"])}, 1)
            capacity = peg_depth.capacity(
                (10_000 * WAD, 10_000 * WAD),
                rate=WAD, amp=50_000, average_d=20_000 * WAD, average_price=WAD,
            )  # fmt: skip
            self.sources = Sources(
                {self.aggregator: feed}, {self.wketh: WAD}, {self.market: WAD},
                {self.market: capacity},
            )  # fmt: skip
            self.oracle = SettlementOracle(
                self.disputer, sources=self.sources, time=self.time, bond=BOND, owner=self.owner
            )
            self._list_feeds()
            self.clearing = OptionClearing(desk_name("clearing"), self.oracle, self.time)
            for feed_id, token, kind in markets:
                decimals = 6 if token == desk_name("usdc") else 18
                self.clearing.markets[feed_id, token, kind] = Market(decimals, *BOUNDS)
            self.start_options()

        def _list_feeds(self) -> None:
            now = self.time.timestamp
            for name, listed_at in observed["feeds"].items():
                self.time.timestamp = listed_at
                parts = tuple(
                    Component(part.target.lower(), part.source, part.max_age)
                    for part in desk.components(FEEDS[name])
                )
                self.oracle.list_feed(desk.feeds[name], parts, WINDOW)
            self.time.timestamp = now

        def series_id(self, series):
            return id_of(series)

        def mirror(self, sender, function, arguments, outcome, value):
            time = self.time.timestamp
            if options_chain.play(sender, function, arguments, time, outcome, value):
                self.require_same(self.touched)

        def require_same(self, series_ids):
            options_chain.require_same(
                self.clearing,
                series_ids,
                self.people,
                self.balances,
                self.fines,
                self.time.timestamp,
            )

        def mirror_world(self, what, *values):
            self.time.timestamp += 12
            sender, call = accounts["other"], self._world_call(what, *values)
            chain.transact(sender, call, self.time.timestamp)

        def _world_call(self, what, *values):
            if what == "round":
                return desk.aggregator.prepare("setRound", *values, True)
            if what == "aggregator fails":
                return desk.aggregator.prepare("setMode", 2 * values[0])
            if what == "token":
                token, mode = values
                return known[token].prepare("setMode", TOKEN_MODES.index(mode))
            if values == (None,):
                if what == "rate":
                    return desk.wketh.prepare("setMode", 1)
                return desk.market.prepare("setBroken", True)
            if what == "rate":
                self.time.timestamp += 12
                chain.transact(
                    accounts["other"], desk.wketh.prepare("setMode", 0), self.time.timestamp - 12
                )
                return desk.wketh.prepare("setRate", *values)
            self.time.timestamp += 12
            chain.transact(
                accounts["other"], desk.market.prepare("setBroken", False), self.time.timestamp - 12
            )
            return desk.market.prepare("setRatio", *values)

        def teardown(self):
            self.require_all_is_paid()
            self.require_same(self.clearing.books)

    def desk_name(part: str) -> str:
        return names[part]

    return OptionsMachine


def _history(desk: OptionDesk) -> dict[str, Any]:
    """When the only round was written and the feeds were listed."""
    feeds = {name: desk.oracle.call("feedOf", feed)[2] for name, feed in desk.feeds.items()}
    return {"round": desk.aggregator.call("latestRoundData")[3], "feeds": feeds}
