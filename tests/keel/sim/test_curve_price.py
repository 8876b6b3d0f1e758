import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.stableswap.curve import A_PRECISION, WAD
from keel.models.stableswap.curve import spot_price as exact_spot
from keel.sim.curve_price import balances_at_price, spot_price


@given(st.floats(10, 1_000), st.floats(1, 1e6), st.floats(0.6, 1.2))
def test_balances_at_price__has_that_price(amplification, d, price):
    x, y = balances_at_price(amplification, d, price)
    assert spot_price(amplification, d, x, y) == pytest.approx(price, rel=1e-6)


def test_balances_at_price__par_is_balanced():
    x, y = balances_at_price(50, 1_000, 1.0)
    assert x == pytest.approx(500)
    assert y == pytest.approx(500)


def test_balances_at_price__agrees_with_the_integer_curve():
    x, y = balances_at_price(50, 1_000, 0.94)
    scaled = tuple(int(part * WAD) for part in (x, y))
    assert exact_spot(scaled, 1_000 * WAD, 50 * A_PRECISION) == pytest.approx(0.94 * WAD, rel=1e-6)
