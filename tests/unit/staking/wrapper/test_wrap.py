"""wstETH's side of the wrapper: wrap, unwrap and plain ether, exact in shares."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts

UNLIMITED = 2**256 - 1


@pytest.fixture
def wrapper(pinned, who):
    for account in who:
        pinned.stack.pool.transact("approve", pinned.stack.wketh.address, UNLIMITED, sender=account)
    return pinned.stack.wketh


def held(staking):
    """Exact shares in the wrapper beyond those that the supply stands for (STAKE-4)."""
    stack = staking.stack
    return (
        stack.pool.call("exactSharesOf", stack.wketh.address)
        - stack.wketh.call("totalSupply") * 10**9
    )


@pytest.mark.parametrize("amount", [2, 10**9 + 1, ETHER, 7 * ETHER + 3])
def test_wrap__returns_what_arrived(pinned, wrapper, who, amount):
    pool = pinned.stack.pool
    expected = pool.call("getSharesByPooledEth", amount)
    before = pool.call("exactSharesOf", who[0])
    assert wrapper.call("wrap", amount, sender=who[0]) == expected
    wrapper.transact("wrap", amount, sender=who[0])
    assert wrapper.call("balanceOf", who[0]) == expected
    assert before - pool.call("exactSharesOf", who[0]) == expected * 10**9
    assert held(pinned) == 0


def test_wrap__whole_balance(pinned, wrapper, who):
    pool = pinned.stack.pool
    wrapper.transact("wrap", pool.call("balanceOf", who[0]), sender=who[0])
    assert pool.call("balanceOf", who[0]) <= 1


def test_wrap__nothing_or_dust__reverts(wrapper, who):
    for amount in (0, 1):  # at a rate above 1, a wei is less than a share
        with reverts("ZeroAmount"):
            wrapper.call("wrap", amount, sender=who[0])


def test_wrap__more_than_held__reverts(pinned, wrapper, who):
    whole = pinned.stack.pool.call("balanceOf", who[0])
    with reverts("BalanceExceeded"):
        wrapper.call("wrap", whole + 2, sender=who[0])


def test_wrap__without_allowance__reverts(pinned, who):
    stack = pinned.stack
    with reverts("AllowanceExceeded"):
        stack.wketh.call("wrap", ETHER, sender=who[0])


def test_wrap_shares__takes_them_exactly(pinned, wrapper, who):
    wrapper.transact("wrapShares", ETHER, sender=who[0])
    assert wrapper.call("balanceOf", who[0]) == ETHER
    assert held(pinned) == 0
    with reverts("ZeroAmount"):
        wrapper.call("wrapShares", 0, sender=who[0])


@pytest.mark.parametrize("shares", [1, 10**9, ETHER])
def test_unwrap__gives_the_shares_back(pinned, wrapper, who, shares):
    pool = pinned.stack.pool
    wrapper.transact("wrapShares", 2 * ETHER, sender=who[0])
    before = pool.call("exactSharesOf", who[0])
    assert wrapper.call("unwrap", shares, sender=who[0]) == pool.call(
        "getPooledEthByShares", shares
    )
    wrapper.transact("unwrap", shares, sender=who[0])
    assert pool.call("exactSharesOf", who[0]) - before == shares * 10**9
    assert held(pinned) == 0


def test_unwrap__nothing_or_more_than_held__reverts(wrapper, who):
    wrapper.transact("wrapShares", ETHER, sender=who[0])
    with reverts("ZeroAmount"):
        wrapper.call("unwrap", 0, sender=who[0])
    with reverts("InsufficientBalance"):
        wrapper.call("unwrap", ETHER + 1, sender=who[0])


@pytest.mark.parametrize("amount", [2, ETHER, 7 * ETHER + 3])
def test_round_trip__loses_at_most_two_wei(pinned, wrapper, who, amount):
    pool = pinned.stack.pool
    before = pool.call("balanceOf", who[0])
    wrapper.transact("wrap", amount, sender=who[0])
    wrapper.transact("unwrap", wrapper.call("balanceOf", who[0]), sender=who[0])
    assert before - 2 <= pool.call("balanceOf", who[0]) <= before


def send(staking, who, wei):
    tx = {
        "from": who,
        "to": staking.stack.wketh.address,
        "value": hex(wei),
        "gas": hex(200_000),
    }
    return staking.rpc.receipt(staking.rpc.call("eth_sendTransaction", tx))


def test_receive__stakes_and_wraps(pinned, wrapper, who):
    expected = pinned.stack.pool.call("getSharesByPooledEth", ETHER)
    send(pinned, who[2], ETHER)
    assert wrapper.call("balanceOf", who[2]) == expected
    assert 0 <= held(pinned) < 10**9


def test_receive__a_wei__mints_a_share_or_reverts(pinned, wrapper, who):
    tx = {"from": who[2], "to": wrapper.address, "value": "0x1"}
    with pytest.raises(Exception, match="revert"):
        pinned.rpc.call("eth_call", tx, "latest")
    send(pinned, who[2], 2)
    assert wrapper.call("balanceOf", who[2]) == 1


def test_receive__paused__reverts_and_exits_stay_open(pinned, wrapper, who):
    wrapper.transact("wrapShares", ETHER, sender=who[0])
    pinned.stack.pool.transact("pause", sender=pinned.owner)
    tx = {"from": who[2], "to": wrapper.address, "value": hex(ETHER)}
    with pytest.raises(Exception, match="revert"):
        pinned.rpc.call("eth_call", tx, "latest")
    wrapper.transact("unwrap", ETHER, sender=who[0])


@pytest.mark.parametrize("recipient", ["zero", "token"])
def test_transfer__to_nobody_or_the_token__reverts(wrapper, who, recipient):
    target = ZERO if recipient == "zero" else wrapper.address
    wrapper.transact("wrapShares", ETHER, sender=who[0])
    with reverts("InvalidRecipient", target):
        wrapper.call("transfer", target, 1, sender=who[0])


def test_rates__agree(pinned, wrapper):
    pool = pinned.stack.pool
    rate = pool.call("getPooledEthByShares", ETHER)
    assert wrapper.call("getRate") == wrapper.call("stEthPerToken") == rate
    assert wrapper.call("tokensPerStEth") == pool.call("getSharesByPooledEth", ETHER)
    assert wrapper.call("getStETHByWstETH", 3 * ETHER) == pool.call("toEtherDown", 3 * 10**27)
    assert wrapper.call("getWstETHByStETH", ETHER) == pool.call("getSharesByPooledEth", ETHER)
    assert wrapper.call("stETH").lower() == wrapper.call("asset").lower() == pool.address.lower()
