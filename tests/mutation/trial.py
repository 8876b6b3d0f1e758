"""One mutant on trial, in a process of its own: machines, then tests, until one objects."""

import math
import os
import pickle
import select
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import zip_longest
from typing import Any

import pytest

from keel.chain.artifacts import Artifact
from tests.machines.catalogue import MACHINES
from tests.machines.driver import ExampleFailed, play, random_of
from tests.machines.revm import RevmChain
from tests.machines.tally import Tally

SEED = 1
TOO_SLOW = "takes too long"
_GRACE = 20.0
"""Seconds of the clock for each of processor time: others use the machine too."""

_REHEARSAL = 3_600.0
_BRIEF_SECONDS = 2.5
"""What most mutants do not survive on a machine."""
_LATER_EXAMPLES = 1_000
"""Where the numbers of the examples begin that are played with the rest of the time."""
_ALONE_SECONDS = 10.0


@dataclass(frozen=True)
class Verdict:
    """What came of it.

    Attributes
    ----------
    killer : str
        The machine or test that noticed; empty if none did.
    seconds : float
        Of processor time.
    said : str
        What it noticed, in short.
    example : int
        That of the machine.
    """

    killer: str
    seconds: float
    said: str = ""
    example: int = 0


def in_child(act: Callable[[], Any], seconds: float) -> Any:
    """What `act` returns in a fork of this process; none if the time is up or the fork dies."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            answer = act()
        except BaseException as failure:  # the parent must hear of it, whatever it is
            answer = failure
        with os.fdopen(writing, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(writing)
    said, deadline = b"", time.monotonic() + seconds
    try:
        with os.fdopen(reading, "rb", buffering=0) as pipe:
            while select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
                part = pipe.read(65_536)
                if not part:
                    break
                said += part
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    try:
        answer = pickle.loads(said)
    except (EOFError, pickle.UnpicklingError):
        return None
    if isinstance(answer, BaseException):
        raise answer
    return answer


def play_machines(
    names: Sequence[str],
    artifacts: Mapping[str, Artifact],
    until: float,
    first: int = 0,
    most: float = math.inf,
) -> Verdict | None:
    """Play each machine for its part of the time, or so many examples; the verdict if one failed.

    Examples of one seed, from the first on: a mutant meets the same ones whenever it is tried.
    """
    for left, name in zip(range(len(names), 0, -1), names, strict=True):
        now = time.process_time()
        end, example = now + (until - now) / left, first
        try:
            machine = MACHINES[name].open(RevmChain(), artifacts)
            while time.process_time() < end and example < first + most:
                play(machine, random_of(SEED, example), MACHINES[name].steps, Tally())
                example += 1
        except Exception as failure:
            said = failure.place if isinstance(failure, ExampleFailed) else repr(failure)
            return Verdict(f"machine {name}", time.process_time(), said[:200], example)
    return None


class Reports:
    """A plugin that remembers whether the test at hand failed."""

    def __init__(self) -> None:
        self.failed = ""

    def pytest_runtest_logreport(self, report: Any) -> None:
        """Of set-up, call, and tear-down."""
        if report.failed and not self.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.failed = (crash.message if crash else str(report.longrepr)).partition("\n")[0]


class _TooSlow(BaseException):
    """A test that goes on and on: not an Exception, which tests may catch."""


def run_test(
    item: pytest.Item, following: pytest.Item | None, reports: Reports, seconds: float
) -> str:
    """How a test fails; empty if it passes. What the following one needs too is left standing."""

    late = False

    def stop(_signal: int, _frame: Any) -> None:
        nonlocal late
        late = True
        raise _TooSlow

    reports.failed = ""
    signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    except _TooSlow:
        return TOO_SLOW
    except Exception:
        if not late:
            raise
        return TOO_SLOW  # the runner itself was interrupted, and stumbles over what it left undone
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return TOO_SLOW if _TooSlow.__name__ in reports.failed else reports.failed


def run_tests(items: Sequence[pytest.Item], until: float) -> tuple[int, str] | None:
    """Run tests one after the other; number of the one that failed, and how."""
    reports = Reports()
    items[0].config.pluginmanager.register(reports)
    for number, (item, following) in enumerate(zip_longest(items, items[1:])):
        left = until - time.process_time()
        if left <= 0:
            return None
        said = run_test(item, following, reports, left)
        if said == TOO_SLOW:
            return None
        if said:
            return number, said
    return None


class Trial:
    """A mutant, what may notice it, and the processor time left.

    Parameters
    ----------
    usual, mixed : Mapping
        All artifacts without the mutant, and with it.
    set_artifacts : Callable
        Decides what the tests deploy; called in forks alone.
    """

    def __init__(
        self,
        usual: Mapping[str, Artifact],
        mixed: Mapping[str, Artifact],
        set_artifacts: Callable[[Mapping[str, Artifact]], None],
        seconds: float,
    ) -> None:
        self._usual, self._mixed, self._set_artifacts = usual, mixed, set_artifacts
        self._left, self.seconds = seconds, 0.0

    def judge(
        self, machines: Sequence[str], items: Sequence[pytest.Item], first: str = ""
    ) -> Verdict:
        """Machines for a while, then tests, then machines for the rest of the time.

        The test named first comes before all, if it is one of them.
        """
        verdict = self._tests([item for item in items if item.nodeid == first])
        brief = min(_BRIEF_SECONDS * len(machines), self._left / 2) if items else self._left
        if verdict is None:
            verdict = self._machines(machines, 0, brief)
        if verdict is None and items:
            verdict = self._tests(items)
        if verdict is None and items and self._left > _BRIEF_SECONDS:
            verdict = self._machines(machines, _LATER_EXAMPLES, self._left)
        return verdict or Verdict("", self.seconds)

    def _fork(self, act: Callable[[], Any], artifacts: Mapping[str, Artifact]) -> Any:
        """What `act` returns in a fork, on these artifacts; counts its time."""

        def timed() -> Any:
            self._set_artifacts(artifacts)
            return act(), time.process_time()

        answer, spent = in_child(timed, max(self._left, 1.0) * _GRACE) or (None, self._left)
        self.seconds += spent
        self._left -= spent
        return answer

    def _machines(self, names: Sequence[str], first: int, seconds: float) -> Verdict | None:
        if not names:
            return None
        failed = self._fork(lambda: play_machines(names, self._mixed, seconds, first), self._mixed)
        if failed is None:
            return None
        name, usual = failed.killer.removeprefix("machine "), self._usual
        again = partial(play_machines, [name], usual, _ALONE_SECONDS, failed.example, 1)
        return (
            None if self._fork(again, usual) else Verdict(failed.killer, self.seconds, failed.said)
        )

    def _tests(self, items: Sequence[pytest.Item]) -> Verdict | None:
        rest = [*items]
        while rest and self._left > 0:
            failed = self._fork(partial(run_tests, rest, self._left), self._mixed)
            if failed is None:
                return None
            number, said = failed
            item, rest = rest[number], rest[number + 1 :]
            # Some depend on what ran before them: it must fail alone, and not without the mutant.
            alone = partial(run_tests, [item], _ALONE_SECONDS)
            if self._fork(alone, self._mixed) and not self._fork(alone, self._usual):
                return Verdict(item.nodeid, self.seconds, said[:200])
        return None


def rehearse(items: Sequence[pytest.Item], seconds: float) -> dict[str, float]:
    """Processor time of each test that passes here without a mutant, and in so many seconds."""

    def act() -> tuple[dict[str, float], int]:
        reports, passed, tried = Reports(), dict[str, float](), 0
        rest[0].config.pluginmanager.register(reports)
        for item, following in zip_longest(rest, rest[1:]):
            begun = time.process_time()
            tried += 1
            said = run_test(item, following, reports, seconds)
            if not said:
                passed[item.nodeid] = time.process_time() - begun
            if said == TOO_SLOW:  # what it left standing would make the next ones fail
                break
        return passed, tried

    passed: dict[str, float] = {}
    rest = [*items]
    while rest:
        news, tried = in_child(act, _REHEARSAL)
        passed |= news
        rest = rest[tried:]
    return passed
