import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts

MOST = 2**96 - 1


def request(desk, assets, controller=None, owner=None, sender=None):
    owner = owner or desk.depositor
    arguments = (assets, controller or owner, owner)
    return desk.transact("requestDeposit", *arguments, sender=sender or owner)


def test_request_deposit__waits_for_the_open_round(calls):
    before = calls.held(calls.depositor)
    receipt = request(calls, 3 * WAD)
    event = calls.event(receipt, "DepositRequest")
    assert (event["requestId"], event["assets"]) == (1, 3 * WAD)
    assert calls.held(calls.depositor) == before - 3 * WAD
    assert calls.call("pendingDepositRequest", 1, calls.depositor) == 3 * WAD
    assert calls.call("pendingDepositRequest", 2, calls.depositor) == 0
    assert calls.call("claimableDepositRequest", 1, calls.depositor) == 0
    assert calls.call("maxDeposit", calls.depositor) == 0
    assert calls.call("totalSupply") == 0
    assert calls.position["pendingDeposits"] == 3 * WAD
    assert calls.position["idle"] == 0


def test_request_deposit__adds_to_the_rounds_request(calls):
    request(calls, 3 * WAD)
    request(calls, 4 * WAD)
    request(calls, WAD, controller=calls.depositor, owner=calls.other)
    assert calls.call("pendingDepositRequest", 1, calls.depositor) == 8 * WAD
    assert calls.call("pendingDepositRequest", 1, calls.other) == 0


def test_request_deposit__of_an_operator(calls):
    with reverts("NotOperator", calls.depositor, calls.outsider):
        request(calls, WAD, sender=calls.outsider)
    calls.transact("setOperator", calls.outsider, True, sender=calls.depositor)
    request(calls, WAD, sender=calls.outsider)
    assert calls.call("pendingDepositRequest", 1, calls.depositor) == WAD
    calls.transact("setOperator", calls.outsider, False, sender=calls.depositor)
    with reverts("NotOperator", calls.depositor, calls.outsider):
        request(calls, WAD, sender=calls.outsider)


def test_request_deposit__claims_an_earlier_round_first(calls):
    calls.open_round(3 * WAD)
    request(calls, 2 * WAD)
    assert calls.shares_of(calls.depositor) == 3 * WAD
    assert calls.call("pendingDepositRequest", 2, calls.depositor) == 2 * WAD
    assert calls.call("claimableDepositRequest", 1, calls.depositor) == 0


@pytest.mark.parametrize("missing", [0, 1])
def test_request_deposit__minimum(calls, missing):
    least = calls.unit // 100
    if missing:
        with reverts("DepositTooSmall", least - 1, least):
            request(calls, least - 1)
    else:
        request(calls, least)


@pytest.mark.parametrize("over", [0, 1])
def test_request_deposit__cap_counts_what_is_locked_and_what_waits(calls, over):
    calls.open_round(30 * WAD)
    calls.own(calls.vault, "setDepositCap", 50 * WAD)
    request(calls, 15 * WAD)
    if over:
        with reverts("DepositCapExceeded", 5 * WAD + 1, 5 * WAD):
            request(calls, 5 * WAD + 1)
    else:
        request(calls, 5 * WAD)


def test_request_deposit__nothing_fits_below_what_is_there(calls):
    request(calls, 15 * WAD)
    calls.own(calls.vault, "setDepositCap", 10 * WAD)
    with reverts("DepositCapExceeded", WAD, 0):
        request(calls, WAD)


def test_request_deposit__for_nobody__reverts(calls):
    for controller in (ZERO, calls.vault.address):
        with reverts("InvalidRecipient", controller):
            request(calls, WAD, controller=controller)


def test_request_deposit__without_the_tokens__reverts(calls):
    with reverts("TransferFromFailed"):
        request(calls, 10**6 * WAD + 1)
    assert calls.position["pendingDeposits"] == 0
