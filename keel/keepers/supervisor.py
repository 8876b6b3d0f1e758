"""Several keepers, each a process of its own; one that ends is started again."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eth_account import Account

DEVNET_MNEMONIC = "test test test test test test test test test test test junk"
"""Anvil's, and everybody's: worth nothing on any other chain."""

DEVNET_KEYS = {
    "reporter-1": 1,
    "reporter-2": 2,
    "reporter-3": 3,
    "confirmer": 4,
    "depositor": 5,
    "arbitrageur": 16,
    "poker": 17,
    "finaliser": 18,
}
"""Accounts by their place in the derivation path; the first are the devnet's cast."""

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
    command: Sequence[str]
    environment: Mapping[str, str]
    process: subprocess.Popen[bytes] | None = None
    starts: int = 0
    not_before: float = 0.0


@dataclass
class Supervisor:
    """Starts its children, and starts again whichever ends.

    Attributes
    ----------
    patience : float
        Seconds until a child that ended is started again; doubles while it ends at once.
    """

    children: list[Child] = field(default_factory=list)
    patience: float = 0.2
    quiet: bool = False
    """Their logs are in files too."""

    def add(self, name: str, arguments: Sequence[str], secret: str | None) -> None:
        """One more keeper; the key goes into its environment alone."""
        environment = {**os.environ, **({KEY_VARIABLE: secret} if secret else {})}
        command = [sys.executable, "-m", "keel.keepers", "run", name, *arguments]
        self.children.append(Child(name, command, environment))

    def watch(self) -> None:
        """Start what isn't running and may be; to be called again and again."""
        now = time.monotonic()
        for child in self.children:
            if child.process is not None and child.process.poll() is None:
                continue
            if child.process is not None:
                lived = now - child.not_before
                child.process = None
                child.starts = child.starts if lived < 5 else 1
                child.not_before = now + self.patience * 2 ** min(child.starts - 1, 6)
            if now >= child.not_before:
                child.process = subprocess.Popen(
                    child.command,
                    env=dict(child.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL if self.quiet else None,
                )
                child.starts += 1
                child.not_before = now

    def kill(self, name: str) -> bool:
        """`kill -9`, as a test does; whether it ran."""
        for child in self.children:
            if child.name == name and child.process is not None and child.process.poll() is None:
                child.process.send_signal(signal.SIGKILL)
                child.process.wait()
                child.starts = 1  # not its own fault
                return True
        return False

    def stop(self) -> None:
        """End all."""
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        for process in running:
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
