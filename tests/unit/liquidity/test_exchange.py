"""Swaps: forms, limits, receivers, events, and every refusal."""

import pytest

from tests.fixtures.staking import ZERO, reverts
from tests.fixtures.swap import (
    ETHER,
    EXCHANGE,
    EXCHANGE_TO,
    RECEIVED,
    RECEIVED_TO,
    REMOVE_ONE,
    UNLIMITED,
    WAD,
)


@pytest.mark.parametrize("i", [0, 1])
def test_exchange__pays_the_quote(desk, who, i):
    quote = desk.call("get_dy", i, 1 - i, ETHER)
    before, reserves = desk.held(desk.trader), list(desk.call("get_balances"))
    receipt = desk.trade(i)
    after = desk.held(desk.trader)
    assert before[i] - after[i] == ETHER
    assert after[1 - i] - before[1 - i] == quote
    (event,) = desk.pool.events(receipt, "TokenExchange")
    assert list(event.values.values()) == [desk.trader.lower(), i, ETHER, 1 - i, quote]
    admin = desk.call("admin_balances", 1 - i)
    reserves[i] += ETHER
    reserves[1 - i] -= quote + admin
    assert list(desk.call("get_balances")) == reserves
    assert admin > 0
    assert desk.call("admin_balances", i) == 0


def test_exchange__to_a_receiver(desk, who):
    quote = desk.call("get_dy", 0, 1, ETHER)
    desk.transact(EXCHANGE_TO, 0, 1, ETHER, 0, who[0], sender=desk.trader)
    assert desk.held(who[0]) == [0, quote]


def test_exchange__minimum(desk):
    quote = desk.call("get_dy", 0, 1, ETHER)
    for minimum in (quote - 1, quote):
        assert desk.call(EXCHANGE, 0, 1, ETHER, minimum, sender=desk.trader) == quote
    with reverts("SlippageExceeded", quote, quote + 1):
        desk.call(EXCHANGE, 0, 1, ETHER, quote + 1, sender=desk.trader)


@pytest.mark.parametrize("coins", [(0, 0), (1, 1), (0, 2), (2, 0), (-1, 1), (1, -1), (3, 2)])
def test_exchange__not_two_coins__reverts(desk, coins):
    for function in ("get_dy", "get_dx"):
        with reverts("InvalidCoins", *coins):
            desk.call(function, *coins, ETHER)
    with reverts("InvalidCoins", *coins):
        desk.call(EXCHANGE, *coins, ETHER, 0, sender=desk.trader)
    with reverts("InvalidCoins", *coins):
        desk.call(RECEIVED, *coins, ETHER, 0, sender=desk.trader)


def test_exchange__nothing__reverts(desk):
    with reverts("ZeroAmount"):
        desk.call(EXCHANGE, 0, 1, 0, 0, sender=desk.trader)
    with reverts("ZeroAmount"):
        desk.call("get_dy", 0, 1, 0)


def test_exchange__too_little_to_be_worth_a_wei__reverts(desk):
    desk.set_rate(WAD - WAD // 10_000)
    desk.trade(0)
    desk.trade(1, desk.call("get_dy", 0, 1, ETHER))
    with reverts("AmountTooSmall"):
        desk.call("get_dy", 1, 0, 1)
    with reverts("AmountTooSmall"):
        desk.call(EXCHANGE, 1, 0, 1, 0, sender=desk.trader)


def test_exchange__beyond_96_bits__reverts(desk):
    room = 2**96 - 1 - desk.call("balances", 0)
    for amount in (room + 1, UNLIMITED):
        with reverts("AmountTooLarge", amount, room):
            desk.call("get_dy", 0, 1, amount)


@pytest.mark.parametrize("receiver", ["zero", "pool"])
def test_exchange__to_nobody_or_the_pool__reverts(desk, receiver):
    target = ZERO if receiver == "zero" else desk.pool.address
    with reverts("InvalidRecipient", target):
        desk.call(EXCHANGE_TO, 0, 1, ETHER, 0, target, sender=desk.trader)


def test_exchange__without_allowance_or_tokens__reverts(desk, who):
    with reverts("TransferFromFailed"):
        desk.call(EXCHANGE, 0, 1, ETHER, 0, sender=who[0])


@pytest.mark.parametrize("late", [-1, 0, 1])
def test_exchange_before__deadline(desk, late):
    now = desk.rpc.timestamp
    arguments = (now - late, 0, 1, ETHER, 0, desk.trader)
    if late <= 0:
        assert desk.call("exchange_before", *arguments, sender=desk.trader) > 0
    else:
        with reverts("DeadlinePassed", now - late, now):
            desk.call("exchange_before", *arguments, sender=desk.trader)


def test_exchange__past_the_fence__reverts_and_the_way_back_is_open(desk):
    """A swap may end at a skew of 10,000, not above it."""
    most = desk.to_the_fence(0)
    for amount in (most + 1, 2 * most):
        with reverts("SkewAboveFence"):
            desk.call("get_dy", 0, 1, amount)
        with reverts("SkewAboveFence"):
            desk.call(EXCHANGE, 0, 1, amount, 0, sender=desk.trader)
    desk.trade(0, most)
    with reverts("SkewAboveFence"):
        desk.call("get_dy", 0, 1, most)
    desk.transact(REMOVE_ONE, ETHER, 0, 0, sender=desk.provider)
    desk.trade(1)


def test_exchange__empty_pool__reverts(desk):
    pool = desk.new_pool()
    with reverts("EmptyPool"):
        pool.call("get_dy", 0, 1, ETHER)


def test_exchange_received__sells_what_was_sent(desk):
    quote = desk.call("get_dy", 0, 1, ETHER)
    desk.coins[0].transact("transfer", desk.pool.address, ETHER, sender=desk.trader)
    before = desk.held(desk.trader)
    desk.transact(RECEIVED, 0, 1, ETHER, quote, sender=desk.trader)
    after = desk.held(desk.trader)
    assert (after[0] - before[0], after[1] - before[1]) == (0, quote)
    assert desk.covered() == [0, 0]


def test_exchange_received__sells_more_than_announced(desk, who):
    quote = desk.call("get_dy", 0, 1, 2 * ETHER)
    desk.coins[0].transact("transfer", desk.pool.address, 2 * ETHER, sender=desk.trader)
    desk.transact(RECEIVED_TO, 0, 1, ETHER, 0, who[0], sender=desk.trader)
    assert desk.held(who[0]) == [0, quote]


def test_exchange_received__less_than_announced__reverts(desk):
    desk.coins[0].transact("transfer", desk.pool.address, ETHER, sender=desk.trader)
    with reverts("NotReceived", ETHER, ETHER + 1):
        desk.call(RECEIVED, 0, 1, ETHER + 1, 0, sender=desk.trader)
    with reverts("ZeroAmount"):
        desk.call(RECEIVED, 0, 1, 0, 0, sender=desk.trader)


def test_exchange_received__admin_fees_are_not_for_sale(desk):
    desk.trade(0)
    assert desk.call("admin_balances", 1) > 0
    with reverts("NotReceived", 0, 1):
        desk.call(RECEIVED, 1, 0, 1, 0, sender=desk.trader)


@pytest.mark.parametrize("i", [0, 1])
@pytest.mark.parametrize("dy", [1, ETHER, 900 * ETHER])
def test_exchange_exact_out__buys_it_for_the_quote(desk, who, i, dy):
    quote = desk.call("get_dx", i, 1 - i, dy)
    before = desk.held(desk.trader)[i]
    desk.transact("exchange_exact_out", UNLIMITED, i, 1 - i, dy, quote, who[0], sender=desk.trader)
    assert before - desk.held(desk.trader)[i] == quote
    assert dy <= desk.held(who[0])[1 - i] <= dy + 2


def test_exchange_exact_out__maximum_and_deadline(desk):
    quote = desk.call("get_dx", 0, 1, ETHER)
    now = desk.rpc.timestamp
    arguments = (0, 1, ETHER)
    with reverts("MaximumExceeded", quote, quote - 1):
        desk.call("exchange_exact_out", now, *arguments, quote - 1, desk.trader, sender=desk.trader)
    with reverts("DeadlinePassed", now - 1, now):
        desk.call("exchange_exact_out", now - 1, *arguments, quote, desk.trader, sender=desk.trader)


def test_exchange_exact_out__nothing_or_more_than_there_is__reverts(desk):
    with reverts("ZeroAmount"):
        desk.call("get_dx", 0, 1, 0)
    reserve = desk.call("balances", 1)
    with reverts("InsufficientReserve", reserve + 1, reserve):
        desk.call("get_dx", 0, 1, reserve + 1)
