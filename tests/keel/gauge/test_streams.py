"""Streams at the ends of their range: nothing overflows, stalls, or is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.gauge.streams import MAX_AMOUNT, MIN_STAKED, ONE, Checkpoint, Stream
from tests.machines.drawing import log_scale

AMOUNTS = log_scale(1, MAX_AMOUNT).strategy
STAKES = log_scale(MIN_STAKED, MAX_AMOUNT).strategy
DURATIONS = log_scale(1, 4 * 365 * 86_400).strategy


@given(received=AMOUNTS, staked=STAKES, duration=DURATIONS, data=st.data())
def test_advanced__gives_what_it_takes(received, staked, duration, data):
    stream = Stream().extended(0, received, duration)
    clock = data.draw(st.integers(0, duration))
    later = stream.advanced(clock, staked)
    assert stream.remaining - later.remaining == later.integral * staked
    exact = received * ONE * clock // duration
    assert exact - staked < later.integral * staked <= exact


@given(received=AMOUNTS, staked=STAKES, duration=DURATIONS)
def test_advanced__to_the_end_leaves_less_than_a_unit(received, staked, duration):
    stream = Stream().extended(0, received, duration).advanced(duration, staked)
    assert stream.remaining < staked < ONE
    assert Checkpoint().owed_down(stream.integral, staked) in (received, received - 1)


@given(received=AMOUNTS, staked=STAKES, duration=DURATIONS, data=st.data())
def test_advanced__in_two_steps_or_one(received, staked, duration, data):
    stream = Stream().extended(0, received, duration)
    first = data.draw(st.integers(0, duration))
    second = data.draw(st.integers(first, duration))
    once = stream.advanced(second, staked)
    twice = stream.advanced(first, staked).advanced(second, staked)
    assert abs(once.integral - twice.integral) <= 2


def test_integral__of_the_most_rewards_to_the_least_stake_fits_its_slot():
    stream = Stream().extended(0, MAX_AMOUNT, 86_400).advanced(86_400, MIN_STAKED)
    assert stream.integral < 2**160
    assert Checkpoint().owed_down(stream.integral, MIN_STAKED) == MAX_AMOUNT
    assert MAX_AMOUNT * stream.integral < 2**256


@given(first=AMOUNTS, second=AMOUNTS, durations=st.tuples(DURATIONS, DURATIONS), data=st.data())
def test_longest__is_the_last_duration_that_keeps_the_rate(first, second, durations, data):
    stream = Stream().extended(0, first, durations[0])
    clock = data.draw(st.integers(0, durations[0] - 1))
    stream = stream.advanced(clock, MIN_STAKED)
    longest = stream.longest(clock, second)
    if longest is None:
        return
    assert stream.extended(clock, second, longest).rate >= stream.rate
    assert stream.extended(clock, second, longest + 1).rate < stream.rate


@pytest.mark.parametrize("clock", [100, 101, 10**6])
def test_longest__over_is_no_bound(clock):
    stream = Stream().extended(0, 1_000, 100).advanced(clock, MIN_STAKED)
    assert stream.longest(clock, 1) is None
