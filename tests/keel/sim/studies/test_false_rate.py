from itertools import pairwise

import pytest

from keel.sim.studies import false_rate


@pytest.mark.parametrize("step", [0.05, -0.05])
def test_cost__of_five_percent_in_one_block__is_a_hundredth_of_the_unbounded(step):
    cost = false_rate.cost(step)
    assert cost.unbounded > 28
    assert 0 < cost.bounded < cost.unbounded / 100
    assert cost.busy <= cost.bounded / 10


def test_cost__within_the_bound__is_not_higher_than_without():
    for cost in false_rate.by_step():
        assert cost.busy <= cost.bounded <= cost.unbounded


def test_by_step__beyond_the_bound__costs_the_same_whatever_the_lie():
    up = [cost.bounded for cost in false_rate.by_step() if cost.step >= 0.005]
    assert max(up) == pytest.approx(min(up))


def test_by_duration__grows_until_the_lie_is_believed():
    costs = false_rate.by_duration()
    assert all(after.bounded >= before.bounded for before, after in pairwise(costs))
    believed = [cost for cost in costs if cost.blocks * 4 >= 500]
    assert len({cost.bounded for cost in believed}) == 1
    assert len({cost.unbounded for cost in costs}) == 1
    assert believed[0].bounded < believed[0].unbounded


@pytest.mark.parametrize("step", [0.0, -1.0, -2.0])
def test_cost__no_lie__reverts(step):
    with pytest.raises(false_rate.RateNotFalse):
        false_rate.cost(step)
