"""Losses that the redemption vault hears of late, in parts, or with tickets of many prices."""

import pytest

from tests.fixtures.in_process import NodeWithAccounts, PlainStaking
from tests.fixtures.redemption import DAY, WAD, new_arena
from tests.fixtures.staking import ETHER, reverts
from tests.fixtures.swap import UNLIMITED

LOSS = 40 * ETHER
ROUNDING = 20
"""Wei: one or two a ticket."""


@pytest.fixture
def desk(artifacts):
    return new_arena(NodeWithAccounts(), artifacts, PlainStaking)


@pytest.fixture
def bare(desk):
    """A vault that holds nothing back."""
    desk.vault = desk.new_vault(holdback=0)
    desk.call, desk.transact = desk.vault.call, desk.vault.transact
    for account in (desk.depositor, desk.other):
        desk.stack.weth.transact("approve", desk.vault.address, UNLIMITED, sender=account)
    desk.stack.wketh.transact("approve", desk.vault.address, UNLIMITED, sender=desk.seller)
    desk.deposit(500 * ETHER)
    desk.report()
    return desk


def buy(desk, amount):
    desk.transact("buyFromPool", amount, sender=desk.other)


def sink(desk, amount, wait=12):
    desk.swap(1, amount)
    desk.wait(wait)


def lift(desk, spot):
    while desk.stack.swap.call("get_p", 0) < spot:
        desk.swap(0, 4 * ETHER)
    desk.wait(6 * 3_600)


def strangers_tickets(desk, count):
    """Each is finalised by a report of its own: a checkpoint each."""
    queue = desk.stack.queue
    desk.stack.wketh.transact("approve", queue.address, UNLIMITED, sender=desk.seller)
    request = "requestWithdrawalsWstETH(uint256[],address)"
    queue.transact(request, [10**15] * count, desk.seller, sender=desk.seller)


def fall_by(desk, loss):
    before = desk.assets
    desk.report(loss=loss)
    return before - desk.assets


@pytest.mark.parametrize("cheap_first", [False, True])
def test_discount_of_some__makes_up_for_a_loss_of_others(bare, cheap_first):
    """Four sold at a discount and four at hardly any, settled in one operation."""

    def cheap():
        sink(bare, 280 * ETHER)
        for _ in range(4):
            bare.sell(11 * ETHER)
        lift(bare, WAD)

    def dear():
        for _ in range(4):
            bare.sell(25 * ETHER)

    for some in (cheap, dear) if cheap_first else (dear, cheap):
        some()
    assert fall_by(bare, LOSS) <= ROUNDING
    bare.advance()
    assert bare.call("ticketCounts") == (8, 8, 0)


@pytest.mark.parametrize("cheap_first", [False, True])
def test_discount_of_some_purchases__makes_up_for_a_loss_of_others(desk, cheap_first):
    def cheap():
        sink(desk, 280 * ETHER)
        for _ in range(4):
            buy(desk, 10 * ETHER)
        lift(desk, WAD * 988 // 1_000)

    def dear():
        for _ in range(4):
            buy(desk, 8 * ETHER)

    if not cheap_first:
        sink(desk, 150 * ETHER)
    for some in (cheap, dear) if cheap_first else (dear, cheap):
        some()
    assert fall_by(desk, LOSS) <= ROUNDING


def pay_lose_and_fall_behind(desk):
    """The ticket is paid, a loss comes, then more checkpoints than an operation looks at."""
    last = desk.last_ticket
    strangers_tickets(desk, 40)
    for _ in range(3):
        desk.report()
    desk.report(last=last)
    desk.report(loss=LOSS, last=last + 1)
    for number in range(2, 36):
        desk.report(last=last + number)


def advance_in_parts(desk):
    """What was paid before the loss keeps its price, however far each part comes."""
    pay_lose_and_fall_behind(desk)
    before = desk.assets
    for _ in range(2):
        desk.advance()
        assert desk.assets >= before - 2


def test_advance_in_parts__lowers_no_price(bare):
    bare.sell(200 * ETHER)
    advance_in_parts(bare)


def test_advance_in_parts__of_a_purchase__lowers_no_price(desk):
    sink(desk, 20 * ETHER, 6 * 3_600)
    desk.swap(1, 20 * ETHER)
    buy(desk, 20 * ETHER)
    advance_in_parts(desk)


def test_vault_that_is_behind__says_that_it_takes_no_deposit(desk):
    desk.sell(10 * ETHER)
    pay_lose_and_fall_behind(desk)
    assert desk.call("maxDeposit", desk.other) == desk.call("maxMint", desk.other) == 0
    with reverts("TicketsWaiting"):
        desk.call("deposit", ETHER, desk.other, sender=desk.other)


@pytest.mark.parametrize("dust", [7, 8])
def test_paid_tickets_beyond_the_eighth__fall_while_nobody_settles_them(bare, dust):
    """The stated limit: an operation settles eight; upkeep between the two reports prevents it."""
    for _ in range(dust):
        bare.sell(200)
    bare.sell(224 * ETHER)
    last = bare.last_ticket
    for _ in range(3):
        bare.report()
    bare.report(last=last)
    fell = fall_by(bare, LOSS)
    assert fell <= ROUNDING if dust < 8 else 5 * ETHER < fell < 6 * ETHER
    worth = bare.assets + fell
    for _ in range(2):
        bare.advance()
    bare.wait(DAY)
    assert bare.assets >= worth - 2 * ROUNDING


def test_upkeep_between_two_reports__leaves_nothing_to_fall(bare):
    for _ in range(8):
        bare.sell(200)
    bare.sell(224 * ETHER)
    last = bare.last_ticket
    for _ in range(3):
        bare.report()
    bare.report(last=last)
    for _ in range(2):
        bare.advance()
    assert fall_by(bare, LOSS) <= ROUNDING
