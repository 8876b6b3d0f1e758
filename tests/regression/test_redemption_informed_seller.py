"""Slashings are public before the report: who sells to the vault in between keeps the loss."""

import pytest

from tests.fixtures.redemption import TERMS, WAD
from tests.fixtures.staking import ETHER, report_of, reverts
from tests.fixtures.swap import UNLIMITED


def result_of(desk, loss, sale=200 * ETHER):
    """What a sale just before a report of `loss` costs the vault and saves the seller."""
    before = desk.assets
    sold = desk.sell(sale)
    held = desk.weth_of(desk.seller)
    desk.report(loss=loss)
    desk.advance()
    refund = desk.weth_of(desk.seller) - held
    worth = desk.stack.queue.call("presentValue", sold["requestId"])
    return sold, refund, sold["nominal"] - worth, before - desk.assets


@pytest.mark.parametrize("loss", [ETHER, 10 * ETHER, 40 * ETHER])
def test_loss_within_the_holdback__is_the_sellers(redemption, loss):
    sold, refund, lost, cost = result_of(redemption, loss)
    assert 0 < lost <= sold["heldBack"]
    assert refund == sold["heldBack"] - lost
    assert cost <= 1, "depositors lose nothing"


def test_loss_that_one_quorum_may_report__is_within_the_holdback(redemption):
    """1.101 ether a validator of 32: 3.45 %; more needs a second quorum, in public."""
    limits = redemption.stack.checker.call("getLimits")
    bound = limits[2] * WAD // (32 * ETHER)
    assert bound <= TERMS["holdback"]


def test_loss_beyond_the_holdback__costs_depositors_the_rest_alone(redemption):
    """Half of the stake goes; the second quorum confirms it."""
    desk, loss = redemption, 400 * ETHER
    before = desk.assets
    sold = desk.sell(200 * ETHER)
    held = desk.weth_of(desk.seller)
    slot, _ = desk.staking.next_frame()
    balance = desk.balance - loss
    confirm(desk, slot, balance)
    desk.staking.report_at(slot, validators=40, balance=balance, seen=1_280 * ETHER)
    desk.advance()
    assert desk.weth_of(desk.seller) == held, "no refund"
    lost = sold["nominal"] - desk.stack.queue.call("presentValue", sold["requestId"])
    fee = sold["nominal"] - sold["paid"] - sold["heldBack"]
    assert lost > 2 * sold["heldBack"]
    # Marks fall by an index of 18 decimals, rounded down.
    rounded = sold["nominal"] // WAD + 2
    assert before - desk.assets <= lost - sold["heldBack"] - fee + rounded


def confirm(desk, slot, balance):
    """The second quorum's vote for the report that `report_at` would make."""
    report = report_of(slot, validators=40, cl_balance=balance, deposits_seen=1_280 * ETHER)
    desk.staking.confirm(report)


def refused_sale(desk, shares):
    desk.call("sell", shares, 0, desk.seller, UNLIMITED, sender=desk.seller)


def test_loss_that_waits_for_its_second_quorum__stops_sales(redemption):
    """No report comes meanwhile: the frame's cap holds, and soon the report is too old."""
    redemption.sell(240 * ETHER)
    redemption.wait(86_400)
    room = redemption.call("frameRoom")
    assert room < 20 * ETHER
    with reverts("FrameCapExceeded"):
        redemption.call(
            "sell", 100 * ETHER, 0, redemption.seller, UNLIMITED, sender=redemption.seller
        )
    redemption.wait(TERMS["maxReportAge"])
    with reverts("ReportTooOld"):
        refused_sale(redemption, ETHER)


def test_sale_in_parts_to_others__keeps_the_loss_all_the_same(redemption):
    before = redemption.assets
    held = redemption.weth_of(redemption.seller)
    sold = [redemption.sell(20 * ETHER) for _ in range(10)]
    redemption.report(loss=20 * ETHER)
    redemption.advance()
    redemption.advance()
    got = redemption.weth_of(redemption.seller) - held
    queue = redemption.stack.queue
    lost = sum(s["nominal"] - queue.call("presentValue", s["requestId"]) for s in sold)
    assert lost > 0
    assert got == sum(s["paid"] + s["heldBack"] for s in sold) - lost
    assert before - redemption.assets <= 10


def test_seller_who_waits__gains_nothing_by_a_later_settlement(redemption):
    """Anyone settles: it is not the seller's choice."""
    sold = redemption.sell(100 * ETHER)
    redemption.report(loss=10 * ETHER)
    held = redemption.weth_of(redemption.seller)
    redemption.deposit(ETHER, redemption.other)
    refund = redemption.weth_of(redemption.seller) - held
    assert 0 < refund < sold["heldBack"]
    assert redemption.call("ticketCounts") == (1, 1, 0)


def test_depositor_who_leaves_before_the_report__has_nothing_to_flee(redemption):
    """The share's price doesn't fall by a loss within the holdback: leaving first is no gain."""
    redemption.deposit(500 * ETHER, redemption.other)
    redemption.sell(200 * ETHER)
    before = redemption.call("convertToAssets", redemption.shares_of(redemption.other))
    redemption.report(loss=20 * ETHER)
    assert redemption.call("convertToAssets", redemption.shares_of(redemption.other)) >= before - 1


def test_depositor_who_flees_a_loss_on_seasoned_tickets__leaves_its_part_to_those_who_stay(
    redemption,
):
    """Known limit: no more than its part of what the tickets lose, and only from idle WETH."""
    desk = redemption
    desk.deposit(500 * ETHER, desk.other)
    desk.report()
    desk.sell(400 * ETHER)
    desk.report()
    desk.advance()
    seasoned, unaccreted = desk.position[3:5]
    stays = desk.call("convertToAssets", desk.shares_of())
    desk.redeem(desk.shares_of(desk.other), desk.other)
    desk.report(loss=40 * ETHER)
    lost = stays - desk.call("convertToAssets", desk.shares_of())
    whole = seasoned - desk.position[3]
    assert whole // 2 < lost + unaccreted <= whole + unaccreted
    assert whole < seasoned * 35 // 1_000, "what one quorum may report"
