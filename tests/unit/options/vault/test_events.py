"""What a vault and its volatility oracle tell the world, value by value."""

import pytest

from keel.models.options.volatility import Values
from tests.fixtures.option_vault import FIRST_FRIDAY, RISKS, TERMS, WAD, WEEK


def told(desk, receipt, name, contract=None):
    """The only event of that name, its addresses in lower case."""
    (event,) = (contract or desk.vault).events(receipt, name)
    return {
        key: value.lower() if isinstance(value, str) else value
        for key, value in event.values.items()
    }


def test_roll__tells_of_the_series_and_its_auction(puts):
    puts.request_deposit(30_000 * puts.unit)
    puts.to(FIRST_FRIDAY - 120)
    puts.refresh()
    puts.at(FIRST_FRIDAY)
    receipt = puts.transact("roll", sender=puts.outsider)
    book, strike = puts.position, puts.clearing.call("stateOf", puts.position["seriesId"])[0][4]
    assert told(puts, receipt, "RoundStarted") == {
        "round": 2, "seriesId": book["seriesId"], "strikeWad": strike,
        "expiry": FIRST_FRIDAY + WEEK, "amount": book["shorts"],
    }  # fmt: skip
    assert told(puts, receipt, "AuctionStarted") == {
        "id": book["seriesId"], "amount": book["unsoldLongs"],
        "endsAt": FIRST_FRIDAY + TERMS["auctionDuration"],
    }  # fmt: skip


def test_cancel_deposit__tells_whose_and_where_to(puts):
    puts.request_deposit(10 * puts.unit)
    arguments = (4 * puts.unit, puts.other, puts.depositor)
    receipt = puts.transact("cancelDepositRequest", *arguments, sender=puts.depositor)
    assert told(puts, receipt, "DepositCancelled") == {
        "controller": puts.depositor.lower(), "receiver": puts.other.lower(),
        "requestId": 1, "assets": 4 * puts.unit,
    }  # fmt: skip


def test_cancel_redeem__tells_whose_and_where_to(puts):
    puts.open_round(10_000 * puts.unit)
    puts.claim_deposit()
    puts.request_redeem(9 * puts.unit)
    arguments = (2 * puts.unit, puts.other, puts.depositor)
    receipt = puts.transact("cancelRedeemRequest", *arguments, sender=puts.depositor)
    assert told(puts, receipt, "RedeemCancelled") == {
        "controller": puts.depositor.lower(), "receiver": puts.other.lower(),
        "requestId": 2, "shares": 2 * puts.unit,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("setter", "name", "field"),
    [("setDepositCap", "DepositCapSet", "cap"), ("setFeeReceiver", "FeeReceiverSet", "receiver")],
)
def test_owner__is_told_of(calls, setter, name, field):
    value = 7 * WAD if field == "cap" else calls.outsider.lower()
    assert told(calls, calls.own(calls.vault, setter, value), name) == {field: value}


def test_extend_lot__tells_of_what_is_added(covers):
    """The pool had depth for some, and has for more."""
    shallow = (3_000 * WAD, 3_000 * WAD, WAD, 200_000, 6_000 * WAD, WAD)
    deep = 10**27
    covers.own(covers.peg, "setState", shallow)
    covers.open_round(10_000 * WAD)
    first, missing = covers.position["shorts"], covers.call("unwritten")
    assert first * missing
    covers.own(covers.peg, "setState", (deep, deep, WAD, 200_000, 2 * deep, WAD))
    receipt = covers.transact("extendLot", sender=covers.outsider)
    event = told(covers, receipt, "LotExtended")
    assert event == {"id": covers.position["seriesId"], "amount": event["amount"]}
    assert covers.position["shorts"] == covers.position["unsoldLongs"] == first + event["amount"]


def test_volatility__tells_its_values(calls):
    calls.push_round()
    lower = (WAD * 7 // 10, 0, 0, WAD * 4 // 100)
    calls.volatility.transact("submit", lower, sender=calls.members[0])
    receipt = calls.volatility.transact("submit", lower, sender=calls.members[1])
    event = told(calls, receipt, "Updated", calls.volatility)
    assert Values(*event["values"]) == Values(*calls.volatility.call("values"))
    assert event["realised"] == calls.volatility.call("realisedVolatility")
    assert abs(event["realised"] - RISKS["call"][0]) <= 1, "nothing has been recorded yet"
    assert told(calls, receipt, "Submitted", calls.volatility) == {
        "member": calls.members[1].lower(), "values": lower,
    }  # fmt: skip
