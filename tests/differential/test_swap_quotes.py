"""SWAP-3 on the contract: each quote is what execution in the same block does, or refuses as it."""

from collections import Counter
from random import Random

import pytest

from keel.models.stableswap.curve import get_d
from tests.fixtures.swap_harness import UNLIMITED, WAD, State

EXCHANGE = "exchange(int128,int128,uint256,uint256)"
EXACT_OUT = "exchange_exact_out"
ADD = "add_liquidity(uint256[],uint256)"
REMOVE_ONE = "remove_liquidity_one_coin(uint256,int128,uint256)"
REMOVE_IMBALANCE = "remove_liquidity_imbalance(uint256[],uint256)"
KINDS = ("exchange", "exact out", "add", "imbalance", "one coin")
STATES = 400
DAY = 86_400


def log_uniform(random, low, high):
    return max(1, int(10 ** random.uniform(low, high)))


def random_state(random):
    """House rules on: reserves of 1e3 to 1e26 wei, skew to 1e6, any A, fees and direction."""
    big = log_uniform(random, 3, 26)
    small = max(1, int(big / 10 ** random.uniform(0, random.choice((1, 6)))))
    balances = (big, small) if random.random() < 0.5 else (small, big)
    rate = random.randrange(WAD // 2, 2 * WAD)
    amp = random.choice((100, 5_000, 20_000, 254_087, 10**6, 10**8))
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


def compare(quoted, executed):
    """Assert that both say the same; tells whether they refused."""
    if quoted.refusal or executed.refusal:
        assert quoted.refusal is not None, executed.refusal
        assert executed.refusal is not None, quoted.result
        assert quoted.refusal.name == executed.refusal.name != ""
        assert quoted.refusal.values == executed.refusal.values
        return True
    assert quoted.result == executed.result
    return False


@pytest.mark.parametrize("kind", KINDS)
def test_quotes__equal_execution(swap_harness, kind):
    random, refused = Random(kind), 0
    for _ in range(STATES):
        state = random_state(random)
        calls = quote_and_execution(random, kind, state, swap_harness.user)
        refused += compare(*swap_harness.play(state, *calls))
    assert refused < STATES * 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_quotes__equal_execution_amid_a_ramp(swap_harness, kind):
    random, amps = Random(kind), Counter()
    for _ in range(60):
        state = random_state(random)
        a = max(1, state.amp // 100)
        target = min(10**6, max(1, int(a * 10 ** random.uniform(-1, 1))))
        target = min(max(target, -(-a // 10)), a * 10)
        ramp = ("ramp_A", target, swap_harness.rpc.timestamp + 1 + 2 * DAY)
        calls = quote_and_execution(random, kind, state, swap_harness.user)
        ramped, amp, *outcomes = swap_harness.play(
            state, ramp, later=(("A_precise",), *calls), wait=random.randrange(1, 2 * DAY)
        )
        ramped.done  # noqa: B018 (raises a refusal)
        amps[min(state.amp, 100 * target) < amp.done < max(state.amp, 100 * target)] += 1
        compare(*outcomes)
    assert amps[True] > 30, "too few states lay within a ramp"


def test_get_dx__one_wei_less_buys_less(swap_harness):
    random, answered = Random(1), 0
    for _ in range(150):
        state = random_state(random)
        call, _ = quote_and_execution(random, "exact out", state, swap_harness.user)
        (quoted,) = swap_harness.play(state, call)
        if quoted.refusal or quoted.result == 1:
            continue
        _, i, j, dy = call
        enough, less = swap_harness.play(
            state, ("get_dy", i, j, quoted.result), ("get_dy", i, j, quoted.result - 1)
        )
        assert enough.done >= dy
        assert less.refusal is not None or less.result < dy
        answered += 1
    assert answered > 60
