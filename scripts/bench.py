"""Gas beside the anchors' figures: `make bench`, or `ape run bench --help`."""

import json
import sys
from pathlib import Path

import click
from ape import project
from rich.console import Console
from rich.table import Table

from keel.chain.artifacts import Artifacts
from keel.chain.gas import ANCHORS, measure
from keel.errors import KeelError


@click.command()
@click.option(
    "--json",
    "path",
    type=click.Path(path_type=Path),
    default=Path("reports/bench.json"),
    show_default=True,
    help="Where the figures go.",
)
def cli(path: Path) -> None:
    """Measure the gas of every call with a budget, on a fresh Anvil.

    The anchors are Lido for staking and Curve StableSwap-NG for the swap pool, measured the same
    way: the second of two equal calls, alone in its block. Option prices are library calls inside a
    contract, beside solstat and Lyra.
    """
    console = Console()
    try:
        measured = measure(Artifacts(project))
    except KeelError as problem:
        Console(stderr=True).print(f"keel: {problem}", style="bold red", highlight=False)
        sys.exit(1)
    table = Table("call", "gas", "anchor", "budget", "of anchor")
    for key, gas in measured.items():
        anchor, most = ANCHORS[key]
        style = None if gas <= most else "bold red"
        share = f"{gas / anchor:.0%}" if anchor else ""
        table.add_row(
            key, f"{gas:,}", f"{anchor:,}" if anchor else "", f"{most:,}", share, style=style
        )
    console.print(table)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(measured, indent=2) + "\n")
    console.print(f"Figures: {path}")
