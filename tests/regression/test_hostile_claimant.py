"""Tickets held by code: it may re-enter when paid, or refuse the ether."""

import pytest

from tests.fixtures.staking import ETHER, Queue, reverts

SAFE_TRANSFER = "safeTransferFrom(address,address,uint256)"


@pytest.fixture
def tickets(pinned, callback, who):
    """1 and 2 of the hostile account, 3 of `who[1]`, all finalised."""
    queue = Queue(pinned)
    queue.approve(who[1])
    pool = pinned.stack.pool
    zero = "0x" + "00" * 20
    callback.act(pool, "submit", zero, value=10 * ETHER)
    callback.act(pool, "approve", queue.contract.address, 2**256 - 1)
    callback.act(queue.contract, Queue.REQUEST, [ETHER, 2 * ETHER], zero)
    queue.request(who[1], 3 * ETHER)
    queue.finalize(3)
    return queue


def test_reentrant_claim__is_paid_once(tickets, callback, who):
    queue, pool = tickets.contract, tickets.staking.stack.pool
    worth = tickets.call("presentValue", 1)
    locked = tickets.call("getLockedEtherAmount")
    callback.arm(
        queue.prepare("claimWithdrawal", 1),
        queue.prepare("claimWithdrawals", [1], [1]),
        queue.prepare("claimWithdrawal", 3),
        queue.prepare("transferFrom", callback.address, who[0], 1),
        queue.prepare("receiveFinalizedEther"),
        queue.prepare("getClaimableEther", [1, 3], [1, 1]),
        pool.prepare("exchangeRate"),
    )
    rate = pool.call("exchangeRate")
    held = tickets.staking.rpc.balance(callback.address)
    callback.act(queue, "claimWithdrawal", 1)
    assert callback.outcomes == [
        (False, "RequestAlreadyClaimed"),
        (False, "RequestAlreadyClaimed"),
        (False, "NotOwnerOrApproved"),
        (False, "TokenDoesNotExist"),
        (False, "Unauthorized"),
        (True, ""),
        (True, ""),
    ]
    assert tickets.staking.rpc.balance(callback.address) == held + worth
    assert tickets.call("getLockedEtherAmount") == locked - worth == tickets.balance()
    assert pool.call("exchangeRate") == rate


def test_reentrant_claim__of_another_own_ticket_is_paid_right(tickets, callback):
    """Claiming ticket 2 from within the claim of 1 is allowed: effects come before payments."""
    queue = tickets.contract
    both = tickets.call("claimableNow", [1, 2])
    callback.arm(queue.prepare("claimWithdrawal", 2))
    held = tickets.staking.rpc.balance(callback.address)
    callback.act(queue, "claimWithdrawal", 1)
    assert callback.outcomes == [(True, "")]
    assert tickets.staking.rpc.balance(callback.address) == held + both
    assert tickets.call("getLockedEtherAmount") == tickets.balance()


def test_refusing_claimant__names_another_recipient_and_blocks_nobody(tickets, callback, who):
    queue = tickets.contract
    callback.contract.transact("setRefuses", True, sender=who[0])
    worth = tickets.call("presentValue", 1)
    with reverts("EtherTransferFailed", callback.address, worth):
        callback.act(queue, "claimWithdrawal", 1)
    tickets.transact("claimWithdrawal", 3, sender=who[1])
    callback.act(queue, "claimWithdrawalsTo", [1], [1], who[2])
    assert tickets.call("claimableNow", [1]) == 0


def test_owner_without_a_receivers_hook__gets_tickets_and_claims_them(tickets, callback, who):
    """Minting asks no hook, so none can refuse or re-enter; only safe transfers ask."""
    queue = tickets.contract
    (ticket,) = tickets.request(who[1], ETHER, owner=callback.address)
    tickets.finalize(ticket)
    (mine,) = tickets.request(who[1], ETHER)
    with reverts("TransferToNonERC721ReceiverImplementer"):
        tickets.call(SAFE_TRANSFER, who[1], callback.address, mine, sender=who[1])
    held = tickets.staking.rpc.balance(callback.address)
    worth = tickets.call("presentValue", ticket)
    callback.act(queue, "claimWithdrawal", ticket)
    assert tickets.staking.rpc.balance(callback.address) - held == worth
