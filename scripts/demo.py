"""Replay summer 2022 through the whole stack: `make demo`, or `ape run demo --help`."""

import sys
from datetime import date, datetime
from pathlib import Path

import click
from ape import project
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from keel.chain.artifacts import Artifacts
from keel.chain.deployer import current_commit
from keel.errors import KeelError
from keel.report import page, terminal
from keel.sim import market
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import RunRecord
from keel.sim.replay import replay

QUICK = (date(2022, 6, 8), date(2022, 6, 14))
DAY = click.DateTime(formats=["%Y-%m-%d"])


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _run(console: Console, days: list[market.MarketDay], seed: int) -> RunRecord:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("compiling and deploying", total=len(days))
        artifacts = Artifacts(project)
        return replay(
            artifacts,
            days,
            ScenarioParameters(seed=seed),
            title=f"{days[0].day:%-d %B %Y} to {days[-1].day:%-d %B %Y}, day by day",
            commit=current_commit(),
            progress=lambda record: bar.update(
                task,
                advance=1,
                description=f"{record.day}  discount {1 - record.market_ratio:6.2%}",
            ),
        )


@click.command()
@click.option("--from", "first", type=DAY, help="First day, YYYY-MM-DD.")
@click.option("--to", "last", type=DAY, help="Last day, included.")
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path),
    default=market.SHIPPED,
    help="Your own market figures; keel/sim/data/README.md has the form.",
)
@click.option("--seed", default=1, show_default=True, help="Same seed, same run.")
@click.option("--quick", is_flag=True, help="Seven days: 8 to 14 June 2022.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    default=Path("reports/demo.html"),
    show_default=True,
    help="Where the page goes.",
)
def cli(first: datetime, last: datetime, table: Path, seed: int, quick: bool, report: Path) -> None:
    """Stake, wrap, exit and swap through real history on a fresh Anvil.

    Prints who ended with what, checks the books every day, and writes a page with charts that
    works offline. The full window takes about a minute.
    """
    console = Console()
    try:
        bounds = QUICK if quick else (_day(first), _day(last))
        days = market.window(market.load(table), *bounds)
        record = _run(console, days, seed)
        terminal.show(record, console)
        page.write(record, report)
        console.print(f"Charts: {report.resolve().as_uri()}")
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
