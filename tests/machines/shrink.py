"""Makes a failing list of steps short, and what they drew simple."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

from tests.machines.driver import Step, place_of, replay
from tests.machines.rules import rules_of

SECONDS = 60.0


def shrink(
    machine_class: Any, steps: Sequence[Step], place: str, *, seconds: float = SECONDS
) -> list[Step]:
    """Fewest and simplest steps found that fail at the same place.

    Steps are left out by halves, quarters, and so on down to one; then each drawn value is made
    simpler as long as its rule might have drawn it. Ends after `seconds` with what it has.
    """
    deadline = time.monotonic() + seconds
    first = {rule.name for rule in rules_of(machine_class) if rule.initial}
    best, before = list(steps), None

    def fails(candidate: Sequence[Step]) -> bool:
        if time.monotonic() > deadline:
            return False
        try:
            replay(machine_class, candidate)
        except Exception as failure:
            return place_of(failure) == place
        return False

    while best != before:  # simpler values may leave more steps without a use
        before = best
        opening = [step for step in best if step.rule in first]
        best = _shorter(opening, [step for step in best if step.rule not in first], fails)
        best = _simpler(machine_class, best, fails)
    return best


def _shorter(
    opening: list[Step], steps: list[Step], fails: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    """Leave out what comes after the opening."""
    size = max(1, len(steps) // 2)
    while steps:
        before, end = len(steps), len(steps)
        while end > 0:
            candidate = steps[: max(0, end - size)] + steps[end:]
            if fails([*opening, *candidate]):
                steps = candidate
            end -= size
        if size == 1 and len(steps) == before:
            break
        size = max(1, size // 2)
    return [*opening, *steps]


def _simpler(
    machine_class: Any, steps: list[Step], fails: Callable[[Sequence[Step]], bool]
) -> list[Step]:
    rules = {rule.name: rule for rule in rules_of(machine_class)}
    progress = True
    while progress:
        progress = False
        for index, step in enumerate(steps):
            for name, draw in rules[step.rule].draws.items():
                for value in simpler_than(steps[index].drawn[name]):
                    if not draw.admits(value):
                        continue
                    changed = Step(step.rule, steps[index].drawn | {name: value})
                    candidate = [*steps[:index], changed, *steps[index + 1 :]]
                    if fails(candidate):
                        steps, progress = candidate, True
                        break
    return steps


def simpler_than(value: Any) -> Iterator[Any]:
    """Values that are easier to read, the easiest first."""
    if isinstance(value, bool):
        yield from (False,) if value else ()
    elif isinstance(value, int):
        yield from _simpler_integers(value)
    elif isinstance(value, list | tuple):
        kind = type(value)
        if isinstance(value, list):
            yield from (value[:i] + value[i + 1 :] for i in range(len(value)))
        for i, item in enumerate(value):
            yield from (
                kind([*value[:i], simpler, *value[i + 1 :]]) for simpler in simpler_than(item)
            )
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            for simpler in simpler_than(getattr(value, field.name)):
                yield replace(value, **{field.name: simpler})


def _simpler_integers(value: int) -> Iterator[int]:
    size, sign = abs(value), 1 if value > 0 else -1
    seen = {value}
    powers = (10 ** (len(str(size)) - 1), size // 10 ** (len(str(size)) - 1))
    rounded = powers[0] * powers[1]
    for candidate in (0, 1, powers[0], rounded, size // 2, size - 1):
        if 0 <= candidate < size and sign * candidate not in seen:
            seen.add(sign * candidate)
            yield sign * candidate
