"""A liquidity provider against somebody who holds both coins, at each discount."""

from dataclasses import dataclass

from keel.chain.config import SwapConfig
from keel.models.stableswap.curve import WAD
from keel.sim.studies.house import block, house_pool, sold_until

DISCOUNTS = (0.0025, 0.005, 0.01, 0.02, 0.03, 0.0632, 0.1, 0.2)
DRAWN = tuple(n / 200 for n in range(1, 41))
"""Half a percent to 20 %, for a chart."""
AMPLIFICATIONS = (10, 50, 200, 1_000)
_DEPTH = 1_000 * WAD
_WEEKS_A_YEAR = 365 / 7


@dataclass(frozen=True, kw_only=True)
class Provided:
    """One discount at one A; parts of what holding is worth.

    Attributes
    ----------
    share : float
        Staked ether's part of the balances.
    at_market, at_redemption : float
        The provider's result less the holder's, staked ether at the market's price, or at what the
        queue pays.
    """

    a: int
    discount: float
    share: float
    at_market: float
    at_redemption: float

    def weeks(self, yearly: float) -> float:
        """Weeks in which a reward of `yearly` makes up for it; zero if there is nothing to."""
        return max(0.0, -self.at_market) / yearly * _WEEKS_A_YEAR


def provided(a: int, discount: float) -> Provided:
    """One seller takes the pool from par to the discount; the fee of that trade stays in it."""
    price = 1 - discount
    pool, _ = sold_until(house_pool(_DEPTH, a=a), block(1), price)
    ether, staked = (balance / _DEPTH for balance in pool.balances)
    held = 1 + price
    return Provided(
        a=a,
        discount=discount,
        share=staked / (ether + staked),
        at_market=(ether + price * staked) / held - 1,
        at_redemption=(ether + staked) / 2 - 1,
    )


def study() -> tuple[Provided, ...]:
    """The table's discounts at the deployed A."""
    return tuple(provided(SwapConfig().amplification, discount) for discount in DISCOUNTS)


def drawn() -> dict[int, tuple[Provided, ...]]:
    """The chart's discounts, by A."""
    return {a: tuple(provided(a, discount) for discount in DRAWN) for a in AMPLIFICATIONS}
