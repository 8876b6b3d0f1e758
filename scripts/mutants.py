"""Change contracts one place at a time, and see whether the tests notice: `make mutants`."""

import json
import sys
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from keel.errors import KeelError
from tests.mutation.campaign import Campaign, Plan, default_workers
from tests.mutation.equivalent import equivalents
from tests.mutation.operators import NAMES
from tests.mutation.preparation import digest_of_all
from tests.mutation.record import Record
from tests.mutation.report import Findings, as_json, tell
from tests.mutation.sources import Sources

REPORTS = Path("reports")
LIST = "\n".join(f"  {name:<12}{what}" for name, what in NAMES.items())


@click.command(
    epilog=f"""\b
Operators:
{LIST}

\b
Examples:
  make mutants                                 300 mutants of seed 1; goes on where it was ended
  make mutants ARGS='--seed 7 --count 500'
  make mutants ARGS='--path StableSwap --operator rounding --count 40'
  make mutants ARGS='--again'                  those that live, then with all tests, 90 s each
  make mutants ARGS='--show'                   results so far, nothing tried
"""
)
@click.option("--count", type=click.IntRange(1), default=300, show_default=True, help="Mutants.")
@click.option("--seed", type=int, default=1, show_default=True, help="Of the sample.")
@click.option("--path", "paths", multiple=True, help="Only files whose names contain this.")
@click.option("--operator", "operators", multiple=True, type=click.Choice([*NAMES]), help="Only.")
@click.option("--workers", type=click.IntRange(1), default=default_workers(), help="Processes.")
@click.option("--again", is_flag=True, help="Try those that live again, with more tests and time.")
@click.option("--show", is_flag=True, help="Print the results there are.")
@click.option("--fresh", is_flag=True, help="Forget the results there are.")
def cli(
    count: int,
    seed: int,
    paths: tuple[str, ...],
    operators: tuple[str, ...],
    workers: int,
    again: bool,
    show: bool,
    fresh: bool,
) -> None:
    """Make small changes to contracts and see whether machines and tests notice.

    Each mutant of a seeded sample is compiled without the IR and deployed on an EVM in this
    process, where the machine of its contracts is played, and then tests run: 12 seconds of
    processor time in all. One that nothing objects to lives, and is printed. Results are kept after
    each mutant: run the same command again after ending it, and it goes on. After a change to
    contracts or tests all are tried again, what killed them before it first.

    Fails if fewer than 90 % are killed, or one is that is listed as equivalent.
    """
    console = Console()
    sources = Sources()
    sample = {"seed": seed, "paths": paths, "operators": operators}
    filters = "".join(f"-{word}" for word in (*paths, *operators)).replace("/", "_")
    path = REPORTS / f"mutants-{seed}{filters}.jsonl"
    if fresh:
        path.unlink(missing_ok=True)
    try:
        record = Record(path, sample)
        if not show:
            plan = Plan(seed, count, workers, paths, operators, again)
            _run(console, plan, sources, record)
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
    findings = Findings(record, equivalents())
    tell(console, findings, digest_of_all(sources))
    result = path.with_suffix(".json")
    result.write_text(json.dumps(as_json(findings, sample), indent=1) + "\n")
    console.print(f"All of it: {result}", highlight=False)
    sys.exit(not findings.good)


def _run(console: Console, plan: Plan, sources: Sources, record: Record) -> None:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeElapsedColumn(), console=console, auto_refresh=False)
    # Refreshed by hand: a thread of its own would not survive the forks.
    with bar:
        task = bar.add_task("", total=1)

        def progress(what: str, done: int, total: int) -> None:
            bar.update(task, description=what, completed=done, total=total, refresh=True)

        campaign = Campaign(plan, sources, record, progress)
        campaign.run()
    console.print(f"{campaign.tests:,} tests can notice a mutant here.", highlight=False)


if __name__ == "__main__":
    cli()
