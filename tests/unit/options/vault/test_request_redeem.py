from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import ZERO, reverts


def with_shares(desk, assets=None):
    desk.open_round(assets or 10 * desk.unit)
    return desk.claim_deposit()


def request(desk, shares, controller=None, owner=None, sender=None):
    owner = owner or desk.depositor
    arguments = (shares, controller or owner, owner)
    return desk.transact("requestRedeem", *arguments, sender=sender or owner)


def test_request_redeem__holds_the_shares_until_the_round_is_over(calls):
    with_shares(calls)
    event = calls.event(request(calls, 4 * WAD), "RedeemRequest")
    assert (event["requestId"], event["shares"]) == (2, 4 * WAD)
    assert calls.shares_of(calls.depositor) == 6 * WAD
    assert calls.shares_of(calls.vault.address) == 4 * WAD
    assert calls.call("pendingRedeemRequest", 2, calls.depositor) == 4 * WAD
    assert calls.call("claimableRedeemRequest", 2, calls.depositor) == 0
    assert calls.call("maxRedeem", calls.depositor) == 0
    assert calls.position["queuedShares"] == 4 * WAD
    assert calls.call("totalSupply") == 10 * WAD


def test_request_redeem__adds_up_for_a_controller(calls):
    with_shares(calls)
    request(calls, WAD)
    request(calls, 2 * WAD)
    request(calls, 3 * WAD, controller=calls.other)
    assert calls.call("pendingRedeemRequest", 2, calls.depositor) == 3 * WAD
    assert calls.call("pendingRedeemRequest", 2, calls.other) == 3 * WAD


def test_request_redeem__by_allowance_or_as_an_operator(calls):
    with_shares(calls)
    with reverts("InsufficientAllowance"):
        request(calls, WAD, sender=calls.outsider)
    calls.transact("approve", calls.outsider, 3 * WAD, sender=calls.depositor)
    request(calls, WAD, sender=calls.outsider)
    assert calls.call("allowance", calls.depositor, calls.outsider) == 2 * WAD
    calls.transact("setOperator", calls.outsider, True, sender=calls.depositor)
    request(calls, 5 * WAD, sender=calls.outsider)
    assert calls.call("allowance", calls.depositor, calls.outsider) == 2 * WAD


def test_request_redeem__pays_an_earlier_round_first(calls):
    with_shares(calls)
    request(calls, 4 * WAD)
    price = calls.next_round()["pricePerShare"]
    before = calls.held(calls.depositor)
    request(calls, WAD)
    assert calls.held(calls.depositor) - before == 4 * WAD * price // WAD
    assert calls.position["reserved"] == 0
    assert calls.call("pendingRedeemRequest", 3, calls.depositor) == WAD


def test_request_redeem__of_nothing_or_for_nobody__reverts(calls):
    with_shares(calls)
    with reverts("ZeroAmount"):
        request(calls, 0)
    for controller in (ZERO, calls.vault.address):
        with reverts("InvalidRecipient", controller):
            request(calls, WAD, controller=controller)


def test_request_redeem__more_than_held__reverts(calls):
    with_shares(calls)
    with reverts("InsufficientBalance"):
        request(calls, 10 * WAD + 1)
    request(calls, 10 * WAD)
