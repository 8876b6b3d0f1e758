"""The swap pool's model as it is deployed, and blocks for it."""

from collections.abc import Callable

from keel.chain.config import SwapConfig
from keel.models.stableswap.amplification import Ramp
from keel.models.stableswap.curve import A_PRECISION, WAD, get_d, spot_price
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.oracle import Oracle
from keel.models.stableswap.pool import Block, Pool, Terms
from keel.models.stableswap.rates import RateSource
from keel.models.stableswap.trades import Rules

_ADMIN_FEE = 5 * 10**9
_MAX_SKEW = 10_000
_BISECTIONS = 60


def block(number: int, *, rate: int = WAD, seconds: int = 12) -> Block:
    """A block, `seconds` after the one before, in which the rate source says `rate`."""
    return Block(number=number, timestamp=seconds * number, source=RateSource(rate=rate))


def empty_pool(a: int = SwapConfig.amplification, *, rate_bounded: bool = True) -> Pool:
    """The pool that `SwapConfig` describes, as it is deployed."""
    config = SwapConfig()
    terms = Terms(
        rules=Rules(
            admin_fee=_ADMIN_FEE,
            directional=config.directional,
            fees_round_up=True,
            max_skew=_MAX_SKEW,
        ),
        ma_exp_time=config.ma_exp_time,
        d_ma_time=config.d_ma_time,
        min_price=WAD // 2,
        rate_bounded=rate_bounded,
    )
    return Pool(
        terms=terms,
        ramp=Ramp(initial_amp=a * A_PRECISION, future_amp=a * A_PRECISION),
        fee=config.fee,
        offpeg_fee_multiplier=config.offpeg_fee_multiplier,
        rate=WAD,
        rate_block=0,
        oracle=Oracle(price_time=0, d_time=0),
    )


def house_pool(depth: int, *, a: int, rate_bounded: bool = True) -> Pool:
    """That pool with `depth` wei of either coin in it, both rates 1."""
    empty = empty_pool(a, rate_bounded=rate_bounded)
    return empty.add_liquidity(block(0), (depth, depth))[0]


def price_at_share(share: float, a: int) -> float:
    """Price of staked ether in ether, where it is that part of the balances; before fees."""
    staked = int(share * 1_000 * WAD)
    xp = (1_000 * WAD - staked, staked)
    amp = a * A_PRECISION
    return spot_price(xp, get_d(xp, amp), amp) / WAD


def share_at_price(price: float, a: int) -> float:
    """Staked ether's part of the balances at which its price is `price`."""
    return bisect(lambda share: price_at_share(share, a) > price, 0.001, 0.999)


def bisect(is_below: Callable[[float], bool], low: float, high: float) -> float:
    """Where `is_below` stops to hold, between two bounds."""
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        if is_below(middle):
            low = middle
        else:
            high = middle
    return (low + high) / 2


def sold_until(pool: Pool, at: Block, price: float) -> tuple[Pool, int]:
    """Sell coin 1 in one trade until its spot price is `price`: the pool, and what was sold."""
    return _traded_until(pool, at, 1, lambda spot: spot > price)


def bought_until(pool: Pool, at: Block, price: float) -> tuple[Pool, int]:
    """Sell coin 0 until coin 1's price is `price`: the pool, and what was sold."""
    return _traded_until(pool, at, 0, lambda spot: spot < price)


def _traded_until(
    pool: Pool, at: Block, coin: int, goes_on: Callable[[float], bool]
) -> tuple[Pool, int]:
    def is_too_small(amount: float) -> bool:
        try:
            after, _ = pool.exchange(at, coin, int(amount))
        except PoolError:  # beyond the fence
            return False
        return goes_on(after.get_p(at) / WAD)

    amount = int(bisect(is_too_small, 1.0, float(sum(pool.balances))))
    return pool.exchange(at, coin, amount)[0], amount
