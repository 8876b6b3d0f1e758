"""What the real pool held at each price, against what StableSwap's curve says it must hold."""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from statistics import mean, median

from keel.sim.market import SHIPPED, BadMarketData
from keel.sim.studies.house import price_at_share, share_at_price

READINGS = SHIPPED.parent / "curve_pool.csv"
REAL_A = 50
_COLUMNS = ("date", "steth_eth", "steth_share")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One day of the real pool.

    Attributes
    ----------
    ratio : float
        Ether per staked ether on the market.
    share : float
        Staked ether's part of the pool's balances.
    """

    day: date
    ratio: float
    share: float


@dataclass(frozen=True, kw_only=True)
class Compared:
    """A reading beside the curve: its mix at the market's price, its price at the real mix."""

    reading: Reading
    curve_share: float
    curve_price: float


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The whole study."""

    a: int
    source: str
    days: tuple[Compared, ...]

    @property
    def mean_gap(self) -> float:
        """Mean difference of the shares."""
        return mean(abs(day.curve_share - day.reading.share) for day in self.days)

    @property
    def median_price_gap(self) -> float:
        """Median difference between the curve's price at the real mix and the market's."""
        return median(abs(day.curve_price - day.reading.ratio) for day in self.days)


def load(path: Path = READINGS) -> list[Reading]:
    """Days of a table with the columns `date`, `steth_eth`, `steth_share`; others are ignored.

    Rows without a share are left out. Raises `BadMarketData` naming the line.
    """
    help_text = f"see {READINGS.parent / 'README.md'} for the form"
    try:
        text = path.read_text().splitlines()
    except (OSError, UnicodeDecodeError) as failure:
        raise BadMarketData(f"{path} can't be read ({failure})", help_text) from failure
    numbered = [(n, line) for n, line in enumerate(text, 1) if line and not line.startswith("#")]
    header = next(csv.reader([numbered[0][1]])) if numbered else []
    if any(column not in header for column in _COLUMNS):
        raise BadMarketData(f"{path} has no header with {', '.join(_COLUMNS)}", help_text)
    readings = []
    for number, line in numbered[1:]:
        try:
            reading = _row(dict(zip(header, next(csv.reader([line])), strict=True)))
        except ValueError as problem:
            raise BadMarketData(f"{path}, line {number}: {problem}", help_text) from None
        if reading is not None:
            readings.append(reading)
    if len(readings) < 2:
        raise BadMarketData(f"{path} has fewer than two readings of the pool", help_text)
    return readings


def _row(cells: dict[str, str]) -> Reading | None:
    if not cells["steth_share"]:
        return None
    reading = Reading(
        day=date.fromisoformat(cells["date"]),
        ratio=float(cells["steth_eth"]),
        share=float(cells["steth_share"]),
    )
    if not 0 < reading.ratio < 2:
        raise ValueError(f"steth_eth is {cells['steth_eth']}")
    if not 0 < reading.share < 1:
        raise ValueError(f"steth_share is {cells['steth_share']}")
    return reading


def study(readings: Sequence[Reading], *, source: str, a: int = REAL_A) -> Composition:
    """Each reading beside the curve at `a`."""
    return Composition(
        a=a,
        source=source,
        days=tuple(
            Compared(
                reading=reading,
                curve_share=share_at_price(reading.ratio, a),
                curve_price=price_at_share(reading.share, a),
            )
            for reading in readings
        ),
    )
