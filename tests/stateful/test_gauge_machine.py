"""The gauge's machine under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.gauge import SITUATIONS
from tests.machines.gauge_machine import gauge_machine
from tests.machines.revm import RevmChain


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 25, ()), ("in process", 100, SITUATIONS)]
)
def test_gauge_machine__contract_equals_the_model(
    where, examples, situations, request, artifacts, record_property
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine = gauge_machine(chain, artifacts)
    run_campaign(machine, situations, examples=examples, steps=50)
    acted, refused = machine.acted.total(), machine.refused.total()
    record_property(
        "measured",
        f"gauge machine, {where}: {acted} calls acted, {refused} refused as predicted; GAUGE-1: "
        f"at most {float(machine.worst_left_behind):.3f} units left behind per checkpoint",
    )
