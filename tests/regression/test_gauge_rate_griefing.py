"""Slowing a stream, diluting it, or taking it faster than by staking."""

import pytest

from tests.fixtures.gauge import DAY, ETHER, WEEK
from tests.fixtures.staking import reverts


def test_dust_funding__cannot_stretch_a_stream(gauge):
    """As `notifyRewardAmount` of many staking contracts: a wei starts the period anew."""
    gauge.stake()
    gauge.fund(ETHER)
    gauge.wait(WEEK // 2)
    token = gauge.tokens[0].address
    left = gauge.stream()[2]
    with reverts("RateWouldFall"):
        gauge.call("fund", token, 1, WEEK, sender=gauge.distributor)
    with reverts("RateWouldFall"):
        gauge.call("fund", token, 1, left + 1, sender=gauge.distributor)
    gauge.wait(WEEK // 2)
    assert ETHER - 1 <= gauge.earned() <= ETHER


def test_strangers__cannot_fund(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    with reverts("NotDistributor", gauge.other, gauge.distributor):
        gauge.call("fund", gauge.tokens[0].address, 1, DAY, sender=gauge.other)


@pytest.mark.parametrize("gift", [1, 10**6 * ETHER])
def test_gifts__move_nothing(gauge, gift):
    """Of LP tokens and of rewards: they belong to nobody, and no later funding counts them."""
    gauge.stake()
    gauge.fund(ETHER)
    gauge.wait(DAY)
    reads = ("totalStaked", "clock")
    before = [gauge.call(view) for view in reads], gauge.stream(), gauge.earned()
    for token in (gauge.lp, *gauge.tokens):
        snapshot = gauge.rpc.snapshot()
        gauge.at(0 + 1)
        token.transact("mint", gauge.gauge.address, gift, sender=gauge.other)
        after = [gauge.call(view) for view in reads], gauge.stream(), gauge.earned()
        assert after[0][0] == before[0][0]
        assert before[1][1] - after[1][1] <= ETHER // WEEK + 1
        assert after[2] - before[2] <= ETHER // WEEK + 1
        gauge.rpc.revert(snapshot)
    gauge.tokens[1].transact("mint", gauge.gauge.address, gift, sender=gauge.other)
    gauge.fund(ETHER, token=1)
    assert gauge.stream(token=1)[3] == ETHER


def test_stake_of_one_block__earns_one_block(gauge):
    """With 999 times the others' stake, around a funding, and at the end of a stream."""
    gauge.stake(ETHER)
    gauge.at(12)
    gauge.stake(999 * ETHER, gauge.other)
    gauge.at(12)
    gauge.fund(ETHER)
    gauge.at(12)
    gauge.unstake(999 * ETHER, gauge.other)
    assert gauge.earned(gauge.other) <= ETHER * 12 // WEEK
    gauge.at(WEEK - 24)
    gauge.stake(999 * ETHER, gauge.other)
    gauge.at(12)
    gauge.unstake(999 * ETHER, gauge.other)
    gauge.wait(WEEK)
    assert gauge.earned(gauge.other) <= ETHER * 24 // WEEK
    assert gauge.earned() >= ETHER - ETHER * 24 // WEEK - 2


@pytest.mark.parametrize("funding", [1, 100, 10**4, 10**8])
def test_pokes__neither_stall_nor_drain_a_stream_of_few_units(gauge, funding):
    """A million LP tokens staked, a token of few decimals, and a checkpoint of the gauge a minute.

    Each rounds less than a unit off the account that is poked, and nothing off the others.
    """
    gauge.stake(10**6 * ETHER - 1_000)
    gauge.at(12)
    gauge.fund(funding, DAY)
    pokes = 50
    for _ in range(pokes):
        gauge.at(60)
        gauge.transact("stake", 1, gauge.other, sender=gauge.other)
    flowed = funding * pokes * 60 // DAY
    assert flowed - 1 <= gauge.earned() <= flowed + 1
    gauge.wait(DAY)
    assert funding - 1 <= gauge.earned() <= funding


@pytest.mark.parametrize("amount", [1, ETHER // 10])
def test_funding__cannot_pour_a_long_stream_out_in_a_day(gauge, amount):
    """By whoever has staked 99 times the others' stake for that day: a year's rewards for a day."""
    gauge.stake()
    gauge.fund(ETHER, 365 * DAY)
    gauge.wait(DAY)
    gauge.stake(99 * ETHER, gauge.other)
    left = gauge.stream()[2]
    gauge.at(12)
    gauge.fund(amount, DAY)
    assert gauge.stream()[2] == left - 12
    gauge.at(DAY)
    gauge.unstake(99 * ETHER, gauge.other)
    assert gauge.earned(gauge.other) <= (ETHER + amount) // 360
    gauge.wait(365 * DAY)
    assert gauge.earned() >= (ETHER + amount) * 358 // 360


def test_new_distributor__cannot_take_back_what_was_funded(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    token = gauge.tokens[0].address
    gauge.transact("setDistributor", token, gauge.owner, sender=gauge.owner)
    gauge.wait(WEEK)
    assert ETHER - 1 <= gauge.earned() <= ETHER
