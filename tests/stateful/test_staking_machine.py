"""The staking machine under Hypothesis, on both chains.

The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
"""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.revm import RevmChain
from tests.machines.staking import SITUATIONS
from tests.machines.staking_machine import staking_machine


@pytest.mark.parametrize(
    ("where", "examples", "situations"), [("anvil", 50, ()), ("in process", 200, SITUATIONS)]
)
def test_staking_machine__contracts_equal_the_models(
    where, examples, situations, request, artifacts
):
    chain = RevmChain()
    if where == "anvil":
        chain = AnvilChain(request.getfixturevalue("fast_rpc"))
    run_campaign(staking_machine(chain, artifacts), situations, examples=examples, steps=80)
