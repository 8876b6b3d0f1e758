"""Play stateful machines at full speed: `make fuzz`, or `ape run fuzz --help`."""

import secrets
import sys
from pathlib import Path

import click
from ape import project
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from keel import checkout  # noqa: F401 - finds `tests`
from keel.chain.artifacts import Artifacts
from keel.errors import KeelError
from tests.machines import fuzz
from tests.machines.catalogue import MACHINES, blueprints, built
from tests.machines.revm import RevmChain
from tests.machines.tally import Tally

LIST = "\n".join(f"  {name:<9}{machine.title}" for name, machine in MACHINES.items())
REPORTS = Path("reports")


def _play(console: Console, campaign: fuzz.Campaign, artifacts: Artifacts) -> fuzz.Outcome:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console) as bar:
        task = bar.add_task("successful calls", total=campaign.calls)

        def progress(calls: int) -> None:
            bar.update(task, completed=min(calls, campaign.calls or calls))

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
        f"{rate:,.0f} per second on {campaign.workers} processes "
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
"""
)
@click.option("--machine", type=click.Choice(list(MACHINES)), default="staking", show_default=True)
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
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help="Processes.")
@click.option("--example", type=click.IntRange(0), help="Play this example of the seed alone.")
def cli(
    machine: str,
    calls: int | None,
    seconds: float | None,
    seed: int | None,
    steps: int | None,
    workers: int,
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
    seed = secrets.randbelow(10**9) if seed is None else seed
    calls = calls or (None if seconds else 100_000)
    campaign = fuzz.Campaign(machine, seed, calls, workers, steps, seconds)
    console.print(f"machine {machine}, seed {seed}", highlight=False)
    try:
        artifacts = Artifacts(project)
        if example is None:
            outcome = _play(console, campaign, artifacts)
        else:
            plain = built(blueprints(machine, artifacts))
            machine_class = MACHINES[machine].open(RevmChain(), plain)
            outcome = fuzz.play_one(machine_class, campaign, example)
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
    _report(console, campaign, outcome)
    for finding in outcome.findings:
        _tell(console, finding, artifacts)
    faults = [] if example is not None else outcome.tally.faults(MACHINES[machine].situations)
    for fault in faults:
        console.print(fault, style="bold red", highlight=False)
    sys.exit(bool(outcome.findings or faults))
