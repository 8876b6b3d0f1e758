"""The pool: its state, and what every operation makes of it.

Every operation returns the next state beside its outcome and raises ``PoolError`` with the
contract's error and values. Token balances of users are not here: the caller keeps them.
"""

from dataclasses import dataclass, replace

from keel.models.stableswap.amplification import Ramp
from keel.models.stableswap.curve import WAD, Pair, spot_price
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.oracle import Oracle
from keel.models.stableswap.rates import RateSource, bounded_rate
from keel.models.stableswap.trades import (
    Change,
    Market,
    OneCoinExit,
    Rules,
    Swap,
    deposit,
    imbalanced_withdrawal,
    one_coin_exit,
    proportional_withdrawal,
    swap,
)

ZERO: Pair = (0, 0)


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a pool fixes at deployment.

    Attributes
    ----------
    rules : of fees and limits
    ma_exp_time : time constant of the price average (seconds)
    d_ma_time : time constant of the D average (seconds)
    min_price : floor of the last price (WAD)
    rate_bounded : whether the rate's steps are bounded
    base_rate : rate of coin 0 (WAD); ether itself, except where vectors say otherwise
    """

    rules: Rules
    ma_exp_time: int
    d_ma_time: int
    min_price: int
    rate_bounded: bool
    base_rate: int = WAD


@dataclass(frozen=True, kw_only=True)
class Block:
    """The block in which an operation runs, and what the rate source says in it."""

    number: int
    timestamp: int
    source: RateSource


@dataclass(frozen=True, kw_only=True)
class Pool:
    """The pool's whole state. Units as in ``Market``.

    Attributes
    ----------
    admin_balances : wei of each coin that the fee receiver may claim; not part of ``balances``
    rate : the rate of coin 1 that the pool believes (WAD)
    rate_block : the block in which it was last brought up to date
    """

    terms: Terms
    ramp: Ramp
    fee: int
    offpeg_fee_multiplier: int
    balances: Pair = ZERO
    admin_balances: Pair = ZERO
    total_supply: int = 0
    rate: int
    rate_block: int
    oracle: Oracle

    def rate_at(self, block: Block) -> int:
        """Return the rate that an operation in ``block`` would use.

        A source that fails leaves the last rate standing. A fall below the bound is believed at
        once if the source has confirmed a loss since the last trade, as far as that loss went.
        """
        asked = block.source.usable_rate
        if block.number == self.rate_block or asked is None:
            return self.rate
        if not self.terms.rate_bounded or self.total_supply == 0:
            return asked
        blocks = block.number - self.rate_block
        rate = bounded_rate(self.rate, asked, blocks=blocks, fee=self.fee)
        if asked < rate and block.source.confirmed_loss is not None:
            left, time = block.source.confirmed_loss
            if time >= self.oracle.price_time:
                return min(rate, max(asked, left))
        return rate

    def market(self, block: Block) -> Market:
        """Return the snapshot that an operation in ``block`` would see."""
        return Market(
            balances=self.balances,
            rates=(self.terms.base_rate, self.rate_at(block)),
            amp=self.ramp.amp_at(block.timestamp),
            fee=self.fee,
            offpeg_fee_multiplier=self.offpeg_fee_multiplier,
            total_supply=self.total_supply,
            rules=self.terms.rules,
        )

    def exchange(self, block: Block, i: int, dx: int, *, min_dy: int = 0) -> tuple["Pool", Swap]:
        """Sell ``dx`` of coin ``i``."""
        if dx == 0:
            raise PoolError("ZeroAmount")
        market = self.market(block)
        outcome = swap(market, i, dx)
        if outcome.dy < min_dy:
            raise PoolError("SlippageExceeded", got=outcome.dy, minimum=min_dy)
        j = 1 - i
        balances = list(self.balances)
        balances[i] += dx
        balances[j] -= outcome.dy + outcome.admin_fee
        admin_balances = list(self.admin_balances)
        admin_balances[j] += outcome.admin_fee
        pool = self._after(
            block,
            balances=(balances[0], balances[1]),
            admin_balances=(admin_balances[0], admin_balances[1]),
        )
        return pool._with_prices(block, outcome.xp, outcome.d), outcome

    def add_liquidity(
        self, block: Block, amounts: Pair, *, min_minted: int = 0
    ) -> tuple["Pool", Change]:
        """Deposit ``amounts``."""
        outcome = deposit(self.market(block), amounts)
        if outcome.lp_amount < min_minted:
            raise PoolError("SlippageExceeded", got=outcome.lp_amount, minimum=min_minted)
        pool = self._after_change(block, outcome, self.total_supply + outcome.lp_amount)
        pool = pool._with_prices(block, outcome.xp, outcome.d)
        if self.total_supply == 0:
            oracle = pool.oracle.restarted(outcome.d, now=block.timestamp)
            pool = replace(pool, oracle=oracle)
        return pool, outcome

    def remove_liquidity_imbalance(
        self, block: Block, amounts: Pair, *, max_burned: int
    ) -> tuple["Pool", Change]:
        """Withdraw exactly ``amounts``."""
        outcome = imbalanced_withdrawal(self.market(block), amounts)
        if outcome.lp_amount > max_burned:
            raise PoolError("MaximumExceeded", needed=outcome.lp_amount, maximum=max_burned)
        pool = self._after_change(block, outcome, self.total_supply - outcome.lp_amount)
        return pool._with_prices(block, outcome.xp, outcome.d), outcome

    def remove_liquidity_one_coin(
        self, block: Block, lp_amount: int, i: int, *, min_received: int = 0
    ) -> tuple["Pool", OneCoinExit]:
        """Burn ``lp_amount`` for coin ``i`` alone."""
        outcome = one_coin_exit(self.market(block), lp_amount, i)
        if outcome.dy < min_received:
            raise PoolError("SlippageExceeded", got=outcome.dy, minimum=min_received)
        balances, admin_balances = list(self.balances), list(self.admin_balances)
        balances[i] -= outcome.dy + outcome.admin_fee
        admin_balances[i] += outcome.admin_fee
        pool = self._after(
            block,
            balances=(balances[0], balances[1]),
            admin_balances=(admin_balances[0], admin_balances[1]),
            total_supply=self.total_supply - lp_amount,
        )
        return pool._with_prices(block, outcome.xp, outcome.d), outcome

    def remove_liquidity(
        self, block: Block, lp_amount: int, *, min_amounts: Pair = ZERO
    ) -> tuple["Pool", Pair]:
        """Burn ``lp_amount`` for its share of both coins. Needs no rate and no invariant."""
        if lp_amount == 0:
            raise PoolError("ZeroAmount")
        amounts = proportional_withdrawal(self.balances, lp_amount, self.total_supply)
        for amount, minimum in zip(amounts, min_amounts, strict=True):
            if amount < minimum:
                raise PoolError("SlippageExceeded", got=amount, minimum=minimum)
        last_d = self.oracle.last_d - self.oracle.last_d * lp_amount // self.total_supply
        oracle = self.oracle.with_d(last_d, now=block.timestamp, window=self.terms.d_ma_time)
        pool = replace(
            self,
            balances=(self.balances[0] - amounts[0], self.balances[1] - amounts[1]),
            total_supply=self.total_supply - lp_amount,
            oracle=oracle,
        )
        return pool, amounts

    def withdraw_admin_fees(self) -> tuple["Pool", Pair]:
        """Hand the admin balances to the fee receiver."""
        return replace(self, admin_balances=ZERO), self.admin_balances

    def ramp_a(self, block: Block, future_a: int, future_time: int) -> "Pool":
        """Start a ramp."""
        ramp = self.ramp.ramped(future_a, future_time, now=block.timestamp)
        return replace(self, ramp=ramp)

    def stop_ramp_a(self, block: Block) -> "Pool":
        """Stop a ramp."""
        return replace(self, ramp=self.ramp.stopped(now=block.timestamp))

    def get_virtual_price(self, block: Block) -> int:
        """Return the invariant per LP token (WAD), rounded down."""
        return self.market(block).d * WAD // self.total_supply

    def get_p(self, block: Block) -> int:
        """Return the spot price of coin 1 in coin 0, both scaled (WAD)."""
        market = self.market(block)
        return spot_price(market.xp, market.d, market.amp)

    def price_oracle(self, block: Block) -> int:
        """Return the average price of coin 1 in coin 0, both scaled (WAD)."""
        return self.oracle.price_at(block.timestamp, self.terms.ma_exp_time)

    def d_oracle(self, block: Block) -> int:
        """Return the average invariant."""
        return self.oracle.d_at(block.timestamp, self.terms.d_ma_time)

    def lp_price(self, block: Block) -> int:
        """Return a lower bound of an LP token's value in coin 0 at the average price (WAD).

        At an outside price p <= 1 the pool holds x + p y >= p (x + y) >= p D.
        """
        return self.get_virtual_price(block) * min(WAD, self.price_oracle(block)) // WAD

    def market_ratio(self, block: Block) -> int:
        """Return the average market price of coin 1 over its redemption rate now (WAD)."""
        live = block.source.usable_rate
        if live is None:
            raise PoolError("RateUnavailable")
        return self.price_oracle(block) * self.rate // live

    def _after_change(self, block: Block, outcome: Change, total_supply: int) -> "Pool":
        return self._after(
            block,
            balances=outcome.balances,
            admin_balances=(
                self.admin_balances[0] + outcome.admin_fees[0],
                self.admin_balances[1] + outcome.admin_fees[1],
            ),
            total_supply=total_supply,
        )

    def _after(
        self,
        block: Block,
        *,
        balances: Pair,
        admin_balances: Pair,
        total_supply: int | None = None,
    ) -> "Pool":
        return replace(
            self,
            balances=balances,
            admin_balances=admin_balances,
            total_supply=self.total_supply if total_supply is None else total_supply,
            rate=self.rate_at(block),
            rate_block=block.number,
        )

    def _with_prices(self, block: Block, xp: Pair, d: int) -> "Pool":
        price = spot_price(xp, d, self.ramp.amp_at(block.timestamp))
        terms, now = self.terms, block.timestamp
        oracle = self.oracle.with_price(
            price, now=now, window=terms.ma_exp_time, min_price=terms.min_price
        ).with_d(d, now=now, window=terms.d_ma_time)
        return replace(self, oracle=oracle)
