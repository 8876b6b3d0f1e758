"""Campaigns over the machines of a Dask cluster.

Each machine has this checkout, and workers of one thread started in it, as many as it has cores:
`python -m distributed.cli.dask_worker tcp://… --nthreads 1 --nworkers 8`.
"""

import secrets
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from distributed import Client, Event, as_completed

from keel.chain.artifacts import Artifact
from keel.errors import KeelError
from tests.machines import fuzz
from tests.machines.catalogue import Blueprints, blueprints
from tests.machines.driver import ROOT

_SECONDS = 60


def run(
    address: str,
    campaign: fuzz.Campaign,
    artifacts: Mapping[str, Artifact],
    progress: Callable[[int], None] = lambda _calls: None,
) -> fuzz.Outcome:
    """Play on every worker of the cluster, whatever `campaign.workers` says."""
    try:
        client = Client(address, timeout=_SECONDS)
    except OSError as failure:
        raise KeelError(f"no scheduler at {address} ({failure})", "start one") from None
    with client:
        client.wait_for_workers(1, timeout=_SECONDS)
        workers = [
            name
            for name, info in client.scheduler_info(n_workers=-1)["workers"].items()
            for _ in range(info["nthreads"])
        ]
        campaign = replace(campaign, workers=len(workers))
        stop, started = Event(f"found-{secrets.token_hex(8)}"), time.monotonic()
        plans, outcome = blueprints(campaign.machine, artifacts), fuzz.Outcome()
        tasks = [
            client.submit(
                _part, campaign, plans, index, stop.name, workers=[worker], pure=False, retries=0
            )
            for index, worker in enumerate(workers)
        ]
        for _, part in as_completed(tasks, with_results=True):
            outcome.add(part)
            progress(outcome.tally.calls)
            if part.findings:
                stop.set()
        outcome.seconds = time.monotonic() - started
    return outcome


def _part(campaign: fuzz.Campaign, plans: Blueprints, index: int, stop: str) -> fuzz.Outcome:
    """One worker's examples."""
    if str(ROOT) not in sys.path:
        sys.path.insert(0, str(ROOT))
    event: Any = Event(stop)
    return fuzz.played(campaign, plans, index, lambda _calls: bool(event.is_set()))
