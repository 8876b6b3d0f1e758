"""The gauge's machine under Hypothesis, on both chains."""

import pytest


@pytest.mark.parametrize(("where", "examples"), [("anvil", 25), ("in process", 100)])
def test_gauge_machine__contract_equals_the_model(where, examples, play_machine):
    play_machine("gauge", where, examples=examples, steps=50)
