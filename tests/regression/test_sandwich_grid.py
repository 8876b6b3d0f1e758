"""STAKE-8 over a grid: in before a report, out within its frame, by the queue or by the swap pool.

Gains from none to far beyond the bound, an eighth to most of the supply in the queue and finalised
by the same report, each fee, and a loss. Nobody ends with more than what he put in and his part of
the gain that was released while he was there.
"""

from itertools import product

import pytest

from tests.fixtures.staking import ETHER, Queue
from tests.fixtures.swap import ADD, EXCHANGE, UNLIMITED

DAY, SLOT = 86_400, 12
GAINS = (0, 82_000 * 10**12, 100 * ETHER)
"""Of 1,000 ether: nothing, a day at 3 % a year, a hundred times what may be recognised."""
QUEUED = (125, 500, 900)
"""Ether of 1,000 that the report finalises for others."""
FEES = (0, 1_000, 2_000)
STAKE = 200 * ETHER


@pytest.fixture
def market(pinned, who):
    """1,000 ether staked by `who[1]`; the swap pool holds 300 ether of each coin at the rate."""
    stack, (_, holder, actor) = pinned.stack, who
    provider = str(pinned.members[4])
    held = stack.pool.call("totalSupply")
    pinned.rpc.set_balance(holder, 10_000 * ETHER)
    pinned.rpc.set_balance(provider, 10_000 * ETHER)
    pinned.stake(holder, 1_000 * ETHER - held)
    for account in (holder, actor, provider):
        stack.pool.transact("approve", stack.wketh.address, UNLIMITED, sender=account)
        stack.wketh.transact("approve", stack.swap.address, UNLIMITED, sender=account)
        stack.weth.transact("approve", stack.swap.address, UNLIMITED, sender=account)
    pinned.stake(provider, 300 * ETHER)
    stack.wketh.transact("wrap", 300 * ETHER - 1, sender=provider)
    stack.weth.transact("deposit", sender=provider, value=300 * ETHER)
    wrapped = stack.wketh.call("balanceOf", provider)
    stack.swap.transact(ADD, [300 * ETHER, wrapped], 0, sender=provider)
    queue = Queue(pinned)
    queue.approve(holder, actor)
    return queue


def set_fee(queue, bps):
    pool = queue.staking.stack.pool
    shares = [(recipient, 0) for recipient, _bps in pool.call("getFees")]
    pool.transact("setFees", [(shares[0][0], bps), *shares[1:]], sender=queue.staking.owner)


def in_line(queue, who, ether):
    """Let the holder queue so much, a frame ago; the last ticket."""
    (ticket,) = queue.request(who[1], ether * ETHER)
    queue.staking.next_frame()
    return ticket


def play(queue, who, figures):
    """In, a report in the next block (unless there are no figures), and out a slot later.

    By way: what was put in, and what has come out of it or would.
    """
    staking, stack, actor = queue.staking, queue.staking.stack, who[2]
    slot, _reference = staking.next_frame()
    third = STAKE // 3
    staking.stake(actor, 3 * third)
    (ticket,) = queue.request(actor, third)
    stack.wketh.transact("wrap", third, sender=actor)
    if figures is not None:
        staking.report_at(slot, **figures)
    staking.rpc.mine_at(staking.rpc.timestamp + SLOT)
    sold = stack.wketh.call("balanceOf", actor)
    stack.swap.transact(EXCHANGE, 1, 0, sold, 0, sender=actor)
    return {
        "queue": (third, queue.call("presentValue", ticket)),
        "swap pool": (third, stack.weth.call("balanceOf", actor)),
        "held": (third, stack.pool.call("balanceOf", actor)),
    }


def undone(queue, *arguments):
    """`play`, and the gain that was being released at its end; then as if nothing had been."""
    rpc, pool = queue.staking.rpc, queue.staking.stack.pool
    snapshot = rpc.snapshot()
    out = play(queue, *arguments)
    state = (queue.call("getLastFinalizedRequestId"), pool.call("getUnreleasedGain"))
    rpc.revert(snapshot)
    return out, *state


@pytest.mark.parametrize(("fee", "queued"), product(FEES, QUEUED))
def test_in_and_out_around_a_gain__earns_no_more_than_the_seconds_between(
    market, who, fee, queued, record_property
):
    """Against the same without a report, where the swap pool's fee and depth are the same."""
    worst = dict.fromkeys(("queue", "swap pool", "held"), -(10**30))
    set_fee(market, fee)
    last = in_line(market, who, queued)
    alone, *state = undone(market, who, None)
    assert state == [last - 1, 0]
    supply = market.staking.stack.pool.call("totalSupply")
    for gain in GAINS:
        out, finalised, unreleased = undone(market, who, {"rewards": gain, "last": last})
        assert finalised == last
        assert (unreleased > 1) == (gain > 0), "or the wei of a finalisation"
        released = unreleased * (SLOT + 1) // (DAY - SLOT - 1)
        for way, (put_in, got) in out.items():
            control = alone[way][1]
            assert 0.99 * put_in < control <= put_in + 1
            left = supply - queued * ETHER
            assert got - control <= released * put_in // left + 3, (way, gain)
            worst[way] = max(worst[way], got - control)
    told = ", ".join(f"{way} {wei:,} wei" for way, wei in worst.items())
    record_property("measured", f"sandwich, fee {fee}, {queued} of 1,000 queued: {told}")


@pytest.mark.parametrize("queued", QUEUED[:2])
def test_in_and_out_around_a_loss__bears_it_and_takes_nothing_of_the_finalised(market, who, queued):
    """A ticket of the same frame isn't old enough; what is finalised is paid after the loss."""
    staking = market.staking
    staking.add_operator(keys=10)
    staking.stake(who[1], 400 * ETHER)
    staking.fund_validators(10)
    seen = {"validators": 10, "seen": 320 * ETHER}
    staking.report(**seen, balance=320 * ETHER)
    last = in_line(market, who, queued)
    before = staking.stack.pool.call("totalSupply")
    out = play(market, who, seen | {"balance": 310 * ETHER, "last": last})
    fallen = 10 * ETHER / (before + STAKE)
    for way, (put_in, got) in out.items():
        assert got <= put_in * (1 - 0.9 * fallen), way
    assert market.call("presentValue", last) <= queued * ETHER * (1 - 0.9 * fallen)
