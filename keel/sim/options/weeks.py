"""Option vaults as products of a run: rounds from Friday to Friday, at the market's prices."""

from dataclasses import replace
from functools import partial

from keel.chain.option_config import OptionsConfig, VaultConfig
from keel.chain.options import FeedTerms, open_market
from keel.pricing.view import View, call_in_kind
from keel.sim.market import MarketDay
from keel.sim.options.desk import Desk, Worth
from keel.sim.options.records import VaultRounds
from keel.sim.options.upkeep import Upkeep
from keel.sim.product import Tools
from keel.sim.records import Outcome
from keel.sim.world import ETHER

WAD = 10**18
FRIDAY = 4
ROLL_AFTER = 3_600
"""Seconds after an expiry at which vaults are rolled: its price is beyond dispute."""
_EARLY = (2_400, 1_200)
"""Seconds before 08:00 at which somebody records what the feeds say."""


class Weeks:
    """One vault, week by week, as a product of a run.

    A class of its own says who deposits, who buys, and what they think an option is worth.
    """

    prefix: str
    title: str
    token: str
    quote: str
    market: VaultConfig

    def __init__(self, tools: Tools) -> None:
        self.tools, self.world, self.cast = tools, tools.world, tools.world.cast
        self.parameters = tools.parameters
        self.record = VaultRounds(name=self.title, token=self.token, quote=self.quote)
        tools.record.options.append(self.record)
        self.is_active = False
        self.deposited: dict[str, int] = {}
        self._view = View(volatility=0.0, intensity=0.0, loss=0.0)

    # What a class of its own says

    def depositors(self) -> tuple[tuple[str, int], ...]:
        """Who deposits how many tokens before the first round; the first is followed."""
        raise NotImplementedError

    def buyer(self) -> tuple[str, int | None, Worth]:
        """Who buys, how many at most, and what one is worth to him."""
        raise NotImplementedError

    def view(self, today: MarketDay) -> tuple[View, View]:
        """What the market thinks, and what the quorum says."""
        raise NotImplementedError

    def terms(self) -> FeedTerms:
        """The feed's."""
        raise NotImplementedError

    # The product

    def open(self) -> None:
        """Deposits are queued; they come in at the first roll."""
        handle = self.world.stack.vaults[self.prefix]
        who, appetite, worth = self.buyer()
        self.desk = Desk(
            world=self.world,
            checks=self.tools.checks,
            handle=handle,
            buyer=who,
            appetite=appetite,
            worth=worth,
            record=self.record,
        )
        self.upkeep = Upkeep(self.world, handle, self.cast.members[:2], self.cast.keeper)
        self.desk.allow_buyer()
        for depositor, assets in self.depositors():
            self.desk.request_deposit(depositor, assets)
            self.deposited.setdefault(depositor, assets)

    def dawn(self, today: MarketDay) -> None:
        """Before an expiry the feed's sources are recorded inside the window."""
        if not self.is_active or today.day.weekday() != FRIDAY:
            return
        for seconds in _EARLY:
            self.world.reach(today.timestamp - seconds)
            self.upkeep.observe()

    def wake(self) -> None:
        """Nothing is due before the day's price."""

    def play(self, number: int, today: MarketDay) -> None:
        """The quorum speaks every day; on Fridays a round ends, and the next one's is sold."""
        del number
        if today.volatility is None:
            return
        self._view, said = self.view(today)
        if not self.is_active:
            open_market(
                partial(self.world.act, self.cast.owner),
                self.desk.handle,
                self.terms(),
                self.market,
            )
            self.is_active = True
        self.upkeep.submit(said)
        if today.day.weekday() == FRIDAY:
            self.world.reach(today.timestamp + ROLL_AFTER)
            self.upkeep.settle(self.desk.series, today.timestamp)
            self.desk.roll(today.day)
            self._sell()

    def _sell(self) -> None:
        times = self.desk.looks()
        for time in times:
            self.world.reach(time)
            self.world.rpc.call("evm_mine")
            self.desk.look()
        if times:
            self.world.reach(times[-1] + 120)
            self.world.rpc.call("evm_mine")
            self.desk.close_auction()

    def check(self, *, loss: bool) -> None:
        """The vault's books, every night."""
        del loss
        self.desk.check()

    def measure(self, today: MarketDay) -> None:
        """Rows are written when rounds end."""

    def close(self, last: MarketDay) -> None:
        """What became of the people's ether; a round that is still on counts at what it had."""
        self.record.price = self.desk.price() if self.record.rounds else 1.0
        self.tools.record.outcomes += self.outcomes(last)

    def outcomes(self, last: MarketDay) -> list[Outcome]:
        """Of those who are followed."""
        raise NotImplementedError


class CoveredCalls(Weeks):
    """A vault of wkETH that writes weekly calls; its settlement price knows the discount."""

    prefix, title = "CoveredCalls", "Covered calls on wkETH"
    token, quote = "wkETH", "USD"
    market = OptionsConfig().covered_calls

    def depositors(self) -> tuple[tuple[str, int], ...]:
        """All but one in one account, and the one that is followed."""
        p = self.parameters
        result = []
        for who, ether in ((self.cast.writer, p.each), (self.cast.writers, p.written_against)):
            self.tools.stake(who, ether * ETHER)
            self.world.approve(who, (self.world.stack.pool, self.world.stack.wketh))
            self.world.wrap(who, int(self.world.stack.pool.call("balanceOf", who)))
            result.append((who, self.world.wketh_of(who)))
        return tuple(result)

    def buyer(self) -> tuple[str, int | None, Worth]:
        """A trader who believes in what options imply; he holds wkETH to pay with."""
        trader, stack = self.cast.trader, self.world.stack
        self.tools.stake(trader, self.parameters.each * ETHER)
        self.world.approve(trader, (stack.pool, stack.wketh))
        self.world.wrap(trader, int(stack.pool.call("balanceOf", trader)))
        return trader, None, lambda *terms: call_in_kind(self._view, *terms)

    def view(self, today: MarketDay) -> tuple[View, View]:
        """The quorum is a little more cautious than the market that will buy."""
        p = self.parameters
        market = View(
            volatility=today.volatility or 0.0, intensity=p.depegs_a_year, loss=p.depeg_loss
        )
        return market, replace(market, volatility=market.volatility * p.caution)

    def outcomes(self, last: MarketDay) -> list[Outcome]:
        """The writer's wkETH, with premiums and less payoffs and fees, at redemption value."""
        del last
        rate = self.world.stack.wketh.call("getRate") / WAD
        ended = self.deposited[self.cast.writer] / ETHER * self.record.price * rate
        return [
            Outcome(
                who="Call writer",
                what="wkETH in the vault of covered calls; at redemption value",
                began=self.parameters.each,
                ended=ended,
            )
        ]

    def terms(self) -> FeedTerms:
        """Ether in USD x rate x the lower of the market ratio and one."""
        return self.world.stack.feeds["wkETH"]


class Cover(Weeks):
    """A vault of WETH that writes cover against a depeg, and a holder who buys it."""

    prefix, title = "Cover", "Cover against a depeg"
    token, quote = "WETH", "ether per ether of redemption value"
    market = OptionsConfig().cover

    def depositors(self) -> tuple[tuple[str, int], ...]:
        """One underwriter, with ether."""
        who, wei = self.cast.underwriter, self.parameters.underwritten * ETHER
        self.world.act(who, self.world.stack.weth, "deposit", value=wei)
        return ((who, wei),)

    def buyer(self) -> tuple[str, int | None, Worth]:
        """A holder who insures all of a stake, and pays more than the model says."""
        p, who, stack = self.parameters, self.cast.insured, self.world.stack
        self.tools.stake(who, p.insured * ETHER)
        self.world.act(who, stack.weth, "deposit", value=p.each * ETHER)
        return (
            who,
            p.insured * ETHER,
            lambda *terms: p.prudence * self._model(*terms),
        )

    def _model(self, _ratio: float, strike: float, seconds: float) -> float:
        expiry = self.world.rpc.timestamp + round(seconds)
        reserve = self.desk.handle.pricer.call("reserve", round(strike * WAD), expiry)
        return float(reserve / WAD)

    def view(self, today: MarketDay) -> tuple[View, View]:
        """Fear grows with the discount; the quorum sees what the market sees."""
        p = self.parameters
        fear = p.depegs_a_year + p.depegs_by_discount * max(0.0, 1 - today.ratio)
        market = View(volatility=p.peg_volatility, intensity=min(fear, 10.0), loss=p.depeg_loss)
        return market, market

    def outcomes(self, last: MarketDay) -> list[Outcome]:
        """The underwriter's WETH; the stake with its cover, and what it was without."""
        p, record = self.parameters, self.record
        staked = self.world.stack.pool.call("balanceOf", self.cast.insured) / ETHER * last.ratio
        stake = f"{p.insured} staked ether, at the market's price"
        return [
            Outcome(
                who="Underwriter",
                what="WETH in the vault that writes cover",
                began=p.underwritten,
                ended=p.underwritten * record.price,
            ),
            Outcome(who="Uninsured", what=stake, began=p.insured, ended=staked),
            Outcome(
                who="Insured",
                what=f"{stake}, with payoffs and less premiums",
                began=p.insured,
                ended=staked + record.payoff - record.premium,
            ),
        ]

    def terms(self) -> FeedTerms:
        """The market ratio alone."""
        return self.world.stack.feeds["peg"]
