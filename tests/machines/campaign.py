"""How Hypothesis runs a machine, and what it must have done to count."""

from collections.abc import Iterable

from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.machines.tally import shortfalls


def run_campaign(machine: type, situations: Iterable[str], *, examples: int, steps: int) -> None:
    """Run `machine`; fail on a broken invariant, an idle rule, or too many refused calls.

    The same examples each time; the profile `deep` multiplies them by ten and draws anew. Volume is
    the plain driver's business: see `fuzz.py`.
    """
    deep = settings.get_current_profile_name() == "deep"
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples * (10 if deep else 1),
            stateful_step_count=steps,
            derandomize=not deep,
            # On a chain, shrinking takes minutes: the deep profile has them.
            phases=[Phase.generate, Phase.shrink] if deep else [Phase.generate],
            report_multiple_bugs=False,
            database=None,
        ),
    )
    faults = shortfalls(machine.acted, machine.refused, situations)
    assert not faults, f"{faults}; refused: {dict(machine.refused)}"
