"""Play stateful machines at full speed: `make fuzz`, or `ape run fuzz --help`."""

import os
import secrets
import sys
from dataclasses import replace
from pathlib import Path

import click
from ape import project
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from keel import checkout  # noqa: F401 - finds `tests`
from keel.chain.artifacts import Artifacts
from keel.errors import KeelError
from tests.machines import corpus as corpora
from tests.machines import fuzz
from tests.machines.catalogue import MACHINES, blueprints, built
from tests.machines.revm import RevmChain
from tests.machines.tally import Tally

_WIDEST = max(map(len, MACHINES))
LIST = "\n".join(f"  {name:<{_WIDEST + 2}}{machine.title}" for name, machine in MACHINES.items())
REPORTS = Path("reports")
CORPUS = Path(".cache/corpus")
_ALL = "all"


def _play(
    console: Console, campaign: fuzz.Campaign, artifacts: Artifacts, dask: str | None
) -> fuzz.Outcome:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("successful calls", total=campaign.calls)

        def progress(calls: int) -> None:
            bar.update(task, completed=min(calls, campaign.calls or calls))

        if dask is not None:
            from tests.machines import cluster  # Dask takes a second to load

            return cluster.run(dask, campaign, artifacts, progress)
        return fuzz.run(campaign, artifacts, progress)


def _table(tally: Tally) -> Table:
    table = Table("rule", "steps", "calls", "refused", "by which error")
    for column in table.columns[1:4]:
        column.justify = "right"
    for name, deeds in sorted(tally.rules.items()):
        errors = ", ".join(
            f"{error.partition(': ')[2]} {count:,}" for error, count in deeds.refused.most_common()
        )
        style = "bold red" if deeds.idle else None
        numbers = (f"{n:,}" for n in (deeds.steps, deeds.calls, deeds.refused.total()))
        table.add_row(name, *numbers, errors, style=style)
    return table


def _report(console: Console, campaign: fuzz.Campaign, outcome: fuzz.Outcome) -> None:
    tally = outcome.tally
    console.print(_table(tally))
    others = {name: count for name, count in tally.acted.items() if "." not in name}
    console.print("Situations: " + ", ".join(f"{n} {c:,}" for n, c in sorted(others.items())))
    for what, most in outcome.worst.items():
        console.print(f"{what}: {most:,.6g}", highlight=False)
    calls, refused = tally.calls, tally.refused.total()
    rate = calls / max(outcome.seconds, 1e-9)
    per_cpu = calls / max(outcome.cpu_seconds, 1e-9)
    console.print(
        f"{calls:,} successful calls in {outcome.examples:,} examples and {outcome.seconds:.1f} s: "
        f"{rate:,.0f} per second "
        f"({per_cpu:,.0f} per second of processor time); "
        f"{refused:,} refused as predicted ({refused / max(calls + refused, 1):.1%})",
        highlight=False,
    )


def _tell(console: Console, finding: fuzz.Finding, artifacts: Artifacts) -> None:
    path = REPORTS / f"test_{finding.machine}_{finding.seed}_{finding.example}.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(finding.test)
    console.rule("[bold red]found")
    console.print(finding.problem, markup=False, highlight=False)
    shorter = f"{len(finding.found)} steps made {len(finding.steps)}; {finding.place}"
    console.print(shorter, markup=False, highlight=False)
    place = fuzz.on_anvil(finding, artifacts)
    if place is None:
        console.print("Anvil does not fail: suspect pyrevm, or what the harness asks of it.")
    else:
        same = "at the same place" if place == finding.place else place
        console.print(f"Anvil fails too, {same}.", markup=False, highlight=False)
    console.rule(f"a test for tests/regression, also in {path}")
    console.print(finding.test, markup=False, highlight=False, soft_wrap=True)


@click.command(
    epilog=f"""\b
Machines:
{LIST}

\b
Examples:
  make fuzz
  make fuzz ARGS='--machine staking --calls 1000000 --seed 7'
  make fuzz ARGS='--seed 7 --example 123'      one example again, alone
  make fuzz ARGS='--seconds 3600'              an hour, however many calls
  make fuzz ARGS='--machine all --seconds 3600'    an hour, shared by all machines
  make fuzz ARGS='--dask tcp://10.0.0.1:8786 --seconds 3600'    on Dask's machines
"""
)
@click.option(
    "--machine",
    type=click.Choice([*MACHINES, _ALL]),
    default="staking",
    show_default=True,
    help="Which contracts are played, as listed below.",
)
@click.option(
    "--calls",
    type=click.IntRange(1),
    help="Successful calls to make.  [default: 100,000, or no end with --seconds]",
)
@click.option("--seconds", type=click.FloatRange(1), help="Stop after this time.")
@click.option("--seed", type=int, help="Replays a campaign; by default a new one, and told.")
@click.option(
    "--steps",
    type=click.IntRange(1),
    help="Steps of each example, by default the machine's; a seed's examples depend on it.",
)
@click.option(
    "--workers",
    type=click.IntRange(1),
    default=os.cpu_count(),
    show_default="one for each core",
    help="Processes.",
)
@click.option("--dask", help="Play on the workers of this Dask scheduler instead.")
@click.option(
    "--corpus",
    type=click.Path(path_type=Path, file_okay=False),
    default=CORPUS,
    show_default=True,
    help="Where examples are kept that showed something new; they are played first.",
)
@click.option("--example", type=click.IntRange(0), help="Play this example of the seed alone.")
def cli(
    machine: str,
    calls: int | None,
    seconds: float | None,
    seed: int | None,
    steps: int | None,
    workers: int,
    dask: str | None,
    corpus: Path,
    example: int | None,
) -> None:
    """Make random calls on pyrevm, each foretold by the models and compared with them.

    After each call all that the models hold is compared with the contracts, and every invariant
    holds. The campaign fails if something differs, if a rule or situation never came to pass, or if
    more than 30 % of the calls were refused. What is found is made small, played on Anvil too, and
    printed as a regression test.
    """
    console = Console()
    if example is not None and seed is None:
        raise click.UsageError("--example needs the --seed that it belongs to")
    if machine == _ALL and example is not None:
        raise click.UsageError("--example needs the --machine that it belongs to")
    seed = secrets.randbelow(10**9) if seed is None else seed
    calls = calls or (None if seconds else 100_000)
    names = list(MACHINES) if machine == _ALL else [machine]
    wrong = False
    for name in names:
        share = None if seconds is None else seconds / len(names)
        campaign = fuzz.Campaign(name, seed, calls, workers, steps, share)
        console.print(f"machine {name}, seed {seed}", highlight=False)
        try:
            wrong |= _campaign(console, campaign, example, dask, corpus)
        except KeelError as problem:
            Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
            sys.exit(1)
    sys.exit(wrong)


def _campaign(
    console: Console, campaign: fuzz.Campaign, example: int | None, dask: str | None, folder: Path
) -> bool:
    """Play, tell what came of it, keep what was new; whether something is wrong."""
    artifacts, machine = Artifacts(project), MACHINES[campaign.machine]
    if example is not None:
        plain = built(blueprints(campaign.machine, artifacts))
        outcome = fuzz.play_one(machine.open(RevmChain(), plain), campaign, example)
    else:
        known = corpora.load(folder, campaign.machine)
        outcome = _play(console, replace(campaign, corpus=known), artifacts, dask)
        kept = corpora.merged(known, outcome.kept)
        corpora.save(folder, campaign.machine, kept)
    _report(console, campaign, outcome)
    if example is None:
        shows = {what for each in kept for what in each.shows}
        fresh = shows - {what for each in known for what in each.shows}
        console.print(
            f"corpus: {len(known)} examples were played first, {len(kept)} are kept, which show "
            f"{len(shows)} things, {len(fresh)} of them new",
            highlight=False,
        )
    for finding in outcome.findings:
        _tell(console, finding, artifacts)
    faults = [] if example is not None else outcome.tally.faults(machine.situations)
    for fault in faults:
        console.print(fault, style="bold red", highlight=False)
    return bool(outcome.findings or faults)
