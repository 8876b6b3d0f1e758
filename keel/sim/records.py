"""What a run remembers: figures of each day, and what everybody ended with."""

from dataclasses import dataclass, field
from datetime import date

from keel.errors import KeelError
from keel.sim.options.records import VaultRounds
from keel.sim.records_liquidity import EscapeRecord, GaugeRecord, VaultRecord


class InvariantBroken(KeelError):
    """A check of the run failed: the stack, or the run, is wrong.

    Attributes
    ----------
    invariant : str
        Its id in `tests/README.md`.
    """

    def __init__(self, invariant: str, detail: str) -> None:
        self.invariant = invariant
        super().__init__(f"{invariant} broken: {detail}")


@dataclass(frozen=True, kw_only=True)
class DayRecord:
    """State after one day; ether amounts in ether, prices in ether per staked ether.

    Attributes
    ----------
    pool_price, pool_share : float
        Of the swap pool when the seller had brought it to the market's price, before others came.
    """

    day: date
    ether_usd: float
    market_ratio: float
    pool_price: float
    pool_ema: float
    pool_share: float
    real_share: float | None
    virtual_price: float
    rate: float
    unreleased: float
    pooled: float
    buffered: float
    validators: int
    queued: float
    open_tickets: int
    seller_sold: float


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """One withdrawal request; paid, its advance included, is None while it waits."""

    ticket_id: int
    owner: str
    nominal: int
    requested_at: int
    advanced: int = 0
    advanced_at: int | None = None
    paid: int | None = None
    paid_at: int | None = None

    @property
    def wait_days(self) -> float | None:
        """Days from the request to the claim."""
        return None if self.paid_at is None else (self.paid_at - self.requested_at) / 86_400


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What one participant began and ended with, in ether."""

    who: str
    what: str
    began: float
    ended: float

    @property
    def gain(self) -> float:
        """Relative to holding the ether."""
        return self.ended / self.began - 1


@dataclass
class RunRecord:
    """A whole run."""

    title: str
    seed: int
    commit: str
    apr: float
    amplification: int
    days: list[DayRecord] = field(default_factory=list)
    tickets: dict[int, Ticket] = field(default_factory=dict)
    outcomes: list[Outcome] = field(default_factory=list)
    checks: dict[str, int] = field(default_factory=dict)
    """How often each invariant was checked."""
    reports: int = 0
    confirmations: int = 0
    """Reports for which the second quorum had to vote."""
    lost: float = 0.0
    """Ether that reports took as losses."""
    borne: dict[str, float] = field(default_factory=dict)
    """Ether of these losses by who bore it, as the event names them."""
    story: str = ""
    """What befalls the pool; empty for the plain replay of history."""
    is_history: bool = True
    """Whether the prices are the market's, not made up."""
    gauge: GaugeRecord = field(default_factory=GaugeRecord)
    vault: VaultRecord = field(default_factory=VaultRecord)
    escape: EscapeRecord = field(default_factory=EscapeRecord)
    options: list[VaultRounds] = field(default_factory=list)
    transactions: int = 0
    seconds: float = 0.0

    def waits(self) -> list[float]:
        """Days that each paid ticket waited."""
        return [t.wait_days for t in self.tickets.values() if t.wait_days is not None]
