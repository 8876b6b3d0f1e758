"""What a run writes down: a row each day, and what everybody ended with."""

from dataclasses import dataclass
from datetime import date

from keel.chain.contract import read_all
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import DayRecord, Outcome, RunRecord, Ticket
from keel.sim.trading import WAD, Trading
from keel.sim.world import ETHER, World


@dataclass
class Figures:
    """Reads the chain; changes nothing on it.

    Attributes
    ----------
    crisis : date
        On which the impatient sold and the patient queued.
    impatient_got : int
        Wei that the impatient got for it.
    """

    world: World
    parameters: ScenarioParameters
    record: RunRecord
    trading: Trading
    crisis: date
    impatient_got: int = 0
    _price: float = 0.0
    _share: float = 0.0

    def note_market(self) -> None:
        """Price and mix while the seller has just brought the pool to the market's price."""
        stack = self.world.stack
        swap = stack.swap
        rate, weth, wketh = read_all(
            [stack.wketh.view("getRate"), swap.view("balances", 0), swap.view("balances", 1)]
        )
        value = wketh * rate // WAD
        self._price, self._share = self.trading.price(), value / (weth + value)

    def measure(self, today: MarketDay) -> DayRecord:
        """State after one day."""
        stack = self.world.stack
        swap, pool, queue = stack.swap, stack.pool, stack.queue
        (ether, shares), ema, virtual_price, unreleased, balances, queued, tickets = read_all(
            [
                pool.view("exchangeRate"),
                swap.view("price_oracle", 0),
                swap.view("get_virtual_price"),
                pool.view("getUnreleasedGain"),
                pool.view("getBalances"),
                queue.view("unfinalizedStETH"),
                queue.view("unfinalizedRequestNumber"),
            ]
        )
        return DayRecord(
            day=today.day,
            ether_usd=today.ether_usd,
            market_ratio=today.ratio,
            pool_price=self._price,
            pool_ema=ema / WAD * self.trading.lag(),
            pool_share=self._share,
            real_share=today.real_share,
            virtual_price=virtual_price / WAD,
            rate=ether * 10**9 / shares,
            unreleased=unreleased / ETHER,
            pooled=ether / ETHER,
            buffered=balances[0] / ETHER,
            validators=self.world.layer.live(),
            queued=queued / ETHER,
            open_tickets=tickets,
            seller_sold=self.trading.sold / ETHER,
        )

    def close(self, last: MarketDay) -> None:
        """What everybody ended with, in ether, against holding ether."""
        stack, cast, p = self.world.stack, self.world.cast, self.parameters
        staked = stack.pool.call("balanceOf", cast.staker) / ETHER
        mine = stack.swap.call("balanceOf", cast.provider)
        mine += stack.gauge.call("stakeOf", cast.provider)
        total = stack.swap.call("totalSupply")
        rate = stack.wketh.call("getRate")
        weth = stack.swap.call("balances", 0) * mine / total / ETHER
        wketh = stack.swap.call("balances", 1) * rate * mine / total / ETHER / WAD
        paid = [t for t in self.record.tickets.values() if t.owner == cast.patient]
        outcomes = [
            ("Staker", "holds kETH; at its redemption value", p.each, staked),
            ("Staker", "holds kETH; at the market's price", p.each, staked * last.ratio),
            ("Liquidity provider", "at redemption value", 2 * p.each, weth + wketh),
            (
                "Liquidity provider",
                "at the market's price",
                2 * p.each,
                weth + wketh * last.ratio,
            ),
            (
                "Impatient seller",
                f"sold into the pool on {self.crisis}",
                p.each,
                self.impatient_got / ETHER,
            ),
        ]
        for ticket in paid:
            waited = ticket.wait_days
            what = (
                f"queued on {self.crisis}"
                + _advance(ticket)
                + (f", paid after {waited:.1f} days" if waited is not None else ", still waiting")
            )
            value = ticket.paid if ticket.paid is not None else ticket.nominal
            outcomes.append(("Patient seller", what, p.each, value / ETHER))
        self.record.outcomes = [
            Outcome(who=who, what=what, began=began, ended=ended)
            for who, what, began, ended in outcomes
        ]


def _advance(ticket: Ticket) -> str:
    if ticket.advanced_at is None:
        return ""
    days = (ticket.advanced_at - ticket.requested_at) / 86_400
    return f", got {ticket.advanced / ticket.nominal:.0%} in advance after {days:.1f} days"
