"""Tickets of what the vault bought from the pool: nobody sold them, so nobody is refunded."""

from tests.fixtures.staking import ETHER


def test_advance__a_bought_ticket__settles_without_a_refund(redemption):
    redemption.swap(1, 280 * ETHER)
    redemption.transact("buyFromPool", 10 * ETHER, sender=redemption.other)
    redemption.report()
    receipt = redemption.advance()
    assert redemption.call("ticketCounts") == (1, 1, 0)
    assert not redemption.vault.events(receipt, "HoldbackSettled")
    assert not redemption.stack.weth.events(receipt, "Transfer")
