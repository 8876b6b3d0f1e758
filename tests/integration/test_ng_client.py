"""An aggregator's client for StableSwap-NG trades, adds, removes and reads on the pool."""

from itertools import product

import pytest

from keel.chain.abi import canonical, signature
from tests.fixtures.ng_client import NG_ABI, NgClient
from tests.fixtures.swap import ADD, ETHER, WAD

NOT_THERE = {"version()", "salt()", "set_ma_exp_time(uint256,uint256)"}
"""What the pool leaves out, as its interface says."""
RETURNS_NOTHING = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
"""As EIP-2612 has it; the real pool returns true."""


@pytest.fixture(params=[False, True], ids=["plain", "directional"])
def pool(desk, request):
    """1,000 and 700 with a rate of 1.1, and somebody has traded."""
    desk.use(desk.new_pool(directional=request.param))
    desk.set_rate(WAD * 11 // 10)
    desk.transact(ADD, [1_000 * ETHER, 700 * ETHER], 0, sender=desk.provider)
    desk.trade(0)
    return desk


@pytest.fixture
def client(pool):
    return NgClient(pool.rpc, pool.pool.address, pool.trader)


def named(events, name):
    (found,) = [event.values for event in events if event.name == name]
    return found


# The ABI


def shape(entry):
    """What a caller's encoder and decoder depend on."""
    kinds = [
        (canonical(item), item.get("indexed"))
        for item in entry["inputs"]
        if entry["type"] == "event"
    ]
    views = entry.get("stateMutability") in ("view", "pure")
    return kinds, [canonical(item) for item in entry.get("outputs", ())], views


def test_abi__has_all_that_ng_has(desk):
    ours = {signature(e): e for e in desk.pool.abi.entries if e["type"] in ("function", "event")}
    missing = {signature(entry) for entry in NG_ABI} - ours.keys()
    assert missing == NOT_THERE
    checked = 0
    for entry in NG_ABI:
        name = signature(entry)
        if name in missing or name == RETURNS_NOTHING:
            continue
        assert shape(entry) == shape(ours[name]), name
        checked += 1
    assert checked == len(NG_ABI) - len(NOT_THERE) - 1


# Discovery


def test_client__finds_out_what_it_trades(client, pool):
    assert client.read("N_COINS") == 2
    coins = [client.read("coins", i).lower() for i in range(2)]
    assert coins == [coin.address.lower() for coin in pool.coins]
    assert client.read("decimals") == 18
    assert [client.read("balances", i) for i in range(2)] == list(client.read("get_balances"))
    assert list(client.read("stored_rates")) == [WAD, WAD * 11 // 10]
    assert client.read("A_precise") == 100 * client.read("A") == 10_000
    assert (client.read("fee"), client.read("admin_fee")) == (4 * 10**6, 5 * 10**9)
    assert client.read("offpeg_fee_multiplier") == 2 * 10**10
    for i, j in ((0, 1), (1, 0)):
        assert client.read("fee") <= client.read("dynamic_fee", i, j) <= 2 * client.read("fee")


# Swaps


@pytest.mark.parametrize("i", [0, 1])
def test_client__swaps_at_its_quote(client, pool, i):
    j, dx = 1 - i, 7 * ETHER
    quoted = client.read("get_dy", i, j, dx)
    before = pool.held(pool.trader)
    dy, events = client.send("exchange(int128,int128,uint256,uint256)", i, j, dx, quoted)
    after = pool.held(pool.trader)
    assert dy == quoted == after[j] - before[j]
    assert before[i] - after[i] == dx
    said = named(events, "TokenExchange")
    assert said["buyer"].lower() == pool.trader.lower()
    assert (said["sold_id"], said["tokens_sold"]) == (i, dx)
    assert (said["bought_id"], said["tokens_bought"]) == (j, dy)


@pytest.mark.parametrize("i", [0, 1])
def test_client__routes_through_the_pool_without_an_allowance(client, pool, i):
    """Sends coins ahead and has the output sent on: two hops of a router."""
    j, dx, taker = 1 - i, 3 * ETHER, pool.provider
    quoted = client.read("get_dy", i, j, dx)
    before = pool.held(taker)[j]
    pool.coins[i].transact("transfer", pool.pool.address, dx, sender=pool.trader)
    form = "exchange_received(int128,int128,uint256,uint256,address)"
    dy, _ = client.send(form, i, j, dx, quoted, taker)
    assert dy == quoted == pool.held(taker)[j] - before


@pytest.mark.parametrize("i", [0, 1])
def test_client__asks_what_an_output_costs(client, i):
    dx = client.read("get_dx", i, 1 - i, 5 * ETHER)
    form = "exchange(int128,int128,uint256,uint256)"
    dy, _ = client.send(form, i, 1 - i, dx, 5 * ETHER)
    assert 5 * ETHER <= dy <= 5 * ETHER + 2


@pytest.mark.parametrize("size", [10**6, ETHER, 50 * ETHER, 500 * ETHER])
@pytest.mark.parametrize("i", [0, 1])
def test_client__quotes_by_itself(client, pool, i, size):
    """As the real pool but for a wei of the fee, which is rounded up here.

    On a directional pool trades that restore balance get more than that: they pay no more than
    the base fee.
    """
    off_chain, on_chain = client.quote(i, 1 - i, size), client.read("get_dy", i, 1 - i, size)
    if pool.call("directional"):
        assert on_chain >= off_chain - 1
    else:
        assert off_chain - 1 <= on_chain <= off_chain


# Liquidity


@pytest.mark.parametrize("amounts", [[10 * ETHER, 7 * ETHER], [10 * ETHER, 0], [0, 10 * ETHER]])
def test_client__adds_liquidity(client, pool, amounts):
    quoted, supply = client.read("calc_token_amount", amounts, True), client.read("totalSupply")
    before = pool.held(pool.trader)
    minted, events = client.send("add_liquidity(uint256[],uint256)", amounts, quoted)
    paid = [b - a for a, b in zip(pool.held(pool.trader), before, strict=True)]
    assert (minted, paid) == (quoted, amounts)
    said = named(events, "AddLiquidity")
    assert list(said["token_amounts"]) == amounts
    assert len(said["fees"]) == 2
    assert said["token_supply"] == supply + minted == client.read("totalSupply")
    assert said["invariant"] <= client.invariant()
    assert client.read("balanceOf", pool.trader) == minted


@pytest.fixture
def holder(client):
    """The client with LP tokens."""
    client.send("add_liquidity(uint256[],uint256)", [20 * ETHER, 20 * ETHER], 0)
    return client


def test_client__removes_its_share(holder, pool):
    supply, balances = holder.read("totalSupply"), holder.read("get_balances")
    before, burned = pool.held(pool.trader), holder.read("balanceOf", pool.trader) // 2
    amounts, events = holder.send("remove_liquidity(uint256,uint256[])", burned, [0, 0])
    gained = [a - b for a, b in zip(pool.held(pool.trader), before, strict=True)]
    assert gained == list(amounts) == [balance * burned // supply for balance in balances]
    said = named(events, "RemoveLiquidity")
    assert (list(said["token_amounts"]), said["fees"]) == (gained, [] or ())
    assert said["token_supply"] == supply - burned


@pytest.mark.parametrize("i", [0, 1])
def test_client__removes_one_coin(holder, pool, i):
    burned = holder.read("balanceOf", pool.trader) // 2
    quoted, supply = holder.read("calc_withdraw_one_coin", burned, i), holder.read("totalSupply")
    before = pool.held(pool.trader)[i]
    form = "remove_liquidity_one_coin(uint256,int128,uint256)"
    received, events = holder.send(form, burned, i, quoted)
    assert received == quoted == pool.held(pool.trader)[i] - before
    said = named(events, "RemoveLiquidityOne")
    assert (said["token_id"], said["token_amount"], said["coin_amount"]) == (i, burned, received)
    assert said["token_supply"] == supply - burned


def test_client__removes_what_it_names(holder, pool):
    amounts = [3 * ETHER, 5 * ETHER]
    quoted, supply = holder.read("calc_token_amount", amounts, False), holder.read("totalSupply")
    before = pool.held(pool.trader)
    form = "remove_liquidity_imbalance(uint256[],uint256)"
    burned, events = holder.send(form, amounts, quoted)
    gained = [a - b for a, b in zip(pool.held(pool.trader), before, strict=True)]
    assert (burned, gained) == (quoted, amounts)
    said = named(events, "RemoveLiquidityImbalance")
    assert list(said["token_amounts"]) == amounts
    assert said["token_supply"] == supply - burned


def test_client__moves_lp_tokens(holder, pool):
    taker = pool.rpc.accounts[5]
    moved, events = holder.send("transfer", taker, ETHER)
    assert moved is True
    assert named(events, "Transfer")["value"] == ETHER == holder.read("balanceOf", taker)
    holder.send("approve", taker, ETHER)
    assert holder.read("allowance", pool.trader, taker) == ETHER


# Oracles


def test_client__reads_prices(client, pool):
    spot = client.read("get_p", 0)
    rates = client.read("stored_rates")
    small = client.read("get_dy", 1, 0, ETHER // 1_000)
    fee = client.read("dynamic_fee", 1, 0)
    marginal = small * WAD * WAD // (ETHER // 1_000) // rates[1] * 10**10 // (10**10 - fee)
    assert spot == pytest.approx(marginal, rel=1e-6)
    assert client.read("last_price", 0) == pytest.approx(spot, rel=1e-7), "but for the last fee"
    assert client.read("get_virtual_price") == client.invariant() * WAD // client.read(
        "totalSupply"
    )


def test_client__reads_averages_that_follow(client, pool):
    pool.rpc.mine_at(pool.rpc.timestamp + 100 * client.read("ma_exp_time"))
    before = client.read("price_oracle", 0)
    client.send("exchange(int128,int128,uint256,uint256)", 1, 0, 100 * ETHER, 0)
    last = client.read("last_price", 0)
    assert last < before
    assert last < client.read("price_oracle", 0) <= before
    time = pool.rpc.timestamp
    assert client.read("ma_last_time") == time | time << 128
    pool.rpc.mine_at(time + 100 * client.read("ma_exp_time"))
    assert abs(client.read("price_oracle", 0) - last) <= 1
    assert last < client.read("ema_price", 0) <= before, "as of the last trade"
    pool.rpc.mine_at(time + 100 * client.read("D_ma_time"))
    assert client.read("D_oracle") == pytest.approx(client.invariant(), rel=1e-4)


def test_client__is_refused_what_ng_refuses(client, pool):
    form = "exchange(int128,int128,uint256,uint256)"
    for i, j in product((-1, 0, 1, 2), repeat=2):
        if {i, j} == {0, 1}:
            continue
        with pytest.raises(Exception, match="reverted"):
            client.read(form, i, j, ETHER, 0, sender=pool.trader)
    quoted = client.read("get_dy", 0, 1, ETHER)
    with pytest.raises(Exception, match="reverted"):
        client.read(form, 0, 1, ETHER, quoted + 1, sender=pool.trader)
    for view in ("coins", "balances"):
        with pytest.raises(Exception, match="reverted"):
            client.read(view, 2)
    with pytest.raises(Exception, match="reverted"):
        client.read("price_oracle", 1)
