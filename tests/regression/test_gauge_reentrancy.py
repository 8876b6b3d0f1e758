"""Reading or using the gauge from within one of its transfers."""

import pytest

from tests.fixtures.gauge import ETHER, WEEK

OPERATIONS = ("stake", "unstake", "claim", "claimAll", "fund")


def views(gauge):
    token = gauge.tokens[0].address
    return (
        ("earned", gauge.staker, token),
        ("stakeOf", gauge.staker),
        ("totalStaked",),
        ("clock",),
        ("streamOf", token),
    )


def actions(gauge, account):
    token = gauge.tokens[0].address
    return (
        ("stake", ETHER, account),
        ("unstake", ETHER, account),
        ("claim", token, account),
        ("claimAll", account),
        ("fund", token, ETHER, WEEK),
        ("setDistributor", token, account),
    )


@pytest.fixture
def armed(gauge, callback):
    """The callback holds a stake, rewards and tokens; it is called by both tokens' transfers."""
    gauge.transact("stake", 10 * ETHER, callback.address, sender=gauge.staker)
    gauge.stake()
    gauge.fund(ETHER)
    gauge.wait(WEEK // 2)
    for token in (gauge.lp, gauge.tokens[0]):
        token.transact("mint", callback.address, 10 * ETHER, sender=gauge.owner)
        callback.act(token, "approve", gauge.gauge.address, 10 * ETHER)
        token.transact("setHook", callback.address, sender=gauge.owner)
    return gauge


@pytest.mark.parametrize("operation", OPERATIONS)
def test_everything__refuses_within_an_operation(armed, callback, operation):
    calls = (*views(armed), *actions(armed, callback.address))
    (outer,) = [call for call in calls if call[0] == operation]
    # The mock follows no calls that lead back to it, so that somebody else is the caller.
    sender = armed.distributor if operation == "fund" else armed.staker
    # One at a time: what `claimAll` gives a token is not enough to note how all of them went.
    for inner in calls:
        callback.arm(armed.gauge.prepare(*inner))
        snapshot = armed.rpc.snapshot()
        armed.transact(*outer, sender=sender)
        assert callback.outcomes == [(False, "Reentrancy")], inner
        armed.rpc.revert(snapshot)


@pytest.mark.parametrize("function", ["claim", "claimAll"])
def test_reentrant_reward__is_paid_once(armed, callback, function):
    """The callback is owed the most, and claims again when it is paid."""
    token = armed.tokens[0]
    claim = (token.address, callback.address) if function == "claim" else (callback.address,)
    callback.arm(armed.gauge.prepare(function, *claim))
    before = token.call("balanceOf", callback.address)
    armed.wait(WEEK)
    owed = armed.earned(callback.address)
    callback.act(armed.gauge, function, *claim)
    assert token.call("balanceOf", callback.address) - before == owed > 0
    assert callback.outcomes == [(False, "Reentrancy")]
    assert armed.earned(callback.address) == 0


def test_every_view_of_money__is_in_the_list(gauge):
    """Views that read storage which an operation changes must be tried above."""
    constant = {
        "MAX_DURATION", "MAX_REWARDS", "MIN_DURATION", "MIN_STAKED", "PAYMENT_GAS", "lpToken",
        "owner", "pendingOwner", "rewardTokens",
    }  # fmt: skip
    found = {
        entry["name"]
        for entry in gauge.gauge.abi.entries
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    assert found - constant == {name for name, *_ in views(gauge)}
