"""Deploy the stack to any ape network: `ape run deploy --help`."""

import os
import re
import sys
from pathlib import Path
from typing import NoReturn

import click
from ape import accounts, project
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand, network_option
from ape.exceptions import AccountsError, ConfigError, ProviderError, TransactionError
from rich.console import Console
from rich.table import Table

from keel.chain import config
from keel.chain.artifacts import Artifacts
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.plan import Step, plan
from keel.chain.rpc import Rpc
from keel.chain.sender import ApeSender
from keel.errors import KeelError

GWEI = 10**9


def _account(alias: str | None, local: bool) -> AccountAPI:
    """An ape account that signs without asking."""
    if alias is None:
        if not local:
            raise KeelError(
                "no account named", "add --account ALIAS; `ape accounts list` shows them"
            )
        return accounts.test_accounts[0]
    try:
        account = accounts.load(alias)
    except KeyError:
        raise KeelError(f"no account {alias!r}", "import it with `ape accounts import`") from None
    if f"APE_ACCOUNTS_{alias}_PASSPHRASE" not in os.environ:
        raise KeelError(
            f"the passphrase of {alias!r} is not set", f"export APE_ACCOUNTS_{alias}_PASSPHRASE"
        )
    account.set_autosign(True)
    return account


class _DeployCommand(ConnectedProviderCommand):
    """Connects first, as ape's own commands do; says what to do where that fails."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigError as problem:
            variable = re.search(r"\$\{(\w+)\}", str(problem))
            if variable is None:
                raise
            _fail(KeelError(f"{variable[1]} is not set", f"export {variable[1]}=https://…"))
        except ProviderError as problem:
            _fail(KeelError(str(problem), "check the address and that the node runs"))
        return None


def _fail(problem: KeelError) -> NoReturn:
    Console(stderr=True, soft_wrap=True).print(
        f"keel: {problem}", style="bold red", highlight=False
    )
    sys.exit(1)


def _show_plan(console: Console, steps: list[Step], bootstrap: float, gwei: float) -> None:
    if not steps:
        console.print("Nothing is left to send: the deployment is complete.")
        return
    table = Table("step", "gas", "ether", title=f"Plan, at {gwei:g} gwei", title_justify="left")
    for step in steps:
        table.add_row(step.name, f"{step.gas:,}", f"{step.gas * gwei / GWEI:.5f}")
    total = sum(step.gas for step in steps)
    table.add_section()
    table.add_row(f"{len(steps)} steps", f"{total:,}", f"{total * gwei / GWEI:.5f}")
    if any(step.name == "StakingPool" for step in steps):
        table.add_row("bootstrap stake, burnt", "", f"{bootstrap:.5f}")
    console.print(table)
    console.print("Nothing was sent. Next: the same command with --account and --broadcast.")


@click.command(cls=_DeployCommand)
@network_option()
@click.option("--account", "alias", help="ape account that pays; the first test account on local.")
@click.option(
    "--owner", help="Owner of everything in the end, a multisig say; default: the account."
)
@click.option("--bootstrap", default=1.0, show_default=True, help="Ether staked for nobody.")
@click.option("--gas-price", default=2.0, show_default=True, help="Gwei, for the plan's figures.")
@click.option("--broadcast", is_flag=True, help="Send, on a live network. Without it: the plan.")
@click.option(
    "--manifest",
    type=click.Path(path_type=Path),
    help="Where it is written; deployments/<network>.json unless you say.",
)
def cli(
    provider: ProviderAPI,
    alias: str | None,
    owner: str | None,
    bootstrap: float,
    gas_price: float,
    broadcast: bool,
    manifest: Path | None,
) -> None:
    """Deploy the stack, or continue where a run stopped.

    Writes deployments/<network>.json after each step. On a live network it only shows the plan,
    found on a fork of the network, unless you say --broadcast. It never asks: a passphrase comes
    from APE_ACCOUNTS_<ALIAS>_PASSPHRASE.
    """
    console = Console()
    try:
        name = provider.network.name.removesuffix("-fork")
        network = config.network(name)
        local = name == "local"
        artifacts = Artifacts(project)
        account = _account(alias, local) if broadcast or local or alias else None
        payer = str(account.address) if account is not None else "0x" + "00" * 19 + "01"
        rpc = Rpc(getattr(provider, "http_uri", None) or provider.uri)
        path = manifest or Path("deployments") / f"{name}.json"
        parameters = config.StackConfig.single(
            payer,
            owner=owner or payer,
            bootstrap=int(bootstrap * config.WEI),
            genesis_time=network.genesis_time,
            deposit_contract=network.deposit_contract,
            weth=network.weth,
        )
        if not local and not broadcast:
            steps = plan(artifacts, parameters, url=rpc.url, payer=payer, manifest=path)
            _show_plan(console, steps, bootstrap, gas_price)
            return
        deployer = Deployer(
            rpc,
            artifacts,
            ApeSender(account, rpc),
            path=path,
            progress=lambda step, receipt: console.print(
                f"{step}: " + (f"{int(receipt['gasUsed'], 16):,} gas" if receipt else "done before")
                if receipt is None or "gasUsed" in receipt
                else f"{step}: found"
            ),
        )
        deploy_stack(deployer, parameters)
        console.print(f"Manifest: {path}")
    except KeelError as problem:
        _fail(problem)
    except (AccountsError, TransactionError) as problem:
        _fail(KeelError(str(problem), "mend it and run the same command: it goes on from here"))
