"""Finalisation: who pays what, at which rate, from where, and what it refuses."""

import pytest

from tests.fixtures.staking import ETHER, reverts


def rate(pool):
    ether, shares = pool.call("exchangeRate")
    return ether, shares


@pytest.fixture
def risky(queue, who):
    """Twenty validators that can lose; the tickets of the test come after them."""
    staking = queue.staking
    staking.stake(who[1], 700 * ETHER)
    staking.fund_validators(20)
    staking.report(validators=20, balance=640 * ETHER, seen=640 * ETHER)
    return queue


def lose(queue, wei, last=0):
    """A report with a loss that may finalise up to `last`."""
    queue.staking.next_frame()
    balance = 640 * ETHER - wei
    return queue.staking.report(validators=20, balance=balance, seen=640 * ETHER, last=last)


def test_finalize__only_the_pool(queue, who):
    queue.request(who[0], ETHER)
    pool = queue.staking.stack.pool.address
    for function, arguments in (
        ("finalize", (1, 10**27, 2**40, [])),
        ("receiveFinalizedEther", ()),
    ):
        with reverts("Unauthorized", who[0], pool):
            queue.call(function, *arguments, sender=who[0])


def test_finalize__locks_the_ether_and_burns_the_shares(queue, who):
    pool = queue.staking.stack.pool
    queue.request(who[0], ETHER, 2 * ETHER)
    queued = pool.call("exactSharesOf", queue.contract.address)
    receipt = queue.finalize(2)
    (event,) = queue.contract.events(receipt, "WithdrawalsFinalized")
    assert (event.values["from"], event.values["to"]) == (1, 2)
    assert event.values["amountOfETHLocked"] == queue.call("getLockedEtherAmount")
    assert event.values["sharesToBurn"] == queued // 10**9
    assert queue.balance() == queue.call("getLockedEtherAmount")
    assert 3 * ETHER - 2 <= queue.balance() <= 3 * ETHER
    assert pool.call("exactSharesOf", queue.contract.address) == 0
    assert queue.call("getLastFinalizedRequestId") == 2


def test_finalize__a_gain_since_the_request_pays_the_nominal(queue, who):
    staking, pool = queue.staking, queue.staking.stack.pool
    queue.request(who[0], ETHER)
    staking.report(rewards=ETHER // 50)
    staking.rpc.mine_at(staking.rpc.timestamp + 86_400)
    ether, shares = rate(pool)
    queue.finalize(1)
    assert queue.call("presentValue", 1) == ETHER
    after_ether, after_shares = rate(pool)
    assert after_ether * shares >= ether * after_shares, "the surplus stays with the holders"


def test_finalize__a_loss_since_the_request_pays_by_the_rate(risky, who):
    pool = risky.staking.stack.pool
    (ticket,) = risky.request(who[0], 10 * ETHER)
    lose(risky, 4 * ETHER)
    shares = pool.call("exactSharesOf", risky.contract.address)
    ether, total = rate(pool)
    assert risky.call("presentValue", ticket) == pytest.approx(shares * ether // total, abs=1)
    lose(risky, 4 * ETHER, last=ticket)
    paid = risky.call("presentValue", ticket)
    assert paid == pytest.approx(shares * ether // total, abs=1)
    assert paid < 10 * ETHER


def test_finalize__a_loss_after_it_changes_nothing(risky, who):
    risky.request(who[0], 10 * ETHER)
    lose(risky, 0, last=1)
    promised = risky.call("presentValue", 1)
    lose(risky, 8 * ETHER)
    assert risky.call("presentValue", 1) == promised
    risky.transact("claimWithdrawal", 1, sender=who[0])


def test_finalize__across_a_loss_each_epoch_has_a_checkpoint(risky, who):
    risky.request(who[0], ETHER)
    lose(risky, 4 * ETHER)
    risky.request(who[0], ETHER)
    lose(risky, 4 * ETHER, last=2)
    assert risky.call("getLastCheckpointIndex") == 2
    first, second = (risky.call("presentValue", ticket) for ticket in (1, 2))
    assert first < second <= ETHER
    assert risky.hints(1, 2) == [1, 2]
    assert risky.call("getLockedEtherAmount") == risky.balance() >= first + second


def test_finalize__boundaries_are_found_without_hints(queue, who):
    """Within an epoch rates rise with the id: up to the boundary tickets get their nominal."""
    staking, pool = queue.staking, queue.staking.stack.pool
    staking.report(rewards=ETHER // 50)
    rays = []
    for _ in range(3):
        staking.rpc.mine_at(staking.rpc.timestamp + 600)
        queue.request(who[0], ETHER)
        ether, shares = rate(pool)
        rays.append(-(-ether * 10**36 // shares))
    assert rays[0] < rays[1] < rays[2]
    for number, ray in enumerate(rays, start=1):
        assert list(queue.call("findBoundaries", 3, ray)) == [number]
        assert list(queue.call("findBoundaries", 3, ray - 1)) == [number - 1]
        unaided = queue.call("prefinalize", 3, ray, [])
        for hint in (0, 1, 2, 3, 4, 2**255):
            assert queue.call("prefinalize", 3, ray, [hint]) == unaided


def test_finalize__beyond_the_last_or_before_the_first__reverts(queue, who):
    queue.request(who[0], ETHER, ETHER)
    with reverts("FinalizationRangeInvalid", 3, 0, 2):
        queue.call("prefinalize", 3, 10**27, [])
    queue.finalize(1)
    with reverts("FinalizationRangeInvalid", 1, 1, 2):
        queue.call("prefinalize", 1, 10**27, [])


def test_finalize__request_younger_than_the_margin__reverts(queue, who):
    """The margin is an hour before the reference time of the report."""
    staking = queue.staking
    _slot, _reference, deadline = staking.stack.oracle.call("getCurrentFrame")
    staking.rpc.mine_at(deadline - 1_800)
    queue.request(who[0], ETHER)
    requested = staking.rpc.timestamp
    slot, reference = staking.next_frame()
    with reverts("RequestTooYoung", 1, requested, reference - 3_600):
        staking.report_at(slot, last=1)


def test_finalize__more_than_the_buffer_holds__reverts(risky, who):
    """What is staked is not there to pay with: the report must wait for exits."""
    pool = risky.staking.stack.pool
    buffered = pool.call("getBalances")[0]
    risky.request(who[1], buffered + ETHER)
    with reverts("BufferShort"):
        lose(risky, 0, last=1)
