"""The run as tables in a terminal."""

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table as RichTable

from keel.report import backtest, facts, studies
from keel.report.section import Section, Table
from keel.report.sections import sections
from keel.report.studies import Studies
from keel.sim.backtest.records import Backtest
from keel.sim.records import RunRecord


def show(record: RunRecord, console: Console) -> None:
    """Print what a reader wants to know, most wanted first."""
    console.print()
    if record.story:
        console.print(record.story, highlight=False)
        console.print()
    products = (table for part in sections(record) for table in part.tables)
    for table in (*facts.tables(record), *products, facts.check_table(record)):
        show_table(table, console)
    console.print(
        f"{record.transactions:,} transactions in {record.seconds:.1f} s, seed {record.seed}, "
        f"staking APR {record.apr:.1%}, A = {record.amplification}."
    )


def show_studies(found: Studies, console: Console) -> None:
    """Print the tables of the liquidity studies."""
    console.print()
    console.print(studies.LEAD, highlight=False)
    _show_sections(studies.sections(found), console)


def show_backtest(found: Backtest, console: Console) -> None:
    """Print a backtest's tables, and its charts in characters."""
    console.print()
    console.print(backtest.heading(found), highlight=False)
    _show_sections(backtest.sections(found), console)


def _show_sections(sections: Iterable[Section], console: Console) -> None:
    for section in sections:
        for table in section.tables:
            console.print()
            show_table(table, console)


def show_table(table: Table, console: Console) -> None:
    """Print one table, and what is to be known to read it."""
    drawn = RichTable(title=table.title, title_justify="left", show_header=bool(table.header))
    width = len(table.header or table.rows[0])
    for number in range(width):
        name = table.header[number] if table.header else ""
        figures = number >= width - table.numbers
        drawn.add_column(
            escape(name), justify="right" if figures else "left", no_wrap=figures and not name
        )
    for row in table.rows:
        drawn.add_row(*(escape(cell.replace("`", "")) for cell in row))
    console.print(drawn)
    if table.note:
        console.print(table.note, style="dim", highlight=False)
