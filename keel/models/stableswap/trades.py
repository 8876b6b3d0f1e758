"""What each operation of the pool takes and gives, from a snapshot of the pool.

Execution and quotes both come from here. The arithmetic is StableSwap-NG's; where the house
differs, a field of ``Rules`` says so, and ``NG_RULES`` switches it off.
"""

from dataclasses import dataclass, replace

from keel.models.rounding import mul_div_up
from keel.models.stableswap.curve import (
    FEE_DENOMINATOR,
    N_COINS,
    WAD,
    Pair,
    dynamic_fee,
    get_d,
    get_y,
)
from keel.models.stableswap.errors import PoolError

MAX_BALANCE = 2**96 - 1


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What a pool fixes at deployment about its fees and its limits.

    Attributes
    ----------
    admin_fee : share of every fee that the fee receiver may claim (1e10 scale)
    directional : whether an operation that does not raise the skew pays the base fee alone
    fees_round_up : whether a fee amount is rounded up, so that none is zero
    max_skew : ratio of scaled balances above which swaps may not raise it; None for no limit
    """

    admin_fee: int
    directional: bool
    fees_round_up: bool
    max_skew: int | None


@dataclass(frozen=True, kw_only=True)
class Market:
    """A snapshot of the pool: all that prices depend on.

    Attributes
    ----------
    balances : wei of each coin, without admin balances
    rates : ether per coin (WAD)
    amp : A times ``A_PRECISION``
    fee : base fee (1e10 scale)
    offpeg_fee_multiplier : how many times the base fee far off balance (1e10 scale)
    total_supply : LP tokens
    """

    balances: Pair
    rates: Pair
    amp: int
    fee: int
    offpeg_fee_multiplier: int
    total_supply: int
    rules: Rules

    @property
    def xp(self) -> Pair:
        """The scaled balances."""
        return self.scale(self.balances)

    @property
    def d(self) -> int:
        """The invariant."""
        return get_d(self.xp, self.amp)

    def scale(self, amounts: Pair) -> Pair:
        """Return what the amounts are worth at redemption, rounded down."""
        return (amounts[0] * self.rates[0] // WAD, amounts[1] * self.rates[1] // WAD)

    def fee_rate(self, x: int, y: int, fee: int, *, raises_skew: bool) -> int:
        """Return the fee rate at two scaled amounts for an operation of base fee ``fee``."""
        if self.rules.directional and not raises_skew:
            return fee
        return dynamic_fee(x, y, fee=fee, offpeg_fee_multiplier=self.offpeg_fee_multiplier)

    def fee_on(self, amount: int, rate: int) -> int:
        """Return the fee on ``amount``."""
        if self.rules.fees_round_up:
            return mul_div_up(amount, rate, FEE_DENOMINATOR)
        return amount * rate // FEE_DENOMINATOR

    def admin_share(self, fee: int) -> int:
        """Return the fee receiver's part of a fee, rounded down."""
        return fee * self.rules.admin_fee // FEE_DENOMINATOR


@dataclass(frozen=True, kw_only=True)
class Swap:
    """An exchange of coin ``i`` for coin ``j``.

    Attributes
    ----------
    dy : wei of coin ``j`` paid out
    admin_fee : wei of coin ``j`` set aside for the fee receiver
    xp : scaled balances before fees, at which the new price is read
    d : the invariant, unchanged before fees
    fee_rate : the rate that was charged (1e10 scale)
    """

    dy: int
    admin_fee: int
    xp: Pair
    d: int
    fee_rate: int


@dataclass(frozen=True, kw_only=True)
class Change:
    """A deposit or an imbalanced withdrawal.

    Attributes
    ----------
    lp_amount : LP tokens minted or burned
    fees : wei of each coin
    admin_fees : the fee receiver's part of them
    balances : of the pool afterwards, the fee receiver's part taken out
    xp : scaled balances after whole fees, at which the new price is read
    d : the invariant of ``xp``
    """

    lp_amount: int
    fees: Pair
    admin_fees: Pair
    balances: Pair
    xp: Pair
    d: int


@dataclass(frozen=True, kw_only=True)
class OneCoinExit:
    """A withdrawal in one coin.

    Attributes
    ----------
    dy : wei of the coin paid out
    admin_fee : wei of the coin set aside for the fee receiver
    xp : scaled balances before fees, at which the new price is read
    d : the invariant of ``xp``
    """

    dy: int
    admin_fee: int
    xp: Pair
    d: int


def swap(market: Market, i: int, dx: int) -> Swap:
    """Return the outcome of selling ``dx`` of coin ``i``."""
    _require_room(market, i, dx)
    j = 1 - i
    xp = market.xp
    d = market.d
    if d == 0:
        raise PoolError("EmptyPool")
    x = xp[i] + dx * market.rates[i] // WAD
    y = get_y(x, d, market.amp)
    if y >= xp[j]:
        raise PoolError("AmountTooSmall")
    if y == 0:
        raise PoolError("EmptyReserve")
    max_skew = market.rules.max_skew
    if x > xp[j] and max_skew is not None and x > y * max_skew:
        raise PoolError("SkewAboveFence", sold=x, bought=y)
    rate = fee_rate_of_swap(market, i, x, y)
    gross = xp[j] - y - 1  # the curve rounds: one unit stays with the pool
    fee = market.fee_on(gross, rate)
    return Swap(
        dy=(gross - fee) * WAD // market.rates[j],
        admin_fee=market.admin_share(fee) * WAD // market.rates[j],
        xp=_pair(i, x, y),
        d=d,
        fee_rate=rate,
    )


def fee_rate_of_swap(market: Market, i: int, x: int, y: int) -> int:
    """Return the rate for selling coin ``i`` until the scaled balances are ``x`` of it and ``y``.

    The curve is symmetric: the skew rises if the sold coin ends above where the other one began.
    """
    xp = market.xp
    average_x, average_y = (xp[i] + x) // 2, (xp[1 - i] + y) // 2
    return market.fee_rate(average_x, average_y, market.fee, raises_skew=x > xp[1 - i])


def deposit(market: Market, amounts: Pair) -> Change:
    """Return the outcome of adding ``amounts``."""
    if amounts == (0, 0):
        raise PoolError("ZeroAmount")
    for i in range(N_COINS):
        _require_room(market, i, amounts[i])
    after = (market.balances[0] + amounts[0], market.balances[1] + amounts[1])
    if market.total_supply == 0:
        if 0 in amounts:
            raise PoolError("FirstDepositNeedsBothCoins")
        xp = market.scale(after)
        d = get_d(xp, market.amp)
        return Change(lp_amount=d, fees=(0, 0), admin_fees=(0, 0), balances=after, xp=xp, d=d)
    d0 = market.d
    change = _change(market, after, d0)
    if change.d <= d0:
        raise PoolError("AmountTooSmall")
    minted = market.total_supply * (change.d - d0) // d0
    if minted == 0:
        raise PoolError("AmountTooSmall")
    return replace(change, lp_amount=minted)


def imbalanced_withdrawal(market: Market, amounts: Pair) -> Change:
    """Return the outcome of taking exactly ``amounts``."""
    if amounts == (0, 0):
        raise PoolError("ZeroAmount")
    for amount, balance in zip(amounts, market.balances, strict=True):
        if amount > balance:
            raise PoolError("InsufficientReserve", needed=amount, available=balance)
    after = (market.balances[0] - amounts[0], market.balances[1] - amounts[1])
    d0 = market.d
    change = _change(market, after, d0)
    if change.d >= d0:
        raise PoolError("AmountTooSmall")
    burned = (d0 - change.d) * market.total_supply // d0 + 1
    if burned == 1:
        raise PoolError("AmountTooSmall")
    _require_part(market, burned)
    return replace(change, lp_amount=burned)


def one_coin_exit(market: Market, lp_amount: int, i: int) -> OneCoinExit:
    """Return the outcome of burning ``lp_amount`` for coin ``i`` alone."""
    if lp_amount == 0:
        raise PoolError("ZeroAmount")
    _require_part(market, lp_amount)
    j = 1 - i
    xp, amp = market.xp, market.amp
    d0 = market.d
    d1 = d0 - lp_amount * d0 // market.total_supply
    new_y = get_y(xp[j], d1, amp)
    if new_y == 0:
        raise PoolError("EmptyReserve")
    xp_after = _pair(i, new_y, xp[j])
    raises_skew = _raises_skew(xp, xp_after)
    half_d = (d0 + d1) // (2 * N_COINS)

    def fee_on(amount: int, average: int) -> int:
        rate = market.fee_rate(average, half_d, market.fee // 2, raises_skew=raises_skew)
        return market.fee_on(amount, rate)

    expected = xp[i] * d1 // d0
    if expected < new_y:
        raise PoolError("AmountTooSmall")
    reduced_i = xp[i] - fee_on(expected - new_y, (xp[i] + new_y) // 2)
    reduced_j = xp[j] - fee_on(xp[j] - xp[j] * d1 // d0, xp[j])
    dy = reduced_i - get_y(reduced_j, d1, amp)
    if dy < 1:
        raise PoolError("AmountTooSmall")
    dy = (dy - 1) * WAD // market.rates[i]  # the curve rounds: one unit stays with the pool
    dy_without_fees = (xp[i] - new_y) * WAD // market.rates[i]
    return OneCoinExit(dy=dy, admin_fee=market.admin_share(dy_without_fees - dy), xp=xp_after, d=d1)


def proportional_withdrawal(balances: Pair, lp_amount: int, total_supply: int) -> Pair:
    """Return the share of each balance that ``lp_amount`` is entitled to, rounded down."""
    return (balances[0] * lp_amount // total_supply, balances[1] * lp_amount // total_supply)


def _change(market: Market, after: Pair, d0: int) -> Change:
    # A coin pays a fee on its distance from where a proportional change would have put it.
    d1 = get_d(market.scale(after), market.amp)
    raises_skew = _raises_skew(market.xp, market.scale(after))
    fees = []
    for balance, new_balance, rate in zip(market.balances, after, market.rates, strict=True):
        difference = abs(d1 * balance // d0 - new_balance)
        scaled_sum = rate * (balance + new_balance) // WAD
        fee_rate = market.fee_rate(
            scaled_sum, (d0 + d1) // N_COINS, market.fee // 2, raises_skew=raises_skew
        )
        fee = market.fee_on(difference, fee_rate)
        if fee > new_balance:
            raise PoolError("InsufficientReserve", needed=fee, available=new_balance)
        fees.append(fee)
    admin_fees = (market.admin_share(fees[0]), market.admin_share(fees[1]))
    xp = market.scale((after[0] - fees[0], after[1] - fees[1]))
    return Change(
        lp_amount=0,
        fees=(fees[0], fees[1]),
        admin_fees=admin_fees,
        balances=(after[0] - admin_fees[0], after[1] - admin_fees[1]),
        xp=xp,
        d=get_d(xp, market.amp),
    )


def _require_room(market: Market, i: int, amount: int) -> None:
    room = MAX_BALANCE - market.balances[i]
    if amount > room:
        raise PoolError("AmountTooLarge", amount=amount, maximum=room)


def _require_part(market: Market, lp_amount: int) -> None:
    if lp_amount >= market.total_supply:
        raise PoolError("UseRemoveLiquidity", lpAmount=lp_amount, totalSupply=market.total_supply)


def _raises_skew(before: Pair, after: Pair) -> bool:
    return max(after) * min(before) > max(before) * min(after)


def _pair(i: int, at_i: int, other: int) -> Pair:
    return (at_i, other) if i == 0 else (other, at_i)
