"""Lifting the cap of what is bought between two reports by money that is gone before the next."""

import pytest

from tests.fixtures.redemption import TERMS, WAD
from tests.fixtures.staking import ETHER, reverts
from tests.fixtures.swap import UNLIMITED

PART = TERMS["frameCap"]


def sale_of(desk, shares):
    return desk.call("sell", shares, 0, desk.seller, UNLIMITED, sender=desk.seller)


@pytest.mark.parametrize("borrowed", [ETHER, 1_500 * ETHER])
def test_borrowed_deposit__does_not_lift_the_cap(redemption, borrowed):
    """In, sell all that the others have, out: a flash loan does."""
    desk = redemption
    room = desk.call("frameRoom")
    desk.deposit(borrowed, desk.other)
    assert desk.call("frameRoom") == room
    with reverts("FrameCapExceeded"):
        sale_of(desk, room + ETHER)
    shares = room * WAD // desk.stack.wketh.call("getRate")
    nominal = desk.sell(shares)["nominal"]
    assert nominal <= room == 500 * ETHER * PART // WAD
    desk.redeem(desk.shares_of(desk.other), desk.other)
    assert desk.call("frameRoom") == 0


def test_deposit__counts_from_the_next_report_on(redemption):
    desk = redemption
    desk.deposit(500 * ETHER, desk.other)
    assert desk.call("frameRoom") == 250 * ETHER
    desk.report()
    assert desk.call("frameRoom") == 500 * ETHER


def test_withdrawal__counts_at_once(redemption):
    redemption.redeem(redemption.shares_of() // 2)
    assert redemption.call("frameRoom") in (125 * ETHER, 125 * ETHER - 1)


def test_deposit_and_withdrawal__leave_the_cap_alone(redemption):
    """Else anybody could stop purchases until the next report."""
    room = redemption.call("frameRoom")
    for _ in range(3):
        redemption.deposit(1_000 * ETHER, redemption.other)
        redemption.redeem(redemption.shares_of(redemption.other), redemption.other)
    assert room - 3 <= redemption.call("frameRoom") <= room


def test_deposit_as_the_first_after_a_report__does_not_count_either(redemption):
    desk = redemption
    desk.report()
    desk.deposit(1_500 * ETHER, desk.other)
    assert desk.call("frameRoom") == 250 * ETHER
