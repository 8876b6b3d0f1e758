"""A part of a report: tables for terminal and page, charts for the page."""

from collections.abc import Sequence
from dataclasses import dataclass

import plotly.graph_objects as go


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows of text; `numbers` counts the columns at the right that hold figures.

    Attributes
    ----------
    header : sequence of str
        Empty for a table of questions and answers.
    note : str
        What to know to read it; below the table.
    """

    title: str
    rows: Sequence[Sequence[str]]
    header: Sequence[str] = ()
    numbers: int = 0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A figure with its heading and caption.

    Attributes
    ----------
    table : Table or None
        What a terminal shows in its place.
    """

    title: str
    figure: go.Figure
    caption: str
    table: Table | None = None


@dataclass(frozen=True, kw_only=True)
class Section:
    """What a reader learns about one subject, in the order of the page.

    Attributes
    ----------
    title : str
        Empty if each part has a heading of the first rank. A part of the same title has none.
    """

    parts: Sequence[Table | Chart] = ()
    title: str = ""

    @property
    def tables(self) -> list[Table]:
        """What a terminal can show."""
        shown = (part if isinstance(part, Table) else part.table for part in self.parts)
        return [table for table in shown if table is not None]
