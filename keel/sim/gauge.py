"""The gauge in a run: makers and a provider stake LP tokens, the treasury streams WETH to them."""

from keel.chain.contract import read_all
from keel.sim.market import MarketDay
from keel.sim.product import Tools
from keel.sim.records import Outcome
from keel.sim.records_liquidity import GaugeDay, GaugeRecord
from keel.sim.world import ETHER

WEEK = 7
_STREAM_SECONDS = WEEK * 86_400 - 3_600
"""Over before the next funding: what was left of one would raise the rate, which may never fall."""
_WEEKS_A_YEAR = 365 / WEEK


class GaugeDays:
    """A funding a week, a claim a week, and a part of the makers that leaves when it is afraid."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.world, self.stack = tools.world, tools.world.stack
        self.gauge, self.weth = self.stack.gauge, self.stack.weth
        cast = self.world.cast
        self.stakers = (cast.makers, cast.provider)
        self.treasury = cast.owner
        self.record = GaugeRecord()
        tools.record.gauge = self.record
        self._paid = dict.fromkeys(self.stakers, 0)
        self._funded = 0
        self._checkpoints = 0
        self._out = 0
        """LP tokens that the afraid have taken out."""

    # Before the first day

    def open(self) -> None:
        """All liquidity is staked; the treasury may fund."""
        world, gauge, swap = self.world, self.gauge, self.stack.swap
        world.act(self.treasury, gauge, "addReward", self.weth.address, self.treasury)
        world.approve(self.treasury, (self.weth, gauge))
        for who in self.stakers:
            world.approve(who, (swap, gauge))
            self._stake(who, int(swap.call("balanceOf", who)))

    # Each day

    def dawn(self, today: MarketDay) -> None:
        """Nothing happens before the report."""

    def wake(self) -> None:
        """Nothing waits for a keeper here."""

    def play(self, number: int, today: MarketDay) -> None:
        """Fund and claim weekly; fear and calm move a part of the makers."""
        if number % WEEK == 0:
            self._fund()
        elif number % WEEK == WEEK - 1:
            for who in self.stakers:
                self._claim(who)
        self._follow(1 - today.ratio)

    def _fund(self) -> None:
        """A week's reward, at the yearly rate on the pool's value when the run began."""
        p = self.tools.parameters
        amount = int(2 * p.liquidity * p.gauge_rate / _WEEKS_A_YEAR * ETHER)
        self.world.act(self.treasury, self.weth, "deposit", value=amount)
        receipt = self.world.act(
            self.treasury, self.gauge, "fund", self.weth.address, amount, _STREAM_SECONDS
        )
        (event,) = self.gauge.events(receipt, "Funded")
        self._funded += event.values["received"]
        self.record.fundings += 1

    def _claim(self, who: str) -> None:
        receipt = self.world.act(who, self.gauge, "claimAll", who)
        self._checkpoints += 1
        self._paid[who] += sum(
            event.values["amount"] for event in self.gauge.events(receipt, "RewardPaid")
        )

    def _follow(self, discount: float) -> None:
        p, makers = self.tools.parameters, self.world.cast.makers
        if discount > p.fear_at and not self._out:
            self._out = int(int(self.gauge.call("stakeOf", makers)) * p.afraid)
            self.world.act(makers, self.gauge, "unstake", self._out, makers)
            self._checkpoints += 1
        elif discount < p.fear_at and self._out:
            self._stake(makers, self._out)
            self._out = 0

    def _stake(self, who: str, amount: int) -> None:
        self.world.act(who, self.gauge, "stake", amount, who)
        self._checkpoints += 1

    # Each night

    def check(self, *, loss: bool) -> None:
        """GAUGE-1 against the run's own count of what came in and went out; GAUGE-3."""
        del loss
        owed, remaining, stakes, total = self._read()
        paid = sum(self._paid.values())
        left = self._funded - paid - sum(owed) - remaining
        # The last checkpoint of each staker is one that a claim would make now.
        most = self._checkpoints + len(self.stakers)
        self.tools.checks.require(
            "GAUGE-1", 0 <= left < most, f"{left} wei left behind by {most} checkpoints"
        )
        held, lp_held = read_all(
            [
                self.weth.view("balanceOf", self.gauge.address),
                self.stack.swap.view("balanceOf", self.gauge.address),
            ]
        )
        self.tools.checks.expect_equal("GAUGE-1", "WETH held", held, self._funded - paid)
        self.tools.checks.require(
            "GAUGE-3",
            sum(stakes) == total <= lp_held,
            f"stakes {stakes} of {total}, {lp_held} LP tokens held",
        )
        self.record.left_behind = left

    def _read(self) -> tuple[list[int], int, list[int], int]:
        """Rewards owed to each, still to stream, stakes of each, and all of them."""
        gauge, token, count = self.gauge, self.weth.address, len(self.stakers)
        answers = read_all(
            [
                *(gauge.view("earned", who, token) for who in self.stakers),
                *(gauge.view("stakeOf", who) for who in self.stakers),
                gauge.view("streamOf", token),
                gauge.view("totalStaked"),
            ]
        )
        (_, remaining, _, _), total = answers[-2:]
        return answers[:count], remaining, answers[count : 2 * count], total

    def measure(self, today: MarketDay) -> None:
        """A row."""
        owed, remaining, _, total = self._read()
        supply = self.stack.swap.call("totalSupply")
        self.record.days.append(
            GaugeDay(
                day=today.day,
                received=self._funded / ETHER,
                paid=sum(self._paid.values()) / ETHER,
                owed=sum(owed) / ETHER,
                to_stream=remaining / ETHER,
                staked_share=total / supply,
            )
        )

    def close(self, last: MarketDay) -> None:
        """What the provider's stake brought, beside the fees that its LP tokens hold."""
        provider = self.world.cast.provider
        owed = int(self.gauge.call("earned", provider, self.weth.address))
        self.record.provider = (self._paid[provider] + owed) / ETHER
        began = 2.0 * self.tools.parameters.each
        held = next(o for o in self.tools.record.outcomes if o.who == "Liquidity provider")
        self.tools.record.outcomes.append(
            Outcome(
                who="Liquidity provider",
                what="the same, and what the gauge streamed",
                began=began,
                ended=held.ended + self.record.provider,
            )
        )
