"""What tests stand on, in this process: pyrevm for Anvil, and artifacts that change.

Tests speak to a node through `Rpc`, and few notice which. Those that do, by what only a real node
or ape can do, fail on contracts without a mutant too, and are left out.
"""

import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from eth_account import Account
from pyrevm import AccountInfo, CfgEnv

from keel.chain.artifacts import Artifact
from tests.fixtures.in_process import NodeWithAccounts
from tests.machines import revm
from tests.machines.revm import STRANGER

ETHER = 10**18
_MNEMONIC = "test test test test test test test test test test test junk"
_MOST_CODE = 2**20
"""Code without the optimiser passes the limit of 24,576 bytes."""
_PADDING = bytes(33)
"""What pyrevm has behind code once it ran."""
Account.enable_unaudited_hdwallet_features()


class Signer:
    """An account with a key, as much of it as tests ask for."""

    def __init__(self, number: int) -> None:
        self._key = Account.from_mnemonic(_MNEMONIC, account_path=f"m/44'/60'/0'/0/{number}")
        self.address: str = self._key.address

    def __str__(self) -> str:
        return self.address

    def sign_message(self, message: Any) -> "Signer":
        """Itself, with the signature."""
        self._signature = bytes(self._key.sign_message(message).signature)
        return self

    def encode_rsv(self) -> bytes:
        """The last signature: r, s, v."""
        return self._signature


SIGNERS = [Signer(number) for number in range(20)]


class Node(NodeWithAccounts):
    """What fixtures of Anvil's ask for, beside."""

    def __init__(self, _url: str = "", **_options: Any) -> None:
        super().__init__()
        self.url = _url
        for signer in SIGNERS:
            self._chain.set_balance(signer.address, 10**6 * ETHER)

    def _eth_accounts(self) -> list[str]:
        return [signer.address for signer in SIGNERS[:10]]

    def _eth_call(self, transaction: dict[str, str], *where: Any) -> str:
        with self._speaking_for(transaction.get("from", STRANGER)):
            return super()._eth_call(transaction, *where)

    def _eth_sendTransaction(self, transaction: dict[str, str]) -> str:
        with self._speaking_for(transaction["from"]):
            return super()._eth_sendTransaction({"data": "0x", **transaction})

    @contextmanager
    def _speaking_for(self, sender: str) -> Iterator[None]:
        """Take a contract's code away for a call of its own, as the EVM refuses it otherwise."""
        evm = self._chain.evm
        code = bytes(evm.get_code(sender) or b"").removesuffix(_PADDING)
        if not code:
            yield
            return
        self._set_code(sender, None)
        try:
            yield
        finally:
            self._set_code(sender, code)

    def _set_code(self, address: str, code: bytes | None) -> None:
        known = self._chain.evm.basic(address)
        info = AccountInfo(nonce=known.nonce, balance=known.balance, code=code)
        self._chain.evm.insert_account_info(address, info)

    def _anvil_impersonateAccount(self, _address: str) -> None:
        """Any sender may send."""

    def _anvil_autoImpersonateAccount(self, _on: bool) -> None:
        """Any sender may send."""

    def _anvil_setCode(self, address: str, code: str) -> None:
        self._set_code(address, bytes.fromhex(code[2:]) or None)

    def _anvil_setBlockTimestampInterval(self, _seconds: int) -> None:
        """As it is."""

    def _anvil_setStorageAt(self, address: str, slot: str, value: str) -> None:
        self._chain.set_storage(address, int(slot, 16), int(value, 16))


class InProcessAnvil:
    """A context manager whose address leads to a node of this process."""

    created = 0

    def __init__(self, *_options: Any, **_more: Any) -> None:
        InProcessAnvil.created += 1
        self.url = f"revm://{InProcessAnvil.created}"

    def __enter__(self) -> "InProcessAnvil":
        """Nothing starts."""
        return self

    def __exit__(self, *_failure: object) -> None:
        """Nothing ends."""


class Surroundings:
    """A plugin: fixtures that ape has elsewhere.

    Attributes
    ----------
    artifacts : dict
        What the tests deploy; may change until the first of them runs.
    """

    def __init__(self) -> None:
        self.artifacts: dict[str, Artifact] = {}

    def stage(self, artifacts: Mapping[str, Artifact]) -> None:
        """Let the tests deploy these."""
        self.artifacts = dict(artifacts)

    def stand_in(self) -> None:
        """Let the tests that have been imported use what is in this process."""
        stand_ins = {
            "Anvil": InProcessAnvil,
            "Rpc": Node,
            "Artifacts": lambda _project: self.artifacts,
        }
        revm.CfgEnv = partial(CfgEnv, limit_contract_code_size=_MOST_CODE)
        for name, module in [*sys.modules.items()]:
            if name.startswith("tests.") and not name.startswith(("tests.m", "tests.keel")):
                for attribute, stand_in in stand_ins.items():
                    if hasattr(module, attribute):
                        setattr(module, attribute, stand_in)

    @pytest.fixture(scope="session")
    def project(self) -> None:
        """Artifacts come from here."""

    @pytest.fixture(scope="session")
    def chain(self) -> Any:
        """Has an address."""

        class Provider:
            uri = "revm://0"

        class Chain:
            provider = Provider

        return Chain

    @pytest.fixture(scope="session")
    def accounts(self) -> list[Signer]:
        """Accounts with ether."""
        return SIGNERS
