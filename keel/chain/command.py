"""What ape scripts on live networks share: connect, find the account, say what went wrong."""

import os
import re
import sys
from typing import NoReturn

import click
from ape import accounts
from ape.api import AccountAPI, ProviderAPI
from ape.cli import ConnectedProviderCommand
from ape.exceptions import ConfigError, ProviderError
from rich.console import Console

from keel.chain.rpc import Rpc
from keel.errors import KeelError


class LiveCommand(ConnectedProviderCommand):
    """Connects first, as ape's own commands do; says what to do where that fails."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command, connected."""
        try:
            return super().invoke(ctx)
        except ConfigError as problem:
            variable = re.search(r"\$\{(\w+)\}", str(problem))
            if variable is None:
                raise
            fail(KeelError(f"{variable[1]} is not set", f"export {variable[1]}=https://…"))
        except ProviderError as problem:
            fail(KeelError(str(problem), "check the address and that the node runs"))
        return None


def fail(problem: KeelError) -> NoReturn:
    """Say the problem and its next step; end with 1."""
    Console(stderr=True, soft_wrap=True).print(
        f"keel: {problem}", style="bold red", highlight=False
    )
    sys.exit(1)


def network_name(provider: ProviderAPI) -> str:
    """Name of the connected network, a fork's without its suffix."""
    return str(provider.network.name).removesuffix("-fork")


def connected(provider: ProviderAPI) -> Rpc:
    """The connected node, without ape in between."""
    return Rpc(getattr(provider, "http_uri", None) or provider.uri)


def signer(alias: str | None, *, local: bool) -> AccountAPI:
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
