from itertools import pairwise

import pytest

from keel.sim.studies import providing


def test_study__the_provider_loses_to_the_holder_at_the_market_and_gains_at_redemption():
    for before, after in pairwise(providing.study()):
        assert after.share > before.share
        assert after.at_market < before.at_market < 0
        assert after.at_redemption > before.at_redemption > 0


def test_provided__a_higher_a_takes_more_of_it():
    rows = [providing.provided(a, 0.05) for a in providing.AMPLIFICATIONS]
    assert all(after.at_market < before.at_market for before, after in pairwise(rows))


@pytest.mark.parametrize("discount", providing.DISCOUNTS)
def test_provided__no_worse_than_all_sold_at_the_last_price(discount):
    """Whoever sold the staked ether to the pool got no less than the last price for any of it."""
    row = providing.provided(50, discount)
    assert -discount / (2 - discount) < row.at_market


def test_weeks__of_a_reward():
    row = providing.Provided(a=50, discount=0.1, share=0.8, at_market=-0.02, at_redemption=0.01)
    assert row.weeks(0.02) == pytest.approx(365 / 7)
    gaining = providing.Provided(a=50, discount=0.1, share=0.8, at_market=0.02, at_redemption=0.01)
    assert gaining.weeks(0.02) == 0
