"""A market window replayed on the stack, day by day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from eth_utils.crypto import keccak

from keel.chain.stack import Stack
from keel.sim.checks import Checks, Ledger
from keel.sim.consensus import ETHER, ConsensusLayer, ConsensusParameters
from keel.sim.curve_price import balances_at_price
from keel.sim.market import STAKING_APR, MarketDay
from keel.sim.records import DayRecord, Outcome, RunRecord, Ticket
from keel.sim.world import Cast, World

WAD = 10**18
DAY = 86_400
_DEAD = "0x000000000000000000000000000000000000dEaD"
_MARGIN = 3_600
_DEPOSITS_PER_CALL = 32
_LEAST_TRADE = ETHER // 10
"""A smaller step towards the market's price isn't worth its fee."""


@dataclass(frozen=True, kw_only=True)
class ScenarioParameters:
    """Sizes, in ether, and behaviour.

    The sizes are a thousandth of the real ones of April 2022: 4.2 million staked ether,
    1.28 million in the Curve pool.

    Attributes
    ----------
    stake_per_day : float
        New stake at par, as a part of the supply; nobody stakes at a discount of
        `stake_stops_at` or more.
    leave_per_day : float
        Part of the supply that asks for exit each day, for each unit of discount.
    """

    seed: int = 1
    apr: float = STAKING_APR
    supply: int = 4_200
    liquidity: int = 640
    inventory: int = 900
    each: int = 1
    stake_per_day: float = 0.001
    stake_stops_at: float = 0.04
    leave_per_day: float = 0.15


Progress = Callable[[DayRecord], None]


class Scenario:
    """One run.

    Parameters
    ----------
    stack : Stack
        Fresh, on an Anvil whose accounts are funded and whose blocks are 12 seconds apart.
    days : Sequence of MarketDay
        The window. The stack must be deployed a day before its first.
    parameters : ScenarioParameters
        Sizes and behaviour.
    """

    def __init__(
        self,
        stack: Stack,
        days: Sequence[MarketDay],
        parameters: ScenarioParameters,
        record: RunRecord,
    ) -> None:
        self.days = days
        self.parameters = parameters
        self.record = record
        self.random = Random(parameters.seed)
        layer = ConsensusLayer(
            ConsensusParameters(apr=parameters.apr), self.random, now=days[0].timestamp - DAY
        )
        cast = Cast.of(stack.rpc.accounts)
        self.world = World(stack, cast, layer)
        self.ledger = Ledger(bootstrap=int(stack.pool.call("totalSupply")))
        recipients = [who for who, _bps in stack.pool.call("getFees")]
        people = (cast.crowd, cast.makers, cast.seller, cast.staker, cast.provider)
        contracts = (stack.wketh.address, stack.queue.address)
        holders = (*people, cast.impatient, cast.patient, *contracts, *recipients, _DEAD)
        self.checks = Checks(self.world, self.ledger, tuple(dict.fromkeys(holders)))
        self._crisis = worst_day(days)
        self._lp_began = 0.0
        self._impatient_got = 0
        self._sold = 0

    # The run

    def run(self, progress: Progress | None = None) -> RunRecord:
        """Play the whole window; raises `InvariantBroken` on the first day that fails."""
        self.open()
        for today in self.days:
            self._play(today)
            self.record.days.append(self._measure(today))
            if progress is not None:
                progress(self.record.days[-1])
        self._close()
        self.record.checks = self.checks.counts
        self.record.transactions = self.world.transactions
        return self.record

    def _play(self, today: MarketDay) -> None:
        loss = self._report(today.timestamp)
        open_claims = self._claim()
        self._publish_price(today)
        self._crowd(today)
        self._trade_towards(today.ratio)
        if today is self._crisis:
            self._leave()
        self._serve_queue()
        self.checks.after_day(loss=loss, open_claims=open_claims)

    # Before the first day: all that a devnet needs

    def open(self) -> None:
        """Found the pool's history: operators, validators already active, liquidity, positions."""
        world, cast, stack, p = self.world, self.world.cast, self.world.stack, self.parameters
        for operator_id, manager in enumerate(cast.operators):
            world.act(cast.owner, stack.registry, "addOperator", f"Operator {operator_id}", manager)
            world.add_keys(operator_id, 2 * p.supply // 32 // len(cast.operators))
        people = (cast.crowd, cast.makers, cast.seller, cast.provider, cast.impatient, cast.patient)
        for who in people:
            world.approve_all(who)
        self._stake(cast.crowd, p.supply * ETHER)
        while world.deposit_validators(_DEPOSITS_PER_CALL, active_at=world.layer.now):
            pass
        self._stake(cast.seller, p.inventory * ETHER)
        world.wrap(cast.seller, p.inventory * ETHER)
        self._stake(cast.staker, p.each * ETHER)
        self._stake(cast.impatient, p.each * ETHER)
        world.wrap(cast.impatient, p.each * ETHER)
        self._stake(cast.patient, p.each * ETHER)
        self._provide(cast.makers, p.liquidity * ETHER)
        self._provide(cast.provider, p.each * ETHER)
        self._lp_began = 2 * p.each
        # The seller's other leg, to buy back with.
        world.act(cast.seller, stack.weth, "deposit", value=p.inventory * ETHER)

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

    def _report(self, timestamp: int) -> bool:
        """The members report the frame that just ended; returns whether it was a loss."""
        world, stack, cast = self.world, self.world.stack, self.world.cast
        world.go_to(timestamp)
        world.rpc.call("evm_mine")
        ref_slot, ref_timestamp, _deadline = stack.oracle.call("getCurrentFrame")
        credits = world.layer.step(ref_timestamp)
        world.credit(stack.withdrawal_vault, credits.withdrawals)
        world.credit(stack.rewards_vault, credits.tips)
        seen = world.layer.observe()
        collected = (
            world.rpc.balance(stack.withdrawal_vault.address),
            world.rpc.balance(stack.rewards_vault.address),
        )
        report = (
            ref_slot,
            seen.validators,
            seen.exited,
            seen.balance,
            seen.deposits_seen,
            *collected,
            self._last_payable(sum(collected), ref_timestamp),
        )
        report_hash = _hash_report(report)
        quorum = stack.oracle.call("quorum")
        for member in cast.members[:quorum]:
            world.act(member, stack.oracle, "vote", ref_slot, report_hash)
        receipt = world.act(cast.members[0], stack.oracle, "submitReport", report, [])
        self.record.reports += 1
        return self._book(receipt)

    def _book(self, receipt: dict[str, object]) -> bool:
        """Enter what the report says it did into the ledger."""
        stack = self.world.stack
        loss = False
        for event in stack.pool.events(receipt):
            if event.name == "GainReported":
                self.ledger.gained += event.values["gain"]
            elif event.name == "LossReported":
                self.ledger.lost += event.values["loss"]
                loss = event.values["fromRate"] > 0
        for event in stack.queue.events(receipt, "WithdrawalsFinalized"):
            self.ledger.locked += event.values["amountOfETHLocked"]
        return loss

    def _last_payable(self, collected: int, ref_timestamp: int) -> int:
        """Last ticket that is old enough and that buffer and vaults can pay in full."""
        stack = self.world.stack
        budget = int(stack.pool.call("getBalances")[0]) + collected
        last = 0
        for ticket in self._unfinalised():
            budget -= ticket.nominal
            if budget < 0 or ticket.requested_at > ref_timestamp - _MARGIN:
                break
            last = ticket.ticket_id
        return last

    def _unfinalised(self) -> list[Ticket]:
        finalised = self.world.stack.queue.call("getLastFinalizedRequestId")
        return [ticket for ticket in self.record.tickets.values() if ticket.ticket_id > finalised]

    def _claim(self) -> int:
        """Claim what is due, though the crowd forgets some; returns what stays due."""
        world, queue = self.world, self.world.stack.queue
        finalised = queue.call("getLastFinalizedRequestId")
        due = [
            t for t in self.record.tickets.values() if t.paid is None and t.ticket_id <= finalised
        ]
        left = 0
        for ticket in due:
            ids = [ticket.ticket_id]
            hints = queue.call("findCheckpointHints", ids, 1, queue.call("getLastCheckpointIndex"))
            (amount,) = queue.call("getClaimableEther", ids, hints)
            if ticket.owner == world.cast.crowd and self.random.random() < 0.1:
                left += amount
                continue
            receipt = world.act(ticket.owner, queue, "claimWithdrawals", ids, hints)
            (event,) = queue.events(receipt, "WithdrawalClaimed")
            self.checks.expect_equal("STAKE-9", "payment", event.values["amountOfETH"], amount)
            self.ledger.claimed += amount
            self.record.tickets[ticket.ticket_id] = replace(
                ticket, paid=amount, paid_at=world.rpc.timestamp
            )
        return left

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
            self._request(cast.crowd, int(leaving * ETHER))

    def _request(self, who: str, wei: int) -> None:
        world, queue = self.world, self.world.stack.queue
        receipt = world.act(who, queue, "requestWithdrawals(uint256[],address)", [wei], who)
        (event,) = queue.events(receipt, "WithdrawalRequested")
        ticket_id = event.values["requestId"]
        self.record.tickets[ticket_id] = Ticket(
            ticket_id=ticket_id, owner=who, nominal=wei, requested_at=world.rpc.timestamp
        )

    def _trade_towards(self, ratio: float) -> None:
        """The seller brings the pool to the market's price, selling wkETH or buying it back."""
        world, swap, seller = self.world, self.world.stack.swap, self.world.cast.seller
        rate = swap.call("stored_rates")[1]
        weth, wketh = swap.call("balances", 0), swap.call("balances", 1)
        invariant = swap.call("get_virtual_price") * swap.call("totalSupply") // WAD
        _, target = balances_at_price(swap.call("A"), float(invariant), ratio)
        wanted = int(target) - wketh * rate // WAD
        if abs(wanted) < _LEAST_TRADE:
            return
        if wanted > 0:
            i, j, dx = 1, 0, min(wanted * WAD // rate, world.wketh_of(seller))
        else:
            i, j, dx = 0, 1, int(swap.call("get_dx", 0, 1, -wanted * WAD // rate))
            dx = min(dx, int(world.stack.weth.call("balanceOf", seller)), weth)
        got = self._exchange(seller, i, j, dx)
        self._sold += dx if i == 1 else -got

    def _exchange(self, who: str, i: int, j: int, dx: int) -> int:
        """Swap, and check that the quote of the same block is what comes."""
        world, swap = self.world, self.world.stack.swap
        name = "exchange(int128,int128,uint256,uint256)"
        receipt = world.act(who, swap, name, i, j, dx, 0)
        number = int(receipt["blockNumber"], 16)
        (event,) = swap.events(receipt, "TokenExchange")
        got = int(event.values["tokens_bought"])
        # The state before, seen from the block of the swap: the pool's rate moves between blocks.
        block = {"number": hex(number), "time": world.rpc.block(hex(number))["timestamp"]}
        quote = world.rpc.call(
            "eth_call",
            {"to": swap.address, "data": "0x" + swap.abi.encode_call("get_dy", i, j, dx).hex()},
            hex(number - 1),
            {},
            block,
        )
        self.checks.expect_equal("SWAP-3", "tokens bought", got, int(quote, 16))
        return got

    def _leave(self) -> None:
        """On the worst day: one sells at once, one queues."""
        world, cast = self.world, self.world.cast
        self._impatient_got = self._exchange(cast.impatient, 1, 0, world.wketh_of(cast.impatient))
        self._request(cast.patient, int(world.stack.pool.call("balanceOf", cast.patient)))

    def _serve_queue(self) -> None:
        """Exits for what the buffer lacks; deposits with what it has too much."""
        world, stack = self.world, self.world.stack
        buffered = int(stack.pool.call("getBalances")[0])
        short = int(stack.queue.call("unfinalizedStETH")) - buffered - world.layer.leaving()
        if short > 0:
            world.request_exits(-(-short // (32 * ETHER)))
        else:
            world.deposit_validators(_DEPOSITS_PER_CALL)

    # Figures

    def _measure(self, today: MarketDay) -> DayRecord:
        stack = self.world.stack
        swap, pool, queue = stack.swap, stack.pool, stack.queue
        rate = swap.call("stored_rates")[1]
        weth, wketh = swap.call("balances", 0), swap.call("balances", 1) * rate // WAD
        ether, shares = pool.call("exchangeRate")
        return DayRecord(
            day=today.day,
            ether_usd=today.ether_usd,
            market_ratio=today.ratio,
            pool_price=swap.call("get_p", 0) / WAD,
            pool_ema=swap.call("price_oracle", 0) / WAD,
            pool_share=wketh / (weth + wketh),
            real_share=today.real_share,
            virtual_price=swap.call("get_virtual_price") / WAD,
            rate=ether * 10**9 / shares,
            unreleased=pool.call("getUnreleasedGain") / ETHER,
            pooled=ether / ETHER,
            buffered=pool.call("getBalances")[0] / ETHER,
            validators=sum(not v.swept for v in self.world.layer.validators),
            queued=queue.call("unfinalizedStETH") / ETHER,
            open_tickets=queue.call("unfinalizedRequestNumber"),
            seller_sold=self._sold / ETHER,
        )

    def _close(self) -> None:
        """What everybody ended with, in ether, against holding ether."""
        stack, cast, p = self.world.stack, self.world.cast, self.parameters
        last = self.days[-1]
        staked = stack.pool.call("balanceOf", cast.staker) / ETHER
        mine = stack.swap.call("balanceOf", cast.provider)
        total = stack.swap.call("totalSupply")
        rate = stack.swap.call("stored_rates")[1]
        weth = stack.swap.call("balances", 0) * mine / total / ETHER
        wketh = stack.swap.call("balances", 1) * rate * mine / total / ETHER / WAD
        paid = [t for t in self.record.tickets.values() if t.owner == cast.patient]
        outcomes = [
            ("Staker", "holds kETH; at its redemption value", p.each, staked),
            ("Staker", "holds kETH; at the market's price", p.each, staked * last.ratio),
            ("Liquidity provider", "at redemption value", self._lp_began, weth + wketh),
            (
                "Liquidity provider",
                "at the market's price",
                self._lp_began,
                weth + wketh * last.ratio,
            ),
            (
                "Impatient seller",
                f"sold into the pool on {self._crisis.day}",
                p.each,
                self._impatient_got / ETHER,
            ),
        ]
        for ticket in paid:
            waited = ticket.wait_days
            what = f"queued on {self._crisis.day}" + (
                f", paid after {waited:.1f} days" if waited is not None else ", still waiting"
            )
            value = ticket.paid if ticket.paid is not None else ticket.nominal
            outcomes.append(("Patient seller", what, p.each, value / ETHER))
        self.record.outcomes = [
            Outcome(who=who, what=what, began=began, ended=ended)
            for who, what, began, ended in outcomes
        ]


def worst_day(days: Sequence[MarketDay]) -> MarketDay:
    """The deepest discount that leaves time, if the window has it, to see an exit through."""
    leave = min(14, len(days) // 2)
    return min(days[: len(days) - leave] or days, key=lambda day: day.ratio)


def _hash_report(report: tuple[int, ...]) -> bytes:
    """keccak256(abi.encode(report)): eight static words."""
    return keccak(b"".join(word.to_bytes(32, "big") for word in report))
