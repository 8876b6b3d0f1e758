"""What a discount is worth to whoever can wait, and how much of it to buy: pure.

A unit bought in the swap pool pays its redemption value once the queue has served it. Until then
the money costs interest. So the marginal unit is worth buying as long as the pool asks less than
redemption value less interest for the wait; `best` finds the size where that ends.
"""

from collections.abc import Callable
from dataclasses import dataclass

from keel.models.stableswap.curve import spot_price
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.trades import Market, swap

WAD = 10**18
DAY = 86_400
YEAR = 365 * DAY
_FEE_DENOMINATOR = 10**10
_GRAIN = 10**13
"""Wei: sizes are not told apart more finely."""
WETH, WKETH = 0, 1


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How long the queue takes; wei, seconds.

    Attributes
    ----------
    base : int
        For a ticket that the buffer pays: until the next report but one.
    inflow_per_day : int
        What reaches the queue beyond the buffer.
    """

    base: int
    queued: int
    buffered: int
    inflow_per_day: int

    def seconds(self, nominal: int) -> int:
        """For a ticket of as much more; as `RedemptionVault.expectedWait`."""
        short = self.queued + nominal - self.buffered
        return self.base + (0 if short <= 0 else -(-short * DAY // self.inflow_per_day))


def interest(amount: int, yearly: int, seconds: int) -> int:
    """What money costs over a time; yearly rate WAD. Rounds up."""
    return -(-amount * yearly * seconds // (WAD * YEAR))


def bought(market: Market, coin: int, amount: int) -> int:
    """What selling `amount` of a coin brings; zero where the pool refuses."""
    if amount <= 0:
        return 0
    try:
        return swap(market, coin, amount).dy
    except PoolError:
        return 0


def discount(market: Market, live_rate: int) -> int:
    """How far the marginal price is below redemption: WAD, negative for a premium."""
    price = spot_price(market.xp, market.d, market.amp)
    return WAD - price * market.rates[WKETH] // live_rate


def band(market: Market, *, vault_fee: int, yearly: int, wait: int, gas_share: int) -> int:
    """The discount below which nobody can earn by buying: WAD.

    Pool fee, the redemption vault's fee, interest for the wait, and gas as a part of the trade.
    """
    pool_fee = market.fee * WAD // _FEE_DENOMINATOR
    return pool_fee + vault_fee + interest(WAD, yearly, wait) + gas_share


def best(profit: Callable[[int], int], most: int) -> int:
    """Size in 0 … most with the highest profit, if it first rises and then falls."""
    low, high = 0, most
    while high - low > _GRAIN:
        third = (high - low) // 3
        left, right = low + third, high - third
        if profit(left) < profit(right):
            low = left
        else:
            high = right
    size = (low + high) // 2
    return size if profit(size) > 0 else 0
