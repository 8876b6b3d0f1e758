"""Compare a deployment with sources, manifest and configuration: `ape run verify --help`."""

import sys
from pathlib import Path

import click
from ape import project
from ape.api import ProviderAPI
from ape.cli import network_option
from rich.console import Console
from rich.table import Table

from keel.chain.artifacts import Artifacts
from keel.chain.audit import Audit, audit, creator, load
from keel.chain.command import LiveCommand, connected, fail, network_name
from keel.chain.explorer import write_inputs
from keel.chain.settings import load_settings
from keel.errors import KeelError


def _show(console: Console, outcome: Audit) -> None:
    said = ", ".join(f"{count} {kind}" for kind, count in outcome.covered.items())
    if outcome.passed:
        console.print(f"[green]Nothing differs.[/] Compared: {said}.")
        return
    table = Table("contract", "what", "expected", "found", title_justify="left")
    table.title = f"{len(outcome.drifts)} differences; compared: {said}"
    for drift in outcome.drifts:
        table.add_row(drift.role, drift.what, drift.expected, drift.found)
    console.print(table, style="red")


@click.command(cls=LiveCommand)
@network_option()
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="What was deployed; deployments/<network>.yaml unless you say.",
)
@click.option(
    "--manifest",
    "manifest_path",
    type=click.Path(path_type=Path),
    help="deployments/<network>.json unless you say.",
)
@click.option(
    "--explorer",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write each contract's standard JSON for block explorers into this folder.",
)
def cli(
    provider: ProviderAPI,
    config_path: Path | None,
    manifest_path: Path | None,
    explorer: Path | None,
) -> None:
    """Compare code, constructor arguments, roles and parameters with what they should be.

    On a fork of the network each contract is created again from the sources, by the same account
    with the same nonce: immutable values and contracts created by constructors are compared too.
    Sends nothing. Ends with 1 if anything differs, an ownership not yet accepted included.
    """
    console = Console()
    try:
        name = network_name(provider)
        manifest = load(manifest_path or Path("deployments") / f"{name}.json")
        path = config_path or Path("deployments") / f"{name}.yaml"
        settings = load_settings(path, creator(manifest))
        outcome = audit(connected(provider), Artifacts(project), manifest, settings.stack)
        _show(console, outcome)
        if explorer is not None:
            written = write_inputs(project, manifest, explorer)
            console.print(f"Explorer input: {len(written)} files in {explorer}")
    except KeelError as problem:
        fail(problem)
    if not outcome.passed:
        sys.exit(1)
