"""Moving the pool's average price, and what that costs."""

import pytest

from keel.models.stableswap.moving_average import moving_average
from tests.fixtures.swap import ETHER, EXCHANGE, WAD


def next_block(desk):
    desk.rpc.call("evm_setNextBlockTimestamp", desk.rpc.timestamp + 12)


def test_within_a_block__the_average_does_not_move(desk):
    """A round trip within one block leaves no price to stand: flash loans do nothing."""
    desk.trade(0)
    time = desk.rpc.timestamp + 12
    quote = desk.call("get_dy", 0, 1, 900 * ETHER)
    before = desk.call("last_price", 0)
    desk.rpc.call("evm_setAutomine", False)
    try:
        desk.rpc.call("evm_setNextBlockTimestamp", time)
        for i, dx in ((0, 900 * ETHER), (1, quote)):
            call = desk.pool.prepare(EXCHANGE, i, 1 - i, dx, 0)
            desk.rpc.call("eth_sendTransaction", call.as_transaction(desk.trader))
        desk.rpc.call("evm_mine")
    finally:
        desk.rpc.call("evm_setAutomine", True)
    assert desk.rpc.timestamp == time
    assert desk.call("last_price", 0) == pytest.approx(before, rel=1e-3)
    desk.rpc.mine_at(time + 12)
    assert desk.call("price_oracle", 0) == pytest.approx(before, rel=1e-3)


@pytest.mark.parametrize("blocks", [1, 2, 10])
def test_over_blocks__it_moves_as_the_formula_says_and_costs_fees(desk, blocks, record_property):
    """The price held at its cap for `blocks` blocks; nobody trades against it meanwhile."""
    next_block(desk)
    desk.trade(0)
    before, start = desk.held(desk.trader), desk.call("price_oracle", 0)
    next_block(desk)
    desk.trade(0, desk.to_the_fence(0))
    assert desk.call("last_price", 0) == 2 * WAD
    pushed, opened = desk.rpc.timestamp, desk.call("ema_price", 0)
    bought = desk.held(desk.trader)[1] - before[1]
    desk.rpc.call("evm_setNextBlockTimestamp", pushed + 12 * blocks)
    desk.trade(1, bought)
    moved = desk.call("ema_price", 0)
    expected = moving_average(2 * WAD, opened, elapsed=12 * blocks, window=866)
    assert moved == expected
    cost = before[0] - desk.held(desk.trader)[0]
    percent = (moved - start) * 100 / WAD
    assert cost > ETHER
    record_property(
        "measured",
        f"oracle: {blocks} blocks: {percent:.2f} % for {cost / ETHER:.2f} of 2,000 ether",
    )


def push_and_undo(desk, size, blocks):
    """By how much of itself the average moves, and what is paid; all is undone."""
    snapshot = desk.rpc.snapshot()
    before, start = desk.held(desk.trader), desk.call("price_oracle", 0)
    next_block(desk)
    desk.trade(0, size)
    pushed = desk.rpc.timestamp
    bought = desk.held(desk.trader)[1] - before[1]
    desk.rpc.call("evm_setNextBlockTimestamp", pushed + 12 * blocks)
    desk.trade(1, bought)
    moved = desk.call("ema_price", 0) - start
    cost = before[0] - desk.held(desk.trader)[0]
    desk.rpc.revert(snapshot)
    return moved * WAD // start, cost


@pytest.mark.parametrize("blocks", [1, 2, 10])
def test_one_percent__has_its_price(fast_desk, blocks, record_property):
    """The smallest trade that moves the average by 1 %, if nobody trades against it."""
    desk = fast_desk
    desk.trade(0)
    desk.rpc.mine_at(desk.rpc.timestamp + 86_400)
    low, high = ETHER, desk.to_the_fence(0)
    assert push_and_undo(desk, high, blocks)[0] >= WAD // 100
    while high - low > ETHER // 100:
        middle = (low + high) // 2
        if push_and_undo(desk, middle, blocks)[0] < WAD // 100:
            low = middle
        else:
            high = middle
    moved, cost = push_and_undo(desk, high, blocks)
    assert WAD // 100 <= moved < WAD * 11 // 1_000
    assert cost > ETHER // 2
    assert high > 700 * ETHER, "and that much has to stay there between the blocks"
    record_property(
        "measured",
        f"oracle: 1 % over {blocks} blocks: a trade of {high / ETHER:,.0f} and {cost / ETHER:.2f} "
        "of 2,000 ether",
    )
