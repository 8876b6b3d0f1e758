"""Tokens sent to a vault, before its first round or later: no price moves, nobody loses."""

import pytest

from tests.fixtures.option_vault import WAD


def gift(desk, amount):
    desk.token.transact("transfer", desk.vault.address, amount, sender=desk.buyer)


@pytest.mark.parametrize("given", [False, True])
def test_gift__before_a_round_moves_no_price(puts, given):
    puts.open_round(10_000 * puts.unit)
    puts.buy()
    if given:
        gift(puts, 5_000 * puts.unit)
    puts.request_deposit(1_000 * puts.unit, puts.other)
    end = puts.next_round()
    assert end["gross"] < 10_100 * puts.unit
    assert puts.position["pendingDeposits"] == 0
    assert puts.covered() == 5_000 * puts.unit * given


def test_first_depositor__cannot_inflate_the_price(puts):
    """The least deposit, a gift of a hundred thousand, then a victim: the victim loses nothing."""
    least = puts.unit // 100
    puts.request_deposit(least)
    puts.to(puts.due + 12)
    puts.refresh()
    puts.roll()
    puts.claim_deposit()
    gift(puts, 100_000 * puts.unit)
    puts.request_deposit(100 * puts.unit, puts.other)
    puts.next_round()
    shares = puts.claim_deposit(puts.other)
    worth = shares * puts.call("priceOfRound", 2) // WAD
    assert 100 * puts.unit - worth in (0, 1)


def test_last_shareholder__cannot_inflate_the_price_with_dust(puts):
    """All but one unit of shares leave; what rounding left to it is a few units, not a fortune."""
    puts.open_round(10_000 * puts.unit)
    puts.claim_deposit()
    puts.buy()
    puts.request_redeem(10_000 * puts.unit - 1)
    puts.next_round()
    assert puts.call("totalSupply") == 1
    puts.request_deposit(5_000 * puts.unit, puts.other)
    puts.next_round()
    shares = puts.claim_deposit(puts.other)
    worth = shares * puts.call("priceOfRound", 3) // WAD
    assert 5_000 * puts.unit - worth <= 3
