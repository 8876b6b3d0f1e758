"""Implied volatilities that somebody else publishes: a CSV file, or its address.

The header is `time,volatility`, lines that begin with `#` are comments, times rise. A time is a day
(of which it is 00:00 UTC), a date and time with its zone, or seconds of unix time. A volatility is
a year's: 0.65 is 65 %.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPException
from pathlib import Path
from urllib.request import urlopen

from keel.errors import KeelError

_HEADER = ["time", "volatility"]
_SECONDS = 5.0
_MOST_BYTES = 4_000_000


class NoQuote(KeelError):
    """The source says nothing, or nothing that can be used."""


@dataclass(frozen=True)
class Quoted:
    """A year's volatility, and since when it is known."""

    volatility: float
    at: int


def latest(source: str, now: int, most_age: int) -> Quoted:
    """The last row at or before `now`; raises `NoQuote` where it is older than `most_age`."""
    rows = [row for row in _rows(source, _fetched(source)) if row.at <= now]
    if not rows:
        raise NoQuote(f"{source} has no row before {_moment(now)}", "append today's")
    if now - rows[-1].at > most_age:
        raise NoQuote(f"{source} ends at {_moment(rows[-1].at)}", "append today's")
    return rows[-1]


def _fetched(source: str) -> str:
    try:
        if not source.startswith(("http://", "https://")):
            return Path(source).read_text("utf-8")
        with urlopen(source, timeout=_SECONDS) as answer:
            body: bytes = answer.read(_MOST_BYTES + 1)
        if len(body) > _MOST_BYTES:
            raise NoQuote(f"{source} is longer than {_MOST_BYTES:,} bytes", "shorten it")
        return body.decode("utf-8")
    except (OSError, HTTPException, ValueError) as failure:
        raise NoQuote(f"{source} can't be read ({failure})", "mend the source's place") from None


def _rows(source: str, text: str) -> list[Quoted]:
    lines = [
        (number, cells)
        for number, line in enumerate(text.splitlines(), 1)
        if line.strip() and not line.startswith("#")
        for cells in csv.reader([line])
    ]
    if not lines or [cell.strip() for cell in lines[0][1]] != _HEADER:
        raise NoQuote(f"{source} has no header {','.join(_HEADER)}", "write it as the first line")
    rows: list[Quoted] = []
    for number, cells in lines[1:]:
        try:
            rows.append(_row(cells))
        except ValueError as problem:
            raise NoQuote(f"{source}, line {number}: {problem}", "mend that line") from None
        if rows[1:] and rows[-2].at >= rows[-1].at:
            raise NoQuote(f"{source}, line {number}: its time is not after the last", "sort it")
    return rows


def _row(cells: Sequence[str]) -> Quoted:
    if len(cells) != len(_HEADER):
        raise ValueError(f"{len(cells)} cells instead of {len(_HEADER)}")
    volatility = float(cells[1])
    if not math.isfinite(volatility) or volatility <= 0:
        raise ValueError(f"{cells[1].strip()} is not a volatility")
    return Quoted(volatility, _seconds(cells[0].strip()))


def _seconds(text: str) -> int:
    if text.isdigit():
        return int(text)
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        if len(text) > len("2026-01-01"):
            raise ValueError(f"{text} has no zone")
        at = at.replace(tzinfo=UTC)
    return int(at.timestamp())


def _moment(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M")
