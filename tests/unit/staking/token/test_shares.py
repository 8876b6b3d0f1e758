"""The share functions of Lido's ABI (18 decimals) beside the exact ones (27)."""

import pytest

from tests.fixtures.staking import ETHER, reverts


def test_transfer_shares__moves_exactly(pinned, who):
    pool = pinned.stack.pool
    before = pool.call("exactSharesOf", who[0])
    worth = pool.call("getPooledEthByShares", ETHER)
    assert pool.call("transferShares", who[2], ETHER, sender=who[0]) == worth
    pool.transact("transferShares", who[2], ETHER, sender=who[0])
    assert pool.call("exactSharesOf", who[2]) == 10**27
    assert pool.call("sharesOf", who[2]) == ETHER
    assert pool.call("exactSharesOf", who[0]) == before - 10**27


def test_transfer_shares__more_than_held__reverts(pinned, who):
    pool = pinned.stack.pool
    held = pool.call("exactSharesOf", who[0])
    over = held // 10**9 + 1
    pool.call("transferShares", who[2], over - 1, sender=who[0])
    with reverts("BalanceExceeded", who[0], over * 10**9, held):
        pool.call("transferShares", who[2], over, sender=who[0])


def test_transfer_shares__beyond_any_ledger__reverts(pinned, who):
    most = (2**128 - 1) // 10**9
    with reverts("AmountTooLarge", most + 1, most):
        pinned.stack.pool.call("transferShares", who[2], most + 1, sender=who[0])


def test_transfer_shares_from__spends_an_allowance_in_ether(pinned, who):
    pool = pinned.stack.pool
    worth = pool.call("getPooledEthBySharesRoundUp", ETHER)
    pool.transact("approve", who[1], worth - 1, sender=who[0])
    with reverts("AllowanceExceeded", who[0], who[1], worth, worth - 1):
        pool.call("transferSharesFrom", who[0], who[2], ETHER, sender=who[1])
    pool.transact("approve", who[1], worth, sender=who[0])
    pool.transact("transferSharesFrom", who[0], who[2], ETHER, sender=who[1])
    assert pool.call("sharesOf", who[2]) == ETHER
    assert pool.call("allowance", who[0], who[1]) == 0


@pytest.mark.parametrize("shares", [1, 3, 10**9, ETHER + 1])
def test_transfer_shares_from__spends_the_least_that_transfer_from_would(pinned, who, shares):
    pool = pinned.stack.pool
    pool.transact("approve", who[1], 2 * ETHER, sender=who[0])
    pool.transact("transferSharesFrom", who[0], who[2], shares, sender=who[1])
    spent = 2 * ETHER - pool.call("allowance", who[0], who[1])
    assert pool.call("toSharesUp", spent) >= shares * 10**9 > pool.call("toSharesUp", spent - 1)


def test_transfer_whole_shares_from__leaves_less_than_a_share(pinned, who):
    pool = pinned.stack.pool
    pool.transact("approve", who[1], ETHER, sender=who[0])
    shares = pool.call("transferWholeSharesFrom", who[0], who[2], ETHER, sender=who[1])
    assert shares == pool.call("getSharesByPooledEth", ETHER)
    pool.transact("transferWholeSharesFrom", who[0], who[2], ETHER, sender=who[1])
    assert pool.call("exactSharesOf", who[2]) == shares * 10**9


@pytest.mark.parametrize("amount", [0, 1, 2, ETHER, 31 * ETHER + 7])
def test_conversions__round_as_named(pinned, amount):
    pool = pinned.stack.pool
    ether, shares = pool.call("exchangeRate")
    exact = amount * 10**9
    assert pool.call("toSharesDown", amount) == amount * shares // ether
    assert pool.call("toSharesUp", amount) == -(-amount * shares // ether)
    assert pool.call("toEtherDown", exact) == exact * ether // shares
    assert pool.call("toEtherUp", exact) == -(-exact * ether // shares)
    assert pool.call("getPooledEthByShares", amount) == exact * ether // shares
    assert pool.call("getPooledEthBySharesRoundUp", amount) == -(-exact * ether // shares)
    assert pool.call("getSharesByPooledEth", amount) == amount * shares // ether // 10**9


def test_totals__agree(pinned):
    pool = pinned.stack.pool
    ether, shares = pool.call("exchangeRate")
    assert pool.call("getTotalPooledEther") == pool.call("totalSupply") == ether
    assert pool.call("getTotalShares") == shares // 10**9


@pytest.mark.parametrize("function", ["toSharesDown", "toSharesUp", "toEtherDown", "toEtherUp"])
def test_conversions__beyond_any_ledger__reverts(pinned, function):
    pinned.stack.pool.call(function, 2**128 - 1)
    with reverts("AmountTooLarge", 2**128, 2**128 - 1):
        pinned.stack.pool.call(function, 2**128)
