"""Gas beside the anchors' figures, and speeds: `make bench`, or `ape run bench --help`."""

import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import click
import numpy as np
from ape import project
from rich.console import Console
from rich.table import Table

from keel.chain.artifacts import Artifacts
from keel.chain.explorer import Inputs
from keel.chain.gas import ANCHORS, measure
from keel.checkout import ROOT
from keel.errors import KeelError
from keel.pricing.black_scholes import quote
from keel.pricing.merton import Jumps, merton_series
from tests.machines import fuzz
from tests.machines.catalogue import MACHINES

CAMPAIGN_SECONDS = 5.0
OPTIONS = 1_000_000
SEED = 7


class Speed(NamedTuple):
    """A figure that depends on the machine.

    By the clock, and by the processor's time of one core, which other work does not change.
    """

    name: str
    unit: str
    value: float
    per_cpu: float


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Seconds by the clock, and of the processor, children included."""
    began, used = time.perf_counter(), _processor()
    work()
    return time.perf_counter() - began, _processor() - used


def _processor() -> float:
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return sum(sum(resource.getrusage(kind)[:2]) for kind in kinds)


def _run(command: list[str], **options: object) -> None:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload]
    if done.returncode:
        raise KeelError(f"{' '.join(command)} failed: {done.stderr[-500:]}", "run it by itself")


def harness(artifacts: Artifacts) -> list[Speed]:
    """Successful calls of each machine, compared with the models after each."""
    speeds = []
    for machine in MACHINES:
        campaign = fuzz.Campaign(machine, SEED, None, 1, None, CAMPAIGN_SECONDS)
        outcome = fuzz.run(campaign, artifacts, lambda *_: None)
        calls = outcome.tally.calls
        rates = calls / max(outcome.seconds, 1e-9), calls / max(outcome.cpu_seconds, 1e-9)
        speeds.append(Speed(f"fuzz {machine}, one process", "calls/s", *rates))
    return speeds


def pricing(_: Artifacts) -> list[Speed]:
    """Options priced by numpy: price, delta and vega; with jumps, price and Greeks."""
    random = np.random.default_rng(SEED)
    bounds = ((1_000, 4_000), (1_000, 4_000), (0.005, 1.5), (0.2, 1.5))
    market = [random.uniform(*bound, OPTIONS) for bound in bounds]
    few = [column[: OPTIONS // 20] for column in market]
    jumps = Jumps(1.0, -0.1, 0.1)
    works: dict[str, tuple[int, Callable[[], object]]] = {
        "Black-Scholes, delta, vega": (OPTIONS, lambda: quote(*market, 0.04, 0.032)),
        "Merton, Greeks": (len(few[0]), lambda: merton_series(*few, 0.04, 0.032, jumps=jumps)),
    }
    speeds = []
    for name, (count, work) in works.items():
        clock, processor = min(_timed(work) for _ in range(3))
        speeds.append(Speed(name, "options/s", count / clock, count / max(processor, 1e-9)))
    return speeds


def demo(_: Artifacts) -> list[Speed]:
    """A week of summer 2022, and the whole of it."""
    speeds = []
    for name, options in (("demo, a week", ["--quick"]), ("demo", [])):
        with TemporaryDirectory() as folder:
            command = ["ape", "run", "demo", *options, "--report", f"{folder}/demo.html"]
            speeds.append(Speed(name, "s", *_timed(lambda command=command: _run(command))))
    return speeds


def compilation(_: Artifacts) -> list[Speed]:
    """All sources through the compiler, with nothing cached; the build is left alone."""
    inputs = Inputs(project)
    solc = Path(os.environ["SOLCX_BINARY_PATH"]) / f"solc-v{inputs.version.partition('+')[0]}"
    with TemporaryDirectory() as folder:
        environment = {**os.environ, "KEEL_SOLC_CACHE": folder}
        command = [str(solc), "--standard-json", "--base-path", "."]
        taken = _timed(lambda: _run(command, input=json.dumps(inputs.whole), env=environment))
    return [Speed("compile everything", "s", *taken)]


SPEEDS: dict[str, Callable[[Artifacts], list[Speed]]] = {
    "harness": harness,
    "pricing": pricing,
    "demo": demo,
    "compile": compilation,
}


def _show_gas(console: Console, measured: dict[str, int]) -> None:
    table = Table("call", "gas", "anchor", "budget", "of anchor")
    for key, gas in measured.items():
        anchor, most = ANCHORS[key]
        style = None if gas <= most else "bold red"
        share = f"{gas / anchor:.0%}" if anchor else ""
        table.add_row(
            key, f"{gas:,}", f"{anchor:,}" if anchor else "", f"{most:,}", share, style=style
        )
    console.print(table)


def _show_speeds(console: Console, speeds: list[Speed]) -> None:
    table = Table("what", "unit", "by the clock", "by processor time")
    for speed in speeds:
        digits = 1 if speed.unit == "s" else 0
        figures = (f"{figure:,.{digits}f}" for figure in (speed.value, speed.per_cpu))
        table.add_row(speed.name, speed.unit, *figures)
    console.print(table)


@click.command()
@click.option(
    "--only",
    "wanted",
    type=click.Choice(["gas", *SPEEDS]),
    multiple=True,
    help="Measure this, and what else you name; everything unless you say.",
)
@click.option(
    "--json",
    "path",
    type=click.Path(path_type=Path),
    default=Path("reports/bench.json"),
    show_default=True,
    help="Where the figures go.",
)
def cli(wanted: tuple[str, ...], path: Path) -> None:
    """Measure the gas of every call with a budget, and how fast the project's tools are.

    The anchors are Lido for staking and Curve StableSwap-NG for the swap pool, measured the same
    way: the second of two equal calls, alone in its block. Option prices are library calls inside a
    contract, beside solstat and Lyra. Speeds: calls of each fuzzing machine, options priced, the
    demo, and a compilation with nothing cached.
    """
    console = Console()
    figures: dict[str, object] = {}
    try:
        artifacts = Artifacts(project)
        if not wanted or "gas" in wanted:
            figures["gas"] = gas = measure(artifacts)
            _show_gas(console, gas)
        chosen = [SPEEDS[name] for name in SPEEDS if not wanted or name in wanted]
        if speeds := [speed for one in chosen for speed in one(artifacts)]:
            figures["speed"] = [speed._asdict() for speed in speeds]
            _show_speeds(console, speeds)
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(figures, indent=2) + "\n")
    console.print(f"Figures: {path}")
