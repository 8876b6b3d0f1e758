"""Deposits and the three ways out."""

import pytest

from tests.fixtures.staking import ZERO, reverts
from tests.fixtures.swap import (
    ADD,
    ADD_TO,
    ETHER,
    REMOVE,
    REMOVE_CLAIM,
    REMOVE_IMBALANCE,
    REMOVE_IMBALANCE_TO,
    REMOVE_ONE,
    REMOVE_ONE_TO,
    REMOVE_TO,
    UNLIMITED,
)


@pytest.mark.parametrize("amounts", [[ETHER, ETHER], [ETHER, 0], [0, ETHER], [3, 5 * ETHER]])
def test_add_liquidity__mints_the_quote(desk, amounts):
    quote = desk.call("calc_token_amount", amounts, True)
    before, supply = desk.held(desk.trader), desk.call("totalSupply")
    receipt = desk.transact(ADD, amounts, quote, sender=desk.trader)
    after = desk.held(desk.trader)
    assert [b - a for b, a in zip(before, after, strict=True)] == amounts
    assert desk.call("balanceOf", desk.trader) == quote
    assert desk.call("totalSupply") == supply + quote
    (event,) = desk.pool.events(receipt, "AddLiquidity")
    assert list(event.values["token_amounts"]) == amounts
    assert event.values["token_supply"] == supply + quote
    for i, fee in enumerate(event.values["fees"]):
        assert desk.call("admin_balances", i) == fee // 2


def test_add_liquidity__to_a_receiver_and_its_minimum(desk, who):
    quote = desk.call("calc_token_amount", [ETHER, 0], True)
    with reverts("SlippageExceeded", quote, quote + 1):
        desk.call(ADD, [ETHER, 0], quote + 1, sender=desk.trader)
    desk.transact(ADD_TO, [ETHER, 0], quote, who[0], sender=desk.trader)
    assert desk.call("balanceOf", who[0]) == quote


def test_add_liquidity__first_deposit(desk):
    desk.use(pool := desk.new_pool())
    for lopsided in ([ETHER, 0], [0, ETHER]):
        with reverts("FirstDepositNeedsBothCoins"):
            pool.call(ADD, lopsided, 0, sender=desk.trader)
    pool.transact(ADD, [ETHER, ETHER], 0, sender=desk.trader)
    assert pool.call("totalSupply") == pool.call("balanceOf", desk.trader) == 2 * ETHER
    assert pool.call("get_virtual_price") == 10**18
    assert pool.call("D_oracle") == 2 * ETHER


@pytest.mark.parametrize("amounts", [[], [1], [1, 1, 1]])
def test_amounts__not_two__reverts(desk, amounts):
    for function, limit in ((ADD, 0), (REMOVE_IMBALANCE, UNLIMITED)):
        with reverts("InvalidLength", len(amounts)):
            desk.call(function, amounts, limit, sender=desk.provider)
    with reverts("InvalidLength", len(amounts)):
        desk.call(REMOVE, ETHER, amounts, sender=desk.provider)
    with reverts("InvalidLength", len(amounts)):
        desk.call("calc_token_amount", amounts, True)


def test_operations__nothing__reverts(desk):
    for function, *arguments in (
        (ADD, [0, 0], 0),
        (REMOVE, 0, [0, 0]),
        (REMOVE_ONE, 0, 0, 0),
        (REMOVE_IMBALANCE, [0, 0], UNLIMITED),
    ):
        with reverts("ZeroAmount"):
            desk.call(function, *arguments, sender=desk.provider)


def test_add_liquidity__beyond_96_bits__reverts(desk):
    room = 2**96 - 1 - desk.call("balances", 1)
    with reverts("AmountTooLarge", room + 1, room):
        desk.call(ADD, [0, room + 1], 0, sender=desk.trader)


@pytest.mark.parametrize("part", [1, ETHER, 999 * ETHER])
def test_remove_liquidity__pays_the_share_rounded_down(desk, part):
    supply, reserves = desk.call("totalSupply"), desk.call("get_balances")
    expected = [reserve * part // supply for reserve in reserves]
    before = desk.held(desk.provider)
    receipt = desk.transact(REMOVE, part, expected, sender=desk.provider)
    after = desk.held(desk.provider)
    assert [a - b for a, b in zip(after, before, strict=True)] == expected
    (event,) = desk.pool.events(receipt, "RemoveLiquidity")
    assert list(event.values["token_amounts"]) == expected
    assert event.values["token_supply"] == supply - part == desk.call("totalSupply")


def test_remove_liquidity__minimum_of_each_coin(desk):
    with reverts("SlippageExceeded", ETHER // 2, ETHER // 2 + 1):
        desk.call(REMOVE, ETHER, [0, ETHER // 2 + 1], sender=desk.provider)
    with reverts("SlippageExceeded", ETHER // 2, ETHER // 2 + 1):
        desk.call(REMOVE, ETHER, [ETHER // 2 + 1, 0], sender=desk.provider)


def test_remove_liquidity__all_of_it_and_the_pool_starts_anew(desk):
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    assert list(desk.call("get_balances")) == [0, 0]
    assert desk.call("totalSupply") == 0
    with reverts("EmptyPool"):
        desk.call("get_virtual_price")
    desk.transact(ADD, [ETHER, 2 * ETHER], 0, sender=desk.trader)
    assert desk.call("get_virtual_price") == 10**18


def test_remove_liquidity__more_than_held__reverts(desk):
    with reverts("InsufficientBalance"):
        desk.call(REMOVE, 1, [0, 0], sender=desk.trader)


def test_remove_liquidity__claims_admin_fees_if_asked(desk, who):
    desk.trade(0)
    owed, receiver = desk.call("admin_balances", 1), desk.call("fee_receiver")
    desk.transact(REMOVE_CLAIM, ETHER, [0, 0], who[0], True, sender=desk.provider)
    assert desk.coins[1].call("balanceOf", receiver) == owed
    assert desk.call("admin_balances", 1) == 0


@pytest.mark.parametrize("i", [0, 1])
def test_remove_one_coin__pays_the_quote(desk, i):
    desk.trade(0, 300 * ETHER)
    quote = desk.call("calc_withdraw_one_coin", 10 * ETHER, i)
    before = desk.held(desk.provider)
    with reverts("SlippageExceeded", quote, quote + 1):
        desk.call(REMOVE_ONE, 10 * ETHER, i, quote + 1, sender=desk.provider)
    receipt = desk.transact(REMOVE_ONE, 10 * ETHER, i, quote, sender=desk.provider)
    after = desk.held(desk.provider)
    assert after[i] - before[i] == quote
    assert after[1 - i] == before[1 - i]
    (event,) = desk.pool.events(receipt, "RemoveLiquidityOne")
    assert (event.values["token_id"], event.values["coin_amount"]) == (i, quote)


def test_remove_one_coin__whole_supply__names_the_other_way(desk):
    supply = desk.call("totalSupply")
    for function in ("remove", "calc"):
        with reverts("UseRemoveLiquidity", supply, supply):
            if function == "calc":
                desk.call("calc_withdraw_one_coin", supply, 0)
            else:
                desk.call(REMOVE_ONE, supply, 0, 0, sender=desk.provider)
    with reverts("UseRemoveLiquidity", supply + 1, supply):
        desk.call("calc_withdraw_one_coin", supply + 1, 0)


@pytest.mark.parametrize("i", [-1, 2])
def test_remove_one_coin__unknown_coin__reverts(desk, i):
    with reverts("InvalidCoin", i):
        desk.call(REMOVE_ONE, ETHER, i, 0, sender=desk.provider)


@pytest.mark.parametrize("amounts", [[ETHER, 0], [0, ETHER], [ETHER, 2 * ETHER]])
def test_remove_imbalance__burns_the_quote(desk, amounts):
    quote = desk.call("calc_token_amount", amounts, False)
    supply = desk.call("totalSupply")
    with reverts("MaximumExceeded", quote, quote - 1):
        desk.call(REMOVE_IMBALANCE, amounts, quote - 1, sender=desk.provider)
    before = desk.held(desk.provider)
    desk.transact(REMOVE_IMBALANCE, amounts, quote, sender=desk.provider)
    after = desk.held(desk.provider)
    assert [a - b for a, b in zip(after, before, strict=True)] == amounts
    assert desk.call("totalSupply") == supply - quote


def test_remove_imbalance__more_than_there_is__reverts(desk):
    reserve = desk.call("balances", 0)
    with reverts("InsufficientReserve", reserve + 1, reserve):
        desk.call(REMOVE_IMBALANCE, [reserve + 1, 0], UNLIMITED, sender=desk.provider)


@pytest.mark.parametrize("receiver", ["zero", "pool"])
@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (ADD_TO, ([ETHER, ETHER], 0)),
        (REMOVE_TO, (ETHER, [0, 0])),
        (REMOVE_ONE_TO, (ETHER, 0, 0)),
        (REMOVE_IMBALANCE_TO, ([ETHER, 0], UNLIMITED)),
    ],
)
def test_operations__to_nobody_or_the_pool__reverts(desk, function, arguments, receiver):
    target = ZERO if receiver == "zero" else desk.pool.address
    with reverts("InvalidRecipient", target):
        desk.call(function, *arguments, target, sender=desk.provider)


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("add_liquidity_before", ([ETHER, ETHER], 0)),
        ("remove_liquidity_before", (ETHER, [0, 0])),
        ("remove_liquidity_one_coin_before", (ETHER, 0, 0)),
        ("remove_liquidity_imbalance_before", ([ETHER, 0], UNLIMITED)),
    ],
)
def test_operations__deadline(desk, function, arguments):
    now, account = desk.rpc.timestamp, desk.provider
    desk.call(function, now, *arguments, account, sender=account)
    with reverts("DeadlinePassed", now - 1, now):
        desk.call(function, now - 1, *arguments, account, sender=account)


def test_lp_token__is_an_erc20_with_permit(desk, who):
    assert (desk.call("name"), desk.call("symbol"), desk.call("decimals")) == (
        "Mock pool",
        "LP",
        18,
    )
    desk.transact("transfer", who[0], ETHER, sender=desk.provider)
    assert desk.call("balanceOf", who[0]) == ETHER
    for target in (ZERO, desk.pool.address):
        with reverts("InvalidRecipient", target):
            desk.call("transfer", target, 1, sender=who[0])
    assert desk.call("nonces", who[0]) == 0
    permit = "permit(address,address,uint256,uint256,bytes)"
    with reverts("InvalidSignature", who[0]):
        desk.call(permit, who[0], who[1], 1, UNLIMITED, b"\1" * 65)
