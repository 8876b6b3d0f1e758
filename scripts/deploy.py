"""Deploy the stack to any ape network: `ape run deploy --help`."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from ape import project
from ape.api import ProviderAPI
from ape.cli import network_option
from ape.exceptions import AccountsError, TransactionError
from rich.console import Console
from rich.table import Table

from keel.chain.artifacts import Artifacts
from keel.chain.command import LiveCommand, connected, fail, network_name, signer
from keel.chain.config import WEI, network
from keel.chain.contract import Call
from keel.chain.deploy import acceptances, deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.options import markets_left
from keel.chain.plan import Step, cost, plan
from keel.chain.sender import ApeSender
from keel.chain.settings import Settings, load_settings
from keel.errors import KeelError

GWEI = 10**9
NOBODY = "0x" + "00" * 19 + "01"


def _show_plan(console: Console, steps: list[Step], settings: Settings) -> None:
    if not steps:
        console.print("Nothing is left to send: the deployment is complete.")
        return
    price = settings.gas_price
    title = f"Plan for {settings.network}, at {price / GWEI:g} gwei"
    table = Table("step", "gas", "ether", title=title, title_justify="left")
    for step in steps:
        table.add_row(step.name, f"{step.gas:,}", f"{step.gas * price / WEI:.5f}")
    gas, total = sum(step.gas for step in steps), cost(steps, price, settings.stack)
    table.add_section()
    table.add_row(f"{len(steps)} steps", f"{gas:,}", f"{gas * price / WEI:.5f}")
    if staked := total - gas * price:
        table.add_row("bootstrap stake, for ever", "", f"{staked / WEI:.5f}")
        table.add_row("in all", "", f"{total / WEI:.5f}")
    console.print(table)


def _require_funds(held: int, steps: list[Step], settings: Settings) -> None:
    needed = cost(steps, settings.gas_price, settings.stack)
    if held < needed:
        raise KeelError(
            f"the account holds {held / WEI:.5f} ether, the plan takes {needed / WEI:.5f}",
            "send it the rest, or lower gas_price and bootstrap in the configuration",
        )


def _show_left(
    console: Console, deployer: Deployer, owner: str, markets: dict[str, list[Call]]
) -> None:
    """What a multisig still has to send, and markets that nobody can open yet."""
    waiting = [vault for vault, calls in markets.items() if not calls]
    if waiting:
        console.print(
            f"Markets that wait for a price: {', '.join(waiting)}. Once the swap pool has "
            "liquidity, and ether a price, the same command goes on."
        )
    left = [(role, call) for role, call in acceptances(deployer, owner).items()]
    if deployer.sender.address.lower() != owner.lower():
        left += [(f"{vault}: open", call) for vault, calls in markets.items() for call in calls]
    if not left:
        return
    table = Table("contract", "to", "data", title_justify="left")
    table.title = f"Left for the owner, {owner}: these calls, without ether"
    for role, call in left:
        table.add_row(role, call.to, "0x" + call.data.hex())
    console.print(table)


def _progress(console: Console) -> Callable[[str, dict[str, Any] | None], None]:
    def show(step: str, receipt: dict[str, Any] | None) -> None:
        if receipt is None:
            said = "done before"
        elif "gasUsed" in receipt:
            said = f"{int(receipt['gasUsed'], 16):,} gas"
        else:
            said = "found: sent by the run before"
        console.print(f"{step}: {said}")

    return show


@click.command(cls=LiveCommand)
@network_option()
@click.option("--account", "alias", help="ape account that pays; the first test account on local.")
@click.option(
    "--config",
    "config_path",
    type=click.Path(path_type=Path),
    help="What is deployed; deployments/<network>.yaml unless you say.",
)
@click.option("--broadcast", is_flag=True, help="Send, on a live network. Without it: the plan.")
@click.option("--plan/--no-plan", "planned", default=True, help="Show the plan before sending.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Where it is written; deployments/<network>.json unless you say.",
)
def cli(
    provider: ProviderAPI,
    alias: str | None,
    config_path: Path | None,
    broadcast: bool,
    planned: bool,
    manifest: Path | None,
) -> None:
    """Deploy the stack, or continue where a run stopped.

    Writes deployments/<network>.json after each step. On a live network it shows the plan, found
    on a fork of the network, and sends nothing unless you say --broadcast. It never asks: a
    passphrase comes from APE_ACCOUNTS_<ALIAS>_PASSPHRASE.
    """
    console = Console()
    try:
        name = network_name(provider)
        chain_id = network(name).chain_id
        local = name == "local"
        account = signer(alias, local=local) if broadcast or local or alias else None
        payer = str(account.address) if account is not None else NOBODY
        settings = load_settings(config_path or Path("deployments") / f"{name}.yaml", payer)
        if settings.network != name:
            raise KeelError(
                f"the configuration is for {settings.network}, the node is {name}'s",
                "name the other with --config or --network",
            )
        rpc, artifacts = connected(provider), Artifacts(project)
        if rpc.chain_id != chain_id:
            raise KeelError(
                f"the node's chain has id {rpc.chain_id}, {name}'s is {chain_id}",
                "connect to another node",
            )
        path = manifest or Path("deployments") / f"{name}.json"
        if planned and not local:
            steps = plan(artifacts, settings.stack, url=rpc.url, payer=payer, manifest=path)
            _show_plan(console, steps, settings)
            if broadcast:
                _require_funds(rpc.balance(payer), steps, settings)
        if not local and not broadcast:
            console.print(
                "Nothing was sent. Next: the same command with --account and --broadcast."
            )
            return
        sender = ApeSender(account, rpc)
        deployer = Deployer(rpc, artifacts, sender, path=path, progress=_progress(console))
        deploy_stack(deployer, settings.stack)
        deployed = {role: deployer.contract(role) for role in deployer.manifest.contracts}
        markets = markets_left(settings.stack.options, deployed)
        _show_left(console, deployer, settings.stack.owner, markets)
        console.print(f"Manifest: {path}. Next: ape run verify, with the same network.")
    except KeelError as problem:
        fail(problem)
    except (AccountsError, TransactionError) as problem:
        fail(KeelError(str(problem), "mend it and run the same command: it goes on from here"))
