"""Buying options of a vault for less than they are worth."""

import pytest

from keel.models.options.volatility import Values
from tests.fixtures.option_vault import DAY, PRICERS, TERMS, WAD
from tests.fixtures.staking import reverts
from tests.machines.option_vault_machine import pricer_of

LAST = TERMS["auctionDuration"] - 60


def fair(desk, spot):
    strike = desk.clearing.call("stateOf", desk.position["seriesId"])[0][4]
    risk = Values(*desk.volatility.call("values"))
    twin = pricer_of(PRICERS[desk.style], desk.style)
    return twin.reserve(spot, strike, risk, desk.due - desk.now)


@pytest.mark.parametrize("moved", [70, 95, 105, 140])
def test_sniping__a_spot_that_moves_takes_the_reserve_with_it(calls, moved):
    """Waiting for the market to move is worth nothing: the price is the model's at every spot."""
    calls.open_round(100 * WAD)
    calls.to(calls.position["writtenAt"] + LAST)
    calls.push_round(2_000 * WAD * moved // 100)
    ask = calls.call("askPrice")
    assert ask >= fair(calls, calls.price)
    calls.at(calls.now)
    calls.buy()
    assert calls.position["idle"] >= fair(calls, calls.price) * 99


@pytest.mark.parametrize("price", [90, 95, 97])
def test_sniping__a_fall_that_the_average_does_not_know_yet_is_paid_for(covers, price):
    """Within the second of a sale into the insured pool, cover costs what it is worth after it."""
    covers.open_round(100 * WAD)
    covers.to(covers.position["writtenAt"] + LAST)
    fall_to(covers, price * WAD // 100)
    ask, worth = covers.call("askPrice"), fair(covers, price * WAD // 100)
    assert ask >= worth
    assert worth > 3 * fair(covers, WAD)
    covers.at(covers.now)
    covers.buy()
    sold = covers.position["shorts"]
    assert covers.position["idle"] >= worth * sold // WAD


def test_sniping__a_price_pushed_up_makes_no_cover_cheaper(covers):
    covers.open_round(100 * WAD)
    fall_to(covers, 103 * WAD // 100)
    covers.to(covers.position["writtenAt"] + LAST)
    assert covers.call("askPrice") >= fair(covers, WAD)


def fall_to(desk, price):
    """The pool's price, while its average, and so the feed's ratio, is one."""
    desk.own(desk.peg, "setPrice", price)


def test_sniping__on_a_stale_feed_sells_nothing(calls):
    calls.open_round(100 * WAD)
    calls.own(calls.aggregator, "setRound", calls.round, 0, 0, True)
    with reverts("SourceFailed"):
        calls.buy()


def test_sniping__on_stale_volatility_sells_nothing(puts):
    puts.use(puts.new_vault(auctionDuration=DAY))
    puts.request_deposit(10_000 * puts.unit)
    puts.wait(DAY)
    puts.refresh()
    puts.wait(20 * 3_600)
    puts.push_round()
    puts.roll()
    puts.wait(4 * 3_600 + 60)
    puts.push_round()
    with reverts("VolatilityStale"):
        puts.buy()


def test_self_bidding__costs_the_other_depositors_nothing(calls):
    """A depositor who buys at the reserve pays the others their part of a fair price."""
    calls.open_round(100 * WAD, 900 * WAD)
    calls.claim_deposit()
    calls.claim_deposit(calls.other)
    calls.to(calls.position["writtenAt"] + LAST)
    floor = fair(calls, calls.price)
    receipt = calls.buy(account=calls.depositor)
    paid = calls.event(receipt, "Bought")["premium"]
    lot = calls.position["shorts"]
    assert paid * WAD >= floor * lot
    end = calls.next_round()
    others = 900 * WAD * end["pricePerShare"] // WAD
    assert others > 900 * WAD, "the premium is theirs too"
