"""The deployed gauge against its integer model, to the unit, at every size of stake and reward."""

from collections import Counter
from random import Random

import pytest

from keel.models.evm import Clock, Revert
from keel.models.gauge.gauge import DAY, Gauge
from keel.models.gauge.streams import MAX_AMOUNT, MIN_STAKED
from tests.fixtures.gauge import UNLIMITED
from tests.machines.chain import AnvilChain
from tests.machines.gauge_chain import GaugeChain

STEPS = 120


def size(random, least, most):
    """On a log scale."""
    return min(most, max(least, int(2 ** random.uniform(least.bit_length(), most.bit_length()))))


class Pair:
    """The gauge and its model."""

    def __init__(self, gauge):
        self.desk = gauge
        tokens = {token.address.lower(): token for token in gauge.tokens}
        self.accounts = (gauge.staker.lower(), gauge.other.lower())
        self.distributor = gauge.distributor.lower()
        gauge.use(gauge.new_gauge())
        for token in gauge.tokens:
            gauge.add_reward(token)
        owners = [(gauge.lp, account) for account in self.accounts]
        owners += [(token, self.distributor) for token in gauge.tokens]
        for token, account in owners:
            token.transact("mint", account, 2**97, sender=account)
            token.transact("approve", gauge.gauge.address, UNLIMITED, sender=account)
        owner = gauge.owner.lower()
        self.time = Clock(gauge.rpc.timestamp)
        self.model = Gauge(gauge.gauge.address.lower(), owner, time=self.time)
        for token in tokens:
            self.model.add_reward(token, self.distributor)
        self.chain = GaugeChain(AnvilChain(gauge.rpc), gauge.gauge, gauge.lp, tokens)
        self.held = Counter(dict.fromkeys(tokens, 0))

    def play(self, elapsed, sender, function, *arguments, **foretold):
        """Predict, call, compare."""
        self.time.timestamp += elapsed
        name = {"claimAll": "claim_all"}.get(function, function)
        try:
            outcome = getattr(self.model, name)(sender, *arguments, **foretold)
        except Revert as refusal:
            outcome = refusal
        time = self.time.timestamp
        self.chain.play(sender, function, arguments, time, outcome)
        if isinstance(outcome, Revert):
            return False
        if function == "fund":
            self.held[arguments[0]] += outcome
        elif function == "claim":
            self.held[arguments[0]] -= outcome
        self.chain.require_same_state(self.model, self.accounts, self.held, time)
        return True

    def step(self, random):
        account, token = random.choice(self.accounts), random.choice(list(self.held))
        elapsed = random.choice((1, 12, 3_600, DAY, 30 * DAY))
        stake = self.model.stakes[account]
        kind = random.choice(("stake", "unstake", "claim", "fund"))
        if kind == "stake":
            most = min(MAX_AMOUNT - self.model.total_staked, 2**95)
            self.play(elapsed, account, "stake", size(random, 1, most), account)
        elif kind == "unstake" and stake:
            part = random.choice((stake, size(random, 1, stake)))
            self.play(elapsed, account, "unstake", part, account)
        elif kind == "claim":
            self.play(elapsed, account, "claim", token, account)
        elif kind == "fund":
            room = MAX_AMOUNT - self.model.rewards[token].funded
            amount = size(random, 1, room // 2)
            days = random.choice((1, 1, 1, 30))
            funding = ("fund", token, amount, days * DAY)
            if not self.play(elapsed, self.distributor, *funding, received=amount):
                return "refused"
        return kind


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_gauge__equals_its_model(gauge, seed):
    random, pair = Random(seed), Pair(gauge)
    pair.play(12, pair.accounts[0], "stake", MIN_STAKED, pair.accounts[0])
    acted = Counter(pair.step(random) for _ in range(STEPS))
    assert {"stake", "unstake", "claim", "fund"} <= acted.keys(), acted
    assert all(pair.model.rewards[token].paid for token in pair.held)
