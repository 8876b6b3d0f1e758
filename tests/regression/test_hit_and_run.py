"""STAKE-8 on the contracts: no sequence within a frame leaves its actor richer.

Random sequences of staking, wrapping, giving shares to an accomplice, unwrapping and asking back,
around a report that brings a gain and finalises; what the two hold in the end, at its worth, is at
most what they put in and a day's share of the gain that was released while they were there.
"""

from random import Random

import pytest

from tests.fixtures.staking import ETHER, Queue
from tests.fixtures.swap import UNLIMITED

WRAPPED = "requestWithdrawalsWstETH(uint256[],address)"


class Pair:
    """Two accounts of one actor, their ether counted in and out."""

    def __init__(self, staking, accounts):
        self.staking, self.stack, self.accounts = staking, staking.stack, accounts
        self.queue = Queue(staking)
        self.put_in, self.tickets = 0, []
        self.queue.approve(*accounts)
        for account in accounts:
            self.stack.pool.transact("approve", self.stack.wketh.address, UNLIMITED, sender=account)

    def worth(self):
        pool, wketh = self.stack.pool, self.stack.wketh
        held = sum(
            pool.call("balanceOf", account)
            + wketh.call("convertToAssets", wketh.call("balanceOf", account))
            for account in self.accounts
        )
        return held + sum(self.queue.call("presentValue", ticket) for ticket in self.tickets)

    def act(self, random):
        me, other = random.sample(self.accounts, 2)
        pool, wketh = self.stack.pool, self.stack.wketh
        balance, wrapped = pool.call("balanceOf", me), wketh.call("balanceOf", me)
        part = random.choice((balance, balance // 2, balance // 7, 10**9 + 7))
        kind = random.choice(("stake", "send", "shares", "wrap", "unwrap", "ask", "ask wrapped"))
        if kind == "stake":
            wei = random.randrange(1, 50 * ETHER)
            self.staking.stake(me, wei)
            self.put_in += wei
        elif kind == "send" and balance:
            pool.transact("transfer", other, min(part, balance), sender=me)
        elif kind == "shares" and pool.call("sharesOf", me):
            pool.transact("transferShares", other, pool.call("sharesOf", me), sender=me)
        elif kind == "wrap" and balance > 10:
            wketh.transact("wrap", min(part, balance), sender=me)
        elif kind == "unwrap" and wrapped:
            wketh.transact("unwrap", random.choice((wrapped, wrapped // 2 or 1)), sender=me)
        elif kind == "ask" and balance > 1_000:
            self.tickets += self.queue.request(me, random.choice((balance, balance // 3 + 100)))
        elif kind == "ask wrapped" and wrapped > 1_000:
            receipt = self.queue.transact(WRAPPED, [wrapped], me, sender=me)
            (event,) = self.queue.contract.events(receipt, "WithdrawalRequested")
            self.tickets.append(event.values["requestId"])
        else:
            return False
        return True


@pytest.mark.parametrize("seed", range(6))
def test_a_sequence_around_a_report__earns_its_share_of_what_was_released(pinned, who, seed):
    random, actor = Random(seed), Pair(pinned, [who[2], str(pinned.members[0])])
    others, acted = pinned.stack.pool.call("totalSupply"), 0
    while acted < 12 or not actor.put_in:
        acted += actor.act(random)
    assert actor.worth() <= actor.put_in + 1, "nothing is gained without a report"
    gain = 7 * ETHER // 1_000
    pinned.next_frame()
    pinned.report(rewards=gain, last=max(actor.tickets, default=0))
    reported = pinned.rpc.timestamp
    assert actor.worth() <= actor.put_in + 1, "nor by the report itself"
    for _ in range(6):
        actor.act(random)
    pinned.rpc.mine_at(reported + 600)
    released = gain * 600 // 86_400
    share = released * actor.put_in // (actor.put_in + others)
    assert actor.worth() <= actor.put_in + share + 1
