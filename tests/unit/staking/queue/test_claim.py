"""Claims: by owner or approved, to anyone, once, with hints that are checked; also while paused."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts


@pytest.fixture
def paid(queue, who):
    """Tickets 1 and 2 of `who[0]`, 3 of `who[1]`, all finalised; ticket 4 is not."""
    queue.request(who[0], ETHER, 2 * ETHER)
    queue.request(who[1], 3 * ETHER)
    queue.finalize(3)
    queue.request(who[0], ETHER)
    return queue


def received(queue, account, act):
    """Wei that `account`, who sends nothing, receives by `act`."""
    before = queue.staking.rpc.balance(account)
    act()
    return queue.staking.rpc.balance(account) - before


def test_claim__pays_the_owner_and_burns_the_ticket(paid, who):
    locked = paid.call("getLockedEtherAmount")
    assert locked == paid.balance()
    worth = paid.call("presentValue", 1)
    assert worth in (ETHER - 1, ETHER)
    before = paid.staking.rpc.balance(who[0])
    receipt = paid.transact("claimWithdrawal", 1, sender=who[0])
    fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert paid.staking.rpc.balance(who[0]) - before + fee == worth
    (event,) = paid.contract.events(receipt, "WithdrawalClaimed")
    expected = [1, who[0].lower(), who[0].lower(), worth]
    assert list(event.values.values()) == expected
    assert paid.call("getLockedEtherAmount") == paid.balance() == locked - worth
    status = paid.call("getWithdrawalStatus", [1])[0]
    assert (status[2], status[4], status[5]) == (ZERO, True, True)
    with reverts("RequestAlreadyClaimed", 1):
        paid.call("claimWithdrawal", 1, sender=who[0])


def test_claim__to_another_recipient(paid, who):
    amounts = paid.call("getClaimableEther", [1, 2], paid.hints(1, 2))
    got = received(
        paid,
        who[2],
        lambda: paid.transact(
            "claimWithdrawalsTo", [1, 2], paid.hints(1, 2), who[2], sender=who[0]
        ),
    )
    assert got == sum(amounts)


def test_claim__to_nobody__reverts(paid, who):
    with reverts("ZeroAddress"):
        paid.call("claimWithdrawalsTo", [1], paid.hints(1), ZERO, sender=who[0])


@pytest.mark.parametrize("how", ["approve", "setApprovalForAll"])
def test_claim__by_an_approved_account_pays_the_owner(paid, who, how):
    with reverts("NotOwnerOrApproved", who[1], 1):
        paid.call("claimWithdrawal", 1, sender=who[1])
    paid.transact(how, who[1], 1 if how == "approve" else True, sender=who[0])
    got = received(paid, who[0], lambda: paid.transact("claimWithdrawal", 1, sender=who[1]))
    assert got in (ETHER - 1, ETHER)


def test_claim__by_a_stranger__reverts(paid, who):
    for function, arguments in (
        ("claimWithdrawal", (1,)),
        ("claimWithdrawals", ([1], paid.hints(1))),
        ("claimWithdrawalsTo", ([1], paid.hints(1), who[2])),
    ):
        with reverts("NotOwnerOrApproved", who[2], 1):
            paid.call(function, *arguments, sender=who[2])


def test_claim__new_owner_after_a_transfer(paid, who):
    paid.transact("transferFrom", who[0], who[2], 1, sender=who[0])
    with reverts("NotOwnerOrApproved", who[0], 1):
        paid.call("claimWithdrawal", 1, sender=who[0])
    paid.transact("claimWithdrawal", 1, sender=who[2])


def test_claim__unknown_or_unfinalised__reverts(paid, who):
    for unknown in (0, 5, 2**255):
        with reverts("RequestNotFound", unknown):
            paid.call("claimWithdrawal", unknown, sender=who[0])
    with reverts("RequestNotFinalized", 4):
        paid.call("claimWithdrawal", 4, sender=who[0])


def test_claim__wrong_hint__reverts(paid, who):
    paid.finalize(4)
    assert paid.hints(1, 4) == [1, 2]
    for wrong in (0, 2, 3, 2**255):
        with reverts("WrongHint", 1, wrong):
            paid.call("claimWithdrawals", [1], [wrong], sender=who[0])
    with reverts("LengthMismatch", 2, 1):
        paid.call("claimWithdrawals", [1, 2], [1], sender=who[0])


def test_claim__twice_in_a_batch__reverts(paid, who):
    with reverts("RequestAlreadyClaimed", 1):
        paid.call("claimWithdrawals", [1, 1], [1, 1], sender=who[0])


def test_claim__while_paused(paid, who):
    paid.staking.stack.pool.transact("pause", sender=paid.staking.owner)
    paid.transact("claimWithdrawals", [1, 2], [1, 1], sender=who[0])
    paid.transact("claimWithdrawal", 3, sender=who[1])
    assert paid.call("getLockedEtherAmount") <= 3  # less than a wei of dust per ticket


def test_claim__all__leaves_dust_below_a_wei_per_ticket(paid, who):
    paid.finalize(4)
    for ticket in (1, 2, 4):
        paid.transact("claimWithdrawal", ticket, sender=who[0])
    paid.transact("claimWithdrawal", 3, sender=who[1])
    assert paid.call("getLockedEtherAmount") == paid.balance() < 4


def test_claim__nothing_to_claim_is_no_error(paid, who):
    paid.transact("claimWithdrawals", [], [], sender=who[0])
