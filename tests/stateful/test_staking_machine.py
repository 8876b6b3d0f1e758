"""The staking machine under Hypothesis, on both chains."""

import pytest


@pytest.mark.parametrize(("where", "examples"), [("anvil", 50), ("in process", 260)])
def test_staking_machine__contracts_equal_the_models(where, examples, play_machine):
    play_machine("staking", where, examples=examples, steps=80)
