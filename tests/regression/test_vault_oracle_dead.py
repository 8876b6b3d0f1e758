"""No settlement price comes, and no keeper: everybody leaves alone, and nothing is lost."""

import pytest

from tests.fixtures.option_vault import DAY, UNLIMITED, WAD
from tests.fixtures.staking import reverts


def dead(desk):
    """Two depositors, a third of the options sold; then aggregator, peg and members fall silent."""
    desk.open_round(6_000 * desk.unit, 4_000 * desk.unit)
    desk.claim_deposit()
    desk.claim_deposit(desk.other)
    desk.buy(desk.position["unsoldLongs"] // 3)
    desk.own(desk.aggregator, "setMode", 2)
    desk.own(desk.peg, "setBroken", True)
    return desk


def leave(desk, account):
    shares = desk.shares_of(account)
    return desk.event(
        desk.transact("exitInKind", shares, account, account, sender=account), "ExitedInKind"
    )


@pytest.mark.parametrize("style", ["calls", "puts", "covers"])
def test_oracle_dead__holders_leave_with_their_parts(request, style):
    desk = dead(request.getfixturevalue(style))
    series, due = desk.position["seriesId"], desk.due
    desk.to(due)
    with reverts("NotSettled", series):
        desk.roll()
    desk.to(due + 3 * DAY)
    with reverts("NotSettled", series):
        desk.roll()
    book = desk.position
    first, second = leave(desk, desk.depositor), leave(desk, desk.other)
    for name, held in (("assets", "idle"), ("shorts", "shorts"), ("longs", "unsoldLongs")):
        assert first[name] == book[held] * 6 // 10
        assert first[name] + second[name] == book[held]
    assert desk.call("totalSupply") == 0
    assert desk.held(desk.vault.address) == 0


def test_oracle_dead__pairs_can_be_burned_at_once(puts):
    """Longs that were not sold need no price: their holders take the collateral out of pairs."""
    dead(puts)
    puts.to(puts.due + 3 * DAY)
    series = puts.position["seriesId"]
    parts = leave(puts, puts.depositor)
    before = puts.held(puts.depositor)
    arguments = (series, parts["longs"], puts.depositor)
    puts.clearing.transact("burn", *arguments, sender=puts.depositor)
    assert puts.held(puts.depositor) > before + 3_900 * puts.unit


def test_oracle_back__shorts_in_kind_are_paid_what_the_vault_is(calls):
    """Weeks later there is a price after all: who left and who stayed get the same for a share."""
    dead(calls)
    calls.to(calls.due + 3 * DAY)
    series, due = calls.position["seriesId"], calls.due
    parts = leave(calls, calls.depositor)
    calls.wait(20 * DAY)
    calls.own(calls.aggregator, "setMode", 0)
    calls.push_round(3_000 * WAD, due + 60)
    hints = calls.oracle.call("hintsFor", calls.feed, due)
    calls.own(calls.oracle, "settle", calls.feed, due, hints)
    calls.clearing.transact("settle", series, sender=calls.outsider)
    before = calls.held(calls.depositor)
    for claim, amount in ((series, parts["longs"]), (series | 1, parts["shorts"])):
        calls.clearing.transact("redeem", claim, amount, calls.depositor, sender=calls.depositor)
    left = calls.held(calls.depositor) - before + parts["assets"]
    gross = calls.roll()["gross"]
    assert abs(left * 4 - gross * 6) <= 40
    assert gross < 4_000 * WAD, "the options that were sold are in the money"


def test_oracle_dead__requests_can_be_taken_back(puts):
    """A queued redemption leaves in kind, a waiting deposit in tokens, a served one as a claim."""
    dead(puts)
    puts.request_deposit(500 * puts.unit, puts.buyer)
    puts.request_redeem(6_000 * puts.unit)
    puts.to(puts.due + 3 * DAY)
    arguments = (6_000 * puts.unit, puts.depositor, puts.depositor)
    puts.transact("cancelRedeemRequest", *arguments, sender=puts.depositor)
    assert leave(puts, puts.depositor)["shorts"] > 0
    before = puts.held(puts.buyer)
    arguments = (500 * puts.unit, puts.buyer, puts.buyer)
    puts.transact("cancelDepositRequest", *arguments, sender=puts.buyer)
    assert puts.held(puts.buyer) - before == 500 * puts.unit


def test_oracle_dead__a_served_redemption_is_paid_whatever_comes(puts):
    puts.open_round(6_000 * puts.unit)
    puts.claim_deposit()
    puts.request_redeem(1_000 * puts.unit)
    puts.next_round()
    puts.own(puts.aggregator, "setMode", 2)
    puts.wait(30 * DAY)
    before = puts.held(puts.depositor)
    puts.redeem()
    assert (
        puts.held(puts.depositor) - before
        == 1_000 * puts.unit * puts.call("priceOfRound", 2) // WAD
    )


def test_volatility_dead__assets_stay_liquid(calls):
    """Members are gone for good: rounds go on without options, and pay who wants out."""
    calls.open_round(10 * WAD)
    calls.claim_deposit()
    calls.request_redeem(4 * WAD)
    calls.to(calls.due)
    calls.roll()
    assert calls.position["seriesId"] == 0
    calls.redeem()
    calls.request_redeem(6 * WAD)
    calls.to(calls.due)
    calls.roll()
    calls.redeem()
    assert calls.call("totalSupply") == 0
    with reverts("AuctionNotOpen"):
        calls.transact("buy", 1, 0, UNLIMITED, calls.buyer, UNLIMITED, sender=calls.buyer)
