"""Tickets given away while a finalisation is on its way: one claim each, by the latest owner."""

import pytest

from keel.models.staking.tickets import RATE_SCALE
from tests.fixtures.staking import ETHER, reverts

SELLER, BUYER, ACCOMPLICE = range(3)


@pytest.fixture
def agreed(queue, who):
    """Tickets 1 to 3 of the seller, whom an accomplice may act for; and a report that pays two."""
    queue.request(who[SELLER], ETHER, 2 * ETHER, 3 * ETHER)
    queue.transact("approve", who[ACCOMPLICE], 1, sender=who[SELLER])
    return queue, queue.staking.agree(queue.staking.next_frame()[0], last=2)


def test_ticket_sold_between_vote_and_report__pays_the_buyer_alone(agreed, who):
    queue, report = agreed
    worth, total = queue.call("presentValue", 1), queue.call("unfinalizedStETH")
    queue.transact("transferFrom", who[SELLER], who[BUYER], 1, sender=who[SELLER])
    assert queue.call("unfinalizedStETH") == total
    queue.staking.submit(report)
    for account in (who[SELLER], who[ACCOMPLICE]):
        with reverts("NotOwnerOrApproved", account, 1):
            queue.call("claimWithdrawal", 1, sender=account)
        with reverts("NotOwnerOrApproved", account, 1):
            queue.call("claimWithdrawalsTo", [1], queue.hints(1), account, sender=account)
    locked = queue.call("getLockedEtherAmount")
    queue.transact("claimWithdrawal", 1, sender=who[BUYER])
    assert locked - queue.call("getLockedEtherAmount") == worth
    assert queue.balance() == locked - worth >= queue.call("claimableNow", [2])


def test_tickets_sold_one_by_one__lock_and_pay_as_if_none_had_moved(agreed, who):
    """Some before the vote's report, some after it, one on both sides of a second finalisation."""
    queue, report = agreed
    snapshot = queue.staking.rpc.snapshot()
    queue.staking.submit(report)
    queue.finalize(3)
    unmoved = [queue.call("presentValue", i) for i in (1, 2, 3)], queue.balance()

    queue.staking.rpc.revert(snapshot)
    queue.transact("transferFrom", who[SELLER], who[BUYER], 3, sender=who[SELLER])
    queue.staking.submit(report)
    queue.transact("transferFrom", who[SELLER], who[BUYER], 2, sender=who[SELLER])
    queue.transact("transferFrom", who[BUYER], who[ACCOMPLICE], 3, sender=who[BUYER])
    queue.finalize(3)
    assert ([queue.call("presentValue", i) for i in (1, 2, 3)], queue.balance()) == unmoved
    for request_id, owner in ((1, SELLER), (2, BUYER), (3, ACCOMPLICE)):
        queue.transact("claimWithdrawal", request_id, sender=who[owner])
        with reverts("RequestAlreadyClaimed", request_id):
            queue.call("claimWithdrawal", request_id, sender=who[owner])
    assert queue.balance() == queue.call("getLockedEtherAmount") <= 3


def test_ticket_moved_to_the_queue_itself__is_refused_or_harms_its_sender_alone(agreed, who):
    """It can't claim: the ether stays locked for that ticket and is nobody else's."""
    queue, report = agreed
    queue.transact("transferFrom", who[SELLER], queue.contract.address, 2, sender=who[SELLER])
    queue.staking.submit(report)
    rate_before = queue.staking.stack.pool.call("exchangeRate")
    stuck = queue.call("presentValue", 2)
    queue.transact("claimWithdrawal", 1, sender=who[SELLER])
    assert queue.balance() >= stuck
    ether, shares = queue.staking.stack.pool.call("exchangeRate")
    assert ether * RATE_SCALE // shares >= rate_before[0] * RATE_SCALE // rate_before[1]
