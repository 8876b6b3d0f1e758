"""The staking machine on a chain: each call is predicted by the model, made, and compared."""

from collections.abc import Mapping
from typing import Any

from keel.chain.artifacts import Artifact
from tests.machines.chain import Chain
from tests.machines.staking import StakingRules
from tests.machines.staking_chain import StakingChain

CONTRACTS = (
    "DepositContractMock", "StakingPool", "WrappedStakedEther", "WithdrawalQueue",
    "ReportCheckerMock", "OracleMock", "OperatorRegistry", "OperatorBonds", "InsuranceFund",
    "ValidatorVault",
)  # fmt: skip


def staking_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> type[StakingRules]:
    """Deploy the contracts and return the machine that plays on them."""
    staking_chain = StakingChain(chain, artifacts)
    start: list[bytes] = []

    class StakingMachine(StakingRules):
        names = staking_chain.addresses
        stage = staking_chain

        def who(self, name: str) -> str:
            return staking_chain.who(name)

        def build(self) -> Any:
            staking_chain.rewind()
            return staking_chain.build_model()

        def reopened(self) -> bool:
            if start:
                staking_chain.remember()
                self.restore(start[0])
            return bool(start)

        def opened(self) -> None:
            staking_chain.remember()
            start.append(self.state())

        def prepare_report(self, verdict: Any) -> None:
            staking_chain.prepare_report(self.model, verdict)

        def prepare_hold(self, since: int) -> None:
            staking_chain.prepare_hold(since)

        def mirror(self, call: Any, outcome: Any) -> None:
            if not staking_chain.play(call, outcome, self.clock.timestamp):
                return  # refused, as predicted
            if call.function == "handleReport":
                staking_chain.require_told(self.pool.checker.context, self.clock.timestamp)
                staking_chain.require_events(outcome)
                staking_chain.require_same_numbers(self.model)
                staking_chain.require_same_bonds(self.model)
            staking_chain.require_same(self.model)

        def teardown(self) -> None:
            staking_chain.require_same_getters(self.model)
            super().teardown()

    return StakingMachine
