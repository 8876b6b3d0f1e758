"""Twin of the auction: a price that falls in a straight line to the model's, and what is left."""

from dataclasses import dataclass

from keel.models.options.vault_errors import (
    AuctionNotOpen,
    PriceTooHigh,
    PurchaseTooLate,
    TooFewLeft,
)
from keel.models.rounding import mul_div_up

WAD = 10**18


@dataclass(frozen=True)
class Sale:
    """What a purchase moves: claims, token units, and the price of 1e18 claims (WAD)."""

    bought: int
    premium: int
    price: int


@dataclass
class Auction:
    """A lot of long claims.

    Attributes
    ----------
    duration : int
        Seconds that sales last.
    start_multiple : int
        The first price over the reserve (WAD).
    asset_unit : int
        Units in one of the collateral token.
    unsold, started_at : int
        The lot; zeros without one.
    """

    duration: int
    start_multiple: int
    asset_unit: int
    unsold: int = 0
    started_at: int = 0
    open: bool = False

    def start(self, now: int, amount: int) -> None:
        """Put a new lot on sale."""
        self.unsold, self.started_at, self.open = amount, now, True

    def end(self) -> None:
        """Forget the lot."""
        self.unsold, self.started_at, self.open = 0, 0, False

    @property
    def ends_at(self) -> int:
        """Sales are possible before it."""
        return self.started_at + self.duration if self.open else 0

    def require_open(self, now: int) -> None:
        """Refuse outside the time of sales."""
        if now >= self.ends_at:
            raise AuctionNotOpen(self.ends_at, now)

    def ask_price(self, now: int, reserve: int) -> int:
        """Return the price of 1e18 claims, rounded up."""
        self.require_open(now)
        over = mul_div_up(self.start_multiple - WAD, self.ends_at - now, self.duration)
        return mul_div_up(reserve, WAD + over, WAD)

    def premium_for(self, amount: int, price: int) -> int:
        """Return token units for ``amount`` claims, rounded up."""
        return mul_div_up(amount, price, WAD * WAD // self.asset_unit)

    def sell(self, amount: int, minimum: int, price: int, limit: int) -> Sale:
        """Take up to ``amount`` off the lot."""
        if price > limit:
            raise PriceTooHigh(price, limit)
        bought = min(amount, self.unsold)
        if bought == 0 or bought < minimum:
            raise TooFewLeft(self.unsold, minimum)
        self.unsold -= bought
        return Sale(bought, self.premium_for(bought, price), price)


def require_in_time(now: int, deadline: int) -> None:
    """Refuse a purchase after the buyer's deadline."""
    if now > deadline:
        raise PurchaseTooLate(deadline, now)
