"""Several keepers, each a process of its own; one that ends is started again."""

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from time import monotonic

from eth_account import Account

DEVNET_MNEMONIC = "test test test test test test test test test test test junk"
"""Anvil's, and everybody's: worth nothing on any other chain."""

DEVNET_KEYS = {
    "reporter-1": 1,
    "reporter-2": 2,
    "reporter-3": 3,
    "confirmer": 4,
    "depositor": 5,
    "arbitrageur": 26,
    "poker": 27,
    "finaliser": 28,
    "settler": 29,
    "roller": 30,
    "bidder": 31,
    "forecaster-1": 32,
    "forecaster-2": 33,
    "forecaster-3": 34,
}
"""Accounts by their place in the derivation path; the first are the devnet's cast."""

DEVNET_SETTINGS = Path(__file__).parents[2] / "bots" / "devnet.yaml"
"""What its forecasters and its bidder believe."""

KEY_VARIABLE = "KEEL_KEEPER_KEY"


def devnet_key(keeper: str) -> tuple[str, str]:
    """Address and private key of a devnet's keeper."""
    Account.enable_unaudited_hdwallet_features()
    path = f"m/44'/60'/0'/0/{DEVNET_KEYS[keeper]}"
    account = Account.from_mnemonic(DEVNET_MNEMONIC, account_path=path)
    return str(account.address), "0x" + bytes(account.key).hex()


@dataclass
class Child:
    """One keeper's process."""

    name: str
    arguments: Sequence[str]
    secret: str | None
    variable: str
    process: BaseProcess | None = None
    starts: int = 0
    not_before: float = 0.0
    held: bool = False


@dataclass
class Supervisor:
    """Starts its children, and starts again whichever ends.

    They are forked from a server that has imported everything already: a keeper is back a few
    hundredths of a second after it ended.

    Attributes
    ----------
    patience : float
        Seconds until a child that ended is started again; doubles while it ends at once.
    quiet : bool
        Nothing on the terminal: their logs are in files too.
    """

    children: list[Child] = field(default_factory=list)
    patience: float = 0.2
    quiet: bool = False

    def __post_init__(self) -> None:
        """Prepare the server that forks."""
        self._context = get_context("forkserver")
        self._context.set_forkserver_preload(["keel.keepers.__main__"])

    def add(
        self, name: str, arguments: Sequence[str], secret: str | None, *,
        command: str = "run", variable: str = KEY_VARIABLE,
    ) -> None:  # fmt: skip
        """One more keeper; its key goes through a pipe, into its environment alone."""
        self.children.append(Child(name, [command, name, *arguments], secret, variable))

    def watch(self) -> None:
        """Start what isn't running and may be; to be called again and again."""
        now = monotonic()
        for child in self.children:
            if child.held or (child.process is not None and child.process.is_alive()):
                continue
            if child.process is not None:
                child.process.join()
                lived = now - child.not_before
                child.process = None
                child.starts = child.starts if lived < 5 else 1
                child.not_before = now + self.patience * 2 ** min(child.starts - 1, 6)
            if now >= child.not_before:
                child.process = self._context.Process(
                    target=_run,
                    args=(list(child.arguments), child.secret, child.variable, self.quiet),
                    name=child.name,
                )
                child.process.start()
                child.starts += 1
                child.not_before = now

    def kill(self, name: str) -> bool:
        """`kill -9`, as a test does; whether it ran."""
        for child in self.children:
            if child.name == name and child.process is not None and child.process.is_alive():
                child.process.kill()
                child.process.join()
                child.starts = 1  # not its own fault
                return True
        return False

    def hold(self, name: str) -> None:
        """`kill -9`, and no new start until it is released."""
        self.kill(name)
        self._named(name).held = True

    def release(self, name: str) -> None:
        """It may be started again."""
        self._named(name).held = False

    def _named(self, name: str) -> Child:
        return next(child for child in self.children if child.name == name)

    def stop(self) -> None:
        """End all."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            process.join(timeout=5)
            if process.is_alive():
                process.kill()
                process.join()


def _run(arguments: list[str], secret: str | None, variable: str, quiet: bool) -> None:
    """A child's whole life."""
    from keel.keepers.__main__ import main  # the other way round it is imported too

    if quiet:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115 - until the process ends
    if secret is not None:
        os.environ[variable] = secret
    sys.exit(main(arguments))
