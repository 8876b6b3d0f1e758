"""The machine of the whole stack under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.revm import RevmChain
from tests.machines.stack_machine import STACK_SITUATIONS, stack_machine


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 60, ()), ("in process", 200, STACK_SITUATIONS)]
)
def test_stack_machine__contracts_equal_the_models(
    where, examples, situations, request, artifacts, record_property
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine = stack_machine(chain, artifacts)
    run_campaign(machine, situations, examples=examples, steps=60)
    acted, refused = machine.acted.total(), machine.refused.total()
    record_property(
        "measured",
        f"stack machine, {where}: {acted} calls acted, {refused} refused as predicted; "
        f"SWAP-1 off by {machine.worst_rounding} wei at worst",
    )
