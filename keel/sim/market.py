"""Daily market figures: the shipped window, or a user's file of the same form."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from keel.errors import KeelError

SHIPPED = Path(__file__).parent / "data" / "summer2022.csv"
STAKING_APR = 0.040
"""Yearly; see `data/README.md`."""

_HEADER = ["date", "eth_usd", "steth_eth", "steth_share", "eth_vol"]
_HOUR = time(8, tzinfo=UTC)


class BadMarketData(KeelError):
    """The file is not what `data/README.md` describes, or lacks the days asked for."""


@dataclass(frozen=True, kw_only=True)
class MarketDay:
    """One day's figures.

    Attributes
    ----------
    ether_usd : float
        At 08:00 UTC.
    ratio : float
        Ether per staked ether on the market.
    real_share : float or None
        Staked ether's part of the real pool's balances.
    volatility : float or None
        A year's, that options on ether imply.
    """

    day: date
    ether_usd: float
    ratio: float
    real_share: float | None = None
    volatility: float | None = None

    @property
    def timestamp(self) -> int:
        """08:00 UTC, seconds."""
        return int(datetime.combine(self.day, _HOUR).timestamp())


def load(path: Path = SHIPPED) -> list[MarketDay]:
    """All days of a file; raises `BadMarketData` naming the line."""
    help_text = f"see {SHIPPED.parent / 'README.md'} for the form"
    try:
        lines = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise BadMarketData(f"{path} can't be read ({failure})", help_text) from failure
    numbered = [(n, line) for n, line in enumerate(lines, 1) if line and not line.startswith("#")]
    if not numbered or next(csv.reader([numbered[0][1]])) != _HEADER:
        raise BadMarketData(f"{path} has no header {','.join(_HEADER)}", help_text)
    days: list[MarketDay] = []
    for number, line in numbered[1:]:
        try:
            day = _row(next(csv.reader([line])))
            if days and day.day != days[-1].day + timedelta(days=1):
                raise ValueError(f"{day.day} doesn't follow {days[-1].day}")
        except ValueError as problem:
            raise BadMarketData(f"{path}, line {number}: {problem}", help_text) from None
        days.append(day)
    if len(days) < 2:
        raise BadMarketData(f"{path} has fewer than two days", help_text)
    return days


def _row(cells: Sequence[str]) -> MarketDay:
    if len(cells) != len(_HEADER):
        raise ValueError(f"{len(cells)} cells instead of {len(_HEADER)}")
    day = MarketDay(
        day=date.fromisoformat(cells[0]),
        ether_usd=float(cells[1]),
        ratio=float(cells[2]),
        real_share=float(cells[3]) if cells[3] else None,
        volatility=float(cells[4]) if cells[4] else None,
    )
    if not 0 < day.ether_usd < 1e7:
        raise ValueError(f"eth_usd is {cells[1]}")
    if not 0 < day.ratio < 2:
        raise ValueError(f"steth_eth is {cells[2]}")
    if day.real_share is not None and not 0 < day.real_share < 1:
        raise ValueError(f"steth_share is {cells[3]}")
    if day.volatility is not None and not 0 < day.volatility < 10:
        raise ValueError(f"eth_vol is {cells[4]}")
    return day


def window(days: Sequence[MarketDay], first: date | None, last: date | None) -> list[MarketDay]:
    """Days from `first` to `last`, both included; raises `BadMarketData` if some are missing."""
    first, last = first or days[0].day, last or days[-1].day
    if first < days[0].day or last > days[-1].day or (last - first).days < 1:
        raise BadMarketData(
            f"no window of two days or more from {first} to {last}",
            f"the data reach from {days[0].day} to {days[-1].day}",
        )
    return [day for day in days if first <= day.day <= last]
