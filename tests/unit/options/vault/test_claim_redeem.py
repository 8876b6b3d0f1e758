import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def served(puts):
    """Of 100 shares 40 were redeemed, at a price above one."""
    puts.open_round(100 * puts.unit)
    puts.claim_deposit()
    puts.buy()
    puts.request_redeem(40 * puts.unit)
    puts.price_served = puts.next_round()["pricePerShare"]
    assert puts.price_served > WAD
    return puts


def claim(desk, name, amount, receiver=None, controller=None, sender=None):
    controller = controller or desk.depositor
    arguments = (amount, receiver or controller, controller)
    return desk.transact(name, *arguments, sender=sender or controller)


def test_redeem__pays_the_rounds_price(served):
    shares = 40 * served.unit
    assets = shares * served.price_served // WAD
    assert served.call("maxRedeem", served.depositor) == shares
    assert served.call("maxWithdraw", served.depositor) == assets
    assert served.call("claimableRedeemRequest", 2, served.depositor) == shares
    assert served.position["reserved"] == assets
    event = served.event(claim(served, "redeem", shares, receiver=served.outsider), "Withdraw")
    assert (event["assets"], event["shares"]) == (assets, shares)
    assert served.held(served.outsider) == assets
    assert served.position["reserved"] == 0
    assert served.call("maxRedeem", served.depositor) == 0


def test_redeem__in_parts_pays_at_most_the_same(served):
    before, whole = served.held(served.depositor), served.call("maxWithdraw", served.depositor)
    for shares in (1_000_001, 2_000_003, 40 * served.unit - 3_000_004):
        claim(served, "redeem", shares)
    assert whole - 2 <= served.held(served.depositor) - before <= whole


def test_withdraw__takes_shares_rounded_up(served):
    claim(served, "withdraw", 1_000_001)
    taken = -(-1_000_001 * WAD // served.price_served)
    assert served.call("maxRedeem", served.depositor) == 40 * served.unit - taken


def test_claim__more_than_there_is__reverts(served):
    most = served.call("maxWithdraw", served.depositor)
    with reverts("AmountTooLarge", 40 * served.unit + 1, 40 * served.unit):
        claim(served, "redeem", 40 * served.unit + 1)
    with reverts("AmountTooLarge", most + 1, most):
        claim(served, "withdraw", most + 1)
    for name in ("redeem", "withdraw"):
        with reverts("ZeroAmount"):
            claim(served, name, 0)
        with reverts("AmountTooLarge", 1, 0):
            claim(served, name, 1, controller=served.buyer)


def test_claim__for_another_or_to_nobody__reverts(served):
    for name in ("redeem", "withdraw"):
        with reverts("NotOperator", served.depositor, served.outsider):
            claim(served, name, 100, receiver=served.outsider, sender=served.outsider)
        with reverts("ZeroAddress"):
            claim(served, name, 100, receiver=ZERO)
    served.transact("setOperator", served.outsider, True, sender=served.depositor)
    claim(served, "redeem", 100, receiver=served.outsider, sender=served.outsider)
    assert served.held(served.outsider) == 100 * served.price_served // WAD


def test_claim__keeps_its_price_through_later_rounds(served):
    whole = served.call("maxWithdraw", served.depositor)
    served.buy()
    served.next_round(1_000 * WAD)
    assert served.call("priceOfRound", 3) < served.price_served
    before = served.held(served.depositor)
    served.redeem()
    assert served.held(served.depositor) - before == whole
