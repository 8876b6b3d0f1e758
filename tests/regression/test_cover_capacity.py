"""Who takes a peg feed's capacity around a roll, or for next to nothing, and the cover writer."""

import pytest

from tests.fixtures.option_vault import DAY, FIRST_FRIDAY, PRICERS, WAD
from tests.fixtures.staking import reverts

GRID = PRICERS["cover"]["grid"]
BALANCED = (5_000 * WAD, 5_000 * WAD, WAD, 200_000, 10_000 * WAD, WAD)
TILTED = (295 * WAD, 9_705 * WAD, WAD, 200_000, 10_000 * WAD, WAD)


@pytest.fixture
def shallow(covers):
    """More is deposited than the pool's depth has room for, and the first roll is a minute away."""
    covers.own(covers.peg, "setState", BALANCED)
    covers.request_deposit(1_000 * WAD)
    covers.to(FIRST_FRIDAY - 120)
    covers.refresh()
    covers.to(FIRST_FRIDAY - 60)
    return covers


def list_series(desk, cap, strike=97 * GRID):
    series = (desk.feed, desk.token.address, FIRST_FRIDAY + 7 * DAY, 2, strike, cap)
    desk.clearing.transact("listSeries", series, sender=desk.other)
    return desk.clearing.call("idOf", series)


def take_all_but(left, desk):
    """The cheapest series there can be, and all pairs but `left` of it; returns it and them."""
    series = list_series(desk, GRID)
    taken = desk.clearing.call("room", series) - left
    desk.clearing.transact("mint", series, taken, desk.other, desk.other, sender=desk.other)
    return series, taken


def test_capacity__costs_a_hundredth_of_it_at_least(shallow):
    with reverts("CapTooSmall", GRID - 1, WAD // 100):
        list_series(shallow, GRID - 1)
    before = shallow.held(shallow.other)
    _, taken = take_all_but(0, shallow)
    assert before - shallow.held(shallow.other) >= taken // 100


def test_dust_lot__grows_once_the_room_is_back(shallow):
    series, taken = take_all_but(1, shallow)
    shallow.to(FIRST_FRIDAY)
    shallow.roll(shallow.other)
    assert shallow.position["shorts"] == 1
    shallow.clearing.transact("burn", series, taken, shallow.other, sender=shallow.other)
    room = shallow.clearing.call("room", shallow.position["seriesId"])
    shallow.transact("extendLot", sender=shallow.outsider)
    position = shallow.position
    assert position["shorts"] == position["unsoldLongs"] == 1 + room
    assert shallow.covered() == 0


def test_tilted_pool__lets_the_lot_grow_once_it_is_level(shallow):
    shallow.own(shallow.peg, "setState", TILTED)
    shallow.to(FIRST_FRIDAY)
    shallow.roll(shallow.other)
    assert shallow.position["shorts"] < 3 * WAD
    shallow.own(shallow.peg, "setState", BALANCED)
    shallow.transact("extendLot", sender=shallow.outsider)
    assert shallow.position["shorts"] > 100 * WAD
