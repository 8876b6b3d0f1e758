"""Who joins, who manages, who is stopped, and what the owner may not do."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts


def test_add_operator__anyone(staking, who):
    registry = staking.stack.registry
    receipt = registry.transact("addOperator", "Dock", who[1], sender=who[0])
    (event,) = registry.events(receipt, "OperatorAdded")
    assert event.values["operatorId"] == 0
    assert event.values["manager"].lower() == who[1].lower()
    assert registry.call("nameOf", 0) == event.values["name"] == "Dock"
    assert registry.call("managerOf", 0).lower() == who[1].lower()
    operator = staking.operator(0)
    assert not operator.offering
    assert not operator.poor
    with reverts("ZeroAddress"):
        registry.call("addOperator", "Dock", ZERO, sender=who[0])


def test_set_manager__itself_alone(staking, who):
    registry = staking.stack.registry
    staking.add_operator(who[0])
    for stranger in (who[1], staking.owner):
        with reverts("Unauthorized", stranger, who[0]):
            registry.call("setManager", 0, stranger, sender=stranger)
    with reverts("ZeroAddress"):
        registry.call("setManager", 0, ZERO, sender=who[0])
    registry.transact("setManager", 0, who[1], sender=who[0])
    assert staking.operator(0).manager.lower() == who[1].lower()


def test_stop_operator__gets_no_deposits_until_it_may_go_on(staking, who):
    registry = staking.stack.registry
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[0], keys=2)
    registry.transact("stopOperator", 0, True, sender=staking.owner)
    assert staking.operator(0).stopped
    with reverts("NothingToDeposit"):
        staking.deposit_validators(1)
    registry.transact("stopOperator", 0, False, sender=staking.owner)
    staking.deposit_validators(1)
    assert staking.operator(0).predeposited == 1


def test_pardon__forgets_strikes(staking, who):
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[0], keys=3, spare=ETHER)
    staking.fund_validators(1)
    for _ in range(3):
        staking.tell((0, 0, 5))
    assert staking.operator(0).strikes == 3
    assert staking.operator(0).poor
    assert not staking.operator(0).offering
    staking.stack.registry.transact("pardon", 0, sender=staking.owner)
    assert staking.operator(0).strikes == 0
    assert not staking.operator(0).poor
    assert staking.operator(0).offering


@pytest.mark.parametrize(
    "call",
    [
        ("stopOperator", 0, True),
        ("pardon", 0),
        ("setExitManager", ZERO),
        ("setExitPeriod", 86_400),
    ],
)
def test_setters__outsider__reverts(staking, who, call):
    staking.add_operator(who[0])
    with reverts("OwnableUnauthorizedAccount", who[0]):
        staking.stack.registry.call(*call, sender=who[0])


@pytest.mark.parametrize("days", [1, 30])
def test_set_exit_period__bounds(staking, days):
    registry, period = staking.stack.registry, days * 86_400
    registry.transact("setExitPeriod", period, sender=staking.owner)
    assert registry.call("exitPeriod") == period
    outside = period - 1 if days == 1 else period + 1
    with reverts("OutOfBounds", outside, 86_400, 30 * 86_400):
        registry.call("setExitPeriod", outside, sender=staking.owner)


def test_views__unknown_operator__reverts(staking):
    registry = staking.stack.registry
    for view in ("getOperator", "nameOf", "managerOf", "refresh"):
        with reverts("OperatorNotFound", 0):
            registry.call(view, 0)
    with reverts("KeyNotFound", 0, 0):
        registry.call("getKey", 0, 0)
