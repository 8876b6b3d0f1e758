from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts


def cancel(desk, kind, amount, receiver=None, controller=None, sender=None):
    controller = controller or desk.depositor
    arguments = (amount, receiver or controller, controller)
    return desk.transact(f"cancel{kind}Request", *arguments, sender=sender or controller)


def test_cancel_deposit_request__gives_back_a_part(calls):
    before = calls.held(calls.depositor)
    calls.request_deposit(5 * WAD)
    cancel(calls, "Deposit", 2 * WAD)
    assert calls.held(calls.depositor) == before - 3 * WAD
    assert calls.call("pendingDepositRequest", 1, calls.depositor) == 3 * WAD
    assert calls.position["pendingDeposits"] == 3 * WAD
    cancel(calls, "Deposit", 3 * WAD, receiver=calls.outsider)
    assert calls.held(calls.outsider) == 3 * WAD
    with reverts("AmountTooLarge", 1, 0):
        cancel(calls, "Deposit", 1)


def test_cancel_deposit_request__once_it_is_served__reverts(calls):
    calls.open_round(5 * WAD)
    with reverts("AmountTooLarge", 5 * WAD, 0):
        cancel(calls, "Deposit", 5 * WAD)


def test_cancel_deposit_request__more_than_waits__reverts(calls):
    calls.request_deposit(5 * WAD)
    calls.request_deposit(5 * WAD, calls.other)
    with reverts("AmountTooLarge", 5 * WAD + 1, 5 * WAD):
        cancel(calls, "Deposit", 5 * WAD + 1)
    with reverts("ZeroAmount"):
        cancel(calls, "Deposit", 0)
    with reverts("ZeroAddress"):
        cancel(calls, "Deposit", WAD, receiver=ZERO)


def test_cancel_redeem_request__gives_the_shares_back(calls):
    calls.open_round(5 * WAD)
    calls.claim_deposit()
    calls.request_redeem(4 * WAD)
    cancel(calls, "Redeem", 3 * WAD)
    assert calls.shares_of(calls.depositor) == 4 * WAD
    assert calls.position["queuedShares"] == WAD
    with reverts("AmountTooLarge", WAD + 1, WAD):
        cancel(calls, "Redeem", WAD + 1)
    with reverts("InvalidRecipient", calls.vault.address):
        cancel(calls, "Redeem", WAD, receiver=calls.vault.address)
    with reverts("ZeroAmount"):
        cancel(calls, "Redeem", 0)


def test_cancel_redeem_request__once_it_is_served__reverts(calls):
    calls.open_round(5 * WAD)
    calls.claim_deposit()
    calls.request_redeem(4 * WAD)
    calls.next_round()
    with reverts("AmountTooLarge", 1, 0):
        cancel(calls, "Redeem", 1)


def test_cancel__of_a_stranger__reverts(calls):
    calls.request_deposit(5 * WAD)
    for kind in ("Deposit", "Redeem"):
        with reverts("NotOperator", calls.depositor, calls.outsider):
            cancel(calls, kind, WAD, receiver=calls.outsider, sender=calls.outsider)
    calls.transact("setOperator", calls.outsider, True, sender=calls.depositor)
    cancel(calls, "Deposit", WAD, sender=calls.outsider)
