"""The gauge's machine: three stakers, four tokens that break and mend, on a chain."""

from collections import Counter

import pytest
from hypothesis.stateful import RuleBasedStateMachine

from keel.models.evm import Clock
from keel.models.gauge.gauge import Gauge
from tests.fixtures.gauge import ETHER, MODES, UNLIMITED, GaugeDesk
from tests.machines.campaign import run_campaign
from tests.machines.gauge import FUNDS, SITUATIONS, GaugeRules
from tests.machines.gauge_chain import GaugeChain
from tests.machines.staking_chain import address_of

NAMES = ("owner", "distributor", "staker", "other", "third")
TOKENS = 4


@pytest.fixture(scope="module")
def arena(fast_rpc, artifacts):
    """A gauge with nothing on its list, and everybody funded."""
    fast_rpc.call("anvil_autoImpersonateAccount", True)
    accounts = {name: address_of(name).lower() for name in NAMES}
    for account in accounts.values():
        fast_rpc.set_balance(account, 10**6 * ETHER)
    owner, distributor, *stakers = accounts.values()
    desk = GaugeDesk(fast_rpc, artifacts, owner, distributor, *stakers[:2])
    tokens = [desk.new_token() for _ in range(TOKENS)]
    desk.use(desk.new_gauge())
    for token, people in ((desk.lp, stakers), *((token, [distributor]) for token in tokens)):
        for account in people:
            held = token.call("balanceOf", account)
            token.transact("mint", account, FUNDS - held, sender=account)
            token.transact("approve", desk.gauge.address, UNLIMITED, sender=account)
    return desk, {token.address.lower(): token for token in tokens}, accounts


def test_gauge_machine__contract_equals_the_model(arena, record_property):
    desk, tokens, accounts = arena
    rpc = desk.rpc
    chain = GaugeChain(desk.gauge, desk.lp, tokens)
    start = [rpc.snapshot()]

    class GaugeMachine(GaugeRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        owner, distributor = accounts["owner"], accounts["distributor"]
        stakers = tuple(accounts[name] for name in NAMES[2:])
        available = tuple(tokens)

        def __init__(self):
            super().__init__()
            rpc.revert(start[0])
            start[0] = rpc.snapshot()
            time = Clock(rpc.timestamp)
            self.start_gauge(Gauge(desk.gauge.address.lower(), self.owner, time=time), time)

        def mirror(self, sender, function, arguments, outcome):
            time = self.time.timestamp
            chain.play(desk.gauge, sender, function, arguments, time, outcome)
            held = {token: balances["gauge"] for token, balances in self.tokens.items()}
            chain.require_same_state(self.gauge, self.stakers, held, time)

        def mirror_mode(self, token, mode):
            self.pass_time(12)
            rpc.call("evm_setNextBlockTimestamp", self.time.timestamp)
            tokens[token].transact("setMode", MODES.index(mode), sender=self.owner)

        def teardown(self):
            self.require_everybody_can_leave()

    run_campaign(GaugeMachine, SITUATIONS, examples=40, steps=50)
    acted, refused = GaugeMachine.acted.total(), GaugeMachine.refused.total()
    record_property(
        "measured",
        f"gauge machine: {acted} calls acted, {refused} refused as predicted; GAUGE-1: at most "
        f"{float(GaugeMachine.worst_left_behind):.3f} units left behind per checkpoint",
    )
