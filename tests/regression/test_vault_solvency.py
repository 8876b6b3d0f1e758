"""A vault and its clearing house pay everybody, at every price, ratio and slashing of a round."""

import pytest

from tests.fixtures.option_vault import WAD

PRICES = (1, 900, 1_999, 2_500, 10_000, 10**7)
RATES = (WAD, 3 * WAD // 4)
"""At the expiry; one at the mint, so that the second is a slashing by a quarter."""
RATIOS = (50, 75, 90, 96, 97, 99, 100, 105)


def play(desk, *, price=None, ratio=None, rate=None):
    """Half is sold; some leave and some come at the round's end, and all the rest a week later."""
    whole = 10_000 * desk.unit
    desk.open_round(whole, whole // 3 + 7)
    series, mine, theirs = (
        desk.position["seriesId"],
        desk.claim_deposit(),
        desk.claim_deposit(desk.other),
    )
    desk.wait(3_600)
    lot = desk.position["unsoldLongs"]
    desk.buy(lot // 2 + 1)
    desk.request_redeem(mine - 1)
    desk.request_redeem(theirs // 2, desk.other)
    desk.request_deposit(whole // 9 + 1, desk.buyer)
    if rate:
        desk.set_rate(rate)
    settled = desk.settle_price(price, ratio)
    desk.refresh()
    end = desk.roll()
    longs = desk.claims_of(desk.buyer, series)
    desk.clearing.transact("redeem", series, longs, desk.buyer, sender=desk.buyer)
    desk.redeem()
    desk.redeem(desk.other)
    leave(desk)
    return settled, end


def leave(desk):
    """Everybody, a week later; what nobody bought needs no price."""
    if desk.call("maxDeposit", desk.buyer):
        desk.claim_deposit(desk.buyer)
    else:
        owed = desk.position["reserved"]
        desk.transact("cancelDepositRequest", owed, desk.buyer, desk.buyer, sender=desk.buyer)
    leaving = [who for who in (desk.depositor, desk.other, desk.buyer) if desk.shares_of(who)]
    for who in leaving:
        desk.request_redeem(desk.shares_of(who), who)
    desk.to(desk.due)
    desk.roll()
    for who in leaving:
        desk.redeem(who)


def assert_all_is_paid(desk, end):
    """Fees apart, VAULT-1's dust is left: a wei for a share and round, and one for each payment."""
    if desk.position["fees"]:
        desk.transact("collectFees", sender=desk.outsider)
    dust = 2 * 15_000 * desk.unit // WAD + 5
    assert desk.call("totalSupply") == 0
    assert desk.position["reserved"] <= 5
    assert desk.position["reserved"] + desk.position["idle"] <= dust
    assert desk.held(desk.vault.address) <= dust
    assert desk.held(desk.clearing.address) == 0
    assert end["pricePerShare"] > 0


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("price", PRICES)
def test_covered_calls__pay_everybody(calls, price, rate):
    settled, end = play(calls, price=price * WAD, rate=rate)
    assert settled == price * rate
    assert_all_is_paid(calls, end)


@pytest.mark.parametrize("price", PRICES)
def test_secured_puts__pay_everybody(puts, price):
    settled, end = play(puts, price=price * WAD)
    assert settled == price * WAD
    assert_all_is_paid(puts, end)


@pytest.mark.parametrize("ratio", RATIOS)
def test_cover__pays_everybody(covers, ratio):
    settled, end = play(covers, ratio=ratio * WAD // 100)
    assert abs(settled - ratio * WAD // 100) <= WAD // 50
    assert_all_is_paid(covers, end)
