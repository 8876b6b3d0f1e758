"""More tickets than the eight that one operation reaches, and tickets on both sides of a loss.

Whoever looks when, and however often, a share falls by a reported loss alone (REDEEM-1).
"""

import pytest

from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER
from tests.machines.catalogue import MACHINES
from tests.machines.drawing import Part
from tests.machines.driver import Step, replay
from tests.machines.revm import RevmChain

LOSS = ETHER // 50
TICKETS = 20

BOUGHT_AFTER_A_LOSS = [
    # vault.sell(1_000_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    # vault.sell(2_774_766_256_085_181_141, 0, seller, 2**256 - 1) by seller
    # vault.sell(1_074_784_348_631_168_279, 0, seller, 2**256 - 1) by seller
    # vault.sell(5_103_681_694_211_078_425, 0, seller, 2**256 - 1) by seller
    Step(
        "open_with_tickets",
        {
            "sales": [
                1_000_000_000_000_000_000,
                2_774_766_256_085_181_141,
                1_074_784_348_631_168_279,
                5_103_681_694_211_078_425,
            ],
        },
    ),
    # vault.sell(100_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 100_000_000_000_000_000}),
    # vault.sell(10_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 10_000_000_000_000_000}),
    # vault.sell(100_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 100_000_000_000_000_000}),
    # vault.buyFromPool(489_842_336_595_482) by other
    Step("buy_at_a_discount", {"sold": 100, "part": Part(millionths=1)}),
    # vault.sell(10_000_000_000_000_000, 0, seller, 2**256 - 1) by seller
    Step("sell", {"shares": 10_000_000_000_000_000}),
    Step("report", {"gain": 0, "loss": 199_999_999_999_999_999, "pay": 0, "finalises": False}),
    # vault.buyFromPool(489_832_008_232_861) by other
    Step("buy_from_pool", {"part": Part(millionths=1)}),
]


def test_buy_after_a_loss_with_an_older_ticket_unsettled__lowers_no_share(artifacts):
    """The ninth ticket is from before the loss; what the swap pool sold has no holdback."""
    machine = MACHINES["redemption"].open(RevmChain(), artifacts)
    told = []
    replay(machine, BOUGHT_AFTER_A_LOSS, told=told)
    _, function, *_, nominal = told[-1][0]
    assert function == "buyFromPool"
    assert nominal > 0
    assert machine.worst_fall <= 2


def test_purchases_after_a_loss_that_an_older_ticket_has_not_seen__lower_no_share(redemption):
    """Bought between the reference slot and the report: settled after the next one alone."""
    desk = redemption
    desk.swap(1, 280 * ETHER)
    desk.wait(DAY)
    slot, reference = desk.staking.next_frame()
    desk.transact("buyFromPool", 10 * ETHER, sender=desk.other)
    assert desk.rpc.timestamp > reference
    desk.balance -= 30 * ETHER
    desk.staking.report_at(slot, validators=40, balance=desk.balance, seen=1_280 * ETHER)
    assert desk.call("ticketCounts") == (1, 0, 0)
    price, covered = desk.price, desk.position[2]
    cost = desk.stack.swap.call("get_dy", 0, 1, ETHER)
    assert cost > 0
    desk.transact("buyFromPool", ETHER, sender=desk.other)
    assert desk.price >= price
    assert desk.position[2] == covered + ETHER, "counted at cost, whatever the older one lost"
    sold = desk.sell(10 * ETHER)
    assert desk.price >= price
    assert desk.position[2] == covered + ETHER + sold["paid"]


def unseen_loss(desk, *, settled):
    """Twenty tickets; a loss pays them at a low rate; the rate is back before anybody looks."""
    rate = desk.stack.pool.call("exchangeRate")
    sold = [desk.sell(5 * ETHER) for _ in range(TICKETS)]
    for _ in range(3):
        desk.report()
    for _ in range(-(-TICKETS // 8) if settled else 0):
        desk.advance()
    desk.report(loss=LOSS, last=sold[-1]["requestId"])
    after_loss = desk.price
    for _ in range(3):
        desk.report(gain=ETHER // 20)
    desk.wait(3 * DAY)
    now = desk.stack.pool.call("exchangeRate")
    assert now[0] * rate[1] > rate[0] * now[1], "the rate is above that of the sales"
    worth = [desk.stack.queue.call("presentValue", ticket["requestId"]) for ticket in sold]
    assert all(paid < ticket["nominal"] - 2 for paid, ticket in zip(worth, sold, strict=True))
    return after_loss


@pytest.mark.parametrize("settled", [True, False])
def test_tickets_paid_at_an_unseen_low_rate__count_for_no_more_than_they_pay(redemption, settled):
    desk = redemption
    price = unseen_loss(desk, settled=settled)
    for _ in range(2 * TICKETS // 8 + 2):
        now = desk.price
        assert now >= price
        desk.advance()
        assert desk.price >= now, "what is claimed later was not counted for more"
        price = now
    assert desk.call("ticketCounts") == (TICKETS,) * 3


@pytest.mark.parametrize("settled", [True, False])
def test_exit_while_tickets_paid_at_a_low_rate_wait__costs_nobody(redemption, settled):
    """Nobody leaves at a price that counts the tickets beyond the eighth too high."""
    desk = redemption
    desk.deposit(300 * ETHER, desk.other)
    unseen_loss(desk, settled=settled)
    leaver = desk.shares_of(desk.other) // 2
    price = desk.price
    desk.request_exit(leaver, desk.other)
    assert desk.price >= price
    for _ in range(2 * TICKETS // 8 + 2):
        price = desk.price
        desk.advance()
        assert desk.price >= price
