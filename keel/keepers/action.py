"""What a strategy asks for: a call with its reasons and its bounds, or an alert."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from typing import Any

WAD = 10**18
GWEI = 10**9


@dataclass(frozen=True, kw_only=True)
class Action:
    """One transaction, before anything is known of keys, nonces and fees.

    Attributes
    ----------
    key : str
        Names the effect that is meant. The same key is never carried out twice.
    contract : str
        As `Stack.find` names it.
    function : str
        Name, or signature of an overload.
    value : int
        Wei sent along.
    what, why : str
        For the decision log: what it does, and because of what.
    profit : int, optional
        Wei expected before gas; none for a duty, which nobody pays for.
    least_gas : int
        Where an estimate finds too little: a call that catches the failure of a part of it
        "succeeds" with gas for the rest alone.
    valid_blocks : int
        Not mined within as many blocks, it is cancelled.
    benign : tuple of str
        Refusals that only say that somebody was faster: no failure, simulated or mined.
    """

    key: str
    contract: str
    function: str
    arguments: tuple[Any, ...] = ()
    value: int = 0
    what: str
    why: str
    profit: int | None = None
    least_gas: int = 0
    valid_blocks: int = 50
    benign: tuple[str, ...] = ()


class Severity(Enum):
    """How bad."""

    WARNING = 1
    CRITICAL = 2


@dataclass(frozen=True, kw_only=True)
class Alert:
    """Something that a person should look at.

    Attributes
    ----------
    key : str
        Of the condition: while it lasts it is told once.
    """

    key: str
    severity: Severity
    what: str


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What no strategy may exceed, whatever it decides.

    Attributes
    ----------
    max_gas : int
        Gas of one transaction.
    max_fee_per_gas, tip : int
        Wei per gas; above the ceiling a transaction waits.
    max_value : int
        Wei sent with one transaction.
    profit_floor : int
        Wei that must stay after gas, where there is a profit.
    bump_percent : int
        Of both fees when a transaction is replaced: nodes ask for ten.
    stuck_blocks : int
        Blocks after which a transaction counts as stuck.
    confirmations : int
        Blocks on top of a transaction until it counts as final.
    max_attempts : int
        At one effect that revert; then it is given up. Where somebody was faster it doesn't count.
    max_lost : int
        Wei of gas a day that others may make one function lose by being faster, where there is a
        profit: that is tried again in the next block. A duty waits instead, each time twice as
        long, and is never given up for it.
    """

    max_gas: int = 5_000_000
    max_fee_per_gas: int = 100 * GWEI
    tip: int = GWEI
    max_value: int = 100 * WAD
    profit_floor: int = WAD // 1_000
    bump_percent: int = 15
    stuck_blocks: int = 5
    confirmations: int = 5
    max_attempts: int = 5
    max_lost: int = WAD // 50


@dataclass(frozen=True, kw_only=True)
class Decision:
    """All that a strategy wants now."""

    actions: tuple[Action, ...] = ()
    alerts: tuple[Alert, ...] = ()
    idle: str = ""
    """Why nothing is to be done, if nothing is."""
    figures: dict[str, float] = field(default_factory=dict)
    """Gauges for Prometheus."""


def ether(wei: int, digits: int = 4) -> str:
    """Wei as text in ether."""
    return f"{wei / WAD:,.{digits}f} ether"


def moment(timestamp: int) -> str:
    """A time of the chain as text: day, hour and minute."""
    return datetime.fromtimestamp(timestamp, UTC).strftime("%a %Y-%m-%d %H:%M")
