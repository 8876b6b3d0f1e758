import pytest

from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import ZERO, reverts


@pytest.mark.parametrize("amount", [1, ETHER - 1, ETHER])
def test_unstake__moves_lp_tokens_back(gauge, amount):
    gauge.stake(ETHER)
    held = gauge.lp.call("balanceOf", gauge.staker)
    receipt = gauge.unstake(amount)
    assert gauge.lp.call("balanceOf", gauge.staker) == held + amount
    assert gauge.call("stakeOf", gauge.staker) == gauge.call("totalStaked") == ETHER - amount
    (event,) = gauge.gauge.events(receipt, "Unstaked")
    assert event.values["amount"] == amount


def test_unstake__to_a_receiver(gauge):
    gauge.stake(ETHER)
    held = gauge.lp.call("balanceOf", gauge.other)
    gauge.transact("unstake", ETHER, gauge.other, sender=gauge.staker)
    assert gauge.lp.call("balanceOf", gauge.other) == held + ETHER


def test_unstake__nothing__reverts(gauge):
    gauge.stake()
    with reverts("ZeroAmount"):
        gauge.call("unstake", 0, gauge.staker, sender=gauge.staker)


def test_unstake__to_nobody_or_the_gauge__reverts(gauge):
    gauge.stake()
    for receiver in (ZERO, gauge.gauge.address):
        with reverts("InvalidReceiver", receiver):
            gauge.call("unstake", ETHER, receiver, sender=gauge.staker)


def test_unstake__more_than_staked__reverts(gauge):
    gauge.stake(ETHER)
    gauge.stake(ETHER, gauge.other)
    with reverts("InsufficientStake", ETHER + 1, ETHER):
        gauge.call("unstake", ETHER + 1, gauge.staker, sender=gauge.staker)


def test_unstake__what_was_earned_stays_owed_and_grows_no_more(gauge):
    gauge.stake()
    gauge.stake(account=gauge.other)
    gauge.fund()
    gauge.wait(WEEK // 2)
    gauge.unstake()
    owed = gauge.earned()
    assert 0 < owed < ETHER // 2
    gauge.wait(WEEK)
    assert gauge.earned() == owed
    before = gauge.held()
    gauge.claim()
    assert gauge.held() == before + owed


def test_unstake__last_one_stops_the_clock_and_the_streams(gauge):
    gauge.stake()
    gauge.fund()
    gauge.wait(WEEK // 2)
    gauge.unstake()
    clock, stream = gauge.call("clock"), gauge.stream()
    gauge.wait(10 * WEEK)
    assert (gauge.call("clock"), gauge.stream()) == (clock, stream)
    assert stream[2] > 0
