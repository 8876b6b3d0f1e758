"""The staking machine under Hypothesis, on both chains."""

from tests.machines.campaign import run_campaign
from tests.machines.chain import AnvilChain
from tests.machines.revm import RevmChain
from tests.machines.staking import SITUATIONS
from tests.machines.staking_machine import staking_machine


def test_staking_machine__contracts_equal_the_models(fast_rpc, artifacts):
    machine = staking_machine(AnvilChain(fast_rpc), artifacts)
    run_campaign(machine, SITUATIONS, examples=60, steps=80)


def test_staking_machine__contracts_equal_the_models_in_process(artifacts):
    run_campaign(staking_machine(RevmChain(), artifacts), SITUATIONS, examples=200, steps=80)
