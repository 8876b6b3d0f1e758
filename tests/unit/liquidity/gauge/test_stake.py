import pytest

from tests.fixtures.gauge import ETHER, MIN_STAKED, WEEK
from tests.fixtures.staking import ZERO, reverts

MOST = 2**96 - 1


@pytest.mark.parametrize("amount", [1, ETHER])
def test_stake__moves_lp_tokens_and_counts_them(gauge, amount):
    held = gauge.lp.call("balanceOf", gauge.staker)
    receipt = gauge.stake(amount)
    assert gauge.lp.call("balanceOf", gauge.staker) == held - amount
    assert gauge.lp.call("balanceOf", gauge.gauge.address) == amount
    assert gauge.call("stakeOf", gauge.staker) == gauge.call("totalStaked") == amount
    (event,) = gauge.gauge.events(receipt, "Staked")
    assert event.values["amount"] == amount


def test_stake__for_a_receiver(gauge):
    receipt = gauge.transact("stake", ETHER, gauge.other, sender=gauge.staker)
    assert gauge.call("stakeOf", gauge.other) == ETHER
    assert gauge.call("stakeOf", gauge.staker) == 0
    (event,) = gauge.gauge.events(receipt, "Staked")
    assert event.values["sender"].lower() == gauge.staker.lower()
    assert event.values["receiver"].lower() == gauge.other.lower()


def test_stake__nothing__reverts(gauge):
    with reverts("ZeroAmount"):
        gauge.call("stake", 0, gauge.staker, sender=gauge.staker)


def test_stake__for_nobody_or_the_gauge__reverts(gauge):
    for receiver in (ZERO, gauge.gauge.address):
        with reverts("InvalidReceiver", receiver):
            gauge.call("stake", ETHER, receiver, sender=gauge.staker)


def test_stake__more_than_held__reverts(gauge):
    held = gauge.lp.call("balanceOf", gauge.staker)
    with reverts("TransferFromFailed"):
        gauge.call("stake", held + 1, gauge.staker, sender=gauge.staker)


def test_stake__to_the_bound_and_beyond(gauge):
    gauge.stake(ETHER)
    gauge.lp.transact("mint", gauge.staker, MOST, sender=gauge.staker)
    room = MOST - ETHER
    with reverts("AmountTooLarge", room + 1, room):
        gauge.call("stake", room + 1, gauge.staker, sender=gauge.staker)
    gauge.stake(room)
    with reverts("AmountTooLarge", 1, 0):
        gauge.call("stake", 1, gauge.staker, sender=gauge.staker)


def test_stake__shares_a_stream_by_size_and_time(gauge):
    """A week: the first half alone, the second with three times as much beside."""
    gauge.stake()
    gauge.at(10)
    gauge.fund(ETHER)
    gauge.at(WEEK // 2)
    gauge.stake(3 * ETHER, gauge.other)
    gauge.wait(WEEK // 2)
    assert ETHER // 2 + ETHER // 8 - 2 <= gauge.earned() <= ETHER // 2 + ETHER // 8
    assert ETHER * 3 // 8 - 2 <= gauge.earned(gauge.other) <= ETHER * 3 // 8


@pytest.mark.parametrize("amount", [MIN_STAKED - 1, MIN_STAKED, MIN_STAKED + 1])
def test_stake__clock_runs_from_the_minimum_on(gauge, amount):
    gauge.stake(amount)
    gauge.wait(100)
    assert gauge.call("clock") == (100 if amount >= MIN_STAKED else 0)
