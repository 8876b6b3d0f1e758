"""Inflating the rate before the first stranger stakes, so that his shares round to nothing."""

import pytest

from tests.fixtures.staking import ETHER
from tests.fixtures.swap import ADD, UNLIMITED


@pytest.mark.parametrize("gift", [ETHER, 10_000 * ETHER])
def test_forced_ether_moves_no_rate(staking, who, gift):
    """Against ERC-4626 vaults that count their balance: ours counts what it was given by call."""
    pool, (attacker, victim, _) = staking.stack.pool, who
    staking.stake(attacker, 1)
    before = pool.call("exchangeRate")
    held = staking.rpc.balance(pool.address)
    staking.rpc.set_balance(pool.address, held + gift)
    assert pool.call("exchangeRate") == before
    staking.stake(victim, ETHER)
    assert pool.call("balanceOf", victim) == ETHER


def test_wrapper_starts_at_the_pools_rate_whatever_it_is_given(staking, who):
    stack, (attacker, victim, _) = staking.stack, who
    staking.stake(attacker, 200 * ETHER)
    staking.stake(victim, 2 * ETHER)
    for account in (attacker, victim):
        stack.pool.transact("approve", stack.wketh.address, UNLIMITED, sender=account)
    stack.wketh.transact("wrap", 1, sender=attacker)
    stack.pool.transact("transfer", stack.wketh.address, 100 * ETHER, sender=attacker)
    assert stack.wketh.call("convertToAssets", ETHER) == ETHER
    stack.wketh.transact("deposit", ETHER, victim, sender=victim)
    assert stack.wketh.call("balanceOf", victim) == ETHER


@pytest.mark.parametrize("gift", [1, ETHER, 10**6 * ETHER])
def test_swap_pool_starts_by_its_reserves_whatever_it_is_given(desk, gift):
    """A gift to an empty pool neither bricks it nor counts for the first depositor."""
    desk.use(desk.new_pool())
    for coin in desk.coins:
        coin.transact("mint", desk.pool.address, gift, sender=desk.trader)
    desk.transact(ADD, [1_000, 1_000], 0, sender=desk.trader)
    assert desk.call("totalSupply") == 2_000
    desk.transact(ADD, [ETHER, ETHER], 0, sender=desk.provider)
    assert desk.call("balanceOf", desk.provider) == pytest.approx(2 * ETHER, rel=1e-9)
