from itertools import pairwise

import pytest

from keel.sim import market
from keel.sim.studies import depth


@pytest.fixture(scope="module")
def days():
    return market.load()[30:60]


@pytest.fixture(scope="module")
def summers(days):
    return depth.study(days)


def test_study__without_a_vault__is_history(days, summers):
    assert summers[0].capital == 0
    for today, discount in zip(days, summers[0].discounts, strict=True):
        assert discount == pytest.approx(1 - today.ratio, abs=1e-6)
    assert summers[0].bought == summers[0].gain == 0


def test_study__a_larger_vault__leaves_a_smaller_discount(summers):
    for smaller, larger in pairwise(summers):
        assert max(larger.discounts) < max(smaller.discounts)
        assert sum(larger.discounts) < sum(smaller.discounts)
        assert larger.bought >= smaller.bought * 0.99


def test_study__a_vault_gains_and_the_more_the_scarcer_it_is(summers):
    gains = [summer.gain for summer in summers[1:]]
    assert gains == sorted(gains, reverse=True)
    assert gains[-1] > 0


def test_alone__is_a_row_of_the_study(days, summers):
    assert depth.alone(days, depth.CAPITALS[2]) == summers[2]
