"""The rate of coin 1: bounded steps, persisted, and what happens when its source fails."""

import pytest

from tests.fixtures.staking import reverts
from tests.fixtures.swap import ADD, ETHER, REMOVE, REMOVE_ONE, WAD

STEP = 4 * 10**6  # the base fee of 4 bp a block, at the bound
BROKEN = {"revert": 1, "no data": 2, "burns all gas": 3}


def touch(desk):
    """One operation in a block of its own; the rate after it."""
    desk.trade(0, ETHER // 1000)
    return desk.call("stored_rates")[1]


def stored(desk):
    """The rate that was stored last, whatever the source says in the next block."""
    slot = desk.rpc.call("eth_getStorageAt", desk.pool.address, "0x1", "latest")
    return int(slot, 16) >> 192


@pytest.mark.parametrize("direction", [1, -1])
def test_rate__follows_a_small_step_at_once(desk, direction):
    touch(desk)
    asked = WAD + direction * WAD * STEP // 10**10
    desk.set_rate(asked)
    assert touch(desk) == asked


@pytest.mark.parametrize("direction", [1, -1])
def test_rate__a_large_step_takes_blocks(desk, direction):
    touch(desk)
    desk.set_rate(WAD + direction * WAD // 20)
    previous = WAD
    desk.trade(0, ETHER // 1000)  # two blocks since the last touch
    for blocks in (2, 1, 1):
        expected = previous + direction * (previous * STEP * blocks // 10**10)
        assert stored(desk) == expected
        previous = expected
        desk.trade(0, ETHER // 1000)


@pytest.mark.parametrize("idle", [4, 5, 300])
def test_rate__at_most_five_blocks_accrue(desk, idle):
    touch(desk)
    desk.set_rate(2 * WAD)
    desk.rpc.call("anvil_mine", hex(idle - 2))
    touch(desk)
    assert stored(desk) == WAD + WAD * STEP * min(idle, 5) // 10**10


@pytest.mark.parametrize("mode", BROKEN.values(), ids=BROKEN.keys())
def test_rate__source_fails__last_rate_stands_and_exits_stay_open(desk, mode):
    desk.set_rate(WAD + WAD // 10_000)
    touch(desk)
    last = desk.call("stored_rates")[1]
    desk.coins[1].transact("setMode", mode, sender=desk.owner)
    assert desk.call("stored_rates")[1] == last
    assert desk.call("lp_price") > 0
    desk.trade(0)
    desk.transact(REMOVE_ONE, ETHER, 0, 0, sender=desk.provider)
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    with reverts("RateUnavailable"):
        desk.call("market_ratio")


@pytest.mark.parametrize("absurd", [0, WAD // 10 - 1, 10 * WAD + 1, 2**255])
def test_rate__absurd_answers_count_as_failures(desk, absurd):
    desk.set_rate(absurd)
    touch(desk)
    assert desk.call("stored_rates")[1] == WAD


def test_rate__empty_pool_takes_the_asked_one(desk):
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    desk.set_rate(3 * WAD // 2)
    desk.transact(ADD, [ETHER, ETHER], 0, sender=desk.trader)
    assert desk.call("stored_rates")[1] == 3 * WAD // 2
    assert desk.call("totalSupply") == pytest.approx(5 * ETHER // 2, rel=1e-3)


def test_market_ratio__is_the_average_over_the_live_rate(desk):
    desk.set_rate(2 * WAD)
    last = stored(desk)
    assert desk.call("market_ratio") == desk.call("price_oracle", 0) * last // (2 * WAD)
