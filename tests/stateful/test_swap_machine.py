"""The swap pool's machine under Hypothesis, on both chains."""

import pytest


@pytest.mark.parametrize(("where", "examples"), [("anvil", 30), ("in process", 100)])
def test_swap_machine__contract_equals_the_model(where, examples, play_machine):
    play_machine("swap", where, examples=examples, steps=40)
