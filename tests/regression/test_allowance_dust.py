"""Moving more than an allowance by many transfers that each round in the spender's favour."""

import pytest

from tests.fixtures.staking import ETHER


@pytest.mark.parametrize("shares", [1, 2, 3])
def test_transfer_shares_from__spends_what_transfer_from_would(pinned, who, shares):
    owner, spender, thief = who
    pool = pinned.stack.pool
    pool.transact("approve", spender, 100, sender=owner)
    for _ in range(20):
        pool.transact("transferSharesFrom", owner, thief, shares, sender=spender)
    spent = 100 - pool.call("allowance", owner, spender)
    moved = pool.call("toEtherDown", pool.call("exactSharesOf", thief))
    assert moved <= spent


def test_transfer_from__a_wei_at_a_time(pinned, who):
    owner, spender, thief = who
    pool = pinned.stack.pool
    pool.transact("approve", spender, 20, sender=owner)
    for _ in range(20):
        pool.transact("transferFrom", owner, thief, 1, sender=spender)
    assert pool.call("balanceOf", thief) in (20, 21)
    assert pool.call("allowance", owner, spender) == 0


def test_batch__is_no_cheaper_than_its_parts(pinned, who):
    owner, spender, thief = who
    pool = pinned.stack.pool
    pool.transact("approve", spender, ETHER, sender=owner)
    pool.transact("transferFromBatch", owner, thief, [1] * 50, sender=spender)
    assert pool.call("allowance", owner, spender) == ETHER - 50
    assert pool.call("balanceOf", thief) in (50, 51)
