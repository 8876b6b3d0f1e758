"""Hypothesis' decorators for machines, which also let the plain driver find what they mark."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from hypothesis import currently_in_test_context, event, stateful

from tests.machines.drawing import Draw

Method = Callable[..., Any]


@dataclass(frozen=True)
class Rule:
    """A step of a machine: a method, what it draws, and when it may be taken."""

    name: str
    act: Method
    draws: dict[str, Draw]
    conditions: tuple[Callable[[Any], Any], ...] = ()
    initial: bool = False

    def applies(self, machine: Any) -> bool:
        """Tell whether all preconditions hold."""
        return all(condition(machine) for condition in self.conditions)


def rule(**draws: Draw) -> Callable[[Method], Method]:
    """Mark a method as a step."""
    return _marked(stateful.rule, draws, initial=False)


def initialize(**draws: Draw) -> Callable[[Method], Method]:
    """Mark a method as the first step."""
    return _marked(stateful.initialize, draws, initial=True)


def _marked(decorator: Any, draws: dict[str, Draw], *, initial: bool) -> Callable[[Method], Method]:
    def decorate(method: Method) -> Method:
        strategies = {name: draw.strategy for name, draw in draws.items()}
        marked: Any = decorator(**strategies)(method)
        marked.step = Rule(method.__name__, method, draws, initial=initial)
        return marked

    return decorate


def precondition(condition: Callable[[Any], Any]) -> Callable[[Method], Method]:
    """Let a step be taken only where `condition` holds."""

    def decorate(method: Any) -> Method:
        marked: Any = stateful.precondition(condition)(method)
        marked.step = replace(method.step, conditions=(*method.step.conditions, condition))
        return marked

    return decorate


def invariant() -> Callable[[Method], Method]:
    """Mark a method as what holds after each step."""

    def decorate(method: Method) -> Method:
        marked: Any = stateful.invariant()(method)
        marked.holds = method
        return marked

    return decorate


@cache
def rules_of(machine: type) -> tuple[Rule, ...]:
    """Steps of a machine in the order of their names, first steps among them."""
    return tuple(value.step for value in _members(machine) if hasattr(value, "step"))


@cache
def invariants_of(machine: type) -> tuple[Method, ...]:
    """What holds after each step of a machine."""
    return tuple(value.holds for value in _members(machine) if hasattr(value, "holds"))


def _members(machine: type) -> list[Any]:
    return [getattr(machine, name) for name in sorted(dir(machine))]


def note(text: str) -> None:
    """Tell Hypothesis' statistics, where it drives."""
    if currently_in_test_context():
        event(text)
