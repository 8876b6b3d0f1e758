import pytest

from keel.models.stableswap.curve import WAD
from keel.sim.curve_price import balances_at_price
from keel.sim.studies.house import (
    block,
    bought_until,
    house_pool,
    price_at_share,
    share_at_price,
    sold_until,
)
from tests.fixtures import stableswap_models


def test_house_pool__is_the_pool_that_tests_hold_contracts_to():
    depth = 1_000 * WAD
    ours, theirs = (
        house_pool(depth, a=200),
        stableswap_models.house_pool(a=200, balances=(depth, depth)),
    )
    assert ours.terms == theirs.terms
    assert ours.ramp == theirs.ramp
    assert (ours.fee, ours.offpeg_fee_multiplier) == (theirs.fee, theirs.offpeg_fee_multiplier)
    assert (ours.balances, ours.total_supply) == (theirs.balances, theirs.total_supply)


@pytest.mark.parametrize("a", [10, 50, 200])
@pytest.mark.parametrize("price", [0.8, 0.94, 0.995, 1.0, 1.01])
def test_share_at_price__agrees_with_the_float_curve(a, price):
    x, y = balances_at_price(a, 1_000, price)
    share = share_at_price(price, a)
    assert share == pytest.approx(y / (x + y), abs=1e-6)
    assert price_at_share(share, a) == pytest.approx(price, abs=1e-6)


@pytest.mark.parametrize("price", [0.999, 0.94, 0.8])
def test_sold_until__stops_at_the_price(price):
    pool, sold = sold_until(house_pool(1_000 * WAD, a=50), block(1), price)
    assert pool.get_p(block(1)) / WAD == pytest.approx(price, abs=1e-9)
    assert pool.balances[1] == 1_000 * WAD + sold


def test_bought_until__goes_back():
    at = block(1)
    pool, _ = sold_until(house_pool(1_000 * WAD, a=50), at, 0.94)
    back, paid = bought_until(pool, at, 0.97)
    assert back.get_p(at) / WAD == pytest.approx(0.97, abs=1e-9)
    assert back.balances[0] == pool.balances[0] + paid


def test_sold_until__price_there_already__sells_dust():
    at = block(1)
    pool, _ = sold_until(house_pool(1_000 * WAD, a=50), at, 0.94)
    assert sold_until(pool, at, 0.95)[1] < 10_000
