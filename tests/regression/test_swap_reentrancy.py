"""Reading or using the swap pool from within one of its transfers."""

import pytest

from tests.fixtures.swap import (
    ADD,
    ETHER,
    EXCHANGE,
    RECEIVED,
    REMOVE,
    REMOVE_IMBALANCE,
    REMOVE_ONE,
    UNLIMITED,
)

NOBODY = "0x" + "11" * 20

VIEWS = (
    ("get_virtual_price",),
    ("lp_price",),
    ("get_p", 0),
    ("last_price", 0),
    ("ema_price", 0),
    ("price_oracle", 0),
    ("D_oracle",),
    ("market_ratio",),
    ("ma_last_time",),
    ("get_dy", 0, 1, ETHER),
    ("get_dx", 0, 1, ETHER),
    ("calc_token_amount", [ETHER, 0], True),
    ("calc_withdraw_one_coin", ETHER, 0),
    ("dynamic_fee", 0, 1),
    ("stored_rates",),
    ("balances", 0),
    ("get_balances",),
    ("admin_balances", 0),
    ("totalSupply",),
)
ACTIONS = (
    (EXCHANGE, 0, 1, ETHER, 0),
    (RECEIVED, 0, 1, ETHER, 0),
    ("exchange_exact_out", UNLIMITED, 0, 1, ETHER, UNLIMITED, NOBODY),
    (ADD, [ETHER, ETHER], 0),
    (REMOVE, ETHER, [0, 0]),
    (REMOVE_ONE, ETHER, 0, 0),
    (REMOVE_IMBALANCE, [ETHER, 0], UNLIMITED),
    ("withdraw_admin_fees",),
)
OPERATIONS = {
    "exchange": (EXCHANGE, 0, 1, ETHER, 0),
    "received": (RECEIVED, 0, 1, ETHER, 0),
    "exact out": ("exchange_exact_out", UNLIMITED, 1, 0, ETHER, UNLIMITED, NOBODY),
    "add": (ADD, [ETHER, ETHER], 0),
    "remove": (REMOVE, ETHER, [0, 0]),
    "one coin": (REMOVE_ONE, ETHER, 1, 0),
    "imbalance": (REMOVE_IMBALANCE, [ETHER, ETHER], UNLIMITED),
    "admin fees": ("withdraw_admin_fees",),
}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_everything_that_prices__refuses_within_an_operation(desk, callback, operation):
    desk.trade(0)
    desk.trade(1)
    calls = (*VIEWS, *ACTIONS)
    desk.coins[0].transact("mint", desk.pool.address, ETHER, sender=desk.owner)
    callback.arm(*(desk.pool.prepare(*call) for call in calls))
    for coin in desk.coins:
        coin.transact("setHook", callback.address, sender=desk.owner)
    desk.transact(*OPERATIONS[operation], sender=desk.provider)
    outcomes = callback.outcomes
    assert len(outcomes) in (len(calls), 2 * len(calls)), "called back by one or both coins"
    assert set(outcomes) == {(False, "Reentrancy")}


def test_every_view_of_money__is_in_the_list(desk):
    """Views that read storage which an operation changes must be tried above."""
    constant = {
        "A", "A_precise", "DOMAIN_SEPARATOR", "D_ma_time", "N_COINS", "admin_fee", "allowance",
        "amplification_unrounded", "balanceOf", "coins", "decimals", "directional", "fee",
        "fee_receiver", "future_A", "future_A_time", "initial_A", "initial_A_time", "ma_exp_time",
        "name", "nonces", "offpeg_fee_multiplier", "owner", "pendingOwner", "rate_source", "symbol",
    }  # fmt: skip
    views = {
        entry["name"]
        for entry in desk.pool.abi.entries
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    assert views - constant == {name for name, *_ in VIEWS}
