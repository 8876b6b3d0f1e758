"""What begins at a search's result ends soon, and on the safe side, however close to one."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from keel.models.options import peg_depth

WAD = 10**18
MORE = 2
"""Steps, of a part in 4,096 each: more would take the capacity further down than a hundredth."""


def states(monkeypatch, search, price, amp):
    """What a search gives, and how many states it looked at."""
    looked, state_of = [], peg_depth.state_of
    with monkeypatch.context() as patch:
        patch.setattr(peg_depth, "state_of", lambda *at: looked.append(at) or state_of(*at))
        return search(price, amp), len(looked)


@pytest.fixture(scope="module")
def patches():
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@example(off=1, amp=10**9)
@example(off=1, amp=1_000)
@example(off=10**9, amp=10**9)
@example(off=WAD // 2 - WAD // 100, amp=1_000)
@given(
    off=st.one_of(st.integers(1, WAD // 2 - WAD // 100), st.integers(1, 10**13)),
    amp=st.integers(1_000, 10**9),
)
def test_below__at_most_two_steps(patches, off, amp):
    price = WAD - off
    found, looked = states(patches, peg_depth._below, price, amp)
    assert peg_depth.state_of(found, amp)[2] < price
    assert looked <= MORE


@example(off=WAD // 2, amp=10**9)
@example(off=WAD // 2, amp=1_000)
@given(off=st.integers(WAD // 100, WAD // 2), amp=st.integers(1_000, 10**9))
def test_not_below__at_most_two_steps(patches, off, amp):
    price = WAD - off
    found, looked = states(patches, peg_depth._not_below, price, amp)
    assert peg_depth.state_of(found, amp)[2] >= price
    assert looked <= MORE
