"""Keepers that pay one wei for each block, and a worker for them: `python -m tests….paying`.

What they pay carries who pays and for which block, so that the chain itself tells whether each was
paid for, and how often.
"""

import signal
import sys
from dataclasses import dataclass
from threading import Event

from keel.chain.contract import Call
from keel.chain.rpc import Rpc
from keel.chain.signer import KeySigner
from keel.keepers.action import Action, Decision, Limits
from keel.keepers.metrics import Metrics
from keel.keepers.outbox import Outbox
from keel.keepers.runner import Runner
from keel.keepers.scale.connection import connect
from keel.keepers.scale.redis_journal import RedisJournal
from keel.keepers.scale.worker import Worker
from keel.keepers.story import Story
from keel.keepers.supervisor import devnet_key

TARGET = "0x00000000000000000000000000000000000000a1"
PREFIX = "keel:paying"
PAYERS = ("arbitrageur", "poker", "finaliser", "settler")
FIRST = 1


@dataclass(frozen=True)
class Till:
    """Stands in for a contract: takes a wei, and says for what in the transaction's data."""

    address: str = TARGET

    def prepare(self, function, block, *, value):
        return Call(self.address, block.to_bytes(8, "big"), value)


@dataclass(frozen=True)
class Street:
    """Stands in for the stack."""

    rpc: Rpc

    def find(self, _path):
        return Till()


@dataclass(frozen=True)
class Payer:
    """Pays for every block up to the newest that it hasn't paid for."""

    name: str
    until: int

    def watches(self, stack):
        return []

    def read(self, stack, journal, block):
        return [b for b in range(FIRST, min(block, self.until) + 1)
                if journal.latest(f"pay:{b}") is None]  # fmt: skip

    def decide(self, state, now):
        return Decision(
            actions=tuple(
                Action(
                    key=f"pay:{block}", contract="till", function="pay", arguments=(block,),
                    value=1, what=f"pays for block {block}", why="nobody has", valid_blocks=10_000,
                )
                for block in state[:20]
            ),
            idle="all is paid for",
        )  # fmt: skip


def make_worker(redis_url, rpc_url, name, until, folder, lease_seconds=1.0):
    redis = connect(redis_url)

    def hire(keeper, lease):
        rpc, signer = Rpc(rpc_url), KeySigner(devnet_key(keeper)[1])
        journal = RedisJournal(lease, f"{PREFIX}:{keeper}")
        limits = Limits(stuck_blocks=10_000, confirmations=3)
        runner = Runner(
            strategy=Payer(keeper, until), stack=Street(rpc), journal=journal,
            story=Story(keeper, folder / f"{keeper}.log"), metrics=Metrics(keeper), limits=limits,
            outbox=Outbox(rpc=rpc, signer=signer, journal=journal, limits=limits),
        )  # fmt: skip
        return runner, lambda: None

    keys = {keeper: devnet_key(keeper)[0] for keeper in PAYERS}
    return Worker(redis, PREFIX, name, keys, hire, lease_seconds)


if __name__ == "__main__":
    from pathlib import Path

    _, redis_url, rpc_url, name, until, folder = sys.argv
    ended = Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    sys.stdout = open("/dev/null", "w")  # noqa: SIM115 - until the process ends
    make_worker(redis_url, rpc_url, name, int(until), Path(folder)).run(0.01, ended)
