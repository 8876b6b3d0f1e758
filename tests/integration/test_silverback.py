"""`silverback run` as `bots/README.md` has it: dry and sending, killed and started again."""

import json
import os
import re
import signal
import sqlite3
import subprocess
import time
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from keel.chain.anvil import Anvil
from keel.chain.config import StackConfig
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from keel.chain.stack import Stack
from tests.fixtures.live import PASSPHRASE, ape_account
from tests.fixtures.priced import add_liquidity, price_ether
from tests.fixtures.staking import ETHER

ALIAS = f"keel-test-settler-{os.getpid()}"
MANIFEST = "deployed.json"
VAULTS = ("Cover", "CoveredCalls")
SPACING = 20 * 3_600
PATIENCE = 180.0
PACE = 0.2
IDLE = 4.0
"""Seconds until a bot gets another block though it hasn't looked at the last one. After ten without
a block ape gives up a local network.
"""


@dataclass
class Field:
    """A stack whose volatilities want a price soon, and the settlers that are to see to it."""

    rpc: Rpc
    stack: Stack
    folder: Path
    keeper: str

    def __post_init__(self):
        self.began, self.mined_at = self.height, 0.0

    @property
    def height(self):
        return int(self.rpc.block()["number"], 16)

    @contextmanager
    def silverback(self, *options, **variables):
        """The command in a process of its own; killed at the end, if it wasn't before."""
        environment = {
            **os.environ,
            "HOME": str(self.folder),  # Silverback writes a profile there
            "KEEL_MANIFEST": str(self.folder / MANIFEST),
            "KEEL_KEEPER_STATE": str(self.folder / "state"),
            **variables,
        }
        network = f"ethereum:local:{self.rpc.url}"
        output = self.output = self.folder / f"said-{time.monotonic_ns()}.txt"
        with output.open("w") as said:
            process = subprocess.Popen(
                ["silverback", "run", "bots.settler:bot", "--network", network, *options],
                cwd=self.folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
            )
        try:
            yield lambda: self._alive(process, output)
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait()

    @staticmethod
    def _alive(process, output):
        assert process.poll() is None, output.read_text()[-3_000:]

    def log(self):
        """What kind of line and what text, of all that the keeper told in all its lives."""
        told = "".join(path.read_text() for path in self.folder.glob("state/*/settler*.log"))
        return re.findall(r"^.+ block \d+ +settler +(\S+) +(.*)$", told, re.MULTILINE)

    def verbs(self, about):
        return [verb for verb, text in self.log() if f"the volatility of {about}," in text]

    def all_have(self, verb):
        return all(verb in self.verbs(vault) for vault in VAULTS)

    def journal(self, question):
        (path,) = self.folder.glob("state/*/settler*.sqlite")
        with closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as db:
            return db.execute(question).fetchall()

    def mine(self):
        """A block, once the bot is up and has looked at the last one: on a slow machine none more
        goes by.
        """
        if "Startup complete" not in self.output.read_text():
            return
        looked = self.journal("SELECT body FROM memory WHERE name = 'processed'")
        is_idle = bool(looked) and json.loads(looked[0][0])["block"] == self.height
        if is_idle or time.monotonic() - self.mined_at > IDLE:
            self.rpc.call("evm_mine")
            self.mined_at = time.monotonic()

    def nonce(self, tag="latest"):
        return int(self.rpc.call("eth_getTransactionCount", self.keeper, tag), 16)

    def transactions(self):
        """All that were mined since the field was made."""
        numbers = range(self.began + 1, self.height + 1)
        blocks = [self.rpc.call("eth_getBlockByNumber", hex(number), True) for number in numbers]
        return [transaction for block in blocks for transaction in block["transactions"]]

    def observed_at(self):
        return [self.stack.vaults[name].volatility.call("lastValues")[2] for name in VAULTS]

    def come_due(self):
        """Two blocks: in the first of them a member of the quorum may do it for nothing."""
        self.rpc.mine_at(max(self.observed_at()) + SPACING)
        self.rpc.call("evm_mine")


@pytest.fixture
def make_field(artifacts, tmp_path):
    """Each on a node of its own, which mines nothing but in the blocks that the test makes."""
    with ExitStack() as stack:

        def make(name):
            folder, rpc = tmp_path / name, Rpc(stack.enter_context(Anvil(0)).url)
            folder.mkdir()
            owner, keeper = rpc.accounts[0], stack.enter_context(ape_account(f"{ALIAS}-{name}"))

            def deploy():
                sender, path = NodeSender(rpc, owner), folder / MANIFEST
                deployer = Deployer(rpc, artifacts, sender, path=path)
                return deploy_stack(deployer, StackConfig.single(owner))

            deployed = deploy()
            add_liquidity(deployed, owner)
            price_ether(deployed, owner)
            deploy()  # the markets
            for vault in VAULTS:
                deployed.vaults[vault].volatility.transact("observe", sender=owner)
            rpc.set_balance(keeper, ETHER)
            rpc.call("evm_setAutomine", False)
            return Field(rpc, deployed, folder, keeper)

        yield make


def test_settler__dry_and_sending_and_killed__acts_exactly_once(make_field):
    dry, field = make_field("dry"), make_field("sending")
    account = ("--account", f"{ALIAS}-sending")
    passphrase = {f"APE_ACCOUNTS_{ALIAS}-sending_PASSPHRASE": PASSPHRASE}
    with dry.silverback() as dry_lives, field.silverback(*account, **passphrase) as lives:
        until(lambda: dry.log() and field.log(), dry_lives, lives, mining=(dry, field))
        assert not dry.verbs("Cover") + field.verbs("Cover"), "it is too early"
        for each in (dry, field):
            each.come_due()
        until(lambda: field.all_have("sends"), lives)
        until(lambda: dry.all_have("would"), dry_lives, mining=(dry,))
    (kept,), (forgotten,) = field.journal("SELECT hash FROM transactions ORDER BY nonce")
    field.rpc.call("anvil_dropTransaction", forgotten)
    assert field.nonce() == 0, "it was killed while one waits, and the node forgot the other"
    with field.silverback(*account, **passphrase) as lives:
        until(lambda: field.all_have("done"), lives, mining=(field,))
        later = field.height + 5
        until(lambda: field.height > later, lives, mining=(field,))
    for vault in VAULTS:
        assert dry.verbs(vault) == ["would"]
        assert field.verbs(vault) == ["sends", "done"]
    assert dry.transactions() == []
    attempts = field.journal("SELECT attempt, state FROM attempts")
    assert attempts == [(1, "done")] * len(VAULTS)
    mined = field.transactions()
    assert [(each["from"], each["nonce"]) for each in mined] == [
        (field.keeper.lower(), hex(nonce)) for nonce in range(len(VAULTS))
    ]
    assert mined[0]["hash"] == kept
    assert field.nonce("pending") == len(VAULTS)


def until(condition, *alive, mining=()):
    """Wait, and let blocks come meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        for check in alive:
            check()
        assert time.monotonic() < deadline, "it never came"
        for field in mining:
            field.mine()
        time.sleep(PACE)
