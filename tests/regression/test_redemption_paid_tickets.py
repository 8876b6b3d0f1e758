"""No loss falls on tickets that the queue paid before it, however many nobody has claimed.

And none that tickets bought cheaply have not suffered, because of one of dust that was bought dear.
"""

import pytest

from tests.fixtures.in_process import NodeWithAccounts, PlainStaking
from tests.fixtures.redemption import DAY, WAD, new_arena
from tests.fixtures.staking import ETHER, reverts

DUST = 10**9
LOSS = 40 * ETHER
ROUNDED = 300
"""Wei: marks of 200 ether fall by an index of 18 decimals."""
SPAM = 24
"""Tickets of dust, each of which costs its maker four times what it costs others."""


@pytest.fixture
def desk(artifacts):
    return new_arena(NodeWithAccounts(), artifacts, PlainStaking)


def paid_and_left_alone(desk, *, dust, settled=True):
    """A ticket of 224 ether behind `dust`; the queue pays all of them, and nobody calls."""
    for _ in range(dust):
        desk.sell(200)
    desk.sell(224 * ETHER)
    last = desk.last_ticket
    for _ in range(3):
        desk.report()
    for _ in range(-(-(dust + 1) // 8) if settled else 0):
        desk.advance()
    desk.report(last=last)
    assert desk.call("ticketCounts") == (dust + 1, (dust + 1) * settled, 0)


def buy(desk, amount):
    desk.transact("buyFromPool", amount, sender=desk.other)


def lift(desk, spot):
    while desk.stack.swap.call("get_p", 0) < spot:
        desk.swap(0, 4 * ETHER)


@pytest.mark.parametrize("settled", [True, False])
@pytest.mark.parametrize("dust", [0, SPAM])
def test_loss_after_the_queue_has_paid__takes_nothing_of_it(desk, dust, settled):
    paid_and_left_alone(desk, dust=dust, settled=settled)
    before = desk.assets
    desk.report(loss=LOSS)
    assert desk.assets >= before - dust - 1
    value, calls = desk.assets, 0
    while desk.call("ticketCounts")[2] <= dust:
        desk.advance()
        assert desk.assets >= value - 8
        value, calls = desk.assets, calls + 1
    assert calls == -(-(dust + 1) // 8), "eight at a time"


def test_deposit_for_a_day_after_it__gains_no_more_than_accretes(desk):
    paid_and_left_alone(desk, dust=SPAM)
    desk.report(loss=LOSS)
    with reverts("TicketsWaiting"):
        desk.call("deposit", ETHER, desk.other, sender=desk.other)
    for _ in range(4):
        desk.advance()
    unaccreted = desk.position[4]
    assert unaccreted < ETHER // 10
    before = desk.weth_of(desk.other)
    desk.deposit(1_900 * ETHER, desk.other)
    desk.wait(DAY)
    desk.redeem(desk.shares_of(desk.other), desk.other)
    assert desk.weth_of(desk.other) - before <= unaccreted


@pytest.mark.parametrize("account", ["depositor", "other"])
def test_exits_after_it__are_open_and_at_the_full_price(desk, account):
    """With more tickets left than an operation claims: no spam of dust keeps anybody in."""
    account = getattr(desk, account)
    desk.deposit(400 * ETHER, desk.other)
    paid_and_left_alone(desk, dust=SPAM)
    price = desk.price
    desk.report(loss=LOSS)
    assert desk.price >= price
    shares = desk.shares_of(account)
    worth, before = desk.call("convertToAssets", shares), desk.weth_of(account)
    desk.redeem(shares // 2, account)
    exit_id = desk.request_exit(shares - shares // 2, account)
    desk.claim_exit(exit_id)
    assert desk.weth_of(account) - before >= worth - 4
    assert desk.price >= price


def test_line__is_paid_alike_whether_somebody_looked_before_the_loss(desk):
    """Who leaves for the line after it leaves nothing to those who stay."""
    for _ in range(34):
        desk.sell(7 * ETHER)
    last = desk.last_ticket
    desk.deposit(500 * ETHER, desk.other)
    for _ in range(3):
        desk.report()
    for _ in range(5):
        desk.advance()
    desk.wait(DAY)
    desk.sell(240 * ETHER)
    desk.report(last=last)
    shares = desk.shares_of()
    worth = desk.call("convertToAssets", shares)
    desk.report(loss=LOSS)
    before = desk.weth_of(desk.depositor)
    exit_id = desk.request_exit(shares)
    for _ in range(5):
        desk.advance()
    desk.claim_exit(exit_id)
    assert desk.weth_of(desk.depositor) - before >= worth - 34


def test_tickets_behind_the_paid_ones__bear_the_loss_alone(desk):
    """Half of them paid: the other half's marks fall by the whole loss of theirs, not more."""
    sold = [desk.sell(10 * ETHER) for _ in range(20)]
    for _ in range(3):
        desk.report()
    for _ in range(3):
        desk.advance()
    desk.wait(10 * DAY)
    desk.report(last=sold[9]["requestId"])
    before = desk.assets
    desk.report(loss=LOSS)
    queue = desk.stack.queue
    worth = [queue.call("presentValue", ticket["requestId"]) for ticket in sold]
    lost = [ticket["nominal"] - pays for ticket, pays in zip(sold, worth, strict=True)]
    assert max(lost[:10]) <= 1
    assert min(lost[10:]) > ETHER // 10
    assert abs(before - desk.assets - sum(lost)) <= ROUNDED
    for _ in range(3):
        desk.advance()
    assert desk.call("ticketCounts") == (20, 20, 10)
    assert abs(before - desk.assets - sum(lost)) <= ROUNDED


def test_two_losses_with_payments_between__each_falls_on_what_waited_then(desk):
    """Checkpoints are met in their order, by whoever looks after all of it."""
    sold = [desk.sell(10 * ETHER) for _ in range(24)]
    for _ in range(3):
        desk.report()
    for _ in range(3):
        desk.advance()
    desk.wait(10 * DAY)
    before = desk.assets
    desk.report(last=sold[7]["requestId"])
    desk.report(loss=LOSS // 2, last=sold[15]["requestId"])
    desk.report(loss=LOSS // 2)
    queue = desk.stack.queue
    lost = [ticket["nominal"] - queue.call("presentValue", ticket["requestId"]) for ticket in sold]
    assert lost[7] <= 1 < lost[8] == lost[15] < lost[16] == lost[23]
    assert abs(before - desk.assets - sum(lost)) <= ROUNDED


def test_dust_bought_dear__lets_no_loss_fall_on_what_was_bought_cheaply(desk):
    desk.swap(1, 280 * ETHER)
    desk.wait(12)
    for _ in range(10):
        buy(desk, 10 * ETHER)
    lift(desk, WAD * 998 // 1_000)
    desk.wait(6 * 3_600)
    buy(desk, DUST)
    before = desk.assets
    desk.report(loss=LOSS)
    assert desk.assets >= before - 11


def test_dust_bought_dear_and_settled_long_ago__neither(desk):
    desk.swap(1, 60 * ETHER)
    buy(desk, DUST)
    lift(desk, WAD * 9_995 // 10_000)
    slot, _reference = desk.staking.next_frame()
    desk.sell(ETHER)
    desk.staking.report_at(slot, validators=40, balance=desk.balance, seen=1_280 * ETHER)
    desk.advance()
    assert desk.call("ticketCounts") == (2, 1, 0)
    desk.swap(1, 280 * ETHER)
    desk.wait(12)
    for _ in range(10):
        buy(desk, 10 * ETHER)
    before = desk.assets
    desk.report(loss=LOSS)
    assert desk.assets >= before - DUST, "the ticket of dust is what loses"


def test_dear_purchases__lose_no_more_than_cheap_ones_make_up_for(desk):
    """Both wait for their report: together they are worth more than they cost, loss and all."""
    desk.swap(1, 280 * ETHER)
    desk.wait(12)
    for _ in range(10):
        buy(desk, 10 * ETHER)
    lift(desk, WAD * 98 // 100)
    desk.wait(6 * 3_600)
    for _ in range(8):
        buy(desk, 5 * ETHER)
    before = desk.assets
    desk.report(loss=LOSS)
    assert desk.assets >= before - 18
    for _ in range(3):
        desk.advance()
        assert desk.assets >= before - 18
    assert desk.call("ticketCounts")[1] == 18


def test_holdback__is_settled_at_the_value_of_then(desk):
    """A later loss is the seller's too, if nobody has called in between; he may."""
    kept = []
    for watched in (True, False):
        sold, held = desk.sell(10 * ETHER), desk.weth_of(desk.seller)
        desk.report()
        if watched:
            desk.transact("advance", sender=desk.seller)
        desk.report(loss=5 * ETHER)
        desk.advance()
        kept.append(sold["heldBack"] - (desk.weth_of(desk.seller) - held))
    assert kept[0] <= 1
    assert kept[1] > ETHER // 100


def test_exit_status__tells_what_is_settled_and_a_claim_settles_first(desk):
    desk.sell(200 * ETHER)
    last = desk.last_ticket
    desk.redeem(desk.call("maxRedeem", desk.depositor))
    exit_id = desk.request_exit(desk.shares_of())
    for _ in range(3):
        desk.report()
    desk.claim_exit(exit_id)
    desk.report(last=last)
    _, pending, claimable = desk.call("exitStatus", exit_id)
    assert (pending, claimable) == (desk.call("pendingExits"), 0)
    assert pending > 0
    sent = desk.call("claimExit", exit_id, sender=desk.other)
    assert sent > 190 * ETHER
    assert sent >= desk.call("convertToAssets", pending) - 1
