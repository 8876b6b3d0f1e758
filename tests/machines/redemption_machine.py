"""The redemption vault's machine, on a whole stack of its own, on a chain."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar

from hypothesis.stateful import RuleBasedStateMachine

from keel.chain.artifacts import Artifact
from keel.models.redemption.ledger import Terms
from keel.models.redemption.vault import Vault
from tests.fixtures.in_process import PlainStaking
from tests.fixtures.redemption import INFLOW, TERMS, new_arena
from tests.fixtures.swap import ETHER
from tests.machines.chain import Chain
from tests.machines.redemption import RedemptionRules
from tests.machines.redemption_chain import RedemptionChain

CONTRACTS = (
    "DepositContractMock", "WETHMock", "PriceFeedMock", "StakingPool", "WrappedStakedEther",
    "WithdrawalQueue", "OperatorRegistry", "OperatorBonds", "InsuranceFund", "ConsensusOracle",
    "HashConsensus", "ReportChecker", "ValidatorVault", "StableSwapPool", "LiquidityGauge",
    "RedemptionVault", "RedemptionPricer", "SettlementOracle", "OptionClearing",
    "VolatilityOracle", "OptionPricer", "OptionVault",
)  # fmt: skip


def redemption_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy a stack with 500 ether in its vault, and return what plays on it."""
    arena = new_arena(chain.rpc, artifacts, PlainStaking)
    balance, start = arena.balance, [chain.snapshot()]
    vaults = RedemptionChain(chain, arena.stack, arena.vault)

    class RedemptionMachine(RedemptionRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        desk, chain = arena, vaults
        people = tuple(who.lower() for who in (arena.depositor, arena.other, arena.seller))
        names: ClassVar = dict(zip(("depositor", "other", "seller"), people, strict=True))

        def __init__(self):
            super().__init__()
            chain.revert(start[0])
            start[0] = chain.snapshot()
            arena.balance = balance
            self.time = chain.timestamp
            terms = Terms(
                min_fee=TERMS["minFee"],
                yearly_fee=TERMS["yearlyFee"],
                holdback=TERMS["holdback"],
                frame_cap=TERMS["frameCap"],
                base_wait=TERMS["baseWait"],
                max_report_age=TERMS["maxReportAge"],
            )
            vault = Vault(arena.vault.address.lower(), arena.owner.lower(), terms, INFLOW)
            depositor = self.people[0]
            # The desk's first deposit; the report after it came next.
            opening = replace(self.chain.world(self.time), applied_at=0)
            vault.deposit(opening, depositor, 500 * ETHER, depositor)
            self.start_redemption(vault, self.time)

        def teardown(self):
            self.require_everybody_is_paid()

    return RedemptionMachine
