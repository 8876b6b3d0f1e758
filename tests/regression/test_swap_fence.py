"""A pool pushed past the fence: swaps lead back only, and everybody still gets out."""

import pytest

from tests.fixtures.staking import reverts
from tests.fixtures.swap import (
    ADD,
    ETHER,
    EXCHANGE,
    REMOVE,
    REMOVE_IMBALANCE,
    REMOVE_ONE,
    UNLIMITED,
    WAD,
)

FENCE = 10_000


def skew(desk):
    return max(desk.call("get_balances")) // min(desk.call("get_balances"))


@pytest.fixture(params=[0, 1], ids=["coin 0 scarce", "coin 1 scarce"])
def beyond(desk, request):
    """Exits are not fenced: the provider takes nearly all of one coin out."""
    scarce = request.param
    desk.trade(1 - scarce, 900 * ETHER)
    amounts = [0, 0]
    amounts[scarce] = desk.call("balances", scarce) - ETHER // 20
    desk.transact(REMOVE_IMBALANCE, amounts, UNLIMITED, sender=desk.provider)
    assert skew(desk) > FENCE
    desk.scarce = scarce
    return desk


@pytest.mark.parametrize("dx", [10**6, ETHER, 1_000 * ETHER])
def test_beyond_the_fence__no_swap_leads_further(beyond, dx):
    i = 1 - beyond.scarce
    with reverts("SkewAboveFence"):
        beyond.call(EXCHANGE, i, 1 - i, dx, 0, sender=beyond.trader)
    with reverts("SkewAboveFence"):
        beyond.call("get_dy", i, 1 - i, dx)
    with reverts("SkewAboveFence"):
        beyond.call("get_dx", i, 1 - i, 10**6)


def test_beyond_the_fence__the_way_back_is_open_and_pays(beyond):
    i, before, price = beyond.scarce, skew(beyond), beyond.call("get_virtual_price")
    quoted = beyond.call("get_dy", i, 1 - i, ETHER)
    assert quoted > ETHER, "the scarce coin is worth more"
    beyond.trade(i)
    assert skew(beyond) < before
    assert beyond.call("get_virtual_price") >= price
    exact_out = ("exchange_exact_out", UNLIMITED, i, 1 - i, ETHER, UNLIMITED, beyond.trader)
    assert beyond.call(*exact_out, sender=beyond.trader) < ETHER


@pytest.mark.parametrize("way", ["share", "one coin", "imbalance"])
def test_beyond_the_fence__everybody_gets_out(beyond, way):
    lp = beyond.call("balanceOf", beyond.provider)
    plenty = 1 - beyond.scarce
    if way == "share":
        beyond.transact(REMOVE, lp, [0, 0], sender=beyond.provider)
        assert list(beyond.call("get_balances")) == [0, 0]
        return
    if way == "one coin":
        beyond.transact(REMOVE_ONE, lp // 2, plenty, 0, sender=beyond.provider)
    else:
        amounts = [0, 0]
        amounts[plenty] = beyond.call("balances", plenty) // 2
        beyond.transact(REMOVE_IMBALANCE, amounts, UNLIMITED, sender=beyond.provider)
    beyond.transact(
        REMOVE, beyond.call("balanceOf", beyond.provider), [0, 0], sender=beyond.provider
    )
    assert beyond.call("totalSupply") == 0


def test_beyond_the_fence__deposits_bring_it_back(beyond):
    amounts = [0, 0]
    amounts[beyond.scarce] = 100 * ETHER
    beyond.transact(ADD, amounts, 0, sender=beyond.trader)
    assert skew(beyond) < FENCE
    beyond.trade(1 - beyond.scarce)


def test_beyond_the_fence__views_answer_within_their_caps(beyond):
    assert beyond.call("get_virtual_price") >= WAD
    assert WAD // 2 <= beyond.call("last_price", 0) <= 2 * WAD
    beyond.rpc.mine_at(beyond.rpc.timestamp + 86_400)
    assert WAD // 2 <= beyond.call("price_oracle", 0) <= 2 * WAD
    for view in (("get_p", 0), ("lp_price",), ("D_oracle",), ("market_ratio",)):
        assert beyond.call(*view) > 0
