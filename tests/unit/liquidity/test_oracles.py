"""Price and D averages, the virtual price, the LP price, and the views' arguments."""

import pytest

from keel.models.stableswap.moving_average import moving_average
from tests.fixtures.staking import reverts
from tests.fixtures.swap import ADD, ETHER, REMOVE, WAD

CAP = 2 * WAD


def test_price_oracle__approaches_the_last_price(desk):
    desk.trade(0, 600 * ETHER)
    traded = desk.rpc.timestamp
    last, average = desk.call("last_price", 0), desk.call("ema_price", 0)
    assert last > WAD
    for elapsed in (1, 12, 600, 86_400):
        desk.rpc.mine_at(traded + elapsed)
        expected = moving_average(last, average, elapsed=elapsed, window=866)
        assert desk.call("price_oracle", 0) == expected
    assert last - desk.call("price_oracle", 0) <= 1


def test_price_oracle__moves_once_per_timestamp(desk):
    """A second trade in the same second changes the last price alone."""
    desk.trade(0, 10 * ETHER)
    average = desk.call("ema_price", 0)
    time = desk.rpc.timestamp + 12
    desk.rpc.call("evm_setAutomine", False)
    try:
        desk.rpc.call("evm_setNextBlockTimestamp", time)
        first, second = (
            desk.pool.prepare("exchange(int128,int128,uint256,uint256)", 0, 1, amount, 0)
            for amount in (100 * ETHER, 200 * ETHER)
        )
        sent = [
            desk.rpc.call("eth_sendTransaction", call.as_transaction(desk.trader))
            for call in (first, second)
        ]
        desk.rpc.call("evm_mine")
    finally:
        desk.rpc.call("evm_setAutomine", True)
    assert all(desk.rpc.receipt(tx)["status"] == "0x1" for tx in sent)
    assert desk.rpc.timestamp == time
    stepped = desk.call("ema_price", 0)
    assert stepped > average
    assert desk.call("price_oracle", 0) == stepped


def test_last_price__is_capped_on_both_sides(desk):
    for i, cap in ((0, CAP), (1, WAD // 2)):
        snapshot = desk.rpc.snapshot()
        desk.trade(i, desk.to_the_fence(i))
        assert desk.call("last_price", 0) == cap
        spot = desk.call("get_p", 0)
        assert spot > CAP if i == 0 else spot < WAD // 2
        desk.rpc.revert(snapshot)


def test_last_price__after_all_have_left__is_that_of_the_first_deposit(desk):
    """Not what stood when they left: nobody need trade for the average to recover."""
    desk.trade(1, desk.to_the_fence(1))
    assert desk.call("last_price", 0) == WAD // 2
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    desk.transact(ADD, [100 * ETHER, 100 * ETHER], 0, sender=desk.provider)
    assert desk.call("last_price", 0) == desk.call("get_p", 0) == WAD
    desk.rpc.mine_at(desk.rpc.timestamp + 86_400)
    assert desk.call("price_oracle", 0) == pytest.approx(WAD, rel=1e-9)


def test_d_oracle__approaches_the_invariant(desk):
    d = desk.call("get_virtual_price") * desk.call("totalSupply") // WAD
    assert desk.call("D_oracle") == pytest.approx(d, rel=1e-9)
    desk.transact(
        "remove_liquidity(uint256,uint256[])", 1_000 * ETHER, [0, 0], sender=desk.provider
    )
    left = desk.rpc.timestamp
    assert desk.call("D_oracle") == pytest.approx(2_000 * ETHER, rel=1e-3)
    desk.rpc.mine_at(left + 100 * 86_400)
    assert desk.call("D_oracle") == pytest.approx(1_000 * ETHER, rel=1e-9)


def test_lp_price__counts_a_discount_but_no_premium(desk):
    virtual = desk.call("get_virtual_price")
    assert desk.call("lp_price") == virtual
    desk.trade(1, 900 * ETHER)  # wkETH sold: its price falls
    desk.rpc.mine_at(desk.rpc.timestamp + 86_400)
    price, virtual = desk.call("price_oracle", 0), desk.call("get_virtual_price")
    assert price < WAD
    assert desk.call("lp_price") == virtual * price // WAD
    held = desk.call("balances", 0) + desk.call("balances", 1) * price // WAD
    assert desk.call("lp_price") <= held * WAD // desk.call("totalSupply")


def test_dynamic_fee__rises_off_balance_for_the_side_that_worsens_it(desk):
    base = desk.call("fee")
    desk.trade(0, 800 * ETHER)
    assert desk.call("dynamic_fee", 0, 1) > base
    assert desk.call("dynamic_fee", 1, 0) == base
    flat = desk.new_pool(directional=False)
    assert flat.call("directional") is False
    assert desk.call("directional") is True


@pytest.mark.parametrize("view", ["get_p", "last_price", "ema_price", "price_oracle"])
def test_price_views__have_one_price(desk, view):
    assert desk.call(view, 0) > 0
    with reverts("InvalidIndex", 1):
        desk.call(view, 1)


@pytest.mark.parametrize("view", ["coins", "balances", "admin_balances"])
def test_coin_views__have_two_coins(desk, view):
    desk.call(view, 0)
    desk.call(view, 1)
    with reverts("InvalidIndex", 2):
        desk.call(view, 2)


def test_views__describe_the_pool(desk):
    assert desk.call("N_COINS") == 2
    assert desk.call("A") == 100
    assert (desk.call("A_precise"), desk.call("amplification_unrounded")) == (10_000, 100_000)
    assert desk.call("admin_fee") == 5 * 10**9
    assert (desk.call("ma_exp_time"), desk.call("D_ma_time")) == (866, 62_324)
    assert desk.call("rate_source").lower() == desk.coins[1].address.lower()
    assert desk.call("stored_rates") == (WAD, WAD)
    times = desk.call("ma_last_time")
    assert times % 2**128 <= desk.rpc.timestamp
    assert times >> 128 <= desk.rpc.timestamp
