"""Whoever settles and rolls late, after a jump, ends the round as it would have ended in time."""

import pytest

from tests.fixtures.option_vault import DAY, WAD, WINDOW


@pytest.fixture(params=["calls", "puts", "covers"])
def desk(request):
    return request.getfixturevalue(request.param)


def expire(desk):
    """A little in the money for each style, known to the oracle, and settled by nobody."""
    desk.open_round(10_000 * desk.unit)
    desk.claim_deposit()
    desk.buy()
    desk.request_redeem(1_000 * desk.unit)
    due = desk.due
    desk.to(due - WINDOW - 60)
    desk.set_ratio(95 * WAD // 100)
    desk.own(desk.oracle, "observe", desk.feed)
    desk.to(due)
    desk.push_round((3_000 if desk.style == "call" else 1_400) * WAD, due)
    return due


def finish(desk, due):
    hints = desk.oracle.call("hintsFor", desk.feed, due)
    desk.own(desk.oracle, "settle", desk.feed, due, hints)
    desk.refresh()
    end = desk.roll()
    names = ("pricePerShare", "gross", "managementFee", "performanceFee", "redeemed")
    return {name: end[name] for name in names} | {
        "settled": desk.oracle.call("settlementPrice", desk.feed, due),
        "paid": desk.call("maxWithdraw", desk.depositor),
    }


@pytest.mark.parametrize("days", [1, 3, 20])
def test_late_roll__after_a_jump__gives_the_same_price(desk, days):
    due = expire(desk)
    state = desk.chain.snapshot()
    desk.to(due + 1_800)
    prompt = finish(desk, due)
    assert prompt["pricePerShare"] < WAD, "the options were in the money"
    desk.chain.revert(state)
    desk.round = desk.aggregator.call("latest")
    for _ in range(days):
        desk.wait(DAY)
        desk.push_round(desk.price * 2 if days < 10 else desk.price * 11 // 10)
        desk.set_ratio(WAD // 2)
        desk.own(desk.oracle, "observe", desk.feed)
    assert finish(desk, due) == prompt
