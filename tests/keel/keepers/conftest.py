"""A node whose blocks a test makes by itself, and an account on it that signs."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from keel.chain.anvil import Anvil
from keel.chain.contract import Call
from keel.chain.rpc import Rpc
from keel.chain.signer import KeySigner
from keel.keepers.action import Action, Limits
from keel.keepers.file_journal import FileJournal
from keel.keepers.outbox import Outbox
from keel.keepers.scale.lease import take
from keel.keepers.scale.redis_journal import RedisJournal
from keel.keepers.supervisor import devnet_key

TARGET = "0x00000000000000000000000000000000000000a1"


@pytest.fixture(scope="module")
def manual_rpc():
    """Mines on demand alone."""
    with Anvil(0, "--no-mining", "--timestamp", "1700000000") as anvil:
        yield Rpc(anvil.url)


@dataclass
class Sending:
    """One key, one journal, and a payment of a wei as the action."""

    rpc: Rpc
    journals: Callable
    limits: Limits

    def __post_init__(self):
        self.signer = KeySigner(devnet_key("reporter-1")[1])
        self.reopen()

    def reopen(self):
        """As a new process finds it."""
        self.journal = self.journals()
        self.outbox = Outbox(
            rpc=self.rpc, signer=self.signer, journal=self.journal, limits=self.limits
        )

    def action(self, key="pay", **changes):
        return Action(
            key=key, contract="none", function="none", what="pays", why="a test", **changes
        )

    def send(self, key="pay", **changes):
        call = Call(TARGET, b"", 1)
        return self.outbox.send(self.action(key, **changes), call, 30_000, self.rpc.block())

    def mine(self, count=1):
        for _ in range(count):
            self.rpc.call("evm_mine")

    def settle(self):
        return self.outbox.settle(self.rpc.block())

    @property
    def paid(self):
        return self.rpc.balance(TARGET)

    @property
    def nonce(self):
        return int(self.rpc.call("eth_getTransactionCount", self.signer.address, "latest"), 16)


@pytest.fixture(params=["file", "redis"])
def journals(request, tmp_path):
    """Makes journals of one keeper, in turn: each as a new process finds it."""
    if request.param == "file":
        return lambda: FileJournal(tmp_path / "journal.sqlite")
    client, leases = request.getfixturevalue("redis"), []

    def open_journal():
        for lease in leases:
            lease.release()
        leases.append(take(client, "key", 600_000))
        return RedisJournal(leases[-1], "keeper")

    return open_journal


@pytest.fixture
def sending(manual_rpc, journals):
    snapshot = manual_rpc.snapshot()
    manual_rpc.call("anvil_dropAllTransactions")
    yield Sending(manual_rpc, journals, Limits(confirmations=3))
    manual_rpc.call("anvil_dropAllTransactions")
    manual_rpc.revert(snapshot)
