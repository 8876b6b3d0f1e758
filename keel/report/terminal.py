"""The run as tables in a terminal."""

from rich.console import Console
from rich.table import Table

from keel.report import facts
from keel.sim.records import RunRecord


def show(record: RunRecord, console: Console) -> None:
    """Print what a reader wants to know, most wanted first."""
    console.print()
    if record.story:
        console.print(record.story, highlight=False)
        console.print()
    console.print(_outcomes(record))
    console.print(_headline(record))
    console.print(_checks(record))
    console.print(
        f"{record.transactions:,} transactions in {record.seconds:.1f} s, seed {record.seed}, "
        f"staking APR {record.apr:.1%}, A = {record.amplification}."
    )


def _outcomes(record: RunRecord) -> Table:
    table = Table(title="Who ended with what, in ether", title_justify="left")
    for column in ("who", "what they did"):
        table.add_column(column)
    for column in ("began", "ended", "against holding"):
        table.add_column(column, justify="right")
    for row in facts.outcome_rows(record):
        table.add_row(*row)
    return table


def _headline(record: RunRecord) -> Table:
    table = Table(title="The window", title_justify="left", show_header=False)
    for question, answer in facts.headline(record):
        table.add_row(question, answer)
    return table


def _checks(record: RunRecord) -> Table:
    table = Table(title="Invariants, all held", title_justify="left")
    table.add_column("id")
    table.add_column("what")
    table.add_column("checks", justify="right")
    for row in facts.check_rows(record):
        table.add_row(*row)
    return table
