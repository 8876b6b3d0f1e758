"""A window of days played on the stack: the market's, and what befalls the pool in it."""

from collections.abc import Callable, Sequence
from random import Random

from keel.chain.stack import Stack
from keel.keepers.rules import exits_for, shortfall
from keel.sim.beacon.layer import BeaconLayer
from keel.sim.checks import Checks, Ledger
from keel.sim.figures import Figures
from keel.sim.incidents import CALM, Incident, strike
from keel.sim.market import MarketDay
from keel.sim.operators import Operators
from keel.sim.parameters import ScenarioParameters
from keel.sim.product import Product, Tools
from keel.sim.products import PRODUCTS
from keel.sim.records import DayRecord, RunRecord
from keel.sim.reporting import Reporting
from keel.sim.tickets import Tickets
from keel.sim.trading import Trading
from keel.sim.world import ETHER, Cast, World

DAY = 86_400
_DEAD = "0x000000000000000000000000000000000000dEaD"
_DEPOSITS_PER_CALL = 32

Progress = Callable[[DayRecord], None]


class Scenario:
    """One run.

    Parameters
    ----------
    stack : Stack
        Fresh, on an Anvil whose accounts are funded and whose blocks are 12 seconds apart.
    days : Sequence of MarketDay
        The window. The stack must be deployed two days before its first.
    parameters : ScenarioParameters
        Sizes and behaviour.
    incident : Incident
        What befalls the pool.
    options : Sequence of Product
        Option vaults, played after the products of every run.
    """

    def __init__(
        self,
        stack: Stack,
        days: Sequence[MarketDay],
        parameters: ScenarioParameters,
        record: RunRecord,
        incident: Incident = CALM,
        options: Sequence[type[Product]] = (),
    ) -> None:
        self.days = days
        self.parameters = parameters
        self.record = record
        self.incident = incident
        self.random = Random(parameters.seed)
        layer = BeaconLayer(
            parameters.network(), parameters.seed, genesis_time=days[0].timestamp - DAY
        )
        cast = Cast.of(stack.rpc.accounts)
        self.world = World(stack, cast, layer)
        self.ledger = Ledger(bootstrap=int(stack.pool.call("totalSupply")))
        recipients = [who for who, _bps in stack.pool.call("getFees")]
        contracts = (stack.wketh.address, stack.queue.address)
        holders = (*cast.people, *contracts, *recipients, _DEAD)
        self.checks = Checks(self.world, self.ledger, tuple(dict.fromkeys(holders)))
        self.tickets = Tickets(self.world, self.ledger, self.checks, record, self.random)
        self.operators = Operators(self.world, self.ledger)
        self.reporting = Reporting(
            self.world, self.ledger, self.checks, record, self.tickets, self.operators
        )
        self.trading = Trading(self.world, self.checks)
        self._crisis = days[incident.day] if incident is not CALM else worst_day(days)
        self.figures = Figures(self.world, parameters, record, self.trading, self._crisis.day)
        tools = Tools(
            world=self.world,
            checks=self.checks,
            tickets=self.tickets,
            trading=self.trading,
            record=record,
            parameters=parameters,
            stake=self._stake,
            random=Random(parameters.seed),
            crisis=self._crisis,
        )
        self.products = [product(tools) for product in (*PRODUCTS, *options)]

    # The run

    def run(self, progress: Progress | None = None) -> RunRecord:
        """Play the whole window; raises `InvariantBroken` on the first day that fails."""
        self.open()
        for number, today in enumerate(self.days):
            self._play(number, today)
            self.record.days.append(self.figures.measure(today))
            for product in self.products:
                product.measure(today)
            if progress is not None:
                progress(self.record.days[-1])
        self.figures.close(self.days[-1])
        for product in self.products:
            product.close(self.days[-1])
        self.record.checks = self.checks.counts
        self.record.transactions = self.world.transactions
        self.record.lost = self.ledger.lost / ETHER
        return self.record

    def _play(self, number: int, today: MarketDay) -> None:
        for product in self.products:
            product.dawn(today)
        self.world.go_to(today.timestamp)
        self.world.rpc.call("evm_mine")
        loss = False if self.incident.silences(number) else self.reporting.report()
        for product in self.products:
            product.wake()
        self.operators.obey()
        open_claims = self.tickets.claim()
        self._publish_price(today)
        self._crowd(today)
        self.trading.trade_towards(today.ratio)
        self.figures.note_market()
        if number == self.incident.day:
            strike(self.incident, self.world, self.tickets)
        if today is self._crisis:
            self._leave()
        for product in self.products:
            product.play(number, today)
        if self.incident.silences(number):
            self.tickets.advance(self.world.cast.patient)
        self._serve_queue()
        self.checks.after_day(loss=loss, open_claims=open_claims)
        for product in self.products:
            product.check(loss=loss)

    # Before the first day: all that a devnet needs

    def open(self) -> None:
        """Found the pool's history: operators, validators already active, liquidity, positions."""
        world, cast, stack, p = self.world, self.world.cast, self.world.stack, self.parameters
        for operator_id in range(len(cast.operators)):
            self.operators.join(operator_id, 2 * p.supply // 32 // len(cast.operators))
        people = (cast.crowd, cast.makers, cast.seller, cast.provider, cast.impatient, cast.patient)
        for who in people:
            world.approve_all(who)
        self._stake(cast.crowd, p.supply * ETHER)
        self._start_validators()
        self._stake(cast.seller, p.inventory * ETHER)
        world.wrap(cast.seller, p.inventory * ETHER)
        self._stake(cast.staker, p.each * ETHER)
        self._stake(cast.impatient, p.each * ETHER)
        world.wrap(cast.impatient, p.each * ETHER)
        self._stake(cast.patient, p.each * ETHER)
        self._provide(cast.makers, p.liquidity * ETHER)
        self._provide(cast.provider, p.each * ETHER)
        # The seller's other leg, to buy back with.
        world.act(cast.seller, stack.weth, "deposit", value=p.inventory * ETHER)
        for product in self.products:
            product.open()

    def _start_validators(self) -> None:
        """Deposit what the buffer holds, and a day later, with a report between, the rest."""
        keys: list[bytes] = []
        while first := self.operators.deposit(_DEPOSITS_PER_CALL):
            keys += first
        self.world.go_to(self.days[0].timestamp - DAY)
        self.world.rpc.call("evm_mine")
        self.reporting.found(len(keys))
        while self.operators.fund(_DEPOSITS_PER_CALL):
            pass
        self.operators.open_layer(keys)

    def _stake(self, who: str, wei: int) -> None:
        limit = int(self.world.stack.pool.call("getCurrentStakeLimit"))
        self.ledger.submitted += min(wei, limit)
        self.world.stake(who, min(wei, limit))

    def _provide(self, who: str, wei: int) -> None:
        """Add as much ether on either side."""
        world, stack = self.world, self.world.stack
        self._stake(who, wei)
        world.wrap(who, wei)
        world.act(who, stack.weth, "deposit", value=wei)
        amounts = [wei, world.wketh_of(who)]
        world.act(who, stack.swap, "add_liquidity(uint256[],uint256)", amounts, 0)

    # Each day

    def _publish_price(self, today: MarketDay) -> None:
        feed = self.world.stack.feed
        if feed is not None:
            answer = round(today.ether_usd * 1e8)
            self.world.act(self.world.cast.owner, feed, "pushRound", answer, today.timestamp)

    def _crowd(self, today: MarketDay) -> None:
        """New stakers come near par; leavers queue the more, the deeper the discount."""
        p, cast = self.parameters, self.world.cast
        discount = max(0.0, 1 - today.ratio)
        noise = self.random.uniform(0.5, 1.5)
        coming = p.supply * p.stake_per_day * max(0.0, 1 - discount / p.stake_stops_at) * noise
        if coming > 0.01:
            self._stake(cast.crowd, int(coming * ETHER))
        leaving = p.supply * p.leave_per_day * discount * noise
        if leaving > 0.01:
            self.tickets.request(cast.crowd, int(leaving * ETHER))

    def _leave(self) -> None:
        """On the worst day: one sells at once, one queues."""
        world, cast = self.world, self.world.cast
        self.figures.impatient_got = self.trading.exchange(
            cast.impatient, 1, 0, world.wketh_of(cast.impatient)
        )
        self.tickets.request(cast.patient, int(world.stack.pool.call("balanceOf", cast.patient)))

    def _serve_queue(self) -> None:
        """Exits for what the buffer lacks; deposits with what it has too much."""
        stack = self.world.stack
        buffered = int(stack.pool.call("getBalances")[0])
        queued, lent = (int(stack.queue.call(view)) for view in ("unfinalizedStETH", "etherLent"))
        short = shortfall(queued, lent, buffered, self.operators.leaving())
        if short > 0:
            self.operators.request_exits(exits_for(short))
        else:
            self.operators.fund(_DEPOSITS_PER_CALL)
            self.operators.deposit(_DEPOSITS_PER_CALL)


def worst_day(days: Sequence[MarketDay]) -> MarketDay:
    """The deepest discount that leaves time, if the window has it, to see an exit through."""
    leave = min(14, len(days) // 2)
    return min(days[: len(days) - leave] or days, key=lambda day: day.ratio)
