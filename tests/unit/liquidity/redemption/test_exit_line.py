"""requestExit and claimExit."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts


@pytest.fixture
def short(redemption):
    """300 of 500 ether idle; two depositors."""
    redemption.deposit(100 * ETHER, redemption.other)
    redemption.report()
    redemption.sell(300 * ETHER)
    return redemption


def status(desk, exit_id):
    return desk.call("exitStatus", exit_id)


def test_request_exit__is_settled_at_once_where_there_is_enough(short):
    shares = short.shares_of(short.other)
    worth = short.call("convertToAssets", shares)
    exit_id = short.request_exit(shares, short.other)
    receiver, pending, claimable = status(short, exit_id)
    assert (receiver.lower(), pending, claimable) == (short.other.lower(), 0, worth)
    assert short.position[5] == worth
    before = short.weth_of(short.other)
    receipt = short.claim_exit(exit_id)
    assert short.weth_of(short.other) == before + worth
    assert short.event(receipt, "ExitPaid")["assets"] == worth
    assert status(short, exit_id) == (ZERO, 0, 0)


def test_request_exit__waits_for_what_is_missing(short):
    shares, idle, price = short.shares_of(), short.position[0], short.price
    exit_id = short.request_exit(shares)
    _, pending, claimable = status(short, exit_id)
    assert claimable in (idle, idle - 1)
    assert pending == short.call("pendingExits") == short.call("balanceOf", short.vault.address)
    assert 0 < pending < shares
    assert short.price >= price
    assert short.position[0] == 0


def test_request_exit__to_a_receiver(short):
    arguments = (10**24, short.seller)
    receipt = short.transact("requestExit", *arguments, sender=short.depositor)
    exit_id = short.event(receipt, "ExitRequested")["exitId"]
    before = short.weth_of(short.seller)
    short.claim_exit(exit_id)
    assert short.weth_of(short.seller) > before


def test_request_exit__nothing_or_to_nobody_or_not_held__reverts(short):
    depositor = short.depositor
    with reverts("ZeroAmount"):
        short.call("requestExit", 0, depositor, sender=depositor)
    with reverts("ZeroAddress"):
        short.call("requestExit", 1, ZERO, sender=depositor)
    with reverts("InsufficientBalance"):
        short.call("requestExit", short.shares_of() + 1, depositor, sender=depositor)


def test_claim_exit__unknown_or_paid__reverts(short):
    with reverts("UnknownExit", 0):
        short.call("claimExit", 0)
    exit_id = short.request_exit(10**24)
    short.claim_exit(exit_id)
    with reverts("UnknownExit", exit_id):
        short.call("claimExit", exit_id)


def test_claim_exit__in_parts_as_weth_comes(short):
    exit_id = short.request_exit(short.shares_of())
    paid = 0
    for _ in range(3):
        before = short.weth_of(short.depositor)
        claimable = status(short, exit_id)[2]
        short.claim_exit(exit_id)
        assert short.weth_of(short.depositor) - before == claimable > 0
        paid += claimable
        assert short.call("claimExit", exit_id) == 0, "nothing more for now"
        short.deposit(30 * ETHER, short.other)
    assert paid > 300 * ETHER


def test_claim_exit__pays_in_order(short):
    """The second gets nothing before the first is paid in full."""
    first = short.request_exit(short.shares_of())
    second = short.request_exit(short.shares_of(short.other), short.other)
    assert status(short, first)[1] > 0
    assert status(short, second)[2] == 0
    short.transact("deposit", 150 * ETHER, short.seller, sender=short.other)
    assert status(short, first)[1] > 0
    assert status(short, second)[2] == 0
    short.transact("deposit", 300 * ETHER, short.seller, sender=short.other)
    for exit_id in (first, second):
        assert status(short, exit_id)[1] == 0
        short.claim_exit(exit_id)
        assert status(short, exit_id) == (ZERO, 0, 0)
    assert short.position[5] <= 4, "less than a wei a claim is left"


def test_exits__earn_and_lose_while_they_wait(short):
    exit_id = short.request_exit(short.shares_of())
    pending = status(short, exit_id)[1]
    before = short.call("convertToAssets", pending)
    short.report()
    short.advance()
    short.wait(2 * 86_400)
    gained = short.call("convertToAssets", pending)
    assert gained > before
    short.report(loss=30 * ETHER)
    assert short.call("convertToAssets", pending) < gained
