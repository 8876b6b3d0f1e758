import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts

MOST = 2**96 - 1


def test_collect_fees__pays_the_receiver(calls):
    calls.open_round(30 * WAD)
    calls.buy()
    calls.next_round()
    fees = calls.position["fees"]
    assert fees > 0
    event = calls.event(calls.transact("collectFees", sender=calls.outsider), "FeesCollected")
    assert event["assets"] == fees == calls.held(calls.fee_receiver)
    assert calls.position["fees"] == 0
    with reverts("ZeroAmount"):
        calls.transact("collectFees", sender=calls.outsider)


@pytest.mark.parametrize("cap", [0, 1, MOST])
def test_set_deposit_cap(calls, cap):
    calls.own(calls.vault, "setDepositCap", cap)
    assert calls.call("depositCap") == cap


def test_set_deposit_cap__above_the_most__reverts(calls):
    with reverts("OutOfBounds", MOST + 1, 0, MOST):
        calls.own(calls.vault, "setDepositCap", MOST + 1)


def test_set_fee_receiver(calls):
    calls.own(calls.vault, "setFeeReceiver", calls.outsider)
    assert calls.call("feeReceiver").lower() == calls.outsider.lower()
    with reverts("ZeroAddress"):
        calls.own(calls.vault, "setFeeReceiver", ZERO)


@pytest.mark.parametrize("call", [("setDepositCap", 1), ("setFeeReceiver", ZERO)])
def test_setters__of_a_stranger__revert(calls, call):
    with reverts("OwnableUnauthorizedAccount", calls.outsider):
        calls.transact(*call, sender=calls.outsider)
