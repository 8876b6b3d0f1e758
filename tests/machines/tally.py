"""What a campaign did: by rule, by situation, and by the error that refused."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

MAX_REFUSED = 0.3
"""Share of calls that may be refused; beyond it, a campaign tests errors more than contracts."""


@dataclass
class Deeds:
    """What came of one rule's steps."""

    steps: int = 0
    acted: Counter[str] = field(default_factory=Counter)
    """Situations, among them calls that succeeded, as `contract.function`."""
    refused: Counter[str] = field(default_factory=Counter)
    """Refused calls, as `function: Error`."""

    @property
    def calls(self) -> int:
        """Calls that succeeded."""
        return calls_of(self.acted)

    @property
    def idle(self) -> bool:
        """Whether the rule was never taken, or refused each time."""
        return not self.steps or (bool(self.refused) and not self.acted)

    def add(self, other: "Deeds") -> None:
        self.steps += other.steps
        self.acted += other.acted
        self.refused += other.refused


@dataclass
class Tally:
    """Deeds of each rule."""

    rules: dict[str, Deeds] = field(default_factory=dict)

    def of(self, rule: str) -> Deeds:
        """Deeds of a rule, to be added to."""
        if rule not in self.rules:
            self.rules[rule] = Deeds()
        return self.rules[rule]

    def add(self, other: "Tally") -> None:
        for rule, deeds in other.rules.items():
            self.of(rule).add(deeds)

    @property
    def acted(self) -> Counter[str]:
        """Situations of all rules."""
        return sum((deeds.acted for deeds in self.rules.values()), Counter())

    @property
    def refused(self) -> Counter[str]:
        """Refused calls of all rules."""
        return sum((deeds.refused for deeds in self.rules.values()), Counter())

    @property
    def calls(self) -> int:
        """Calls that succeeded."""
        return sum(deeds.calls for deeds in self.rules.values())

    def faults(self, situations: Iterable[str]) -> list[str]:
        """Why the campaign does not count, if it does not."""
        idle = sorted(rule for rule, deeds in self.rules.items() if deeds.idle)
        faults = [f"rule never acted: {rule}" for rule in idle]
        return faults + shortfalls(self.acted, self.refused, situations)


def calls_of(acted: Counter[str]) -> int:
    """Calls among situations: these have a contract in their names."""
    return sum(count for situation, count in acted.items() if "." in situation)


def shortfalls(acted: Counter[str], refused: Counter[str], situations: Iterable[str]) -> list[str]:
    """Situations that never were, and too many refused calls."""
    faults = [f"never seen: {situation}" for situation in situations if not acted[situation]]
    calls = calls_of(acted) + refused.total()
    if refused.total() > MAX_REFUSED * calls:
        faults.append(f"{refused.total():,} of {calls:,} calls refused: {dict(refused)}")
    return faults
