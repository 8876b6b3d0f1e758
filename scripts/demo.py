"""Play a scenario through the whole stack: `make demo`, or `ape run demo --help`."""

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
from keel.report import backtest as calls
from keel.report import page, studies, terminal
from keel.sim import market
from keel.sim.backtest.parameters import BacktestParameters
from keel.sim.backtest.run import backtest
from keel.sim.catalogue import BACKTEST, PLANS, REPLAY, STUDIES, Plan, plan_of
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import RunRecord
from keel.sim.replay import replay
from keel.sim.studies import composition

QUICK = (date(2022, 6, 8), date(2022, 6, 14))
DAY = click.DateTime(formats=["%Y-%m-%d"])
LISTED = {plan.name: plan.title for plan in PLANS.values()} | {
    BACKTEST: "weekly calls by delta target, on your own prices: --csv, --delta",
    STUDIES: "four questions about pool and vault, on the models: no chain, seconds",
}
SCENARIOS = "\n".join(f"  {name:<19}{title}" for name, title in LISTED.items())


Window = tuple[tuple[date | None, date | None], Path]
"""First and last day, and the table they are taken from."""
EVERYTHING: Window = ((None, None), market.SHIPPED)


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _days(window: Window) -> list[market.MarketDay]:
    bounds, table = window
    return market.window(market.load(table), *bounds)


def _run(console: Console, plan: Plan, days: list[market.MarketDay], seed: int) -> RunRecord:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("compiling and deploying", total=len(days))
        artifacts = Artifacts(project)
        window = f"{days[0].day:%-d %B %Y} to {days[-1].day:%-d %B %Y}, day by day"
        return replay(
            artifacts,
            days,
            ScenarioParameters(seed=seed),
            title=plan.title.capitalize() if plan.story else window,
            commit=current_commit(),
            incident=plan.incident,
            story=plan.story,
            is_history=plan.is_history,
            options=plan.options,
            progress=lambda record: bar.update(
                task,
                advance=1,
                description=f"{record.day}  discount {1 - record.market_ratio:6.2%}",
            ),
        )


def _play(console: Console, plan: Plan, window: Window, seed: int) -> str:
    """Play a scenario, print its tables; its page."""
    if not plan.is_history and window != EVERYTHING:
        raise KeelError(
            f"{plan.name} has a window and prices of its own",
            f"leave out --from, --to, --csv and --quick, or choose --scenario {REPLAY}",
        )
    record = _run(console, plan, plan.window() or _days(window), seed)
    terminal.show(record, console)
    return page.render(record)


def _backtest(console: Console, window: Window, targets: tuple[float, ...], rounds: Path) -> str:
    """Write calls week by week, print what they came to; the page. Rounds go to a table."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as progress:
        task = progress.add_task("compiling and deploying", total=None)

        def tell(where: str, done: int, total: int) -> None:
            progress.update(task, description=where, completed=done, total=total)

        found = backtest(
            Artifacts(project),
            _days(window),
            BacktestParameters(targets=targets),
            source=window[1].name,
            commit=current_commit(),
            progress=tell,
        )
    terminal.show_backtest(found, console)
    page.write(calls.rounds_csv(found), rounds)
    console.print(f"Rounds: {rounds.resolve().as_uri()}")
    return page.render_backtest(found)


def _study(console: Console, window: Window, pool_table: Path) -> str:
    """Answer the studies' questions, print their tables; their page."""
    found = studies.run(_days(window), pool_table)
    terminal.show_studies(found, console)
    return page.render_studies(found, current_commit())


@click.command(
    epilog=f"""\b
Scenarios, each on a fresh Anvil but for the last, with its checks asserted every day:
{SCENARIOS}

\b
Examples:
  make demo ARGS=--quick
  make demo SCENARIO=slashing-5
  make demo SCENARIO=covered-calls ARGS='--csv mine.csv --delta 0.15 --delta 0.25'
  make demo SCENARIO=liquidity-studies ARGS='--pool-csv mine.csv'
  make demo SCENARIO=run ARGS='--seed 7 --report reports/run.html'
"""
)
@click.option("--scenario", "name", default=REPLAY, show_default=True, help="One of the list.")
@click.option("--from", "first", type=DAY, help="First day, YYYY-MM-DD; where --csv is read.")
@click.option("--to", "last", type=DAY, help="Last day, included; where --csv is read.")
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path),
    default=market.SHIPPED,
    help="Your own market figures, for all on the real prices: june-2022, depeg-cover, "
    "covered-calls, liquidity-studies; form in keel/sim/data/README.md.",
)
@click.option(
    "--delta",
    "targets",
    type=float,
    multiple=True,
    default=BacktestParameters.targets,
    show_default=True,
    help="Delta at which calls are struck, covered-calls only; a vault each, up to four.",
)
@click.option(
    "--pool-csv",
    "pool_table",
    type=click.Path(path_type=Path),
    default=composition.READINGS,
    help="Your own readings of the real pool, liquidity-studies only; form as for --csv, any days.",
)
@click.option("--seed", default=1, show_default=True, help="Same seed, same run.")
@click.option("--quick", is_flag=True, help="Replay seven days only: 8 to 14 June 2022.")
@click.option(
    "--report",
    type=click.Path(path_type=Path),
    help="Where the page goes.  [default: reports/demo.html, or reports/SCENARIO.html]",
)
def cli(
    name: str,
    first: datetime | None,
    last: datetime | None,
    table: Path,
    targets: tuple[float, ...],
    pool_table: Path,
    seed: int,
    quick: bool,
    report: Path | None,
) -> None:
    """Stake, wrap, exit and swap through history, or through a disaster.

    Prints who ended with what, checks the books every day, and writes a page with charts that
    works offline. The replay's full window takes about a minute, the others less, but for
    covered-calls: a few minutes for five years of your own.
    """
    console = Console()
    window = (QUICK if quick else (_day(first), _day(last)), table)
    path = report or Path("reports") / f"{'demo' if name == REPLAY else name}.html"
    try:
        if name != STUDIES and pool_table != composition.READINGS:
            raise KeelError(
                f"{name} takes no readings of the real pool",
                f"leave out --pool-csv, or choose --scenario {STUDIES}",
            )
        if name != BACKTEST and targets != BacktestParameters.targets:
            raise KeelError(
                f"{name} takes no delta targets",
                f"leave out --delta, or choose --scenario {BACKTEST}",
            )
        if name == STUDIES:
            text = _study(console, window, pool_table)
        elif name == BACKTEST:
            text = _backtest(console, window, targets, path.with_suffix(".csv"))
        else:
            text = _play(console, plan_of(name), window, seed)
        page.write(text, path)
        console.print(f"Charts: {path.resolve().as_uri()}")
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
