"""The redemption vault's machine under Hypothesis, on both chains."""

import pytest


@pytest.mark.parametrize(("where", "examples"), [("anvil", 8), ("in process", 40)])
def test_redemption_machine__contract_equals_the_model(where, examples, play_machine):
    play_machine("redemption", where, examples=examples, steps=40)
