from tests.fixtures.option_vault import TERMS, WAD
from tests.fixtures.staking import reverts


def close(desk):
    return desk.transact("closeAuction", sender=desk.outsider)


def test_close_auction__burns_what_is_unsold_with_its_shorts(puts):
    puts.open_round(10_000 * puts.unit)
    book = puts.position
    sold = book["unsoldLongs"] // 3
    puts.buy(sold)
    idle = puts.position["idle"]
    puts.to(puts.call("lot")[3])
    event = puts.event(close(puts), "AuctionClosed")
    after = puts.position
    assert (after["unsoldLongs"], after["shorts"]) == (0, sold)
    assert event["amount"] == book["unsoldLongs"] - sold
    assert after["idle"] == idle + event["collateral"]
    assert puts.claims_of(puts.vault.address, book["seriesId"]) == 0
    assert puts.claims_of(puts.vault.address, book["seriesId"] | 1) == sold
    assert puts.covered() == 0


def test_close_auction__before_its_end__reverts(calls):
    calls.open_round(10 * WAD)
    ends_at = calls.position["writtenAt"] + TERMS["auctionDuration"]
    calls.to(ends_at - 60)
    calls.at(ends_at - 1)
    with reverts("AuctionStillOpen", ends_at, ends_at - 1):
        close(calls)
    calls.at(ends_at)
    close(calls)


def test_close_auction__with_nothing_left__reverts(calls):
    calls.open_round(10 * WAD)
    calls.buy()
    calls.to(calls.call("lot")[3])
    with reverts("ZeroAmount"):
        close(calls)


def test_close_auction__of_a_settled_series__reverts(calls):
    calls.open_round(10 * WAD)
    series = calls.position["seriesId"]
    calls.settle_price()
    calls.clearing.transact("settle", series, sender=calls.outsider)
    with reverts("AlreadySettled", series):
        close(calls)
