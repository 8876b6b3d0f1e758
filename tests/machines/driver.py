"""Plays machines without Hypothesis, whose own steps take longer than calls on pyrevm."""

import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.machines.rules import invariants_of, rules_of
from tests.machines.tally import Deeds, Tally

ROOT = Path(__file__).parents[2]


class Step(NamedTuple):
    """A rule and what it drew."""

    rule: str
    drawn: dict[str, Any]


class ExampleFailed(Exception):
    """A rule or an invariant raised.

    Attributes
    ----------
    steps : list
        All steps up to the one that failed.
    place : str
        Where: kind of the exception, and the innermost line of ours.
    """

    def __init__(self, steps: list[Step], cause: Exception) -> None:
        self.steps, self.place = steps, place_of(cause)
        super().__init__(f"{type(cause).__name__}: {cause}")


def random_of(seed: int, example: int) -> Random:
    """The source of an example; the same wherever it is played."""
    return Random(f"{seed}/{example}")


def play(machine_class: Any, random: Random, steps: int, tally: Tally) -> None:
    """Play an example of random steps; raises `ExampleFailed`."""
    taken: list[Step] = []
    first = [rule for rule in rules_of(machine_class) if rule.initial]
    later = [rule for rule in rules_of(machine_class) if not rule.initial]
    for rule in later:
        tally.of(rule.name)  # one that is never taken is told too
    try:
        machine = _Machine(machine_class)
        for rule in first:
            taken.append(_drawn(rule, random))
            machine.take(rule, taken[-1].drawn)
        while steps:
            rule = later[int(random.random() * len(later))]
            if not rule.applies(machine.played):
                continue
            taken.append(_drawn(rule, random))
            machine.take(rule, taken[-1].drawn, tally.of(rule.name))
            steps -= 1
        machine.end()
    except Exception as failure:
        raise ExampleFailed(taken, failure) from failure


def replay(machine_class: Any, steps: Sequence[Step], *, told: list[Any] | None = None) -> None:
    """Take these steps, but those whose preconditions don't hold; raises what fails.

    Parameters
    ----------
    told : list, optional
        Gets, for each step, a list of the calls it made, as the machine gave them to its chain.
    """
    rules = {rule.name: rule for rule in rules_of(machine_class)}
    machine = _Machine(machine_class)
    for step in steps:
        rule = rules[step.rule]
        if told is not None:
            machine.listen(told)
        if rule.applies(machine.played):
            machine.take(rule, step.drawn)
    machine.end()


def _drawn(rule: Any, random: Random) -> Step:
    return Step(rule.name, {name: draw.sample(random) for name, draw in rule.draws.items()})


class _Machine:
    def __init__(self, machine_class: Any) -> None:
        self.played = machine_class()
        self._invariants = invariants_of(machine_class)
        self._mirrors = {
            name: getattr(self.played, name)
            for name in ("mirror", "mirror_swap")
            if hasattr(self.played, name)
        }

    def take(self, rule: Any, drawn: dict[str, Any], deeds: Deeds | None = None) -> None:
        played = self.played
        if deeds is None:
            played.acted, played.refused = Counter(), Counter()
        else:
            played.acted, played.refused = deeds.acted, deeds.refused
            deeds.steps += 1
        rule.act(played, **drawn)
        for holds in self._invariants:
            holds(played)

    def end(self) -> None:
        self.played.acted, self.played.refused = Counter(), Counter()
        self.played.teardown()

    def listen(self, told: list[Any]) -> None:
        calls: list[Any] = []
        told.append(calls)
        for name, mirror in self._mirrors.items():

            def heard(*call: Any, mirror: Any = mirror) -> None:
                calls.append(call)
                mirror(*call)

            setattr(self.played, name, heard)


def place_of(failure: BaseException) -> str:
    """Kind of an exception and the line of this project that raised it."""
    frames = [
        f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno}"
        for frame in traceback.extract_tb(failure.__traceback__)
        if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename
    ]
    return f"{type(failure).__name__} at {frames[-1] if frames else 'an unknown place'}"
