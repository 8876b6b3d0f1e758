"""Members, records, bounded steps, staleness."""

from dataclasses import astuple
from random import Random

import pytest

from keel.models.options.volatility import Values, VolatilityOracle, VolatilityTerms
from tests.fixtures.option_vault import DAY, RISKS, VOLATILITY, WAD
from tests.fixtures.staking import ZERO, reverts

HOUR = 3_600
START = Values(*RISKS["call"])
"""A year's volatility of 80 %."""


def submit(desk, values, *members):
    for member in members or desk.members[:2]:
        desk.volatility.transact("submit", astuple(values), sender=member)


def values(desk):
    return Values(*desk.volatility.call("values"))


def volatility(percent, **others):
    return Values(percent * WAD // 100, **others)


@pytest.fixture
def fresh(calls):
    calls.push_round()
    submit(calls, START)
    return calls


def test_values__stale_until_a_quorum_and_a_price(calls):
    with reverts("VolatilityStale", 0, calls.now):
        values(calls)
    calls.push_round()
    submit(calls, START, calls.members[0])
    with reverts("VolatilityStale", 0, calls.now):
        values(calls)
    submit(calls, START, calls.members[1])
    assert values(calls) == START


def test_values__for_a_day_from_the_last_update_and_record(fresh):
    _, updated, observed = fresh.volatility.call("lastValues")
    assert observed < updated
    fresh.to(observed + DAY)
    values(fresh)
    fresh.to(observed + DAY + 1)
    with reverts("VolatilityStale", observed, observed + DAY + 1):
        values(fresh)


def test_submit__moves_up_by_no_more_than_a_days_bound(fresh):
    fresh.wait(DAY // 2)
    submit(fresh, volatility(200), fresh.members[0])
    fresh.wait(DAY // 2)
    submit(fresh, volatility(200), fresh.members[1])
    moved = values(fresh).volatility
    assert 95 * WAD // 100 < moved <= 96 * WAD // 100 + WAD // 10**4


def test_submit__many_small_steps_gain_nothing(fresh):
    start, began = values(fresh).volatility, fresh.now
    while fresh.now < began + DAY:
        fresh.wait(HOUR)
        submit(fresh, volatility(200))
    days = (fresh.now - began) * WAD // DAY
    most = start * 12 // 10
    assert values(fresh).volatility <= most * (1 + (days / WAD - 1) * 0.2)


def test_submit__moves_down_slower_than_up(fresh):
    fresh.own(fresh.wketh, "setRate", WAD)
    _, before, _ = fresh.volatility.call("lastValues")
    fresh.to(before + DAY - 24)
    fresh.push_round()
    fresh.at(before + DAY - 6)
    submit(fresh, volatility(10), fresh.members[0])
    moved = values(fresh).volatility
    assert moved >= -(-80 * WAD // 120)


def test_submit__upper_median_of_two_and_three(fresh):
    submit(fresh, volatility(60), fresh.members[0])
    submit(fresh, volatility(90), fresh.members[1])
    assert Values(*fresh.volatility.call("consensus")).volatility == 90 * WAD // 100
    submit(fresh, volatility(70), fresh.members[2])
    assert Values(*fresh.volatility.call("consensus")).volatility == 70 * WAD // 100


def test_submit__each_value_has_its_own_median_and_step(fresh):
    submit(fresh, volatility(80, intensity=5 * WAD, loss=WAD // 2, rate=WAD // 2), *fresh.members)
    asked = Values(*fresh.volatility.call("consensus"))
    assert asked == volatility(80, intensity=5 * WAD, loss=WAD // 2, rate=WAD // 2)
    before = values(fresh)
    fresh.wait(DAY // 4)
    fresh.volatility.transact("update", sender=fresh.outsider)
    moved = values(fresh)
    assert 0 < moved.intensity - before.intensity <= VOLATILITY["intensityStep"] // 4 * 101 // 100
    assert 0 < moved.loss - before.loss <= VOLATILITY["lossStep"] // 4 * 101 // 100
    assert 0 < moved.rate - before.rate <= VOLATILITY["rateStep"] // 4 * 101 // 100


@pytest.mark.parametrize("index", range(4))
def test_submit__beyond_its_bounds__reverts(fresh, index):
    least = (VOLATILITY["minVolatility"], 0, 0, 0)[index]
    most = (VOLATILITY["maxVolatility"], 10 * WAD, 99 * WAD // 100, WAD)[index]
    good = list(astuple(START))
    good[index] = most
    submit(fresh, Values(*good), fresh.members[0])
    for bad in (most + 1, least - 1):
        if bad < 0:
            continue
        good[index] = bad
        with reverts("OutOfBounds", bad, least, most):
            submit(fresh, Values(*good), fresh.members[0])


def test_submit__of_a_stranger__reverts(fresh):
    with reverts("NotMember", fresh.outsider):
        submit(fresh, START, fresh.outsider)


def test_submit__with_a_stale_feed_is_heard(fresh):
    fresh.wait(2 * DAY)
    submit(fresh, volatility(90))
    assert Values(*fresh.volatility.call("consensus")).volatility == 90 * WAD // 100
    with reverts("VolatilityStale"):
        values(fresh)


def test_submission_of__tells_what_and_when(fresh):
    told, at = fresh.volatility.call("submissionOf", fresh.members[1])
    assert (Values(*told), at) == (START, fresh.now)
    told, at = fresh.volatility.call("submissionOf", fresh.members[2])
    assert (Values(*told), at) == (Values(0), 0)


def test_update__without_a_quorum__reverts(fresh):
    fresh.wait(DAY + 60)
    submit(fresh, START, fresh.members[0])
    with reverts("NoQuorum", 1, 2):
        fresh.volatility.transact("update", sender=fresh.outsider)
    with reverts("NoQuorum", 1, 2):
        fresh.volatility.call("consensus")


def test_observe__at_most_every_twenty_hours(fresh):
    _, _, observed = fresh.volatility.call("lastValues")
    fresh.to(observed + 20 * HOUR - 60)
    fresh.push_round()
    fresh.at(observed + 20 * HOUR - 1)
    with reverts("ObservationTooEarly", observed + 20 * HOUR, observed + 20 * HOUR - 1):
        fresh.volatility.transact("observe", sender=fresh.outsider)
    fresh.at(observed + 20 * HOUR)
    fresh.volatility.transact("observe", sender=fresh.outsider)
    assert fresh.volatility.call("lastValues")[2] == observed + 20 * HOUR


def test_observe__with_a_stale_feed__reverts(fresh):
    fresh.wait(2 * DAY)
    with reverts("StaleRound"):
        fresh.volatility.transact("observe", sender=fresh.outsider)


def test_observe__realised_volatility_beats_a_quorum_that_says_less(fresh):
    """Ten per cent a day are 190 % a year."""
    for day in range(12):
        fresh.wait(DAY - 60)
        fresh.push_round(2_000 * WAD * (10 + day % 2) // 10)
        submit(fresh, volatility(50))
    realised = fresh.volatility.call("realisedVolatility")
    assert 140 * WAD // 100 < realised < 190 * WAD // 100
    assert values(fresh).volatility > 130 * WAD // 100
    assert Values(*fresh.volatility.call("consensus")).volatility == WAD // 2


def test_replace_member(fresh):
    new = fresh.outsider
    receipt = fresh.own(fresh.volatility, "replaceMember", fresh.members[0], new)
    (event,) = fresh.volatility.events(receipt, "MemberReplaced")
    assert event.values["member"].lower() == new.lower()
    assert new.lower() in [member.lower() for member in fresh.volatility.call("members")]
    with reverts("NoQuorum", 1, 2):
        fresh.volatility.call("consensus")
    with reverts("NotMember", fresh.members[0]):
        submit(fresh, START, fresh.members[0])
    submit(fresh, START, new)
    assert Values(*fresh.volatility.call("consensus")) == START


def test_replace_member__refusals(fresh):
    oracle, (first, second, _) = fresh.volatility, fresh.members
    with reverts("AlreadyMember", second):
        fresh.own(oracle, "replaceMember", first, second)
    with reverts("NotMember", fresh.outsider):
        fresh.own(oracle, "replaceMember", fresh.outsider, fresh.buyer)
    with reverts("ZeroAddress"):
        fresh.own(oracle, "replaceMember", first, ZERO)
    with reverts("OwnableUnauthorizedAccount", fresh.outsider):
        oracle.transact("replaceMember", first, fresh.buyer, sender=fresh.outsider)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("quorum", 2, 3),
        ("realisedFactor", WAD // 2, 3 * WAD),
        ("weight", WAD // 100, WAD // 2),
        ("maxMove", WAD // 100, WAD),
        ("intensityStep", 0, 10 * WAD),
        ("lossStep", 0, 99 * WAD // 100),
        ("rateStep", 0, WAD),
    ],
)
def test_terms__within_their_bounds(calls, name, least, most):
    for value in (least, most):
        assert value in calls.new_volatility(**{name: value}).call("terms")
    for value in (least - 1, most + 1):
        if value >= 0:
            with reverts("OutOfBounds", value, least, most):
                calls.new_volatility(**{name: value})


def test_constructor__members_and_initial_values(calls):
    with reverts("OutOfBounds", 0, 1, 15):
        calls.new_volatility(members=[])
    with reverts("AlreadyMember", calls.members[0]):
        calls.new_volatility(members=[calls.members[0]] * 3)
    with reverts("ZeroAddress"):
        calls.new_volatility(members=[*calls.members[:2], ZERO])
    least, most = VOLATILITY["minVolatility"], VOLATILITY["maxVolatility"]
    with reverts("OutOfBounds", most + 1, least, most):
        calls.new_volatility(initial=(most + 1, 0, 0, 0))


def twin_of(desk):
    names = ("quorum", "realisedFactor", "weight", "maxMove", "minVolatility", "maxVolatility",
             "intensityStep", "lossStep", "rateStep")  # fmt: skip
    terms = VolatilityTerms(*(VOLATILITY[name] for name in names))
    return VolatilityOracle(terms, desk.owner, list(desk.members), START)


def test_oracle__equals_its_model(calls):
    """Sixty days of submissions, gaps and jumps, to the wei."""
    random, twin = Random(7), twin_of(calls)
    for _ in range(120):
        calls.wait(random.randrange(60, 2 * DAY))
        calls.push_round(max(100, calls.price // WAD * random.randrange(70, 140) // 100) * WAD)
        member = random.choice(calls.members)
        asked = Values(
            random.randrange(VOLATILITY["minVolatility"], VOLATILITY["maxVolatility"]),
            random.randrange(10 * WAD),
            random.randrange(WAD * 99 // 100),
            random.randrange(WAD),
        )
        submit(calls, asked, member)
        twin.submit(calls.now, member, asked, calls.price)
        if random.random() < 0.5:
            calls.wait(random.randrange(1, DAY))
            calls.push_round()
            if calls.now + 12 >= twin.observed_at + 20 * HOUR:
                calls.volatility.transact("observe", sender=calls.outsider)
                twin.observe(calls.now, calls.price)
        latest, updated, observed = calls.volatility.call("lastValues")
        assert Values(*latest) == twin.values
        assert (updated, observed) == (twin.updated_at, twin.observed_at)
        assert calls.volatility.call("realisedVolatility") == twin.realised
