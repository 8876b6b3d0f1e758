"""A failure as a test to paste: its steps as values, the calls they made beside them."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import fields, is_dataclass
from textwrap import wrap
from typing import Any

from keel.models.evm import Revert
from keel.models.stableswap.errors import PoolError
from tests.machines.driver import Step, replay

_COMMENT: Any = {"width": 100, "initial_indent": "    # ", "subsequent_indent": "    #   "}
_TEMPLATE = '''"""{title}"""

from tests.machines.catalogue import MACHINES
from tests.machines.chain import AnvilChain
{imports}from tests.machines.driver import Step, replay

STEPS = [
{steps}
]


def test_{name}_machine__{slug}(fast_rpc, artifacts):
    replay(MACHINES["{name}"].open(AnvilChain(fast_rpc), artifacts), STEPS)
'''


def calls_made_by(machine_class: Any, steps: Sequence[Step]) -> list[list[str]]:
    """For each step, the calls that it made, in words."""
    told: list[Any] = []
    with suppress(Exception):  # it fails: that is what it is for
        replay(machine_class, steps, told=told)
    names = {address.lower(): name for name, address in machine_class.names.items()}
    subject = getattr(machine_class, "subject", "")
    return [[_in_words(names, subject, *call) for call in calls] for calls in told]


def as_test(
    name: str, seed: int, example: int, steps: Sequence[Step], calls: Sequence[Sequence[str]]
) -> str:
    """Text of a file for `tests/regression`.

    A first step that draws nothing is the same in each example: its calls are not told.
    """
    rows = []
    for step, made in zip(steps, [*calls, *[()] * len(steps)], strict=False):
        told = made if step.drawn or len(made) < 5 else [f"opens with {len(made)} calls"]
        rows += [row for call in told for row in wrap(call, **_COMMENT)]
        rows += _rows_of(step)
    text = "\n".join(rows)
    return _TEMPLATE.format(
        title=f"Found by the {name} machine with seed {seed}, in example {example}.",
        name=name,
        slug=f"seed_{seed}_example_{example}",
        imports="from tests.machines.drawing import Part\n" if "Part(" in text else "",
        steps=text,
    )


def _rows_of(step: Step) -> list[str]:
    drawn = [f"{literal(name)}: {literal(value)}" for name, value in step.drawn.items()]
    row = f'    Step("{step.rule}", {{{", ".join(drawn)}}}),'
    if len(row) <= 100:
        return [row]
    return [
        "    Step(",
        f'        "{step.rule}",',
        "        {",
        *[f"            {item}," for item in drawn],
        "        },",
        "    ),",
    ]


def literal(value: Any) -> str:
    """Python source of a drawn value, powers of two as such."""
    if isinstance(value, bool) or value is None:
        return repr(value)
    if isinstance(value, int):
        return _integer(value)
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, tuple | list):
        items = ", ".join(map(literal, value))
        if isinstance(value, list):
            return f"[{items}]"
        return f"({items},)" if len(value) == 1 else f"({items})"
    if is_dataclass(value) and not isinstance(value, type):
        given = [
            f"{field.name}={literal(getattr(value, field.name))}"
            for field in fields(value)
            if getattr(value, field.name) != field.default
        ]
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


def _integer(value: int) -> str:
    for change, sign in ((0, ""), (1, " - 1")):
        power = value + change
        if power >= 2**64 and power & (power - 1) == 0:
            return f"2**{power.bit_length() - 1}{sign}"
    return f"{value:_}" if value >= 10_000 else str(value)


def _in_words(names: Mapping[str, str], subject: str, *told: Any) -> str:
    def word(value: Any) -> str:
        if isinstance(value, str):
            return names.get(value.lower(), value)
        if isinstance(value, tuple | list):
            return f"[{', '.join(map(word, value))}]"
        return _integer(value) if isinstance(value, int) else str(value)

    if len(told) == 2:
        call, outcome = told
        target, arguments, value = f"{call.contract}.{call.function}", call.arguments, call.value
        sender = call.sender
    else:
        sender, function, arguments, *_, outcome = told
        target = function.partition("(")[0]
        target, value = target if "." in target else f"{subject}.{target}", 0
    paid = f" with {word(value)} wei" if value else ""
    told_outcome = ""
    if isinstance(outcome, Revert | PoolError):
        told_outcome = f", refused: {getattr(outcome, 'name', type(outcome).__name__)}"
    return f"{target}({', '.join(map(word, arguments))}) by {word(sender)}{paid}{told_outcome}"
