"""SWAP-3 on the contract: each quote is what execution in the same block does, or refuses as it."""

from collections import Counter
from dataclasses import replace
from random import Random
from types import SimpleNamespace

import pytest
from hypothesis import settings

from keel.models.stableswap.curve import A_PRECISION, get_d
from tests.fixtures.fast_swap_harness import GAS, START, USER, Answer
from tests.fixtures.swap import SwapDesk
from tests.fixtures.swap_harness import FUNDS, UNLIMITED, WAD, State
from tests.machines.revm import RevmChain, revert_data

EXCHANGE = "exchange(int128,int128,uint256,uint256)"
EXACT_OUT = "exchange_exact_out"
ADD = "add_liquidity(uint256[],uint256)"
REMOVE_ONE = "remove_liquidity_one_coin(uint256,int128,uint256)"
REMOVE_IMBALANCE = "remove_liquidity_imbalance(uint256[],uint256)"
KINDS = ("exchange", "exact out", "add", "imbalance", "one coin")
STATES = 4_000
"""Of each kind; five times as many in the profile `deep`."""
STEPPING_STATES = 1_000
"""Likewise."""
TERMS = (
    {"a": 1, "fee": 10**4, "offpeg_fee_multiplier": 5 * 10**10, "directional": False},
    {"a": 100, "fee": 4 * 10**6, "offpeg_fee_multiplier": 2 * 10**10, "directional": True},
    {"a": 2_000, "fee": 10**6, "offpeg_fee_multiplier": 10**10, "directional": True},
    {"a": 10**5, "fee": 10**8, "offpeg_fee_multiplier": 2 * 10**10, "directional": False},
)
DAY = 86_400
MAX_BALANCE = 2**96 - 1


def log_uniform(random, low, high):
    return max(1, int(10 ** random.uniform(low, high)))


def random_state(random):
    """House rules on: reserves of 1e3 to 1e26 wei, skew to 1e6, any A, fees and direction."""
    big = log_uniform(random, 3, 26)
    small = max(1, int(big / 10 ** random.uniform(0, random.choice((1, 6)))))
    balances = (big, small) if random.random() < 0.5 else (small, big)
    rate = random.randrange(WAD // 2, 2 * WAD)
    amp = random.choice((1_000, 50_000, 200_000, 2_540_871, 10**7, 10**9))
    d = get_d((balances[0], max(1, balances[1] * rate // WAD)), amp)
    return State(
        amp=amp,
        fee=random.choice((10**4, 4 * 10**6, 10**8)),
        offpeg_fee_multiplier=random.choice((0, 10**10, 2 * 10**10, 5 * 10**10)),
        rate0=WAD,
        rate1=rate,
        balance0=balances[0],
        balance1=balances[1],
        admin0=random.randrange(balances[0] + 1),
        admin1=0,
        total_supply=max(2, int(d / random.uniform(1, 1.3))),
        house_rules=True,
        directional=random.random() < 0.5,
    )


def quote_and_execution(random, kind, state, user):
    """Two calls that must say the same."""
    i = random.randrange(2)
    reserves = (state.balance0, state.balance1)

    def part(amount):
        return log_uniform(random, -1, 0.5) * amount // 10 + random.randrange(3)

    if kind == "exchange":
        dx = part(reserves[i])
        return ("get_dy", i, 1 - i, dx), (EXCHANGE, i, 1 - i, dx, 0)
    if kind == "exact out":
        dy = int(reserves[1 - i] * 10 ** random.uniform(-4, 0.02))
        return ("get_dx", i, 1 - i, dy), (EXACT_OUT, UNLIMITED, i, 1 - i, dy, UNLIMITED, user)
    if kind == "one coin":
        burned = int(state.total_supply * 10 ** random.uniform(-4, 0.02))
        return ("calc_withdraw_one_coin", burned, i), (REMOVE_ONE, burned, i, 0)
    amounts = [random.choice((0, part(reserve))) for reserve in reserves]
    if kind == "add":
        return ("calc_token_amount", amounts, True), (ADD, amounts, 0)
    return ("calc_token_amount", amounts, False), (REMOVE_IMBALANCE, amounts, UNLIMITED)


def random_ramp(random, state):
    """Where A is bound for, and how long after the start of two days it is looked at."""
    least, most = -(-state.amp // 10_000), min(10**6, state.amp // 100)
    target = int(state.amp / A_PRECISION * 10 ** random.uniform(-1, 1))
    return min(max(least, target), most), random.randrange(1, 2 * DAY)


def begin_ramp(harness, random, state):
    """Ramp and wait; whether A is then on its way, and neither here nor there."""
    target, elapsed = random_ramp(random, state)
    assert not harness.call("ramp_A", target, harness.timestamp + 2 * DAY).refused
    harness.timestamp += elapsed
    amp = harness.call("amplification_unrounded").number
    goal = A_PRECISION * target
    return min(state.amp, goal) < amp < max(state.amp, goal)


def compare(harness, quoted, executed):
    """Assert that both say the same, to the bit; the error's name if they refuse."""
    assert (quoted.refused, quoted.data.hex()) == (executed.refused, executed.data.hex())
    return harness.error(quoted) if quoted.refused else "answered"


@pytest.mark.parametrize("kind", KINDS)
def test_quotes__equal_execution(fast_harness, kind, record_property):
    """20,000 states that execute in all, half of them amid a ramp of A; more that refuse alike."""
    random, outcomes, ramped = Random(kind), Counter(), 0
    states = STATES * (5 if settings.get_current_profile_name() == "deep" else 1)
    while outcomes["answered"] < states:
        state = random_state(random)
        fast_harness.load(state)
        if outcomes.total() % 2:
            ramped += begin_ramp(fast_harness, random, state)
        quote, execution = quote_and_execution(random, kind, state, fast_harness.user)
        answers = fast_harness.call(*quote), fast_harness.call(*execution)
        outcomes[compare(fast_harness, *answers)] += 1
    assert outcomes["answered"] > outcomes.total() * 0.4
    assert ramped > outcomes.total() * 0.35, "too few states lay within a ramp"
    assert "" not in outcomes, "refused without a reason"
    record_property(
        "measured",
        f"quotes: {kind}: {outcomes.total():,} states, {ramped:,} amid a ramp, "
        f"{outcomes['answered']:,} answered and executed, the rest refused alike",
    )


@pytest.mark.parametrize("kind", KINDS)
def test_quotes__equal_execution_on_a_node(swap_harness, kind):
    """A few of the same on Anvil, in one block each."""
    random = Random(kind)
    for _ in range(20):
        state = random_state(random)
        calls = quote_and_execution(random, kind, state, swap_harness.user)
        quoted, executed = swap_harness.play(state, *calls)
        assert quoted.result == executed.result
        refusals = [
            found and (found.name, found.values) for found in (quoted.refusal, executed.refusal)
        ]
        assert refusals[0] == refusals[1]


def test_get_dx__one_wei_less_buys_less(fast_harness):
    random, answered = Random(1), 0
    for turn in range(2_000):
        state = random_state(random)
        fast_harness.load(state)
        if turn % 2:
            begin_ramp(fast_harness, random, state)
        quote, _ = quote_and_execution(random, "exact out", state, fast_harness.user)
        _, i, j, dy = quote
        quoted = fast_harness.call(*quote)
        if quoted.refused or quoted.number == 1:
            continue
        assert fast_harness.call("get_dy", i, j, quoted.number).number >= dy
        less = fast_harness.call("get_dy", i, j, quoted.number - 1)
        assert less.refused or less.number < dy
        answered += 1
    assert answered > 800


@pytest.mark.parametrize("room", [10**18, 10**24])
def test_get_dx__no_more_than_a_balance_may_grow(fast_harness, room):
    """Selling as much as there is room for is quoted; what takes more cannot be had."""
    full, amp = MAX_BALANCE - room, 200_000
    state = replace(random_state(Random(1)), amp=amp, rate1=WAD, balance0=full, balance1=full)
    fast_harness.load(replace(state, admin0=0, total_supply=get_d((full, full), amp)))
    quoted = fast_harness.call("get_dx", 0, 1, room * 9 // 10)
    assert room * 9 // 10 < quoted.number <= room
    beyond = fast_harness.call("get_dx", 0, 1, room * 11 // 10)
    assert fast_harness.error(beyond) == "InsufficientReserve"


class SteppingPools:
    """The pool as deployed, with its rate's bound: one of each terms, each empty."""

    def __init__(self, artifacts):
        self.chain = RevmChain()
        desk = SwapDesk(self.chain.rpc, artifacts, USER, USER, USER)
        self.pools, self.coins = [], desk.coins
        for terms in TERMS:
            self.pools.append(desk.new_pool(**terms))
            for coin in desk.coins:
                coin.transact("approve", self.pools[-1].address, UNLIMITED, sender=USER)
        for coin in desk.coins:
            coin.transact("mint", USER, FUNDS, sender=USER)
        self._checkpoint = self.chain.evm.snapshot()
        self.pool, self.block, self.timestamp = self.pools[0], 1_000, START

    def open(self, random):
        """Forget what was before; somebody provides to one of the pools; A may begin to ramp."""
        self.chain.evm.revert(self._checkpoint)
        self._checkpoint = self.chain.evm.snapshot()
        self.pool, self.block, self.timestamp = random.choice(self.pools), 1_000, START
        self.set_rate(random.randrange(WAD // 2, 2 * WAD))
        big = log_uniform(random, 6, 26)
        small = max(1_000, int(big / 10 ** random.uniform(0, random.choice((1, 4)))))
        reserves = [big, small] if random.random() < 0.5 else [small, big]
        if self.call(ADD, reserves, 0).refused:
            return None
        if random.random() < 0.5:
            amp = self.call("A").number
            target = min(10**6, max(1, -(-amp // 10), int(amp * 10 ** random.uniform(-1, 1))))
            assert not self.call("ramp_A", target, self.timestamp + 2 * DAY).refused
            self.timestamp += random.randrange(1, 2 * DAY)
        supply = self.call("totalSupply").number
        return SimpleNamespace(balance0=reserves[0], balance1=reserves[1], total_supply=supply)

    def set_rate(self, rate):
        call = self.coins[1].prepare("setRate", rate)
        assert not self._send(self.coins[1].address, call.data).refused
        self.rate = rate

    def step(self, random):
        """Let the source say what the pool may not yet believe, some blocks before the next."""
        sign = random.choice((-1, 1))
        self.set_rate(int(self.rate * (1 + sign * 10 ** random.uniform(-2.6, -0.4))))
        blocks = random.choice((1, 1, 1, 2, 5, 9))
        self.block += blocks
        self.timestamp += 12 * blocks

    def call(self, name, *arguments):
        """The user's call, in the block of now; what it changes stays."""
        return self._send(self.pool.address, self.pool.prepare(name, *arguments).data)

    def believed(self):
        """The rate that an operation in the block of now would use."""
        return self.pool.abi.decode_result("stored_rates", self.call("stored_rates").data)[1]

    def error(self, answer):
        return self.pool.abi.decode_error(answer.data).name

    def _send(self, to, data):
        self.chain.enter(self.block, self.timestamp)
        try:
            return Answer(self.chain.evm.message_call(USER, to, calldata=data, gas=GAS))
        except RuntimeError as failure:
            return Answer(revert_data(failure), refused=True)


@pytest.fixture(scope="module")
def stepping_pools(artifacts):
    return SteppingPools(artifacts)


@pytest.mark.parametrize("kind", KINDS)
def test_quotes__equal_execution_while_a_bounded_rate_step_is_pending(
    stepping_pools, kind, record_property
):
    """The source has moved by more than the bound; the first operation of the block takes a step.

    Quote and execution are in one block. A step or two may have been taken before.
    """
    random, outcomes, pending = Random(f"steps {kind}"), Counter(), 0
    states = STEPPING_STATES * (5 if settings.get_current_profile_name() == "deep" else 1)
    while outcomes.total() < states:
        state = stepping_pools.open(random)
        if state is None:
            continue
        for _ in range(random.choice((0, 0, 1, 2))):
            stepping_pools.step(random)
            stepping_pools.call(EXCHANGE, 0, 1, state.balance0 // 1_000, 0)
        before = stepping_pools.believed()
        stepping_pools.step(random)
        believed = stepping_pools.believed()
        pending += believed not in (before, stepping_pools.rate)
        quote, execution = quote_and_execution(random, kind, state, USER)
        answers = stepping_pools.call(*quote), stepping_pools.call(*execution)
        outcomes[compare(stepping_pools, *answers)] += 1
        assert stepping_pools.believed() == believed, "once a block"
    assert outcomes["answered"] > states * 0.4
    assert pending > states * 0.9, "too few steps were beyond the bound"
    record_property(
        "measured",
        f"quotes: {kind}: {states:,} states, {pending:,} amid a rate step beyond the bound, "
        f"{outcomes['answered']:,} answered and executed, the rest refused alike",
    )
