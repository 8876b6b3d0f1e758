"""Ether and tokens that arrive without a call: they may enrich, never distort."""

from tests.fixtures.staking import ETHER


def test_forced_ether__leaves_locks_and_claims_alone(queue, who):
    queue.request(who[0], ETHER)
    queue.finalize(1)
    locked, worth = queue.call("getLockedEtherAmount"), queue.call("presentValue", 1)
    address = queue.contract.address
    queue.staking.rpc.set_balance(address, queue.balance() + 5 * ETHER)
    assert queue.call("getLockedEtherAmount") == locked
    queue.transact("claimWithdrawal", 1, sender=who[0])
    assert queue.balance() == locked - worth + 5 * ETHER


def test_forced_ether__into_a_vault_is_at_most_a_bounded_gain(pinned):
    """Whoever gives the vault ether gives it to all holders, as slowly as any gain."""
    pool, stack = pinned.stack.pool, pinned.stack
    before = pool.call("totalSupply")
    receipt = pinned.report(rewards=1_000 * ETHER)
    (event,) = pool.events(receipt, "GainReported")
    assert event.values["recognised"] <= before * 10 // 100 // 365 * 2
    assert pool.call("totalSupply") - before <= event.values["fee"] + 1
    assert pinned.rpc.balance(stack.rewards_vault.address) == 0


def test_forced_ether__into_the_wrapper_moves_no_price(pinned, who):
    rpc, stack = pinned.rpc, pinned.stack
    stack.pool.transact("approve", stack.wketh.address, 2**256 - 1, sender=who[0])
    stack.wketh.transact("wrapShares", ETHER, sender=who[0])
    before = [stack.wketh.call(view) for view in ("getRate", "totalAssets", "totalSupply")]
    rpc.set_balance(stack.wketh.address, 5 * ETHER)
    stack.pool.transact("transfer", stack.wketh.address, ETHER, sender=who[1])
    after = [stack.wketh.call(view) for view in ("getRate", "totalAssets", "totalSupply")]
    assert after == before
    worth = stack.wketh.call("unwrap", ETHER, sender=who[0])
    assert worth == stack.pool.call("getPooledEthByShares", ETHER)


def test_donated_shares__to_the_queue_are_not_burnt_with_a_batch(queue, who):
    pool = queue.staking.stack.pool
    queue.request(who[0], ETHER)
    queued = pool.call("exactSharesOf", queue.contract.address)
    pool.transact("transfer", queue.contract.address, ETHER, sender=who[1])
    donated = pool.call("exactSharesOf", queue.contract.address) - queued
    queue.finalize(1)
    assert pool.call("exactSharesOf", queue.contract.address) == donated
    assert queue.call("presentValue", 1) in (ETHER - 1, ETHER)
