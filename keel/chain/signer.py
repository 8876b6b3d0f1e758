"""Who signs: a key from ape's encrypted accounts, or from the environment of the process.

A key is never logged, written, or shown: `repr` names the address alone.
"""

import os
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any, Protocol, Self

from eth_account import Account

from keel.errors import KeelError


class NoKey(KeelError):
    """There is no such key, or it can't be opened."""


class Signer(Protocol):
    """Signs transactions for one address."""

    @property
    def address(self) -> str:
        """Checksummed."""

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, bytes]:
        """Hash and raw bytes of a signed transaction; fields as EIP-1559 names them."""


class KeySigner:
    """A private key in memory."""

    def __init__(self, secret: str | bytes) -> None:
        try:
            self._account = Account.from_key(secret)
        except Exception:  # whatever it says may hold the key
            raise NoKey("this isn't a private key", "give 32 bytes in hex") from None

    @property
    def address(self) -> str:
        """Checksummed."""
        return str(self._account.address)

    def sign(self, transaction: Mapping[str, Any]) -> tuple[str, bytes]:
        """Hash and raw bytes."""
        signed = self._account.sign_transaction(dict(transaction))
        return "0x" + signed.hash.hex().removeprefix("0x"), bytes(signed.raw_transaction)

    def __repr__(self) -> str:
        """Without the key."""
        return f"KeySigner({self.address})"

    @classmethod
    def from_environment(
        cls, variable: str, environment: MutableMapping[str, str] = os.environ
    ) -> Self:
        """The key in a variable, which is taken out of the environment."""
        secret = environment.pop(variable, "")
        if not secret:
            raise NoKey(f"{variable} is empty", f"set {variable}, or name an ape account")
        return cls(secret)

    @classmethod
    def from_ape(
        cls, alias: str, folder: Path, environment: MutableMapping[str, str] = os.environ
    ) -> Self:
        """An account that `ape accounts import` encrypted; passphrase as ape takes it."""
        path = folder / "accounts" / f"{alias}.json"
        variable = f"APE_ACCOUNTS_{alias}_PASSPHRASE"
        passphrase = environment.pop(variable, None)
        if passphrase is None:
            raise NoKey(f"{variable} is not set", "set it to the account's passphrase")
        try:
            return cls(bytes(Account.decrypt(path.read_text(), passphrase)))
        except OSError:
            raise NoKey(f"ape has no account {alias}", "run `ape accounts import`") from None
        except ValueError:
            raise NoKey(f"the passphrase of {alias} is wrong", f"check {variable}") from None
