"""Advances on tickets that may be worth less: they come back, and what is missing is a loss."""

import pytest

from tests.fixtures.staking import ETHER, reverts

SEEN = {"validators": 20, "seen": 640 * ETHER}


@pytest.fixture
def fallen(queue, who):
    """Tickets 1 and 2 of `who[0]`, 3 of `who[1]`, finalised after a loss of about 15 %.

    Ticket 1 got all that it could, 2 half an ether of 3, 3 nothing.
    """
    staking = queue.staking
    staking.stake(who[1], 700 * ETHER)
    staking.fund_validators(20)
    staking.report(**SEEN, balance=640 * ETHER)
    staking.stake(who[1], 100 * ETHER)
    queue.request(who[0], 10 * ETHER)
    queue.stay_silent()
    queue.advance(who[0], 1)
    ahead = staking.stack.pool.call("getBalances")[0] + queue.call("etherLent") - ETHER // 2
    queue.request(who[1], ahead - 10 * ETHER)
    queue.request(who[0], 3 * ETHER)
    assert queue.advance(who[0], 3) == [ETHER // 2]
    staking.next_frame()
    slot, _reference = staking.next_frame()
    report = staking.agree(slot, **SEEN, balance=500 * ETHER, withdrawals=20 * ETHER, last=3)
    staking.confirm(report)
    staking.submit(report)
    return queue


def buffered(queue):
    return queue.staking.stack.pool.call("getBalances")[0]


def value(queue, ticket):
    """What a finalised ticket is worth, its advance included."""
    checkpoint = queue.call("getCheckpoint", 1)
    nominal, shares18 = queue.call("getWithdrawalStatus", [ticket])[0][:2]
    return nominal, shares18 * 10**9 * checkpoint[2] // 10**36


def test_clear_advances__gives_back_what_the_ticket_covers(fallen, who):
    pool = fallen.staking.stack.pool
    first, third = fallen.call("getAdvance", 1), fallen.call("getAdvance", 3)
    assert fallen.call("etherLent") == first + third, "the finalisation netted nothing"
    before, rate = buffered(fallen), pool.call("exchangeRate")
    layer = pool.call("getBalances")[1]
    locked = fallen.call("getLockedEtherAmount")
    receipt = fallen.transact("clearAdvances", [1, 2, 3], fallen.hints(1, 2, 3), sender=who[2])
    one, three = (e.values for e in fallen.contract.events(receipt, "AdvanceCleared"))
    assert (one["requestId"], three["requestId"]) == (1, 3)
    nominal, worth = value(fallen, 1)
    assert worth < first < nominal
    assert abs(one["returned"] - worth) <= 1
    assert one["returned"] + one["shortfall"] == first
    assert (three["returned"], three["shortfall"]) == (third, 0)
    back = one["returned"] + third
    assert buffered(fallen) - before == back
    assert locked - fallen.call("getLockedEtherAmount") == back
    assert fallen.balance() == fallen.call("getLockedEtherAmount")
    assert fallen.call("etherLent") == 0
    assert pool.call("exchangeRate") == rate, "the rate falls in reports alone"
    assert pool.call("getBalances")[1] - layer == one["shortfall"]


def test_clear_advances__the_shortfall_is_a_loss_of_the_next_report(fallen, who):
    staking, pool = fallen.staking, fallen.staking.stack.pool
    receipt = fallen.transact("clearAdvances", [1], fallen.hints(1), sender=who[2])
    shortfall = fallen.contract.events(receipt, "AdvanceCleared")[0].values["shortfall"]
    before = pool.call("exchangeRate")
    report = staking.agree(staking.next_frame()[0], **SEEN, balance=500 * ETHER)
    staking.confirm(report)
    receipt = staking.submit(report)
    (loss,) = pool.events(receipt, "LossReported")
    assert loss.values["loss"] == shortfall > 0
    assert pool.call("exchangeRate") < before
    receipt = staking.report(**SEEN, balance=500 * ETHER)
    assert not pool.events(receipt, "LossReported"), "once"


def test_clear_advances__again__does_nothing(fallen, who):
    for _ in range(2):
        before = buffered(fallen)
        fallen.transact("clearAdvances", [1, 1, 2], fallen.hints(1, 1, 2), sender=who[2])
    assert buffered(fallen) == before
    fallen.transact("clearAdvances", [], [], sender=who[2])


def test_clear_advances__leaves_the_rest_to_the_owner(fallen, who):
    """The same by clearing first or by claiming at once."""
    expected = fallen.call("getClaimableEther", [1, 3], fallen.hints(1, 3))
    assert expected[0] == 0
    assert expected[1] > 0
    fallen.transact("clearAdvances", [3], fallen.hints(3), sender=who[2])
    assert fallen.call("getClaimableEther", [1, 3], fallen.hints(1, 3)) == expected
    fallen.transact("claimWithdrawal", 3, sender=who[0])
    receipt = fallen.transact("claimWithdrawal", 1, sender=who[0])
    assert [e.name for e in fallen.contract.events(receipt)].count("AdvanceCleared") == 1
    fallen.transact("claimWithdrawal", 2, sender=who[1])
    assert fallen.balance() == fallen.call("getLockedEtherAmount") < 3
    assert fallen.call("etherLent") == 0


def test_clear_advances__bad_input__reverts(fallen, who):
    fallen.request(who[0], ETHER)
    with reverts("LengthMismatch", 1, 0):
        fallen.call("clearAdvances", [1], [], sender=who[2])
    with reverts("RequestNotFound", 9):
        fallen.call("clearAdvances", [9], [1], sender=who[2])
    with reverts("RequestNotFinalized", 4):
        fallen.call("clearAdvances", [4], [1], sender=who[2])
    with reverts("WrongHint", 1, 2):
        fallen.call("clearAdvances", [1], [2], sender=who[2])


def test_clear_advances__netted_ones_are_passed_over(queue, who):
    queue.request(who[0], ETHER)
    queue.stay_silent()
    queue.advance(who[0], 1)
    queue.finalize(1)
    before = buffered(queue)
    receipt = queue.transact("clearAdvances", [1], queue.hints(1), sender=who[2])
    assert not receipt["logs"]
    assert buffered(queue) == before
