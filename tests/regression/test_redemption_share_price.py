"""Inflating a share, gifts, timing deposits, reading in the middle."""

import pytest

from tests.fixtures.redemption import DAY, WAD
from tests.fixtures.staking import ETHER, reverts
from tests.fixtures.swap import UNLIMITED

REST = 10**6


@pytest.fixture
def empty(redemption):
    """A vault that nobody has been in."""
    desk = redemption
    desk.vault = desk.new_vault()
    desk.call, desk.transact = desk.vault.call, desk.vault.transact
    for account in (desk.depositor, desk.other):
        desk.stack.weth.transact("approve", desk.vault.address, UNLIMITED, sender=account)
    desk.stack.wketh.transact("approve", desk.vault.address, UNLIMITED, sender=desk.seller)
    return desk


@pytest.mark.parametrize("first", [1, 1_000, ETHER])
def test_gift_to_inflate_a_share__moves_nothing(empty, first):
    empty.deposit(first)
    gift = 100 * ETHER
    empty.stack.weth.transact("transfer", empty.vault.address, gift, sender=empty.depositor)
    empty.rpc.set_balance(empty.vault.address, gift)
    assert empty.assets == first
    empty.deposit(10 * ETHER, empty.other)
    worth = empty.call("convertToAssets", empty.shares_of(empty.other))
    assert 10 * ETHER - 1 <= worth <= 10 * ETHER


def test_tiny_first_deposit__cannot_round_the_next_away(empty):
    """A dust vault that earns fees on dust: its share stays below a wei's reach."""
    empty.deposit(1_000)
    for _ in range(3):
        empty.report()
        empty.sell(200)
        empty.report()
        empty.advance()
        empty.wait(DAY)
    empty.deposit(10**9, empty.other)
    assert empty.call("convertToAssets", empty.shares_of(empty.other)) >= 10**9 - 1


def test_deposit_around_a_settlement_or_a_payment__gains_nothing(redemption):
    """What a ticket brings accretes; there is no step to deposit in front of."""
    desk = redemption
    desk.sell(200 * ETHER)
    last = desk.last_ticket
    desk.report()
    for step in (desk.advance, lambda: (desk.report(), desk.report(), desk.report(last=last))):
        before = desk.weth_of(desk.other)
        desk.deposit(1_000 * ETHER, desk.other)
        started = desk.rpc.timestamp
        step()
        desk.advance()
        desk.redeem(desk.shares_of(desk.other), desk.other)
        gained = desk.weth_of(desk.other) - before
        days = (desk.rpc.timestamp - started) / DAY
        assert gained <= ETHER * days // 10, "a share of the days' accretion, no more"


def test_deposit_after_a_loss__buys_no_marked_down_ticket_that_is_paid_already(redemption):
    """The queue has paid in full; then a loss marks the rest: paid ones are claimed first."""
    desk = redemption
    desk.sell(100 * ETHER)
    last = desk.last_ticket
    for _ in range(3):
        desk.report()
    desk.advance()
    desk.report(last=last)
    value = desk.assets
    desk.report(loss=30 * ETHER)
    assert desk.assets >= value - 1


def test_deposit_after_a_loss__shares_the_recovery_slowly(redemption):
    """Marks are conservative: what a ticket pays above its mark accretes over a day."""
    desk = redemption
    desk.sell(200 * ETHER)
    last = desk.last_ticket
    for _ in range(3):
        desk.report()
    desk.advance()
    desk.wait(DAY)
    desk.report(loss=20 * ETHER)
    desk.deposit(500 * ETHER, desk.other)
    before = desk.call("convertToAssets", desk.shares_of(desk.other))
    desk.report(gain=ETHER // 10)
    desk.wait(DAY)
    desk.report(last=last)
    desk.advance()
    gained = desk.call("convertToAssets", desk.shares_of(desk.other)) - before
    assert 0 <= gained < ETHER // 5


def test_deposit_while_tickets_accrete__has_its_part_of_what_others_bought(redemption):
    """The stated limit: accretion goes to whoever holds shares meanwhile, and leaves at once."""
    desk = redemption
    desk.swap(1, 280 * ETHER)
    desk.wait(12)
    for _ in range(3):
        desk.transact("buyFromPool", 10 * ETHER, sender=desk.other)
    desk.report()
    desk.advance()
    unaccreted, before = desk.position[4], desk.weth_of(desk.other)
    assert unaccreted > ETHER // 10
    desk.deposit(1_500 * ETHER, desk.other)
    desk.wait(40 * DAY)
    desk.redeem(desk.shares_of(desk.other), desk.other)
    taken = desk.weth_of(desk.other) - before
    assert unaccreted * 74 // 100 < taken <= unaccreted * 3 // 4


def test_manipulated_spot_price__lowers_what_is_paid_and_never_raises_it(redemption):
    desk = redemption
    shares = 10 * ETHER
    fair = desk.call("quoteSale", shares)[1]
    desk.swap(0, 250 * ETHER)
    assert desk.stack.swap.call("get_p", 0) > WAD * 101 // 100
    assert desk.call("quoteSale", shares)[1] <= fair + REST
    desk.swap(1, 500 * ETHER)
    assert desk.call("quoteSale", shares)[1] < fair


def test_swap_pool_discount__is_passed_on_to_the_vault(redemption):
    """Who buys in the swap pool at a discount and sells to the vault leaves it the discount."""
    desk = redemption
    desk.swap(1, 280 * ETHER)
    swap = desk.stack.swap
    for _ in range(3):
        shares = swap.call("get_dy", 0, 1, 20 * ETHER)
        desk.swap(0, 20 * ETHER)
        spot = swap.call("get_p", 0)
        nominal, price, _ = desk.call("quoteSale", shares)
        assert price <= nominal * spot // WAD + 1
        desk.sell(shares)


def test_purchase_between_two_trades__leaves_the_vault_half_the_discount(redemption):
    """Lifting the price before the vault buys, to sell to it what was bought cheaply."""
    desk, swap = redemption, redemption.stack.swap
    desk.swap(1, 280 * ETHER)
    desk.wait(DAY)
    discount = WAD - swap.call("market_ratio")
    assert discount > WAD // 20
    desk.swap(0, 220 * ETHER)
    bought = swap.call("get_dy", 0, 1, 10 * ETHER)
    nominal = desk.stack.wketh.call("convertToAssets", bought)
    assert nominal - 10 * ETHER < nominal * discount // WAD // 2
    maximum = nominal - -(-nominal * -(-discount // 2) // WAD)
    with reverts("DiscountTooSmall", 10 * ETHER, maximum):
        desk.call("buyFromPool", 10 * ETHER, sender=desk.other)
