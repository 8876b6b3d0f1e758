"""SWAP-6: get_d answers on the whole domain, and its error is bounded by exact arithmetic."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.stableswap.curve import A_PRECISION, get_d
from keel.models.stableswap.errors import PoolError
from tests.fixtures.curve_ng import answered, refused

MAX_AMP = 10**6 * A_PRECISION


def is_above(d, xp, amp):
    """Whether `d` is above the exact root of 2A (x + y) + D = 2A D + D^3 / (4 x y)."""
    ann = Fraction(2 * amp, A_PRECISION)
    return (ann - 1) * d + Fraction(d**3, 4 * xp[0] * xp[1]) > ann * sum(xp)


def assert_within_bound(d, xp, amp):
    """Rounding down inside the loop can only raise D, by at most 1 + (x + y) / D."""
    assert is_above(d + 1, xp, amp)
    assert not is_above(d - 1 - sum(xp) // d, xp, amp)


def log_integers(low, high):
    """Integers between two powers of ten, evenly on a log scale."""
    return st.floats(low, high).map(lambda exponent: max(1, int(10**exponent)))


@given(
    big=log_integers(3, 29),
    skew=log_integers(0, 8),
    amp=st.integers(A_PRECISION, MAX_AMP),
    side=st.booleans(),
)
def test_get_d__within_bound_of_the_exact_root(big, skew, amp, side):
    xp = (big, max(1, big // skew))
    xp = xp if side else xp[::-1]
    assert_within_bound(get_d(xp, amp), xp, amp)


def test_get_d__answers_where_the_real_pool_reverts():
    for amp, x, y, _ in refused("get_D"):
        assert_within_bound(get_d((x, y), amp), (x, y), amp)


def test_get_d__recorded_values_keep_the_same_bound():
    for amp, x, y, d in answered("get_D"):
        assert_within_bound(d, (x, y), amp)


@pytest.mark.parametrize("xp", [(0, 1), (10**18, 0)])
def test_get_d__one_empty_reserve__raises(xp):
    with pytest.raises(PoolError, match="EmptyReserve"):
        get_d(xp, A_PRECISION)


def test_get_d__nothing():
    assert get_d((0, 0), A_PRECISION) == 0
