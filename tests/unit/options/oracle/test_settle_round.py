"""Prices of aggregators: the expiry's round, proved by its neighbours."""

import pytest

from keel.models.options.settlement import DAY, MAX_SKIPPED, PATIENCE
from tests.fixtures.options import DOLLAR, PRICE, WAD
from tests.fixtures.staking import reverts

BEFORE, AT, AFTER = PRICE, 2_100 * DOLLAR, 2_200 * DOLLAR


@pytest.fixture
def spot(options):
    """The day's observation is made; a round an hour before the expiry."""
    options.due = options.expiry
    options.observe("spot", at=options.due - 7_200)
    options.before = options.push(BEFORE, time=options.due - 3_600)
    return options


def price(options, round_id, later=PATIENCE + 1):
    options.go_to(options.due + later)
    day = options.due // DAY
    return options.try_price("spot", options.due, [day << 80 | round_id, day << 80])


def test_settle__first_round_at_or_after(spot):
    for shift in (0, 1, 3_600, PATIENCE):
        snapshot = spot.rpc.snapshot()
        round_id = spot.push(AT, time=spot.due + shift)
        spot.push(AFTER, time=spot.due + shift + 1)
        assert price(spot, round_id) == AT * WAD // DOLLAR
        spot.rpc.revert(snapshot)
        spot.round_id = spot.before


def test_settle__a_round_before__reverts(spot):
    spot.push(AT, time=spot.due)
    with reverts("NotLastRound", spot.before):
        price(spot, spot.before)


def test_settle__a_round_after_the_first__reverts(spot):
    spot.push(AT, time=spot.due)
    later = spot.push(AFTER, time=spot.due + 60)
    with reverts("NotFirstRound", later):
        price(spot, later)


def test_settle__round_beyond_patience__reverts(spot):
    late = spot.push(AT, time=spot.due + PATIENCE + 1)
    with reverts("RoundTooLate", late, spot.due + PATIENCE + 1):
        price(spot, late)


def test_settle__no_round_in_time__the_last_before(spot):
    spot.push(AT, time=spot.due + PATIENCE + 1)
    with reverts("NotLastRound", spot.before - 1):
        price(spot, spot.before - 1)
    assert price(spot, spot.before) == BEFORE * WAD // DOLLAR


def test_settle__no_round_at_all__the_last_before(spot):
    assert price(spot, spot.before) == BEFORE * WAD // DOLLAR


def test_settle__the_last_before__only_after_patience(spot):
    deadline = spot.due + PATIENCE
    with reverts("TooEarly", deadline, deadline + 1):
        price(spot, spot.before, PATIENCE)
    assert price(spot, spot.before, PATIENCE + 1) == BEFORE * WAD // DOLLAR


@pytest.mark.parametrize(
    ("answer", "time"), [(0, 1), (-5, 1), (AT, 0), (2**127, 1), (-(2**255), 1)]
)
def test_settle__rounds_without_an_answer__are_looked_through(spot, answer, time):
    for _ in range(MAX_SKIPPED - 1):
        empty = spot.push(answer, time=spot.due if time else 0)
    round_id = spot.push(AT, time=spot.due + 5)
    with reverts("RoundWithoutAnswer", empty):
        price(spot, empty)
    assert price(spot, round_id) == AT * WAD // DOLLAR
    with reverts("NotLastRound", spot.before):
        price(spot, spot.before)


def test_settle__too_many_without_an_answer__the_last_before(spot):
    for _ in range(MAX_SKIPPED):
        spot.push(0, time=spot.due)
    round_id = spot.push(AT, time=spot.due + 5)
    with reverts("NotFirstRound", round_id):
        price(spot, round_id)
    assert price(spot, spot.before) == BEFORE * WAD // DOLLAR


@pytest.mark.parametrize("mode", [0, 1])
def test_settle__missing_rounds__by_zeros_or_reverts(spot, mode):
    spot.aggregator.transact("setMode", mode, sender=spot.other)
    spot.round_id += 3
    round_id = spot.push(AT, time=spot.due)
    for missing in (round_id - 1, round_id + 1):
        with reverts("RoundWithoutAnswer", missing):
            price(spot, missing)
    assert price(spot, round_id) == AT * WAD // DOLLAR


def test_settle__a_phase_that_came_later__is_not_asked(spot):
    """The old aggregator goes on; the proxy has changed to another before the settlement."""
    round_id = spot.push(AT, time=spot.due + 60)
    new = spot.push(AFTER, time=spot.due, round_id=1 << 64 | 1)
    with reverts("InvalidPhase", new, 0):
        price(spot, new)
    assert price(spot, round_id) == AT * WAD // DOLLAR


def test_settle__a_phase_that_was_observed__is_asked(spot):
    base = 1 << 64
    spot.push(BEFORE, time=spot.due - 900, round_id=base | 1)
    spot.observe("spot", at=spot.due - 800)
    spot.push(AFTER, time=spot.due + 1, latest=False)
    round_id = spot.push(AT, time=spot.due + 2, round_id=base | 2)
    with reverts("InvalidPhase", spot.round_id, 1):
        price(spot, spot.round_id)
    assert price(spot, round_id) == AT * WAD // DOLLAR


def test_settle__a_phase_begins_at_the_expiry(spot):
    """Its first round has no neighbour below."""
    first = spot.push(AT, time=spot.due, round_id=1 << 64 | 1)
    spot.observe("spot", at=spot.due)
    assert price(spot, first) == AT * WAD // DOLLAR


def test_settle__a_phase_that_ended_unseen__its_last_answer(spot):
    new = spot.push(AFTER, time=spot.due - 60, round_id=1 << 64 | 1)
    with reverts("InvalidPhase", new, 0):
        price(spot, new)
    assert price(spot, spot.before) == BEFORE * WAD // DOLLAR


def test_settle__a_dead_aggregator__once_it_answers_again(spot):
    round_id = spot.push(AT, time=spot.due)
    for mode in (2, 3):
        spot.aggregator.transact("setMode", mode, sender=spot.other)
        with reverts("RoundWithoutAnswer", round_id):
            price(spot, round_id)
    spot.aggregator.transact("setMode", 0, sender=spot.other)
    assert price(spot, round_id) == AT * WAD // DOLLAR
