"""The redemption vault's machine, on a whole stack of its own."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from keel.models.redemption.ledger import Terms
from keel.models.redemption.vault import Vault
from tests.fixtures.redemption import INFLOW, TERMS, new_arena
from tests.fixtures.swap import ETHER
from tests.machines.campaign import run_campaign
from tests.machines.redemption import SITUATIONS, RedemptionRules
from tests.machines.redemption_chain import RedemptionChain


@pytest.fixture(scope="module")
def arena(fast_rpc, artifacts):
    return new_arena(fast_rpc, artifacts)


def test_redemption_machine__contract_equals_the_model(arena, record_property):
    rpc = arena.rpc
    start = [rpc.snapshot()]
    balance = arena.balance

    class RedemptionMachine(RedemptionRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        desk = arena
        chain = RedemptionChain(arena.stack, arena.vault)
        people = tuple(who.lower() for who in (arena.depositor, arena.other, arena.seller))

        def __init__(self):
            super().__init__()
            rpc.revert(start[0])
            start[0] = rpc.snapshot()
            arena.balance = balance
            self.time = rpc.timestamp
            terms = Terms(
                min_fee=TERMS["minFee"],
                yearly_fee=TERMS["yearlyFee"],
                holdback=TERMS["holdback"],
                frame_cap=TERMS["frameCap"],
                base_wait=TERMS["baseWait"],
                max_report_age=TERMS["maxReportAge"],
            )
            vault = Vault(arena.vault.address.lower(), arena.owner, terms, INFLOW)
            # The desk's first deposit; the report after it came next.
            opening = replace(self.chain.world(self.time), applied_at=0)
            vault.deposit(opening, arena.depositor, 500 * ETHER, arena.depositor)
            self.start_redemption(vault, self.time)

        def teardown(self):
            self.require_everybody_is_paid()

    run_campaign(RedemptionMachine, SITUATIONS, examples=25, steps=40)
    acted, refused = RedemptionMachine.acted.total(), RedemptionMachine.refused.total()
    record_property(
        "measured",
        f"redemption machine: {acted} calls acted, {refused} refused as predicted; "
        f"REDEEM-1 off by {RedemptionMachine.worst_fall} wei at worst",
    )
