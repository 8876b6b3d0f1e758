"""Members that lie, as far as the bounds let them."""

from dataclasses import astuple

import pytest

from keel.models.options.volatility import Values
from tests.fixtures.option_vault import DAY, VOLATILITY, WAD, WEEK

HONEST = Values(8 * WAD // 10)
LEAST = Values(VOLATILITY["minVolatility"])
MOST = Values(VOLATILITY["maxVolatility"])


def submit(desk, values, member):
    desk.volatility.transact("submit", astuple(values), sender=member)


def a_day(desk, lie, liars, honest):
    desk.wait(DAY - 120)
    desk.push_round()
    for member in liars:
        submit(desk, lie, member)
    for member in honest:
        submit(desk, HONEST, member)
    return Values(*desk.volatility.call("values")).volatility


@pytest.fixture
def quiet(calls):
    """The feed stands still; half of what is realised counts, so that members decide."""
    calls.volatility = calls.new_volatility(realisedFactor=WAD // 2)
    calls.push_round()
    for member in calls.members:
        submit(calls, HONEST, member)
    calls.pricer = calls.new_pricer()
    return calls


@pytest.mark.parametrize("lie", [LEAST, MOST])
def test_one_liar_of_three__does_not_move_the_value(quiet, lie):
    first, *others = quiet.members
    for _ in range(10):
        assert a_day(quiet, lie, [first], others) == HONEST.volatility


def test_one_liar_beside_one_honest__can_only_make_it_dearer(quiet):
    """A third member is silent: two count, and the higher is taken."""
    first, second, _ = quiet.members
    for _ in range(5):
        assert a_day(quiet, LEAST, [first], [second]) == HONEST.volatility
    assert a_day(quiet, MOST, [first], [second]) > HONEST.volatility


def test_majority_of_liars__move_the_reserve_by_the_stated_bound_a_day(quiet):
    """Each day by less than the bound that was told the day before."""
    *liars, honest = quiet.members
    strike = 2_100 * WAD
    reserve, bound = quiet.pricer.call("reserveBound", strike, quiet.now + WEEK)
    last = HONEST.volatility
    for _ in range(4):
        moved = a_day(quiet, LEAST, liars, [honest])
        assert last * 10 // 12 - 1 <= moved < last
        now, next_bound = quiet.pricer.call("reserveBound", strike, quiet.now + WEEK)
        assert reserve - bound <= now <= reserve
        last, reserve, bound = moved, now, next_bound


def test_majority_of_liars__cannot_go_below_what_is_realised(calls):
    """Ten per cent a day are seen; all members say five a year."""
    calls.push_round()
    for day in range(15):
        calls.wait(DAY - 120)
        calls.push_round(2_000 * WAD * (10 + day % 2) // 10)
        for member in calls.members:
            submit(calls, LEAST, member)
    told = Values(*calls.volatility.call("values")).volatility
    assert told > 15 * WAD // 10


def test_liars_replaced__the_value_comes_back(quiet):
    *liars, honest = quiet.members
    low = a_day(quiet, LEAST, liars, [honest])
    for liar, new in zip(liars, (quiet.other, quiet.buyer), strict=True):
        quiet.own(quiet.volatility, "replaceMember", liar, new)
    assert a_day(quiet, HONEST, [], [honest, quiet.other, quiet.buyer]) > low
