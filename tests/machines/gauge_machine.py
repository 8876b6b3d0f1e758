"""The gauge's machine: three stakers, four tokens that break and mend, on a chain."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine

from keel.chain.artifacts import Artifact
from keel.models.evm import Clock
from keel.models.gauge.gauge import Gauge
from tests.fixtures.gauge import ETHER, MODES, UNLIMITED, GaugeDesk
from tests.machines.chain import Chain
from tests.machines.gauge import FUNDS, GaugeRules
from tests.machines.gauge_chain import GaugeChain
from tests.machines.staking_chain import address_of

CONTRACTS = ("RateTokenMock", "RewardTokenMock", "LiquidityGauge")
STAKERS = ("staker", "other", "third")
TOKENS = 4


def gauge_machine(chain: Chain, artifacts: Mapping[str, Artifact]) -> Any:
    """Deploy a gauge with nothing on its list, fund everybody, and return what plays on it."""
    accounts = {name: address_of(name) for name in ("owner", "distributor", *STAKERS)}
    for account in accounts.values():
        chain.set_balance(account, 10**6 * ETHER)
    people = tuple(accounts[name] for name in STAKERS)
    desk = GaugeDesk(chain.rpc, artifacts, accounts["owner"], accounts["distributor"], *people[:2])
    handles = [desk.new_token() for _ in range(TOKENS)]
    gauge, created = desk.new_gauge(), chain.rpc.timestamp
    desk.use(gauge)
    for token, holders in ((desk.lp, people), *((one, [desk.distributor]) for one in handles)):
        for account in holders:
            held = token.call("balanceOf", account)
            token.transact("mint", account, FUNDS - held, sender=account)
            token.transact("approve", desk.gauge.address, UNLIMITED, sender=account)
    tokens = {token.address.lower(): token for token in handles}
    gauges = GaugeChain(chain, desk.gauge, desk.lp, tokens)
    start = [chain.snapshot()]

    class GaugeMachine(GaugeRules, RuleBasedStateMachine):
        acted, refused = Counter(), Counter()
        owner, distributor = accounts["owner"], accounts["distributor"]
        stakers, available = people, tuple(tokens)
        names = (
            accounts
            | {"gauge": desk.gauge.address.lower()}
            | {f"token {i}": token for i, token in enumerate(tokens)}
        )

        def __init__(self):
            super().__init__()
            chain.revert(start[0])
            start[0] = chain.snapshot()
            time = Clock(created)
            self.start_gauge(Gauge(self.names["gauge"], self.owner, time=time), time)
            time.timestamp = chain.timestamp

        def mirror(self, sender, function, arguments, outcome):
            time = self.time.timestamp
            if gauges.play(sender, function, arguments, time, outcome):
                held = {token: balances["gauge"] for token, balances in self.tokens.items()}
                gauges.require_same_state(self.gauge, self.stakers, held, time)

        def mirror_mode(self, token, mode):
            self.pass_time(12)
            call = tokens[token].prepare("setMode", MODES.index(mode))
            chain.transact(self.owner, call, self.time.timestamp)

        def teardown(self):
            gauges.require_same_getters(self.gauge, self.stakers, self.time.timestamp)
            self.require_everybody_can_leave()

    return GaugeMachine
