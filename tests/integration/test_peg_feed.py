"""The market ratio of the real swap pool as a settlement feed: what moving it costs."""

import pytest

from keel.models.options import peg_depth
from keel.models.options.settlement import DAY, DISPUTE_WINDOW, Source, expiry_after
from keel.models.options.volatility import Values
from tests.fixtures.option_vault import COVER, COVER_VOLATILITY, PRICERS, RISKS, WEEK
from tests.fixtures.redemption import ETHER, WAD
from tests.machines.option_vault_machine import pricer_of

WINDOW = 3_600
STEP = 300
LONG_AGE = 6 * WINDOW


@pytest.fixture
def feed(redemption):
    """An oracle with the pool's ratio; 300 ether a side, and a seller with more than that."""
    desk = redemption
    desk.oracle = desk.new_contract("SettlementOracle", desk.owner, 10**18, desk.owner)
    part = (desk.stack.swap.address, int(Source.MARKET_RATIO), LONG_AGE)
    desk.oracle.transact("listFeed", [part], WINDOW, sender=desk.owner)
    desk.feed = desk.oracle.call("feedIdOf", [part], WINDOW)
    return desk


def ratio(desk):
    return desk.stack.swap.call("market_ratio")


def observe_until(desk, timestamp):
    while desk.rpc.timestamp < timestamp:
        desk.rpc.call("evm_setNextBlockTimestamp", min(timestamp, desk.rpc.timestamp + STEP))
        desk.oracle.transact("observe", desk.feed, sender=desk.other)


def settled(desk, expiry):
    desk.rpc.mine_at(expiry + DISPUTE_WINDOW)
    hints = desk.oracle.call("hintsFor", desk.feed, expiry)
    desk.oracle.transact("settle", desk.feed, expiry, hints, sender=desk.other)
    return desk.oracle.call("settlementPrice", desk.feed, expiry)


def test_capacity__as_the_model_says_of_the_real_pool(feed):
    swap = feed.stack.swap
    expected = peg_depth.capacity(
        tuple(swap.call("get_balances")),
        rate=swap.call("stored_rates")[1],
        amp=swap.call("amplification_unrounded"),
        average_d=swap.call("D_oracle"),
        average_price=swap.call("price_oracle", 0),
    )
    capacity = feed.oracle.call("capacity", feed.feed)
    assert capacity == expected
    assert 10 * ETHER < capacity < 15 * ETHER


@pytest.mark.parametrize("sold", [150, 230, 260, 290])
def test_moving_the_mean__costs_more_than_it_gains(feed, sold, record_property):
    """Sold at the window's start, held to its end; then the market takes the other side."""
    swap, weth, seller = feed.stack.swap, feed.stack.weth, feed.seller
    capacity = feed.oracle.call("capacity", feed.feed)
    expiry = expiry_after(feed.rpc.timestamp + DAY)
    observe_until(feed, expiry - WINDOW)
    fair, rate = ratio(feed), feed.stack.wketh.call("getRate")
    price = swap.call("get_p", 0)

    before = weth.call("balanceOf", seller)
    feed.swap(1, sold * ETHER)
    received = weth.call("balanceOf", seller) - before
    observe_until(feed, expiry)
    loss = sold * ETHER * swap.call("stored_rates")[1] // WAD * price // WAD - received
    spot_move = price - swap.call("get_p", 0)
    move = fair - settled(feed, expiry)

    assert 0 < move < spot_move * 101 // 100
    gain = capacity * min(move, WAD) // WAD * rate // WAD
    record_property(
        "measured",
        f"{sold} wkETH move the hour's mean by {move / WAD:.2%}: cost {loss / WAD:.2f} ether, "
        f"gain at full capacity ({capacity / WAD:.1f} pairs) {gain / WAD:.2f}",
    )
    assert gain * WAD <= loss * peg_depth.FRACTION or move < peg_depth.MOVE
    assert move >= peg_depth.MOVE or gain < capacity // 100 * rate // WAD


def test_one_block__moves_nothing(feed):
    """A sale and its reversal in one second leave the average where it was."""
    expiry = expiry_after(feed.rpc.timestamp + DAY)
    observe_until(feed, expiry - 60)
    fair = ratio(feed)
    feed.rpc.call("evm_setAutomine", False)
    swap = feed.stack.swap
    exchange = "exchange(int128,int128,uint256,uint256)"
    for call in (
        swap.prepare(exchange, 1, 0, 250 * ETHER, 0),
        feed.oracle.prepare("observe", feed.feed),
        swap.prepare(exchange, 0, 1, 240 * ETHER, 0),
    ):
        feed.rpc.call("eth_sendTransaction", call.as_transaction(feed.seller, 5_000_000))
    feed.rpc.call("evm_setNextBlockTimestamp", expiry)
    feed.rpc.call("evm_mine")
    feed.rpc.call("evm_setAutomine", True)
    assert abs(settled(feed, expiry) - fair) <= fair // 10**6


def test_capacity__of_this_block__can_not_be_bought(feed):
    """Neither a deposit nor a balancing trade raises it at once; a withdrawal lowers it."""
    capacity = feed.oracle.call("capacity", feed.feed)
    swap, seller = feed.stack.swap, feed.seller
    add = "add_liquidity(uint256[],uint256)"
    swap.transact(add, [300 * ETHER, 300 * ETHER], 0, sender=seller)
    assert feed.oracle.call("capacity", feed.feed) <= capacity * 1001 // 1000
    lp = swap.call("balanceOf", seller)
    swap.transact("remove_liquidity(uint256,uint256[])", lp // 2, [0, 0], sender=seller)
    swap.transact("remove_liquidity(uint256,uint256[])", lp // 4, [0, 0], sender=seller)
    assert feed.oracle.call("capacity", feed.feed) < capacity


def cover_pricer(desk):
    """A pricer of cover on the feed, whose members have spoken."""
    members = [desk.owner, desk.other, desk.seller]
    volatility = desk.new_contract(
        "VolatilityOracle",
        (desk.oracle.address, desk.feed, *COVER_VOLATILITY.values()),
        members,
        RISKS["cover"],
        desk.owner,
    )
    for member in members:
        volatility.transact("submit", RISKS["cover"], sender=member)
    terms = (COVER, desk.oracle.address, volatility.address, desk.feed, *PRICERS["cover"].values())
    return desk.new_contract("OptionPricer", terms), Values(*volatility.call("values"))


def test_cover__in_the_second_of_a_fall__is_not_sold_at_the_average(feed, record_property):
    """What the feed's average has yet to learn, buyers pay for."""
    pricer, risk = cover_pricer(feed)
    twin, strike = pricer_of(PRICERS["cover"], "cover"), 97 * WAD // 100
    expiry = feed.rpc.timestamp + WEEK
    calm = pricer.call("reserve", strike, expiry)
    feed.swap(1, 180 * ETHER)
    left, swap = expiry - feed.rpc.timestamp, feed.stack.swap
    price, average = swap.call("get_p", 0), swap.call("price_oracle", 0)
    late, known = ratio(feed), ratio(feed) * price // average
    assert late > 99 * WAD // 100 > 97 * WAD // 100 > known
    at_the_average = twin.reserve(late, strike, risk, left)
    reserve = pricer.call("reserve", strike, expiry)
    assert reserve == twin.reserve(known, strike, risk, left)
    assert reserve > 10 * at_the_average
    record_property(
        "measured",
        f"the pool falls to {known / WAD:.4f}, its average to {late / WAD:.4f}: cover costs "
        f"{reserve / WAD:.5f}, at the average {at_the_average / WAD:.5f}, before {calm / WAD:.5f}",
    )
