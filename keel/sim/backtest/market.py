"""The market on models: staking, swap pool, feeds and volatility, on one clock of blocks."""

from dataclasses import astuple, dataclass, field
from typing import Any

from keel.chain.config import SwapConfig
from keel.chain.option_config import OptionsConfig
from keel.models.erc20 import ERC20
from keel.models.options.settlement import (
    Aggregator,
    Component,
    SettlementOracle,
    Source,
    Sources,
)
from keel.models.options.volatility import Values, VolatilityOracle, VolatilityTerms
from keel.models.stableswap.pool import Block
from keel.models.stableswap.quotes import get_dx
from keel.models.stableswap.rates import RateSource
from keel.models.staking.build import Addresses, Staking, build_staking
from keel.models.staking.ledger import FeeShare, Report
from keel.models.staking.pool import Context, Roles, Verdict
from keel.sim.backtest.journal import Account, Answer, Deed, Entry, Reading, Told
from keel.sim.curve_price import balances_at_price
from keel.sim.studies.house import empty_pool
from keel.sim.world import BLOCK_SECONDS, ETHER

WAD = 10**18
DAY = 86_400
FEED = b"wkETH in USD"
FEED_DECIMALS = 8
MEMBERS = ("member 0", "member 1", "member 2")
QUORUM = 2
REPORT_BLOCKS = QUORUM + 1
"""Votes, and what submits the report."""
_PARTS = 10**6
_BOOTSTRAP = ETHER
_FEES = (("bonds", 500), ("treasury", 400), ("insurance", 100))
_STAKE_LIMIT = 150_000 * ETHER
_HOUR = 3_600
_LEAST_TRADE = ETHER
"""A smaller step towards the market's price isn't worth its fee."""


class _Trusting:
    """Lets every report pass: what a day earns is far inside the checker's bounds."""

    def check(self, report: Report, context: Context) -> Verdict:
        """No bound."""
        del report, context
        return Verdict(max_gain=2**128, latest_request=0)


@dataclass
class _Live(Sources):
    """Sources that are asked when they are needed."""

    market: "Market | None" = None

    def observed(self, component: Component) -> int:
        """Bring the source up to date first."""
        assert self.market is not None
        if component.source is Source.REDEMPTION_RATE:
            self.rates[component.target] = self.market.rate
        else:
            self.ratios[component.target] = self.market.ratio
        return super().observed(component)


@dataclass
class Market:
    """Twins of what a covered call depends on; every act is a block, and is written down.

    Attributes
    ----------
    deployed_at : int
        Seconds; the contracts are there by then.
    apr : float
        What the pool's ether earns; it comes as tips, no validators are needed for that.
    """

    deployed_at: int
    apr: float
    journal: list[Entry] = field(default_factory=list)
    number: int = 0
    _planned: int | None = None
    _reported_at: int = 0

    def __post_init__(self) -> None:
        """Deploy the twins."""
        self.staking = _staking(self.deployed_at)
        self.clock, self.wketh = self.staking.clock, self.staking.wrapper
        self.weth = ERC20("weth")
        self.swap = empty_pool()
        self.aggregator = Aggregator(FEED_DECIMALS)
        self.oracle = SettlementOracle(
            "owner",
            sources=_Live({"feed": self.aggregator}, market=self),
            time=self.clock,
        )
        self.volatility = _volatility()

    # Time

    def at(self, time: int) -> None:
        """Let the next block have this time; later ones follow as blocks do."""
        self._planned = time

    @property
    def now(self) -> int:
        """Seconds, of the latest block."""
        return self.clock.timestamp

    def tick(self, blocks: int = 1) -> int:
        """Mine blocks; returns the time of the first."""
        first = self.now + BLOCK_SECONDS if self._planned is None else self._planned
        if first <= self.now:
            raise ValueError(f"a block at {first} after one at {self.now}")
        self._planned = None
        self.clock.timestamp = first + (blocks - 1) * BLOCK_SECONDS
        self.number += blocks
        return first

    def enter(
        self,
        who: str,
        what: str,
        name: str,
        *args: Any,
        time: int | None = None,
        told: tuple[Told, ...] = (),
        value: int = 0,
    ) -> None:
        """Write a deed of the latest block down."""
        self.journal.append(
            Deed(
                time=self.now if time is None else time,
                who=who, what=what, name=name, args=args, value=value, told=told,
            )
        )  # fmt: skip

    def read(self, *answers: Answer) -> None:
        """Write down what views must answer now."""
        self.journal.append(Reading(answers))

    @property
    def block(self) -> Block:
        """The latest, as the swap pool sees it."""
        source = RateSource(rate=self.rate, confirmed_loss=self.staking.pool.confirmed_loss)
        return Block(number=self.number, timestamp=self.now, source=source)

    # What can be seen

    @property
    def rate(self) -> int:
        """Ether per wkETH (WAD)."""
        return self.wketh.get_rate()

    @property
    def ratio(self) -> int:
        """The swap pool's average price over the rate (WAD)."""
        return self.swap.market_ratio(self.block)

    @property
    def price(self) -> float:
        """Ether per staked ether in the swap pool now."""
        block = self.block
        return self.swap.get_p(block) / WAD * self.swap.rate_at(block) / self.rate

    @property
    def spot(self) -> int:
        """USD per wkETH (WAD); raises a `Revert` where the feed is stale."""
        return self.oracle.latest_price(FEED)[0]

    # Staking

    def stake(self, who: str, ether: int) -> None:
        """Ether of the account to wkETH."""
        wei = ether * ETHER
        self.tick()
        self.staking.pool.submit(who, wei)
        self.enter(who, "pool", "submit", Account("nobody"), value=wei)
        self.tick()
        self.staking.pool.approve(who, "wketh", wei)
        self.enter(who, "pool", "approve", Account("wketh"), wei)
        self.tick()
        self.wketh.wrap(who, wei)
        self.enter(who, "wketh", "wrap", wei)

    def allow(self, who: str, token: str, spender: str) -> None:
        """A standing allowance; the twins take what they are told to."""
        self.tick()
        self.enter(who, token, "approve", Account(spender), 2**256 - 1)

    def report(self) -> None:
        """What the pool has earned since the last report, or since the market opened.

        Once a week: each block costs Anvil what all storage so far weighs.
        """
        pool, first = self.staking.pool, self.tick(REPORT_BLOCKS)
        elapsed, self._reported_at = first - self._reported_at, first
        parts = round(self.apr * _PARTS)
        tips = pool.get_total_pooled_ether() * parts * elapsed // (_PARTS * 365 * DAY)
        pool.rewards_vault.ether_amount = tips
        pool.handle_report("oracle", report_of(0, tips), ref_timestamp=first)
        self.enter("member 0", "oracle", "report", tips, time=first)

    # The swap pool

    def provide(self, who: str, ether: int) -> None:
        """Add as much ether on either side."""
        self.deposit_weth(who, ether)
        wei = ether * ETHER
        amounts = (wei, min(wei, self.wketh.balance_of(who)))
        self.tick()
        self.swap, _ = self.swap.add_liquidity(self.block, amounts)
        self._move(who, "swap", amounts)
        self.enter(who, "swap", "add_liquidity(uint256[],uint256)", list(amounts), 0)

    def deposit_weth(self, who: str, ether: int) -> None:
        """Ether to WETH."""
        self.tick()
        self.weth._mint(who, ether * ETHER)
        self.enter(who, "weth", "deposit", value=ether * ETHER)

    def _move(self, owner: str, to: str, amounts: tuple[int, int]) -> None:
        for token, amount in zip((self.weth, self.wketh), amounts, strict=True):
            token.transfer(owner, to, amount)

    def trade_towards(self, who: str, ratio: float) -> None:
        """Bring the pool to the market's price, selling wkETH or buying it back."""
        i, dx = self._wanted(who, ratio)
        if dx < _LEAST_TRADE:
            return
        self.tick()
        self.swap, outcome = self.swap.exchange(self.block, i, dx)
        paid, got = ((dx, 0), (0, outcome.dy)) if i == 0 else ((0, dx), (outcome.dy, 0))
        self._move(who, "swap", paid)
        self._move("swap", who, got)
        told = Told("TokenExchange", {"tokens_bought": outcome.dy})
        name = "exchange(int128,int128,uint256,uint256)"
        self.enter(who, "swap", name, i, 1 - i, dx, 0, told=(told,))

    def _wanted(self, who: str, ratio: float) -> tuple[int, int]:
        """Which coin to sell, and how much of it."""
        market = self.swap.market(self.block)
        rate, (weth, wketh) = market.rates[1], market.balances
        price = ratio * self.rate / rate
        _, target = balances_at_price(SwapConfig.amplification, float(market.d), price)
        excess = int(target) - wketh * rate // WAD
        if excess > 0:
            return 1, min(excess * WAD // rate, self.wketh.balance_of(who))
        if -excess < _LEAST_TRADE:
            return 0, 0
        dx = get_dx(market, 0, -excess * WAD // rate)
        return 0, min(dx, self.weth.balance_of(who), weth)

    # Feeds

    def push_price(self, ether_usd: float, updated_at: int) -> None:
        """A round of the ether price's feed."""
        answer = round(ether_usd * 10**FEED_DECIMALS)
        self.tick()
        self.aggregator.latest += 1
        self.aggregator.rounds[self.aggregator.latest] = answer, updated_at
        self.enter("owner", "feed", "pushRound", answer, updated_at)

    def open_market(self) -> None:
        """List the feed, and the market of calls on it."""
        components = (
            Component("feed", Source.AGGREGATOR, DAY + _HOUR),
            Component("wketh", Source.REDEMPTION_RATE, DAY),
            Component("swap", Source.CAPPED_MARKET_RATIO, DAY),
        )
        first = self.tick()
        self.oracle.list_feed(FEED, components, _HOUR)
        self.tick()
        self._reported_at = first
        self.enter("owner", "settlement", "open market", time=first)

    def observe(self) -> None:
        """Record what the feed's sources say."""
        self.tick()
        self.oracle.observe(FEED)
        self.enter("keeper", "settlement", "observe", FEED)

    def settle_price(self, expiry: int) -> int:
        """Fix the price of an expiry (WAD)."""
        self.tick()
        price = self.oracle.settle(FEED, expiry, self.oracle.hints_for(FEED, expiry))
        told = Told("PriceSettled", {"priceWad": price})
        self.enter("keeper", "settlement", "settle price", expiry, told=(told,))
        return price

    def submit(self, values: Values) -> None:
        """The quorum agrees on values."""
        for member in MEMBERS[:QUORUM]:
            self.tick()
            before = self.volatility.updated_at
            self.volatility.submit(self.now, member, values, self.spot)
            told: tuple[Told, ...] = ()
            if self.volatility.updated_at != before:
                now = {
                    "values": astuple(self.volatility.values),
                    "realised": self.volatility.realised,
                }
                told = (Told("Updated", now),)
            self.enter(member, "volatility", "submit", astuple(values), told=told)


def report_of(ref_slot: int, tips: int) -> Report:
    """A report of a pool whose ether is all in the buffer."""
    return Report(
        ref_slot=ref_slot,
        validators=0,
        exited_validators=0,
        cl_balance=0,
        deposits_seen=0,
        withdrawal_vault_balance=0,
        rewards_vault_balance=tips,
    )


def _staking(deployed_at: int) -> Staking:
    return build_staking(
        Addresses(
            pool="pool", wrapper="wketh", queue="queue", bonds="bonds", insurance="insurance",
            withdrawals="withdrawals",
        ),
        deployed_at=deployed_at,
        bootstrap=_BOOTSTRAP,
        roles=Roles(owner="owner", guardian="owner", depositor="owner", oracle="oracle"),
        checker=_Trusting(),
        fees=[FeeShare(recipient=who, fee_bps=bps) for who, bps in _FEES],
        max_stake_limit=_STAKE_LIMIT,
        refill_period=DAY,
    )  # fmt: skip


def _volatility() -> VolatilityOracle:
    terms = OptionsConfig().ether_volatility
    return VolatilityOracle(
        VolatilityTerms(
            quorum=QUORUM,
            realised_factor=terms.realised_factor,
            weight=terms.weight,
            max_move=terms.max_move,
            min_volatility=terms.min_volatility,
            max_volatility=terms.max_volatility,
            intensity_step=terms.intensity_step,
            loss_step=terms.loss_step,
            rate_step=terms.rate_step,
        ),
        owner="owner",
        members=list(MEMBERS),
        values=Values(*terms.initial),
    )
