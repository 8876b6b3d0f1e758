"""Trades of a few wei, trades that pay nothing, and tokens sent without a call."""

from collections import Counter
from random import Random

import pytest

from keel.chain.abi import Reverted
from tests.fixtures.swap import ADD, ETHER, REMOVE, REMOVE_ONE, UNLIMITED, WAD


def worth(desk, account):
    return sum(desk.held(account))


@pytest.mark.parametrize("amount", [1, 2, 3, 7, 100, 10**6])
def test_dust_trades__never_pay(desk, amount):
    before = worth(desk, desk.trader)
    for turn in range(30):
        desk.trade(turn % 2, amount)
    assert worth(desk, desk.trader) <= before


def test_dust_pool__round_trips_never_pay(desk):
    """With reserves of a few hundred wei every rounding counts."""
    desk.use(desk.new_pool(fee=10**4))
    desk.transact(ADD, [500, 300], 0, sender=desk.provider)
    random, traded, refused = Random(1), 0, Counter()
    for _ in range(40):
        before = worth(desk, desk.trader)
        i, dx = random.randrange(2), random.randrange(1, 200)
        try:
            bought = desk.call("get_dy", i, 1 - i, dx)
            desk.trade(i, dx)
            desk.trade(1 - i, bought)
        except Reverted as refusal:
            refused[refusal.name] += 1
            continue
        traded += 1
        assert worth(desk, desk.trader) < before
    assert traded > 10
    assert set(refused) <= {"AmountTooSmall", "SkewAboveFence"}, refused


@pytest.mark.parametrize("part", [1, 2, 10, ETHER])
def test_deposit_and_exit__never_pay(desk, part):
    for leave in ("share", "coin 0", "coin 1"):
        snapshot = desk.rpc.snapshot()
        before = worth(desk, desk.trader)
        desk.transact(ADD, [part * 2, part * 2], 0, sender=desk.trader)
        minted = desk.call("balanceOf", desk.trader)
        if leave == "share":
            desk.transact(REMOVE, minted, [0, 0], sender=desk.trader)
        elif minted > 3:
            desk.transact(REMOVE_ONE, minted, int(leave[-1]), 0, sender=desk.trader)
        assert worth(desk, desk.trader) <= before
        desk.rpc.revert(snapshot)


@pytest.mark.parametrize("i", [0, 1])
@pytest.mark.parametrize("dy", [1, 2, 3, 10])
def test_exact_out__asks_for_something(desk, i, dy):
    """The least output costs at least as much input as it is worth."""
    assert desk.call("get_dx", i, 1 - i, dy) >= dy
    before = worth(desk, desk.trader)
    arguments = (UNLIMITED, i, 1 - i, dy, UNLIMITED, desk.trader)
    desk.transact("exchange_exact_out", *arguments, sender=desk.trader)
    assert worth(desk, desk.trader) <= before


@pytest.mark.parametrize("gift", [1, 10_000 * ETHER])
def test_gift_to_a_live_pool__moves_no_price(desk, gift):
    """It belongs to whoever calls `exchange_received` next, and to nobody's price."""
    reads = ("get_virtual_price", "get_balances", "lp_price", "D_oracle")
    before = [desk.call(view) for view in reads] + [desk.call("get_dy", 0, 1, ETHER)]
    for coin in desk.coins:
        coin.transact("mint", desk.pool.address, gift, sender=desk.trader)
    after = [desk.call(view) for view in reads] + [desk.call("get_dy", 0, 1, ETHER)]
    assert after[1:3] == before[1:3]
    assert after[0] == before[0]
    assert after[4] == before[4]


@pytest.mark.parametrize("gift", [1, ETHER, 10_000 * ETHER])
@pytest.mark.parametrize("coins", [(0,), (1,), (0, 1)])
def test_gift_to_an_empty_pool__neither_bricks_it_nor_takes_from_the_first(desk, gift, coins):
    """D of a single coin has no solution: a pool that read its balances would be lost."""
    desk.use(desk.new_pool())
    for i in coins:
        desk.coins[i].transact("mint", desk.pool.address, gift, sender=desk.trader)
    assert desk.call("get_balances") == (0, 0) or desk.call("get_balances") == [0, 0]
    before = desk.held(desk.provider)
    desk.transact(ADD, [10 * ETHER, 10 * ETHER], 0, sender=desk.provider)
    minted = desk.call("balanceOf", desk.provider)
    assert minted == desk.call("totalSupply") == 20 * ETHER
    assert desk.call("get_virtual_price") == WAD
    desk.trade(0)
    desk.transact(REMOVE, minted, [0, 0], sender=desk.provider)
    assert worth(desk, desk.provider) >= sum(before)


def test_gift_to_a_pool_that_all_have_left__does_not_brick_it(desk):
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    desk.coins[0].transact("mint", desk.pool.address, ETHER, sender=desk.trader)
    desk.transact(ADD, [ETHER, ETHER], 0, sender=desk.provider)
    desk.trade(1, ETHER // 10)
    assert desk.call("get_virtual_price") >= WAD


def test_virtual_price__never_falls_by_trades(desk):
    random, price = Random(2), desk.call("get_virtual_price")
    for _ in range(40):
        desk.trade(random.randrange(2), random.randrange(1, 100 * ETHER))
        now = desk.call("get_virtual_price")
        assert now >= price
        price = now
    assert price > WAD
