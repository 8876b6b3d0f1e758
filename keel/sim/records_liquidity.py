"""What a run remembers of gauge, redemption vault, and escape; amounts in ether."""

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True)
class GaugeDay:
    """After one day: what was received is paid, owed, or still to be streamed.

    Attributes
    ----------
    staked_share : float
        Of all LP tokens, those staked.
    """

    day: date
    received: float
    paid: float
    owed: float
    to_stream: float
    staked_share: float


@dataclass
class GaugeRecord:
    """The gauge's run.

    Attributes
    ----------
    left_behind : int
        Wei of rounding that nobody is owed.
    provider : float
        What the provider's stake has earned.
    """

    days: list[GaugeDay] = field(default_factory=list)
    fundings: int = 0
    left_behind: int = 0
    provider: float = 0.0


@dataclass(frozen=True, kw_only=True)
class VaultDay:
    """After one day.

    Attributes
    ----------
    share_price : float
        WETH per share.
    before, after : float
        Price of staked ether in the swap pool, in ether: before the keeper bought, and after.
    idle, held_back, tickets : float
        The vault's assets: WETH, WETH of holdbacks not due, tickets as they are carried.
    """

    day: date
    share_price: float
    before: float
    after: float
    idle: float
    held_back: float
    tickets: float


@dataclass
class Purchases:
    """Tickets bought, of one kind."""

    count: int = 0
    nominal: float = 0.0
    cost: float = 0.0

    @property
    def discount(self) -> float:
        """Of the nominals, what was not paid."""
        return 1 - self.cost / self.nominal if self.nominal else 0.0

    def add(self, nominal: float, cost: float) -> None:
        """Count one more."""
        self.count += 1
        self.nominal += nominal
        self.cost += cost


@dataclass
class VaultRecord:
    """The redemption vault's run.

    Attributes
    ----------
    from_sellers, from_pool : Purchases
        By where they were bought; sellers' cost includes what came after the report.
    held_back, refunded : float
        Holdbacks of settled tickets, and what of them was sent.
    sold_elsewhere : int
        Sales at once for which the swap pool paid more, or the vault could not pay.
    asked_out, paid_out, waited : float
        Exits in line: value when asked, WETH got, days until the last of it.
    forced : tuple of float
        Discount of each day in the study of forced sellers; empty where history isn't replayed.
    """

    days: list[VaultDay] = field(default_factory=list)
    from_sellers: Purchases = field(default_factory=Purchases)
    from_pool: Purchases = field(default_factory=Purchases)
    held_back: float = 0.0
    refunded: float = 0.0
    settled: int = 0
    tickets_paid: int = 0
    sold_elsewhere: int = 0
    advances: int = 0
    asked_out: float = 0.0
    paid_out: float = 0.0
    waited: float | None = None
    forced: tuple[float, ...] = ()


@dataclass
class EscapeRecord:
    """Advances that a loss left open, and what came back.

    Attributes
    ----------
    cleared : int
        Tickets.
    returned, shortfall : float
        What the pool got back, and what the tickets could not cover.
    """

    cleared: int = 0
    returned: float = 0.0
    shortfall: float = 0.0
