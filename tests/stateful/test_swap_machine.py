"""The swap pool's machine under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.revm import RevmChain
from tests.machines.swap_machine import SITUATIONS, swap_machine


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 30, ()), ("in process", 100, SITUATIONS)]
)
def test_swap_machine__contract_equals_the_model(
    where, examples, situations, request, artifacts, record_property
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine = swap_machine(chain, artifacts)
    run_campaign(machine, situations, examples=examples, steps=40)
    acted, refused = machine.acted.total(), machine.refused.total()
    record_property(
        "measured",
        f"swap machine, {where}: {acted} calls acted, {refused} refused as predicted; "
        f"SWAP-1 off by {machine.worst_rounding} wei at worst",
    )
