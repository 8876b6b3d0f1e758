"""The options' machine under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.options import RARE_SITUATIONS
from tests.machines.options_machine import SITUATIONS, options_machine
from tests.machines.revm import RevmChain

COMMON = [situation for situation in SITUATIONS if situation not in RARE_SITUATIONS]
"""The others are asked of the plain driver's campaign, in `test_fuzz.py`."""


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 5, ()), ("in process", 100, COMMON)]
)
def test_options_machine__contracts_equal_the_models(
    where, examples, situations, request, artifacts, record_property
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine = options_machine(chain, artifacts)
    run_campaign(machine, situations, examples=examples, steps=60)
    acted, refused = machine.acted.total(), machine.refused.total()
    record_property(
        "measured", f"options machine, {where}: {acted} acted, {refused} refused as predicted"
    )
