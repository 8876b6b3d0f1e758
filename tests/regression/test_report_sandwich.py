"""Staking just before a report and leaving just after it: a gain must be no step."""

import pytest

from tests.fixtures.staking import ETHER, Queue

STAKES = (ETHER, 1_000 * ETHER)
GAINS = (ETHER // 1_000, ETHER // 10, 100 * ETHER)


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize("gain", GAINS)
def test_balance__does_not_step_at_the_report(pinned, who, stake, gain):
    pool, attacker = pinned.stack.pool, who[2]
    pinned.stake(attacker, stake)
    pinned.report(rewards=gain)
    assert pool.call("balanceOf", attacker) <= stake + 1


@pytest.mark.parametrize("fee_bps", [0, 1_000, 2_000])
@pytest.mark.parametrize("gain", GAINS)
def test_wrapper__does_not_step_at_the_report(pinned, who, gain, fee_bps):
    """Whatever the fee: it is paid from the gain alone, and takes nothing of the rate either."""
    pool, wketh, attacker = pinned.stack.pool, pinned.stack.wketh, who[2]
    shares = [(recipient, 0) for recipient, _bps in pool.call("getFees")]
    pool.transact("setFees", [(shares[0][0], fee_bps), *shares[1:]], sender=pinned.owner)
    pinned.stake(attacker, 100 * ETHER)
    pool.transact("approve", wketh.address, 2**256 - 1, sender=attacker)
    wketh.transact("wrap", 100 * ETHER - 1, sender=attacker)
    pinned.report(rewards=gain)
    wketh.transact("unwrap", wketh.call("balanceOf", attacker), sender=attacker)
    # One second of the day's release passes before the transaction that unwraps.
    released = pool.call("getUnreleasedGain") // 86_000 + 1
    assert 100 * ETHER - 2 <= pool.call("balanceOf", attacker) <= 100 * ETHER + released


@pytest.mark.parametrize("stake", STAKES)
@pytest.mark.parametrize("gain", GAINS)
def test_queue__pays_no_gain_that_came_after_the_request(pinned, who, stake, gain):
    """Stake, ask for it back at once, and let the report finalise the ticket: nominal at most."""
    queue, attacker = Queue(pinned), who[2]
    queue.approve(attacker)
    pinned.stake(attacker, stake)
    (ticket,) = queue.request(attacker, stake - 1)
    pinned.next_frame()
    pinned.report(rewards=gain, last=ticket)
    assert queue.call("presentValue", ticket) <= stake - 1


@pytest.mark.parametrize("stake", STAKES)
def test_entering_after_the_report__shares_one_days_gain_at_most(pinned, who, stake):
    """Known limit: the locked gain is shared by who is there while it is released."""
    pool, attacker = pinned.stack.pool, who[2]
    pinned.report(rewards=7 * ETHER // 1_000)
    locked = pool.call("getUnreleasedGain")
    pinned.stake(attacker, stake)
    total = pool.call("totalSupply")
    pinned.rpc.mine_at(pinned.rpc.timestamp + 86_400)
    profit = pool.call("balanceOf", attacker) - stake
    assert profit <= locked * stake // total + 1


@pytest.mark.parametrize("share", [1, 10, 19])
@pytest.mark.parametrize("gain", [0, 7 * ETHER // 1_000])
def test_finalisation__is_no_step_in_the_rate(queue, who, share, gain):
    """The surplus of a batch joins the gain that is yet to be released."""
    staking, pool = queue.staking, queue.staking.stack.pool
    queue.request(who[0], share * ETHER)
    staking.report(rewards=gain)
    slot, _ = staking.next_frame()
    before_ether, before_shares = pool.call("exchangeRate")
    staking.report_at(slot, last=1)
    ether, shares = pool.call("exchangeRate")
    step = ether * before_shares - before_ether * shares
    assert step >= 0, "the rate never falls by a finalisation"
    # The seconds between the two reads release some of the day's gain; a wei is rounding.
    released = gain * 60 // 86_400
    assert step <= (released + 2) * before_shares
