"""The machine of the whole stack under Hypothesis, on both chains."""

import pytest


@pytest.mark.parametrize(("where", "examples"), [("anvil", 60), ("in process", 200)])
def test_stack_machine__contracts_equal_the_models(where, examples, play_machine):
    play_machine("stack", where, examples=examples, steps=60)
