"""A call with two faults: the models must name the one that the contracts find first.

Found by the staking machine with seed 1, in example 165.
"""

from tests.machines.catalogue import MACHINES
from tests.machines.chain import AnvilChain
from tests.machines.drawing import Part
from tests.machines.driver import Step, replay

STEPS = [
    # opens with 26 calls
    Step("start_validators", {}),
    # pool.transferFrom(other_staker, other_staker, 2**128) by staker, who has no allowance
    Step(
        "transfer_from",
        {
            "name": "staker",
            "owner": "other_staker",
            "to": "other_staker",
            "part": Part(wei=2**128),
        },
    ),
]


def test_transfer_from__too_large_and_without_allowance(fast_rpc, artifacts):
    replay(MACHINES["staking"].open(AnvilChain(fast_rpc), artifacts), STEPS)
