"""Rewards while nobody is staked: neither lost, nor paid to whoever comes first."""

import pytest

from tests.fixtures.gauge import DAY, ETHER, MIN_STAKED, WEEK


def test_first_staker_after_idle_time__earns_from_its_own_stake_on(gauge):
    """Curve's V6 gauge pays the idle window to the first staker."""
    gauge.fund(ETHER)
    gauge.wait(5 * DAY)
    gauge.stake()
    assert gauge.earned() == 0
    gauge.wait(DAY)
    assert ETHER // 7 - 1 <= gauge.earned() <= ETHER // 7


def test_idle_time__loses_nothing(gauge):
    """Curve's V4 and V5 gauges lose what is streamed to nobody."""
    gauge.fund(ETHER)
    gauge.wait(10 * WEEK)
    gauge.stake()
    gauge.wait(WEEK)
    assert ETHER - 1 <= gauge.earned() <= ETHER


@pytest.mark.parametrize("gaps", [1, 3, 6])
def test_idle_gaps__the_stream_runs_for_its_staked_time(gauge, gaps):
    gauge.fund(ETHER, WEEK)
    part = WEEK // (gaps + 1)
    for _ in range(gaps):
        gauge.stake()
        gauge.at(part)
        gauge.unstake()
        before = gauge.stream()
        gauge.wait(3 * WEEK)
        assert gauge.stream() == before
    gauge.stake()
    gauge.wait(WEEK - gaps * part)
    assert gauge.stream()[2] == 0
    assert ETHER - gaps - 1 <= gauge.earned() <= ETHER


def test_funding_while_idle__waits_for_the_first_stake(gauge):
    gauge.stake()
    gauge.unstake()
    gauge.wait(DAY)
    gauge.fund(ETHER)
    gauge.wait(DAY)
    assert gauge.stream()[1:3] == (ETHER, WEEK)


def test_dust_stake__is_nobody(gauge):
    """It can't keep the clock running to take a whole stream for a few wei."""
    gauge.stake(MIN_STAKED - 1)
    gauge.fund(ETHER)
    gauge.wait(WEEK)
    assert (gauge.earned(), gauge.stream()[2]) == (0, WEEK)
    gauge.at(1)
    gauge.stake(ETHER, gauge.other)
    gauge.wait(WEEK)
    share = ETHER * (MIN_STAKED - 1) // (ETHER + MIN_STAKED - 1)
    assert share - 1 <= gauge.earned() <= share


def test_last_one_out__leaves_the_rest_to_later_stakers(gauge):
    gauge.stake()
    gauge.at(10)
    gauge.fund(ETHER)
    gauge.at(WEEK // 4)
    gauge.unstake()
    gauge.wait(WEEK)
    gauge.stake(ETHER, gauge.other)
    gauge.wait(WEEK)
    assert ETHER // 4 - 1 <= gauge.earned() <= ETHER // 4
    assert ETHER * 3 // 4 - 1 <= gauge.earned(gauge.other) <= ETHER * 3 // 4
