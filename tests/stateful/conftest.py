"""How the machines of the catalogue are played under Hypothesis, on both chains."""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.catalogue import MACHINES
from tests.machines.chain import AnvilChain
from tests.machines.revm import RevmChain


@pytest.fixture
def play_machine(request, artifacts, record_property):
    """Plays one by its name.

    The few examples on Anvil show that it does as pyrevm does; each situation is seen in process.
    """

    def play(name, where, *, examples, steps):
        chain, situations = RevmChain(), MACHINES[name].situations
        if where == "anvil":
            chain, situations = AnvilChain(request.getfixturevalue("fast_rpc")), ()
        machine = MACHINES[name].open(chain, artifacts)
        run_campaign(machine, situations, examples=examples, steps=steps)
        acted, refused = machine.acted.total(), machine.refused.total()
        worst = getattr(machine, "measured", dict)()
        told = "".join(f"; {what}: {most:,.6g}" for what, most in worst.items())
        record_property(
            "measured",
            f"{name} machine, {where}: {acted} calls acted, {refused} refused as predicted{told}",
        )

    return play
