"""Bricking or dearing finalisation: wrong hints, rates moved by a wei, thousands of tickets."""

from tests.fixtures.staking import ETHER


def test_wrong_boundary_hints__are_no_reason_to_refuse(queue, who):
    """Hints are not part of what members vote on: whoever submits can name any."""
    queue.request(who[0], ETHER, ETHER)
    queue.finalize(2, hints=[2**255, 0, 7])
    assert queue.call("claimableNow", [1, 2]) >= 2 * ETHER - 2


def test_a_wei_staked_before_the_report__does_not_stop_it(queue, who):
    """It moves the rate by a hair and so the boundary that a keeper computed before."""
    queue.request(who[0], ETHER)
    queue.staking.report(rewards=ETHER // 1_000)
    queue.request(who[1], ETHER)
    slot, _ = queue.staking.next_frame()
    hints = list(queue.call("findBoundaries", 2, 10**27))
    queue.staking.stake(who[2], 1)
    queue.staking.report_at(slot, last=2, hints=hints)
    assert queue.call("getLastFinalizedRequestId") == 2


def test_spam_of_the_smallest_tickets__does_not_make_it_dearer(queue, who):
    def cost(last):
        return int(queue.finalize(last)["gasUsed"], 16)

    queue.request(who[0], 100)
    cost(1)
    queue.request(who[0], 100)
    one = cost(2)
    for _ in range(4):
        queue.request(who[0], *[100] * 60)
    assert cost(242) < one + 30_000, "a binary search over the ids, nothing per ticket"


def test_a_loss_between_finalisation_and_claim__bricks_no_claim(queue, who):
    """Once, elsewhere, claims read the rate of the day and failed after a negative rebase."""
    staking = queue.staking
    staking.stake(who[1], 700 * ETHER)
    staking.fund_validators(20)
    staking.report(validators=20, balance=640 * ETHER, seen=640 * ETHER)
    queue.request(who[0], ETHER)
    staking.next_frame()
    staking.report(validators=20, balance=640 * ETHER, seen=640 * ETHER, last=1)
    promised = queue.call("presentValue", 1)
    staking.report(validators=20, balance=620 * ETHER, seen=640 * ETHER)
    assert queue.call("presentValue", 1) == promised
    queue.transact("claimWithdrawal", 1, sender=who[0])
