"""Campaigns on pyrevm, over processes; a failure is made small, and played on Anvil too.

Example `n` of a seed is the same in every campaign: worker `w` of `k` plays `w`, `w + k`, and so
on, each from a random source of its own. A campaign's corpus comes first.
"""

import gc
import math
import multiprocessing
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import count
from queue import Empty
from typing import Any

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifact
from keel.chain.rpc import Rpc
from tests.fixtures.fast_chain import OPTIONS
from tests.machines.catalogue import MACHINES, Blueprints, blueprints, built
from tests.machines.chain import AnvilChain
from tests.machines.corpus import Kept, shown_by
from tests.machines.driver import ROOT, ExampleFailed, Step, place_of, play, random_of, replay
from tests.machines.regression import as_test, calls_made_by
from tests.machines.revm import RevmChain
from tests.machines.shrink import SECONDS, shrink
from tests.machines.tally import Tally

_WORD_SECONDS = 0.2
_YOUNG_OBJECTS = 20_000


@dataclass(frozen=True)
class Campaign:
    """What to play, from which seed, and until when."""

    machine: str
    seed: int
    calls: int | None
    """Successful calls to make, of all workers; no end without a number."""
    workers: int = 2
    steps: int | None = None
    """Steps of each example; by default the machine's."""
    seconds: float | None = None
    """Stop after this time, however many calls were made."""
    corpus: tuple[Kept, ...] = ()
    """Examples of earlier campaigns."""

    def examples(self, worker: int) -> Iterator[tuple["Campaign", int]]:
        """Those of one worker, each with the campaign that it is an example of."""
        for kept in self.corpus[worker :: self.workers]:
            yield replace(self, seed=kept.seed, steps=kept.steps, corpus=()), kept.example
        for example in count(worker, self.workers):
            yield self, example


@dataclass(frozen=True)
class Finding:
    """An example that failed: as it was found, and as small as it could be made."""

    machine: str
    seed: int
    example: int
    problem: str
    place: str
    found: list[Step]
    steps: list[Step]
    calls: list[list[str]]

    @property
    def test(self) -> str:
        """The regression test."""
        return as_test(self.machine, self.seed, self.example, self.steps, self.calls)


@dataclass
class Outcome:
    """What a campaign did and found."""

    tally: Tally = field(default_factory=Tally)
    examples: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    worst: dict[str, float] = field(default_factory=dict)
    """The most that was seen of what the machine measures."""
    findings: list[Finding] = field(default_factory=list)
    shown: set[str] = field(default_factory=set)
    kept: list[Kept] = field(default_factory=list)
    """Examples that showed what none before them had."""

    def add(self, other: "Outcome") -> None:
        """Take in what another worker did meanwhile."""
        self.tally.add(other.tally)
        self.examples += other.examples
        self.cpu_seconds += other.cpu_seconds
        for what, most in other.worst.items():
            self.worst[what] = max(most, self.worst.get(what, most))
        self.findings += other.findings
        self.shown |= other.shown
        self.kept += other.kept

    def keep(self, campaign: Campaign, example: int, tally: Tally) -> None:
        """Take in an example that was played."""
        self.tally.add(tally)
        new = shown_by(tally) - self.shown
        if new:
            self.shown |= new
            steps = campaign.steps or MACHINES[campaign.machine].steps
            self.kept.append(Kept(campaign.seed, example, steps, tuple(sorted(shown_by(tally)))))


def examples_of(
    machine_class: Any, campaign: Campaign, outcome: Outcome, *, worker: int = 0
) -> Iterator[Outcome]:
    """Play the examples of one worker; yields after each, ends with the first finding."""
    started, own_steps = time.process_time(), MACHINES[campaign.machine].steps
    for of, example in campaign.examples(worker):
        tally = Tally()
        try:
            play(machine_class, random_of(of.seed, example), of.steps or own_steps, tally)
        except ExampleFailed as failure:
            outcome.findings.append(_finding(machine_class, of, example, failure))
        outcome.keep(of, example, tally)
        outcome.examples += 1
        if hasattr(machine_class, "measured"):
            outcome.worst = machine_class.measured()
        outcome.cpu_seconds = time.process_time() - started
        yield outcome
        if outcome.findings:
            return


def play_one(machine_class: Any, campaign: Campaign, example: int) -> Outcome:
    """Play one example alone."""
    alone = replace(campaign, workers=1, corpus=())
    return next(examples_of(machine_class, alone, Outcome(), worker=example))


def _finding(
    machine_class: Any, campaign: Campaign, example: int, failure: ExampleFailed
) -> Finding:
    steps = shrink(machine_class, failure.steps, failure.place, seconds=SECONDS)
    return Finding(
        machine=campaign.machine,
        seed=campaign.seed,
        example=example,
        problem=str(failure),
        place=failure.place,
        found=failure.steps,
        steps=steps,
        calls=calls_made_by(machine_class, steps),
    )


def run(
    campaign: Campaign,
    artifacts: Mapping[str, Artifact],
    progress: Callable[[int], None] = lambda _calls: None,
) -> Outcome:
    """Play on all workers until there are enough calls, the time is up, or something is found.

    Parameters
    ----------
    progress : Callable, optional
        Told how many calls have been made, now and then.
    """
    if str(ROOT) not in sys.path:  # `ape run` takes it off, and workers inherit the path
        sys.path.insert(0, str(ROOT))
    context = multiprocessing.get_context("spawn")  # ape has threads: a fork might hang
    news, stop = context.Queue(), context.Event()
    plans, outcome, started = blueprints(campaign.machine, artifacts), Outcome(), time.monotonic()
    workers = [
        context.Process(target=_work, args=(campaign, plans, index, news, stop), daemon=True)
        for index in range(campaign.workers)
    ]
    for worker in workers:
        worker.start()
    made, running = [0] * campaign.workers, campaign.workers
    begun: float | None = None
    while running:
        try:
            index, said = news.get(timeout=1)
        except Empty:
            if any(worker.exitcode for worker in workers):
                raise RuntimeError("a worker died: its trace is above") from None
            continue
        begun = begun or time.monotonic()
        if isinstance(said, Outcome):
            outcome.add(said)
            running -= 1
        else:
            made[index] = said
            progress(sum(made))
    outcome.seconds = time.monotonic() - (begun or started)
    for worker in workers:
        worker.join()
    return outcome


def _work(campaign: Campaign, plans: Blueprints, index: int, news: Any, stop: Any) -> None:
    said = 0.0

    def hear(calls: int) -> bool:
        nonlocal said
        if time.monotonic() - said > _WORD_SECONDS:
            news.put((index, calls))
            said = time.monotonic()
        return bool(stop.is_set())

    outcome = played(campaign, plans, index, hear)
    if outcome.findings:
        stop.set()
    news.put((index, outcome))


def played(
    campaign: Campaign, plans: Blueprints, index: int, hear: Callable[[int], bool]
) -> Outcome:
    """One worker's part, in this process.

    Parameters
    ----------
    hear : Callable
        Told after each example how many calls were made; true ends it.
    """
    machine_class = MACHINES[campaign.machine].open(RevmChain(), built(plans))
    assert machine_class.names, "what is found is told with them"
    gc.freeze()  # contracts, encoders and rules outlive every example
    gc.set_threshold(_YOUNG_OBJECTS)  # of an example hardly anything is left, ever
    hear(0)
    quota = math.inf if campaign.calls is None else campaign.calls / campaign.workers
    started, outcome = time.monotonic(), Outcome()
    for _ in examples_of(machine_class, campaign, outcome, worker=index):
        now, made = time.monotonic(), outcome.tally.calls
        late = campaign.seconds is not None and now - started > campaign.seconds
        if hear(made) or outcome.findings or late or made >= quota:
            break
    return outcome


def on_anvil(finding: Finding, artifacts: Mapping[str, Artifact]) -> str | None:
    """Where the finding fails on Anvil; none if it does not."""
    with Anvil(0, *OPTIONS.split()) as anvil:
        rpc = Rpc(anvil.url)
        rpc.call("anvil_setBlockTimestampInterval", 12)
        machine_class = MACHINES[finding.machine].open(AnvilChain(rpc), artifacts)
        try:
            replay(machine_class, finding.steps)
        except Exception as failure:
            return place_of(failure)
    return None
