"""The catalogue's keepers as a worker runs them."""

import os
from collections.abc import Callable, Mapping

from keel.chain.artifacts import Artifact
from keel.chain.rpc import Rpc
from keel.chain.signer import Signer
from keel.keepers.catalogue import Setup, chain_folder, make_runner
from keel.keepers.metrics import Metrics, Together
from keel.keepers.outbox import lock_key
from keel.keepers.runner import Runner
from keel.keepers.scale.connection import Redis
from keel.keepers.scale.lease import Hold
from keel.keepers.scale.redis_journal import RedisJournal
from keel.keepers.scale.worker import Worker

KEYS_VARIABLE = "KEEL_KEEPER_KEYS"
"""A worker's keys: JSON, private keys by keeper."""


def prefix_of(rpc: Rpc) -> str:
    """Of a chain's keys in Redis: a new devnet starts with empty journals."""
    genesis: str = rpc.block("0x0")["hash"]
    return f"keel:{rpc.chain_id}-{genesis[2:10]}"


def make_worker(
    redis: Redis,
    name: str,
    setups: Mapping[str, Setup],
    signers: Mapping[str, Signer],
    *,
    lease_seconds: float,
    artifacts: Mapping[str, Artifact] | None = None,
) -> tuple[Worker, Together]:
    """A worker, and what its keepers count; keepers without a key only say what they would do."""
    any_setup = next(iter(setups.values()))
    prefix = prefix_of(Rpc(any_setup.rpc))
    metrics: dict[str, Metrics] = {}

    def hire(keeper: str, lease: Hold) -> tuple[Runner, Callable[[], None]]:
        setup, signer = setups[keeper], signers.get(keeper)
        # The same key without Redis, on this machine: no lease would tell.
        lock = lock_key(chain_folder(setup, Rpc(setup.rpc)), signer.address) if signer else None

        def close() -> None:
            metrics.pop(keeper, None)
            if lock is not None:
                os.close(lock)

        mode = "" if signer else "-dry"
        try:
            journal = RedisJournal(lease, f"{prefix}:{keeper}{mode}")
            runner = make_runner(setup, signer, artifacts, journal)
        except BaseException:
            close()
            raise
        metrics[keeper] = runner.metrics
        return runner, close

    keys = {keeper: signers[keeper].address if keeper in signers else keeper for keeper in setups}
    worker = Worker(redis, prefix, name, keys, hire, lease_seconds)
    return worker, Together(lambda: list(metrics.values()))
