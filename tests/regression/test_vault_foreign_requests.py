"""Requests that strangers make for a controller: they consume nothing that waits for it."""

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts


def test_redeem_request__of_a_stranger__leaves_the_claim(calls):
    calls.open_round(30 * WAD, 10 * WAD)
    calls.claim_deposit()
    calls.claim_deposit(calls.other)
    calls.request_redeem(10 * WAD)
    calls.next_round()
    claim = calls.call("maxRedeem", calls.depositor)
    with reverts("NotOperator", calls.depositor, calls.other):
        arguments = (1, calls.depositor, calls.other)
        calls.transact("requestRedeem", *arguments, sender=calls.other)
    assert calls.call("maxRedeem", calls.depositor) == claim == 10 * WAD


def test_deposit_request__of_a_stranger__leaves_the_claim(calls):
    calls.open_round(30 * WAD, 10 * WAD)
    claim = calls.call("maxDeposit", calls.depositor)
    arguments = (WAD // 100, calls.depositor, calls.other)
    with reverts("NotOperator", calls.depositor, calls.other):
        calls.transact("requestDeposit", *arguments, sender=calls.other)
    assert calls.call("maxDeposit", calls.depositor) == claim == 30 * WAD
    calls.claim_deposit()
    calls.transact("requestDeposit", *arguments, sender=calls.other)
