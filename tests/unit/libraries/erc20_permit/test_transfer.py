import ape
import pytest

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
ZERO = "0x" + "00" * 20


@pytest.fixture
def lost(rate_token, request):
    return {"zero": ZERO, "token": rate_token.address}[request.param]


@pytest.mark.parametrize("lost", ["zero", "token"], indirect=True)
def test_transfer__to_nowhere__reverts(rate_token, staker, lost):
    rate_token.mint(staker, 2, sender=staker)
    with ape.reverts(rate_token.InvalidRecipient, recipient=lost):
        rate_token.transfer(lost, 1, sender=staker)


@pytest.mark.parametrize("lost", ["zero", "token"], indirect=True)
def test_transfer_from__to_nowhere__reverts(rate_token, staker, spender, lost):
    rate_token.mint(staker, 2, sender=staker)
    rate_token.approve(spender, 2, sender=staker)
    with ape.reverts(rate_token.InvalidRecipient, recipient=lost):
        rate_token.transferFrom(staker, lost, 1, sender=spender)


def test_transfer__moves_up_to_the_balance(rate_token, staker, receiver):
    rate_token.mint(staker, 2, sender=staker)
    rate_token.transfer(receiver, 2, sender=staker)
    assert (rate_token.balanceOf(staker), rate_token.balanceOf(receiver)) == (0, 2)
    with ape.reverts(rate_token.InsufficientBalance):
        rate_token.transfer(receiver, 1, sender=staker)


def test_allowance__permit2_has_none(rate_token, staker, receiver, accounts):
    rate_token.mint(staker, 1, sender=staker)
    assert rate_token.allowance(staker, PERMIT2) == 0
    rate_token.approve(PERMIT2, 1, sender=staker)
    assert rate_token.allowance(staker, PERMIT2) == 1
    rate_token.approve(PERMIT2, 0, sender=staker)
    permit2 = accounts.impersonate_account(PERMIT2)
    permit2.balance += 10**18
    with ape.reverts(rate_token.InsufficientAllowance):
        rate_token.transferFrom(staker, receiver, 1, sender=permit2)
