from tests.fixtures.option_vault import DAY, WAD
from tests.fixtures.staking import reverts


def start(desk):
    return desk.transact("startRound", sender=desk.outsider)


def skipped(desk):
    """A round that could not be opened for stale volatility."""
    desk.open_round(30 * desk.unit)
    desk.to(desk.due)
    desk.roll()
    assert desk.position["seriesId"] == 0
    return desk


def test_start_round__once_volatility_is_fresh(calls):
    skipped(calls)
    calls.push_round()
    with reverts("VolatilityStale"):
        start(calls)
    calls.wait(DAY)
    calls.refresh()
    event = calls.event(start(calls), "RoundStarted")
    book = calls.position
    assert (event["round"], event["seriesId"]) == (3, book["seriesId"])
    assert (event["expiry"], event["amount"]) == (book["due"], book["unsoldLongs"])
    assert event["strikeWad"] % (50 * WAD) == 0
    assert book["writtenAt"] == calls.now


def test_start_round__management_fee_is_for_the_time_it_ran(calls):
    skipped(calls)
    calls.to(calls.due - 3 * DAY)
    calls.refresh()
    start(calls)
    life = calls.due - calls.position["writtenAt"]
    assert life < 3 * DAY
    end = calls.next_round()
    assert end["managementFee"] == end["gross"] * 200 * life // (10_000 * 365 * DAY)


def test_start_round__twice__reverts(calls):
    calls.open_round(30 * WAD)
    with reverts("RoundAlreadyStarted", calls.position["seriesId"]):
        start(calls)


def test_start_round__in_the_last_two_days__reverts(calls):
    skipped(calls)
    due = calls.due
    calls.to(due - 2 * DAY - 60)
    calls.refresh()
    calls.at(due - 2 * DAY + 1)
    with reverts("TooLateToStart", due, due - 2 * DAY + 1):
        start(calls)
    calls.at(due - 2 * DAY)
    start(calls)


def test_start_round__with_nothing_in_it__reverts(calls):
    calls.to(calls.due + 1)
    calls.refresh()
    calls.roll()
    with reverts("NothingToWrite"):
        start(calls)


def test_start_round_by_self__is_the_vaults_own(calls):
    with reverts("OnlySelf"):
        calls.transact("startRoundBySelf", sender=calls.owner)
