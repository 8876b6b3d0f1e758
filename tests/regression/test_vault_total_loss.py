"""A vault that has lost all but a thousandth takes no deposits, and gives those that wait back."""

import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts


@pytest.fixture
def ruined(puts):
    """Puts far from the money, sold for next to nothing; the underlying then falls to nothing."""
    pricer = puts.new_pricer(target=WAD // 100, minMoneyness=WAD // 4)
    puts.use(puts.new_vault(pricer=pricer))
    puts.open_round(10_000 * puts.unit)
    puts.claim_deposit()
    puts.wait(5 * 3_600 + 3_500)
    puts.buy()
    puts.request_deposit(700 * puts.unit, puts.other)
    puts.request_redeem(4_000 * puts.unit)
    puts.end = puts.next_round(WAD // 100)
    assert 0 < puts.end["pricePerShare"] < WAD // 1_000
    return puts


def test_total_loss__gives_waiting_deposits_back(ruined):
    assert ruined.call("maxDeposit", ruined.other) == 0
    assert ruined.call("maxMint", ruined.other) == 0
    assert ruined.position["reserved"] >= 700 * ruined.unit
    with reverts("AmountTooLarge", 700 * ruined.unit, 0):
        arguments = (700 * ruined.unit, ruined.other, ruined.other)
        ruined.transact("deposit(uint256,address,address)", *arguments, sender=ruined.other)
    before = ruined.held(ruined.other)
    arguments = (300 * ruined.unit, ruined.other, ruined.other)
    ruined.transact("cancelDepositRequest", *arguments, sender=ruined.other)
    arguments = (400 * ruined.unit, ruined.other, ruined.other)
    ruined.transact("cancelDepositRequest", *arguments, sender=ruined.other)
    assert ruined.held(ruined.other) - before == 700 * ruined.unit


def test_total_loss__takes_no_deposits(ruined):
    with reverts("VaultWoundDown", ruined.end["pricePerShare"]):
        ruined.request_deposit(700 * ruined.unit, ruined.buyer)


def test_total_loss__pays_what_is_left(ruined):
    price = ruined.end["pricePerShare"]
    assert ruined.call("maxWithdraw", ruined.depositor) == 4_000 * ruined.unit * price // WAD
    ruined.redeem()
    assert ruined.covered() == 0


def test_total_loss__begins_anew_once_all_have_left(ruined):
    ruined.request_redeem(6_000 * ruined.unit)
    ruined.to(ruined.due)
    ruined.push_round(2_000 * WAD)
    ruined.submit()
    # Whether or not options were written: nothing of them was sold.
    ruined.roll()
    ruined.to(ruined.due)
    ruined.roll()
    assert ruined.call("priceOfRound", ruined.position["round"] - 1) == WAD
    ruined.request_deposit(100 * ruined.unit, ruined.other)
    assert ruined.position["pendingDeposits"] == 100 * ruined.unit
