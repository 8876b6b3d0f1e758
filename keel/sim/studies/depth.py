"""How deep the summer's discount would have been with a vault that redeems.

Sellers sell each day what took a pool without a vault to the market's price, and take what they
get. Buyers come where the price is below the market's: to it, and no further. The vault buys last,
by the contract's rule: at most a part of its assets a day, for no more than the nominal less the
cost of waiting, less half the average discount. The queue pays after some days, in full.

The swap pool is the integer model; the vault is these rules in floats, without holdback, its
tickets in whole days.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from keel.chain.config import WEI, RedemptionConfig
from keel.models.stableswap.curve import WAD
from keel.models.stableswap.pool import Block, Pool
from keel.sim.market import MarketDay
from keel.sim.studies.house import block, bought_until, house_pool, sold_until

CAPITALS = (0, 15, 30, 60, 120, 240)
WAIT_DAYS = 5
A = 50
LIQUIDITY = 641
"""Ether of either coin: a thousandth of the real pool's."""
_BLOCKS_A_DAY = 7_200
_HALVINGS = 20
_LEAST = 0.01


@dataclass(frozen=True, kw_only=True)
class Summer:
    """One window with one vault.

    Attributes
    ----------
    capital : float
        Ether of the vault on the first day.
    discounts : tuple of float
        At the end of each day.
    bought : float
        Nominals that the vault bought.
    gain : float
        Of the capital, what they brought, tickets still waiting at their nominal.
    """

    capital: float
    discounts: tuple[float, ...]
    bought: float
    gain: float


@dataclass
class _Vault:
    idle: float
    terms: RedemptionConfig
    tickets: list[tuple[int, float]] = field(default_factory=list)
    """Day of payment, nominal."""
    bought: float = 0.0

    @property
    def assets(self) -> float:
        return self.idle + sum(nominal for _, nominal in self.tickets)

    def collect(self, day: int) -> None:
        self.idle += sum(nominal for due, nominal in self.tickets if due <= day)
        self.tickets = [ticket for ticket in self.tickets if ticket[0] > day]

    def buy(self, pool: Pool, at: Block, day: int) -> Pool:
        """The largest purchase that its terms allow, of all it can pay, half of it, and so on."""
        cap = self.assets * self.terms.frame_cap / WEI
        amount = min(self.idle, cap)
        for _ in range(_HALVINGS):
            if amount < _LEAST:
                break
            after, out = pool.exchange(at, 0, int(amount * WAD))
            nominal = out.dy / WAD
            if nominal <= cap and amount <= nominal * (1 - self._fee(after, at)):
                self.idle -= amount
                self.bought += nominal
                self.tickets.append((day + WAIT_DAYS, nominal))
                return after
            amount *= 0.8
        return pool

    def _fee(self, pool: Pool, at: Block) -> float:
        wait = self.terms.yearly_fee / WEI * WAIT_DAYS / 365
        return max(self.terms.min_fee / WEI, wait, (1 - pool.market_ratio(at) / WAD) / 2)


def _morning(day: int) -> Block:
    return block(1 + day * _BLOCKS_A_DAY)


def _flows(days: Sequence[MarketDay]) -> list[int]:
    """What the pool alone takes from sellers to stand at each day's price; buyers' days are 0."""
    pool, flows = house_pool(LIQUIDITY * WAD, a=A), []
    for number, today in enumerate(days):
        pool, sold = _to_market(pool, _morning(number), today.ratio)
        flows.append(sold)
    return flows


def _to_market(pool: Pool, at: Block, ratio: float) -> tuple[Pool, int]:
    """Sell or buy until the market's price stands; the pool, and what was sold of coin 1."""
    if pool.get_p(at) / WAD > ratio:
        return sold_until(pool, at, ratio)
    return bought_until(pool, at, ratio)[0], 0


def summer(days: Sequence[MarketDay], flows: Sequence[int], capital: float) -> Summer:
    """The window with a vault of `capital` ether."""
    pool = house_pool(LIQUIDITY * WAD, a=A)
    vault = _Vault(idle=capital, terms=RedemptionConfig())
    discounts = []
    for number, (today, flow) in enumerate(zip(days, flows, strict=True)):
        at = _morning(number)
        vault.collect(number)
        if flow:
            pool, _ = pool.exchange(at, 1, flow)
        elif pool.get_p(at) / WAD < today.ratio:
            pool, _ = bought_until(pool, at, today.ratio)
        pool = vault.buy(pool, at, number)
        discounts.append(1 - pool.get_p(at) / WAD)
    return Summer(
        capital=capital,
        discounts=tuple(discounts),
        bought=vault.bought,
        gain=vault.assets / capital - 1 if capital else 0.0,
    )


def alone(days: Sequence[MarketDay], capital: float) -> Summer:
    """The window with one vault."""
    return summer(days, _flows(days), capital)


def study(days: Sequence[MarketDay]) -> tuple[Summer, ...]:
    """The window with each capital."""
    flows = _flows(days)
    return tuple(summer(days, flows, capital) for capital in CAPITALS)
