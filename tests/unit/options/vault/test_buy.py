import pytest

from tests.fixtures.option_vault import TERMS, UNLIMITED, WAD
from tests.fixtures.staking import reverts

DURATION = TERMS["auctionDuration"]


@pytest.fixture(params=["calls", "puts", "covers"])
def desk(request):
    desk = request.getfixturevalue(request.param)
    desk.open_round(10_000 * desk.unit)
    return desk


def reserve(desk):
    strike = desk.clearing.call("stateOf", desk.position["seriesId"])[0][4]
    return desk.pricer.call("reserve", strike, desk.due)


def test_buy__takes_the_premium_and_gives_the_claims(desk):
    amount, idle = desk.position["unsoldLongs"] // 4, desk.position["idle"]
    before = desk.held(desk.buyer)
    event = desk.event(desk.buy(amount), "Bought")
    book = desk.position
    assert event["amount"] == amount == desk.claims_of(desk.buyer, book["seriesId"])
    assert event["premium"] == before - desk.held(desk.buyer) == book["idle"] - idle
    assert event["premium"] == -(-amount * event["priceWad"] * desk.unit // WAD**2)
    assert book["unsoldLongs"] == 3 * amount + book["shorts"] - 4 * amount
    assert desk.covered() == 0


def test_buy__price_falls_in_a_straight_line_to_the_reserve(desk):
    started = desk.position["writtenAt"]
    for part in (0, 1, 2, 4):
        desk.to(max(desk.now, started + DURATION * part // 4 - (part == 4)))
        left = started + DURATION - desk.now
        over = -(-WAD * left // DURATION)
        assert desk.call("askPrice") == -(-reserve(desk) * (WAD + over) // WAD)
    assert 0 <= desk.call("askPrice") - reserve(desk) <= reserve(desk) // 10**4 + 1


def test_buy__fewer_where_fewer_are_left(desk):
    left = desk.position["unsoldLongs"]
    desk.buy(left - 5)
    with reverts("TooFewLeft", 5, 6):
        desk.buy(10, least=6)
    desk.buy(10, least=5)
    assert desk.position["unsoldLongs"] == 0
    with reverts("TooFewLeft", 0, 0):
        desk.buy(1)


def test_buy__nothing__reverts(desk):
    with reverts("TooFewLeft"):
        desk.buy(0)


def test_buy__above_the_limit__reverts(desk):
    price = desk.call("askPrice")
    desk.at(desk.now)
    with reverts("PriceTooHigh", price, price - 1):
        desk.buy(10**12, limit=price - 1)
    desk.at(desk.now)
    desk.buy(10**12, limit=price)


def test_buy__after_the_buyers_deadline__reverts(desk):
    desk.at(desk.now + 12)
    with reverts("PurchaseTooLate", desk.now, desk.now + 12):
        desk.buy(1, deadline=desk.now)
    desk.at(desk.now + 12)
    desk.buy(1, deadline=desk.now + 12)


def test_buy__after_the_end__reverts(desk):
    ends_at = desk.call("lot")[3]
    desk.to(ends_at - 60)
    desk.refresh()
    desk.at(ends_at)
    with reverts("AuctionNotOpen", ends_at, ends_at):
        desk.buy(1)
    desk.at(ends_at - 1)
    desk.buy(1)


def test_buy__without_a_lot__reverts(calls):
    calls.at(calls.now + 12)
    with reverts("AuctionNotOpen", 0, calls.now + 12):
        calls.transact("buy", 1, 0, UNLIMITED, calls.buyer, UNLIMITED, sender=calls.buyer)
    with reverts("AuctionNotOpen", 0, calls.now):
        calls.call("askPrice")


def test_buy__smallest_amount_costs_a_unit(puts):
    puts.open_round(10_000 * puts.unit)
    assert puts.event(puts.buy(1), "Bought")["premium"] == 1


def test_premium_for__is_what_a_purchase_costs(desk):
    amount = desk.position["unsoldLongs"] // 7
    premium = desk.call("premiumFor", amount)
    desk.at(desk.now)
    assert desk.event(desk.buy(amount), "Bought")["premium"] == premium


def test_lot__is_told(desk):
    book = desk.position
    expected = (book["seriesId"], book["shorts"], book["writtenAt"], book["writtenAt"] + DURATION)
    assert desk.call("lot") == expected
    assert desk.call("auctionDuration") == DURATION
    assert desk.call("startMultiple") == TERMS["startMultiple"]
