"""Rules of the swap pool: each is predicted by the model, then `mirror_swap` makes it elsewhere.

A machine that takes them in gives blocks, coins, and counters of what acted and what was refused.
"""

from collections import Counter
from dataclasses import replace
from typing import Any

from keel.models.evm import MAX_UINT256
from keel.models.stableswap.curve import WAD, spot_price
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.pool import Block, Pool
from keel.models.stableswap.quotes import get_dx
from keel.models.stableswap.rates import bounded_rate
from keel.models.stableswap.trades import Market
from tests.fixtures.swap import (
    ADD,
    EXCHANGE,
    RECEIVED,
    REMOVE,
    REMOVE_IMBALANCE,
    REMOVE_ONE,
)
from tests.machines.drawing import (
    PART,
    Part,
    builds,
    floats,
    integers,
    just,
    log_scale,
    mostly,
    one_of,
    sampled_from,
    tuples,
)
from tests.machines.rules import note, precondition, rule

ETHER = 10**18
DAY = 86_400
SOON = DAY * 9 // 10
"""Seconds after a ramp before another is tried: a bit less than it takes to be allowed."""
MIN_FEE, MAX_FEE = 10**4, 10**8
"""Parts of 10^10; a fee of nothing is refused."""
COIN = sampled_from([0, 1])
SWAP_1_LEAST_SUPPLY = 10**6
SWAP_1_MOST_SKEW = 10**6
SWAP_7_MOST_FALL = 20
"""Basis points: what five blocks allow."""
SIZE = mostly(
    one_of(
        builds(Part, integers(1, 400_000)),
        builds(Part, just(0), log_scale(1, 10**6)),
    ),
    sampled_from([Part(), Part(8 * 10**6), Part(wei=2**96)]),
)
SWAP_SITUATIONS = (
    "swap.exchange", "swap.exchange_received", "swap.exchange_exact_out", "swap.add_liquidity",
    "swap.remove_liquidity", "swap.remove_liquidity_one_coin", "swap.remove_liquidity_imbalance",
    "swap.ramp_A", "swap.stop_ramp_A", "swap.set_new_fee", "swap.withdraw_admin_fees",
)  # fmt: skip


class SwapRules:
    """What users and the owner do to the pool, and SWAP-1 to SWAP-5 and SWAP-7."""

    acted: Counter[str]
    refused: Counter[str]
    swap: Pool
    swap_users: tuple[str, ...]
    subject = "swap"
    worst_rounding = 0
    widest_skew = 0.0
    deepest_fall = 0.0

    @classmethod
    def measured(cls) -> dict[str, float]:
        """What a campaign tells of its worst."""
        return {
            "SWAP-1, most wei of D lost by rounding": cls.worst_rounding,
            "SWAP-1, widest skew at which it was checked": cls.widest_skew,
            "SWAP-7, most bp by which a step of the rate lowered D per LP": cls.deepest_fall,
        }

    # What the machine gives

    def next_block(self) -> Block:
        raise NotImplementedError

    def coins_of(self, name: str, coin: int) -> int:
        raise NotImplementedError

    def move_coin(self, coin: int, giver: str, taker: str, amount: int) -> None:
        raise NotImplementedError

    def mirror_swap(
        self, name: str, function: str, arguments: tuple[Any, ...], block: Block, outcome: Any
    ) -> None:
        """Repeat the call elsewhere; `outcome` is its result, or a `PoolError`."""

    # Acting

    def start_swap(self, pool: Pool) -> None:
        self.swap, self.lp = pool, Counter()

    def act_swap(self, name: str, function: str, *arguments: Any, predict: Any) -> None:
        """Predict; move coins and LP tokens as predicted; mirror; check what must hold.

        `predict` returns the next pool, the result, what each coin's pool balance gains, and LP
        tokens minted.
        """
        short = function.partition("(")[0]
        block = self.next_block()
        before = self.swap
        try:
            after, result, (gain0, gain1), minted = predict(before, block)
            if minted < -self.lp[name]:
                raise PoolError("InsufficientBalance")
            if gain0 > self.coins_of(name, 0) or gain1 > self.coins_of(name, 1):
                raise PoolError("TransferFromFailed")
        except PoolError as refusal:
            self.refused[f"{short}: {refusal.name}"] += 1
            note(f"{short} refused: {refusal.name}")
            self.mirror_swap(name, function, arguments, block, refusal)
            return
        self.swap = after
        self.lp[name] += minted
        for coin, gain in enumerate((gain0, gain1)):
            if gain > 0:
                self.move_coin(coin, name, "swap", gain)
            elif gain < 0:
                self.move_coin(coin, "swap", name, -gain)
        self.acted[f"swap.{short}"] += 1
        self.mirror_swap(name, function, arguments, block, result)
        self._require_swap_invariants(before, after, block)

    def swap_balances(self) -> dict[tuple[str, str], int]:
        """What everybody has of the coins and the LP token, by token and account."""
        accounts = {
            name: self.swap_account(name)
            for name in (*self.swap_users, self.swap_fee_receiver, "swap")
        }
        coins = {
            (f"coin{coin}", account): self.coins_of(name, coin)
            for coin in range(2)
            for name, account in accounts.items()
        }
        return coins | {("swap", account): self.lp[name] for name, account in accounts.items()}

    def _require_swap_invariants(self, before: Pool, after: Pool, block: Block) -> None:
        for coin in range(2):
            accounted = after.balances[coin] + after.admin_balances[coin]
            assert accounted <= self.coins_of("swap", coin), "SWAP-4"
        assert sum(self.lp.values()) == after.total_supply
        least = min(before.total_supply, after.total_supply)
        if before.balances == after.balances or least < SWAP_1_LEAST_SUPPLY:
            return
        # At the block's rate and A: what else moved D per LP token is no operation's doing.
        then, now = before.market(block), replace(after, ramp=before.ramp).market(block)
        if any(max(xp) > SWAP_1_MOST_SKEW * min(xp) for xp in (then.xp, now.xp)):
            return  # nearly all of one coin was taken out: D is undefined, or a wei of it much
        skew = max(max(xp) / min(xp) for xp in (then.xp, now.xp))
        type(self).widest_skew = max(type(self).widest_skew, skew)
        fall = then.d * after.total_supply - now.d * before.total_supply
        lost = -(-fall // before.total_supply)
        type(self).worst_rounding = max(type(self).worst_rounding, lost)
        assert lost <= rounding_of(then) + rounding_of(now), "SWAP-1"
        self._require_virtual_price(before, after, block, now)

    def _require_virtual_price(self, before: Pool, after: Pool, block: Block, now: Market) -> None:
        """SWAP-7, at the block's A: an operation lowers it by a loss, or within the rate's bound.

        D moves by no larger part than the rate does, whatever the reserves.
        """
        blocks, believed = block.number - before.rate_block, before.rate_at(block)
        if believed < bounded_rate(before.rate, believed, blocks=blocks, fee=before.fee):
            return
        then = replace(before, rate_block=block.number).market(block)
        if max(then.xp) > SWAP_1_MOST_SKEW * min(then.xp):
            return
        whole, left = then.d * after.total_supply, now.d * before.total_supply
        slack = (rounding_of(then) + rounding_of(now)) * before.total_supply
        fallen = 10_000 * (whole - left - slack)
        type(self).deepest_fall = max(type(self).deepest_fall, fallen / whole)
        assert fallen <= SWAP_7_MOST_FALL * whole, "SWAP-7"

    def _reserve(self, coin: int) -> int:
        return self.swap.balances[coin]

    # Users

    @rule(position=integers(0, 2), coin=COIN, size=SIZE)
    def swap_exchange(self, position, coin, size):
        dx = size.of(self._reserve(coin))

        def predict(pool, block):
            after, outcome = pool.exchange(block, coin, dx)
            gains = (dx, -outcome.dy) if coin == 0 else (-outcome.dy, dx)
            self._require_round_trip_costs(after, block, coin, dx, outcome.dy)
            return after, outcome.dy, gains, 0

        self.act_swap(self._user(position), EXCHANGE, coin, 1 - coin, dx, 0, predict=predict)

    def _require_round_trip_costs(self, after, block, coin, dx, dy):
        """SWAP-2: selling what was bought, in the same block, gives less than was paid."""
        if dy == 0:
            return
        try:
            _, back = after.exchange(block, 1 - coin, dy)
        except PoolError:
            return
        assert back.dy < dx, "SWAP-2"

    @precondition(lambda self: self.swap.total_supply)
    @rule(position=integers(0, 2), coin=COIN, part=mostly(
        builds(Part, integers(1, 900_000)), sampled_from([Part(), Part(10**6, 1)])
    ))  # fmt: skip
    def swap_exact_out(self, position, coin, part):
        dy, name = part.of(self._reserve(1 - coin)), self._user(position)

        def predict(pool, block):
            dx = get_dx(pool.market(block), coin, dy)
            after, outcome = pool.exchange(block, coin, dx)
            assert outcome.dy >= dy
            gains = (dx, -outcome.dy) if coin == 0 else (-outcome.dy, dx)
            return after, dx, gains, 0

        arguments = (MAX_UINT256, coin, 1 - coin, dy, MAX_UINT256, self.swap_account(name))
        self.act_swap(name, "exchange_exact_out", *arguments, predict=predict)

    @precondition(lambda self: self.swap.total_supply)
    @rule(position=integers(0, 2), coin=COIN, size=SIZE)
    def swap_received(self, position, coin, size):
        """Send first, then trade; what others left there is sold along."""
        name = self._user(position)
        sent = min(size.of(self._reserve(coin)), self.coins_of(name, coin))
        self.send_coin(name, coin, sent)
        spare = self.coins_of("swap", coin) - (
            self.swap.balances[coin] + self.swap.admin_balances[coin]
        )

        def predict(pool, block):
            if sent == 0:
                raise PoolError("ZeroAmount")
            after, outcome = pool.exchange(block, coin, spare)
            gains = (0, -outcome.dy) if coin == 0 else (-outcome.dy, 0)
            return after, outcome.dy, gains, 0

        self.act_swap(name, RECEIVED, coin, 1 - coin, sent, 0, predict=predict)

    def send_coin(self, name: str, coin: int, amount: int) -> None:
        raise NotImplementedError

    @rule(position=integers(0, 2), parts=tuples(SIZE, SIZE), single=sampled_from([0, 1, 2]))
    def swap_add(self, position, parts, single):
        amounts = tuple(
            0 if coin == single else part.of(self._reserve(coin) or ETHER)
            for coin, part in enumerate(parts)
        )

        def predict(pool, block):
            after, change = pool.add_liquidity(block, amounts)
            return after, change.lp_amount, amounts, change.lp_amount

        self.act_swap(self._user(position), ADD, list(amounts), 0, predict=predict)

    @rule(position=integers(0, 2), part=PART)
    def swap_remove(self, position, part):
        name = self._holder(position)
        burned = part.of(self.lp[name]) or position

        def predict(pool, block):
            if burned > self.lp[name]:
                raise PoolError("InsufficientBalance")
            after, amounts = pool.remove_liquidity(block, burned)
            return after, amounts, (-amounts[0], -amounts[1]), -burned

        self.act_swap(name, REMOVE, burned, [0, 0], predict=predict)

    @rule(position=integers(0, 2), coin=COIN, part=PART)
    def swap_remove_one(self, position, coin, part):
        name = self._holder(position)
        burned = part.of(self.lp[name])
        if burned == self.swap.total_supply and position:
            burned //= 2  # all of it is refused, and that one in three is enough

        def predict(pool, block):
            after, outcome = pool.remove_liquidity_one_coin(block, burned, coin)
            gains = (-outcome.dy, 0) if coin == 0 else (0, -outcome.dy)
            return after, outcome.dy, gains, -burned

        self.act_swap(name, REMOVE_ONE, burned, coin, 0, predict=predict)

    @rule(position=integers(0, 2), parts=tuples(PART, PART), single=sampled_from([0, 1, 2]))
    def swap_remove_imbalance(self, position, parts, single):
        name, supply = self._holder(position), self.swap.total_supply or 1
        amounts = tuple(
            0 if coin == single else part.of(self._reserve(coin) * self.lp[name] // supply // 2)
            for coin, part in enumerate(parts)
        )

        def predict(pool, block):
            after, change = pool.remove_liquidity_imbalance(block, amounts, max_burned=MAX_UINT256)
            return after, change.lp_amount, (-amounts[0], -amounts[1]), -change.lp_amount

        self.act_swap(name, REMOVE_IMBALANCE, list(amounts), MAX_UINT256, predict=predict)

    def _user(self, position: int) -> str:
        return self.swap_users[position]

    def _holder(self, position: int) -> str:
        """One of those who have LP tokens; anybody if nobody has."""
        holders = [name for name in self.swap_users if self.lp[name]] or self.swap_users
        return holders[position % len(holders)]

    def swap_account(self, name: str) -> str:
        """Address of a role on the pool's chain."""
        return name

    # Owner

    @precondition(lambda self: self.swap_time() > self.swap.ramp.initial_time + SOON)
    @rule(factor=floats(0.08, 12), days=mostly(integers(1, 30), just(0)))
    def swap_ramp(self, factor, days):
        target = int(self.swap.ramp.future_amp // 100 * factor)

        def predict(pool, block):
            end = block.timestamp + days * DAY
            return pool.ramp_a(block, target, end), None, (0, 0), 0

        # The call needs its own block's time: the machine tells it in advance.
        end = self.swap_time() + days * DAY
        self.act_swap("owner", "ramp_A", target, end, predict=predict)

    def swap_time(self) -> int:
        """Timestamp that the next block will have."""
        raise NotImplementedError

    @precondition(lambda self: self.swap.ramp.future_time > self.swap_time())
    @rule()
    def swap_stop_ramp(self):
        self.act_swap(
            "owner", "stop_ramp_A",
            predict=lambda pool, block: (pool.stop_ramp_a(block), None, (0, 0), 0),
        )  # fmt: skip

    @rule(
        fee=mostly(log_scale(MIN_FEE, MAX_FEE), sampled_from([0, MIN_FEE - 1, MAX_FEE + 1])),
        multiplier=integers(10**10, 5 * 10**10),
    )
    def swap_set_fee(self, fee, multiplier):
        def predict(pool, block):
            if not MIN_FEE <= fee <= MAX_FEE:
                raise PoolError("FeeOutOfBounds", fee=fee, minimum=MIN_FEE, maximum=MAX_FEE)
            after = replace(pool, fee=fee, offpeg_fee_multiplier=multiplier)
            return after, None, (0, 0), 0

        self.act_swap("owner", "set_new_fee", fee, multiplier, predict=predict)

    @rule()
    def swap_withdraw_admin_fees(self):
        def predict(pool, block):
            after, amounts = pool.withdraw_admin_fees()
            return after, None, (-amounts[0], -amounts[1]), 0

        self.act_swap(self.swap_fee_receiver, "withdraw_admin_fees", predict=predict)

    swap_fee_receiver = "receiver"

    def require_everybody_can_leave(self) -> None:
        """SWAP-5: whatever happened, each holder's share is paid, and nothing but dust is left."""
        for name in [name for name, held in self.lp.items() if held]:
            burned = self.lp[name]

            def predict(pool, block, burned=burned):
                after, amounts = pool.remove_liquidity(block, burned)
                return after, amounts, (-amounts[0], -amounts[1]), -burned

            self.act_swap(name, REMOVE, burned, [0, 0], predict=predict)
        assert self.swap.total_supply == 0, "SWAP-5"
        assert self.swap.balances == (0, 0), "SWAP-5"


def rounding_of(market: Market) -> int:
    """The most that D moves by Newton's rounding and by a wei of either coin, in wei."""
    price = spot_price(market.xp, market.d, market.amp)
    dearest = max(price, WAD * WAD // max(price, 1)) // WAD
    return 3 + sum(market.xp) // market.d + dearest
