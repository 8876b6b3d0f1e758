"""What the twin of the option vault is given, and what it tells."""

from collections.abc import Callable
from dataclasses import dataclass

from keel.models.options.volatility import Values
from keel.models.options.written_series import WrittenSeries

WAD = 10**18
BPS = 10_000
DAY = 86_400
WEEK = 7 * DAY
YEAR = 365 * DAY
FIRST_EXPIRY = DAY + 8 * 3_600
"""The first Friday 08:00 UTC."""
MIN_LIFE = 2 * DAY
EXIT_DELAY = 3 * DAY
MIN_PRICE = WAD // 1_000
MAX_CAP = 2**96 - 1


@dataclass(frozen=True)
class VaultTerms:
    """What a vault is fixed to: as the interface has it, without addresses."""

    decimals: int
    management_fee_bps: int
    performance_fee_bps: int
    auction_duration: int
    start_multiple: int
    min_deposit: int


@dataclass(frozen=True)
class World:
    """What a call sees: `spot` and `risk` raise a `Revert` where they are stale.

    Attributes
    ----------
    peg : Callable
        The insured market's price now, and its average (WAD); of other feeds anything equal.
    settlement : Callable
        The oracle's price of an expiry (WAD), zero before it is fixed.
    series : Callable
        The clearing house's series of a strike, cap and expiry; raises what it refuses.
    room : Callable
        Pairs of a series that may still be minted.
    """

    now: int
    spot: Callable[[], int]
    risk: Callable[[], Values]
    peg: Callable[[], tuple[int, int]]
    settlement: Callable[[int], int]
    series: Callable[[int, int, int], WrittenSeries]
    room: Callable[[WrittenSeries], int]


@dataclass(frozen=True)
class RoundEnd:
    """What `Rolled` tells."""

    round: int
    price: int
    gross: int
    management: int
    performance: int
    deposited: int
    redeemed: int


@dataclass(frozen=True)
class Exit:
    """A part of everything: token units and claims."""

    assets: int
    shorts: int
    longs: int


@dataclass
class Request:
    """What a controller has asked in `round`: assets of a deposit, or shares to redeem."""

    round: int = 0
    amount: int = 0
