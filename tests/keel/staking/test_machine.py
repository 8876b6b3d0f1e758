"""The staking machine on the models alone: its invariants at the speed of Python."""

from tests.machines.campaign import run_campaign
from tests.machines.staking import SITUATIONS, StakingRules


class ModelMachine(StakingRules):
    """No chain: rules and invariants as they are."""


def test_staking_machine__on_the_models():
    run_campaign(ModelMachine, SITUATIONS, examples=300, steps=60)
