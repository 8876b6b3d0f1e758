"""A campaign: builds and rehearses without a mutant, then lets workers try one after the other.

It is a plugin of pytest, which collects the tests once; each mutant is met in a fork of a fork of
that process, which holds everything imported and no fixture yet.
"""

import math
import multiprocessing
import os
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from multiprocessing.connection import Connection, wait

import pytest

from keel.errors import KeelError
from tests.mutation.aim import kills_by_file
from tests.mutation.operators import Mutant
from tests.mutation.preparation import Preparation, Progress, digest_of_all
from tests.mutation.record import Record, Status
from tests.mutation.sample import drawn
from tests.mutation.solc import Solc
from tests.mutation.sources import Sources
from tests.mutation.surroundings import Surroundings
from tests.mutation.worker import Bench, Limits, run_worker

TESTS = ("tests/unit", "tests/regression", "tests/differential")
_PYTEST = ("-p", "no:ape_test", "-p", "no:xdist", "-p", "no:terminal", "-p", "no:logging", "-s")


@dataclass(frozen=True)
class Plan:
    """What a campaign does.

    Attributes
    ----------
    again : bool
        Try those that live once more, and then with more time, instead of new ones.
    """

    seed: int
    count: int
    workers: int
    paths: tuple[str, ...] = ()
    operators: tuple[str, ...] = ()
    again: bool = False
    limits: Limits = field(default_factory=Limits)

    def covers(self, mutant: Mutant) -> bool:
        """Whether its file is of those chosen."""
        return not self.paths or any(path in mutant.file for path in self.paths)

    def chooses(self, mutant: Mutant) -> bool:
        """Whether its operator is."""
        return not self.operators or mutant.operator in self.operators


class Campaign:
    """The plugin.

    Parameters
    ----------
    plan : Plan
        What to do.
    sources : Sources
        Of the checkout.
    record : Record
        Where results go; mutants that have one of the same code are not tried again. Of one of
        other code, what killed then is tried first.
    progress : Progress
        Told how it goes.
    """

    def __init__(self, plan: Plan, sources: Sources, record: Record, progress: Progress) -> None:
        self._plan, self._sources, self._record = plan, sources, record
        self._progress = progress
        self._surroundings = Surroundings()
        self._code = digest_of_all(sources)
        self.failure: KeelError | None = None
        self.tests = 0
        """Those that can notice something here."""

    def run(self) -> None:
        """Collect tests, and do what the plan says."""
        self._progress("collecting tests", 0, 1)
        os.environ["KEEL_PROFILE"] = "mutants"
        pytest.main([*_PYTEST, *TESTS], plugins=[self._surroundings, self])
        if self.failure:
            raise self.failure

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Instead of running the tests once."""
        try:
            self._run(session.items)
        except KeelError as failure:
            self.failure = failure
        return True

    def _run(self, items: Sequence[pytest.Item]) -> None:
        preparation = Preparation(self._sources, self._progress)
        with Solc() as solc:
            places = preparation.places(solc)
            artifacts, knowledge = preparation.build(solc)
        self._surroundings.artifacts = artifacts
        self._surroundings.stand_in()
        preparation.require_machines(artifacts)
        seconds = preparation.rehearsed(items)
        passing = [item for item in items if item.nodeid in seconds]
        self.tests = len(passing)
        bench = Bench(
            self._sources, self._surroundings, knowledge, passing, seconds, self._plan.limits
        )
        mutants = [
            mutant
            for mutant in drawn([p for p in places if self._plan.covers(p[0])], self._plan.seed)
            if self._plan.chooses(mutant)
        ]
        with_workers(bench, self._plan.workers, lambda pipes: self._conduct(mutants, pipes))

    def _conduct(self, mutants: Sequence[Mutant], pipes: list[Connection]) -> None:
        """Give each idle worker the next mutant, until as many as count have a result."""
        again, record = self._plan.again, self._record
        waiting = deque(m for m in mutants if self._waits(m))
        idle, busy = [*pipes], 0
        while True:
            enough = math.inf if again else self._plan.count - len(record.tried(self._code))
            while idle and waiting and busy < enough:
                mutant = waiting.popleft()
                kills = kills_by_file([*record.values()], mutant.file)
                known = record.get(mutant.key)
                first = known.killer if known and known.fast else ""
                idle.pop().send((mutant, kills, first, again))
                busy += 1
            if not busy:
                break
            for pipe in wait(pipes):
                record.add(replace(pipe.recv(), code=self._code))
                idle.append(pipe)
                busy -= 1
            self._tell()
        if not again:
            record.forget_others(self._code)

    def _waits(self, mutant: Mutant) -> bool:
        known = self._record.get(mutant.key)
        if self._plan.again:
            return known is not None and known.status == Status.ALIVE
        return known is None or known.code != self._code

    def _tell(self) -> None:
        tried = self._record.tried(self._code)
        killed = sum(result.status == Status.KILLED for result in tried)
        what = f"{killed} of {len(tried)} killed"
        self._progress(what, len(tried), max(self._plan.count, len(tried)))


def with_workers(bench: Bench, count: int, act: Callable[[list[Connection]], None]) -> None:
    """Fork workers, act with a pipe to each, and end them."""
    context = multiprocessing.get_context("fork")
    pipes: list[Connection] = []
    processes = []
    for _ in range(count):
        ours, theirs = context.Pipe()
        # The fork has our ends too, and would never hear that we are gone.
        others = [*pipes, ours]
        process = context.Process(target=run_worker, args=(bench, theirs, others), daemon=True)
        process.start()
        theirs.close()
        pipes.append(ours)
        processes.append(process)
    try:
        act(pipes)
        for pipe in pipes:
            pipe.send(None)
    finally:
        for pipe in pipes:
            pipe.close()
        for process in processes:
            process.join(timeout=10)
            if process.is_alive():
                process.kill()


def default_workers() -> int:
    """One for each processor."""
    return os.cpu_count() or 1
