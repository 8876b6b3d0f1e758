import pytest

from tests.fixtures.option_vault import DAY, FIRST_FRIDAY, WAD, WEEK
from tests.fixtures.staking import reverts

YEAR = 365 * DAY
STYLES = ("calls", "puts", "covers")


@pytest.fixture(params=STYLES)
def desk(request):
    return request.getfixturevalue(request.param)


def series_of(desk):
    return desk.clearing.call("stateOf", desk.position["seriesId"])


def test_roll__first_round_begins_at_one(desk):
    end = desk.open_round(30 * desk.unit, 20 * desk.unit)
    assert (end["round"], end["pricePerShare"], end["gross"]) == (1, WAD, 0)
    book = desk.position
    assert (book["round"], book["due"]) == (2, FIRST_FRIDAY + WEEK)
    assert desk.call("totalSupply") == desk.call("totalAssets") == 50 * desk.unit
    assert book["locked"] == 50 * desk.unit
    assert book["shorts"] == book["unsoldLongs"] > 0
    collateral = series_of(desk)[3]
    assert book["idle"] + collateral == 50 * desk.unit, "all is written against"
    assert collateral > 49 * desk.unit
    for bit, held in ((0, "unsoldLongs"), (1, "shorts")):
        claims = desk.claims_of(desk.vault.address, book["seriesId"] | bit)
        assert claims == book[held]


def test_roll__before_the_round_is_over__reverts(desk):
    desk.open_round(30 * desk.unit)
    due = desk.due
    desk.to(due - 12)
    desk.at(due - 1)
    with reverts("RoundNotOver", due, due - 1):
        desk.roll()


def test_roll__before_a_price_is_fixed__reverts(desk):
    desk.open_round(30 * desk.unit)
    series = desk.position["seriesId"]
    desk.buy()
    desk.to(desk.due)
    with reverts("NotSettled", series):
        desk.roll()


def test_roll__with_nothing_sold_needs_no_price(desk):
    desk.open_round(30 * desk.unit)
    desk.to(desk.due + 12)
    desk.refresh()
    end = desk.roll()
    assert end["gross"] == 30 * desk.unit
    assert desk.position["seriesId"] != 0


def test_roll__out_of_the_money_the_shares_keep_the_premium(desk):
    desk.open_round(30 * desk.unit)
    idle = desk.position["idle"]
    desk.buy()
    premium = desk.position["idle"] - idle
    end = desk.next_round()
    rounded = 30 * desk.unit + premium - end["gross"]
    assert rounded in (0, 1), "shorts are paid in whole units"
    assert end["performanceFee"] == (premium - rounded) // 5
    assert end["managementFee"] == end["gross"] * 200 * WEEK // (10_000 * YEAR)
    net = end["gross"] - end["performanceFee"] - end["managementFee"]
    assert end["pricePerShare"] == net * WAD // (30 * desk.unit)
    assert desk.position["fees"] == end["performanceFee"] + end["managementFee"]


def test_roll__a_call_in_the_money_pays_in_kind(calls):
    calls.open_round(30 * WAD)
    strike = series_of(calls)[0][4]
    calls.buy()
    book = calls.position
    price = calls.settle_price(5 * strike // 4)
    calls.refresh()
    end = calls.roll()
    payoff = (price - strike) * WAD // price
    assert payoff == WAD // 5
    assert end["gross"] == book["idle"] + book["shorts"] * (WAD - payoff) // WAD
    assert end["performanceFee"] == 0
    assert end["pricePerShare"] < WAD


def test_roll__a_put_in_the_money_pays_cash(puts):
    puts.open_round(30_000 * puts.unit)
    strike = series_of(puts)[0][4]
    puts.buy()
    book = puts.position
    price = puts.settle_price(strike * 3 // 4)
    puts.refresh()
    end = puts.roll()
    kept = book["shorts"] * (strike - (strike - price)) // 10**30
    assert end["gross"] - book["idle"] - kept in (0, 1)
    assert end["pricePerShare"] < WAD


def test_roll__a_cover_pays_what_the_ratio_lost(covers):
    covers.open_round(30 * WAD)
    strike = series_of(covers)[0][4]
    assert strike == 97 * WAD // 100
    covers.buy()
    book = covers.position
    assert covers.settle_price(ratio=94 * WAD // 100) == 94 * WAD // 100
    covers.refresh()
    end = covers.roll()
    assert end["gross"] == book["idle"] + book["shorts"] * 94 // 100


def test_roll__serves_all_requests_at_one_price(desk):
    desk.open_round(30 * desk.unit, 20 * desk.unit)
    desk.claim_deposit()
    desk.claim_deposit(desk.other)
    desk.buy()
    desk.request_redeem(10 * desk.unit)
    desk.request_deposit(8 * desk.unit, desk.buyer)
    desk.request_redeem(20 * desk.unit, desk.other)
    end = desk.next_round()
    price = end["pricePerShare"]
    assert (end["deposited"], end["redeemed"]) == (8 * desk.unit, 30 * desk.unit)
    assert desk.call("maxWithdraw", desk.depositor) == 10 * desk.unit * price // WAD
    assert desk.call("maxWithdraw", desk.other) == 20 * desk.unit * price // WAD
    assert desk.call("maxMint", desk.buyer) == 8 * desk.unit * WAD // price
    assert desk.position["reserved"] == 30 * desk.unit * price // WAD
    assert desk.call("totalSupply") == 20 * desk.unit + 8 * desk.unit * WAD // price
    assert desk.covered() == 0


def test_roll__keeps_a_high_water_mark(calls):
    calls.open_round(30 * WAD)
    calls.buy()
    high = calls.next_round()["pricePerShare"]
    calls.buy()
    low = calls.next_round(3_000 * WAD)
    assert low["pricePerShare"] < WAD
    assert calls.position["highWaterMark"] == high
    calls.buy()
    end = calls.next_round()
    assert end["pricePerShare"] > low["pricePerShare"]
    assert end["performanceFee"] == 0, "still below the mark"
    assert end["managementFee"] > 0


def test_roll__with_stale_volatility_serves_and_writes_nothing(desk):
    desk.open_round(30 * desk.unit)
    desk.request_deposit(5 * desk.unit, desk.other)
    desk.to(desk.due)
    desk.push_round()
    receipt = desk.transact("roll", sender=desk.outsider)
    event = desk.event(receipt, "RoundNotStarted")
    told = desk.volatility.abi.decode_error(bytes(event["reason"]))
    assert told.name == "VolatilityStale"
    assert desk.call("maxDeposit", desk.other) == 5 * desk.unit
    book = desk.position
    assert (book["seriesId"], book["shorts"]) == (0, 0)
    assert book["idle"] >= 34 * desk.unit
    desk.to(desk.due)
    end = desk.roll()
    assert end["gross"] >= 34 * desk.unit
    assert end["managementFee"] == 0, "a round without options"


def test_roll__with_nobody_in_it(desk):
    desk.to(FIRST_FRIDAY)
    desk.refresh()
    end = desk.roll()
    assert (end["pricePerShare"], end["gross"]) == (WAD, 0)
    assert desk.position["seriesId"] == 0


def test_roll__after_all_have_left_begins_anew(calls):
    calls.open_round(30 * WAD)
    calls.claim_deposit()
    calls.buy()
    calls.request_redeem(30 * WAD)
    calls.next_round()
    dust = calls.position["idle"]
    assert dust <= 30
    calls.request_deposit(10 * WAD, calls.other)
    calls.to(calls.due)
    calls.refresh()
    end = calls.roll()
    assert end["pricePerShare"] == WAD
    assert calls.call("maxMint", calls.other) == 10 * WAD
    assert calls.position["highWaterMark"] == WAD


def test_roll__late_options_expire_on_the_friday_after_next(calls):
    """With less than two days to the next Friday the one after it is taken."""
    calls.request_deposit(10 * WAD)
    calls.to(FIRST_FRIDAY + WEEK - 2 * DAY + 1)
    calls.refresh()
    calls.roll()
    assert calls.due == FIRST_FRIDAY + 2 * WEEK


def test_roll__series_settled_by_others(calls):
    calls.open_round(30 * WAD)
    calls.buy(5 * WAD)
    series = calls.position["seriesId"]
    calls.settle_price()
    calls.clearing.transact("settle", series, sender=calls.outsider)
    calls.refresh()
    end = calls.roll()
    assert end["gross"] > 30 * WAD, "unsold pairs are redeemed, where they can't be burned"
    assert calls.covered() == 0
