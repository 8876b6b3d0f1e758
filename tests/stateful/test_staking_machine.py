"""The staking machine on a chain: each call is predicted by the model, made, and compared."""

import pytest

from tests.machines.campaign import run_campaign
from tests.machines.staking import KEYS, SITUATIONS, StakingRules
from tests.machines.staking_chain import StakingChain


@pytest.fixture(scope="module")
def staking_chain(fast_rpc, artifacts):
    return StakingChain(fast_rpc, artifacts, keys=KEYS)


def test_staking_machine__contracts_equal_the_models(staking_chain):
    class ChainMachine(StakingRules):
        def who(self, name):
            return staking_chain.who(name)

        def build(self):
            self.opening = True
            return staking_chain.build_model()

        def opened(self):
            self.opening = False
            staking_chain.remember()

        def prepare_report(self, verdict):
            staking_chain.prepare_report(self.model, verdict)

        def mirror(self, call, outcome):
            if self.opening and staking_chain.remembers:
                return  # the same for each example
            receipt = staking_chain.play(call, outcome, self.clock.timestamp)
            if receipt is None:
                return  # refused, as predicted
            if call.function == "handleReport":
                staking_chain.require_told(self.pool.checker.context)
                staking_chain.require_events(receipt, outcome)
            staking_chain.require_same(self.model)

        def teardown(self):
            staking_chain.require_same_tickets(self.model)
            super().teardown()

    run_campaign(ChainMachine, SITUATIONS, examples=120, steps=50)
