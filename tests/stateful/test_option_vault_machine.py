"""The option vault's machine under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.option_vault_machine import SITUATIONS, option_vault_machine
from tests.machines.revm import RevmChain


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 6, ()), ("in process", 200, SITUATIONS)]
)
def test_option_vault_machine__contract_equals_the_model(
    where, examples, situations, request, artifacts, record_property
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    machine = option_vault_machine(chain, artifacts)
    run_campaign(machine, situations, examples=examples, steps=100)
    acted, refused = machine.acted.total(), machine.refused.total()
    record_property(
        "measured",
        f"option vault machine, {where}: {acted} calls acted, {refused} refused as predicted",
    )
