import pytest

from tests.fixtures.gauge import DAY, ETHER, WEEK
from tests.fixtures.staking import reverts

MOST = 2**96 - 1
LONGEST = 4 * 365 * DAY


def test_fund__streams_evenly_for_the_duration(gauge):
    gauge.stake()
    gauge.at(10)
    receipt = gauge.fund(ETHER, WEEK)
    (event,) = gauge.gauge.events(receipt, "Funded")
    assert (event.values["received"], event.values["duration"]) == (ETHER, WEEK)
    assert gauge.stream()[1:] == (ETHER, WEEK, ETHER)
    for part in (1, 2, 3, 4):
        gauge.wait(WEEK // 4)
        expected = ETHER * part // 4
        assert expected - 1 <= gauge.earned() <= expected
    gauge.wait(WEEK)
    assert ETHER - 1 <= gauge.earned() <= ETHER
    assert gauge.stream()[2] == 0


def test_fund__is_the_distributors(gauge):
    for sender in (gauge.owner, gauge.staker):
        with reverts("NotDistributor", sender, gauge.distributor):
            gauge.call("fund", gauge.tokens[0].address, ETHER, WEEK, sender=sender)


def test_fund__token_not_on_the_list__reverts(gauge):
    with reverts("UnknownReward", gauge.lp.address):
        gauge.call("fund", gauge.lp.address, ETHER, WEEK, sender=gauge.distributor)


def test_fund__nothing__reverts(gauge):
    with reverts("ZeroAmount"):
        gauge.call("fund", gauge.tokens[0].address, 0, WEEK, sender=gauge.distributor)


@pytest.mark.parametrize("duration", [0, DAY - 1, LONGEST + 1])
def test_fund__duration_out_of_bounds__reverts(gauge, duration):
    with reverts("DurationOutOfBounds", duration, DAY, LONGEST):
        gauge.call("fund", gauge.tokens[0].address, ETHER, duration, sender=gauge.distributor)


@pytest.mark.parametrize("duration", [DAY, DAY + 1, LONGEST - 1, LONGEST])
def test_fund__duration_at_its_bounds(gauge, duration):
    gauge.fund(ETHER, duration)
    assert gauge.stream()[2] == duration


def test_fund__counts_what_arrives_of_a_token_with_a_fee(gauge):
    gauge.set_mode("take fee")
    receipt = gauge.fund(ETHER)
    (event,) = gauge.gauge.events(receipt, "Funded")
    assert event.values["received"] == gauge.stream()[1] == ETHER * 9 // 10


def test_fund__token_that_says_it_moved_and_did_not__reverts(gauge):
    gauge.set_mode("lie")
    with reverts("NothingReceived", gauge.tokens[0].address):
        gauge.call("fund", gauge.tokens[0].address, ETHER, WEEK, sender=gauge.distributor)


@pytest.mark.parametrize("mode", ["revert", "return false"])
def test_fund__failing_transfer__reverts(gauge, mode):
    gauge.set_mode(mode)
    with reverts("TransferFromFailed"):
        gauge.call("fund", gauge.tokens[0].address, ETHER, WEEK, sender=gauge.distributor)


def test_fund__token_that_returns_nothing(gauge):
    gauge.set_mode("silent")
    gauge.fund(ETHER)
    assert gauge.stream()[1] == ETHER


def test_fund__to_the_bound_and_beyond(gauge):
    token = gauge.tokens[0]
    token.transact("mint", gauge.distributor, 2 * MOST, sender=gauge.distributor)
    gauge.fund(ETHER)
    room = MOST - ETHER
    with reverts("AmountTooLarge", room + 1, room):
        gauge.call("fund", token.address, room + 1, WEEK, sender=gauge.distributor)
    gauge.fund(room)
    gauge.stake(2**32)
    gauge.wait(WEEK)
    assert gauge.earned() == MOST, "the largest integral there is"
    gauge.claim()
    assert token.call("balanceOf", gauge.gauge.address) == 0


def test_fund__again_at_a_higher_rate(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.wait(WEEK // 2)
    gauge.fund(ETHER)
    _, remaining, duration, funded = gauge.stream()
    assert ETHER * 3 // 2 - ETHER // 1_000 < remaining < ETHER * 3 // 2 + 2
    assert (duration, funded) == (WEEK, 2 * ETHER)


def test_fund__longest_duration_that_keeps_the_rate(gauge):
    """While nobody is staked the clock stands: the bound is exact."""
    gauge.fund(ETHER)
    token = gauge.tokens[0].address
    with reverts("RateWouldFall", 2 * WEEK + 1, 2 * WEEK):
        gauge.call("fund", token, ETHER, 2 * WEEK + 1, sender=gauge.distributor)
    gauge.fund(ETHER, 2 * WEEK)
    assert gauge.stream()[1:3] == (2 * ETHER, 2 * WEEK)


@pytest.mark.parametrize("duration", [DAY, WEEK - 1, WEEK])
def test_fund__no_sooner_than_promised(gauge, duration):
    gauge.fund(ETHER)
    receipt = gauge.fund(ETHER, duration)
    (event,) = gauge.gauge.events(receipt, "Funded")
    assert event.values["duration"] == WEEK
    assert gauge.stream()[1:3] == (2 * ETHER, WEEK)


def test_fund__in_the_last_hours_for_a_day_at_least(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.at(WEEK - DAY // 2)
    gauge.fund(ETHER, DAY)
    assert gauge.stream()[2] == DAY


def test_fund__after_the_end_at_any_rate(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.wait(WEEK)
    gauge.fund(1, LONGEST)
    assert gauge.stream()[2] == LONGEST


def test_fund__lp_token_as_a_reward_is_kept_apart_from_stakes(gauge):
    gauge.add_reward(gauge.lp)
    gauge.tokens.append(gauge.lp)
    gauge.stake()
    gauge.fund(ETHER, token=2)
    gauge.wait(2 * WEEK)
    assert gauge.earned(token=2) == ETHER
    gauge.unstake()
    gauge.claim(token=2)
    assert gauge.lp.call("balanceOf", gauge.gauge.address) == 0
