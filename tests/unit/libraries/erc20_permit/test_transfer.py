"""Transfers of a token with permits: to somebody, of what there is, by who was allowed."""

import pytest

from tests.fixtures.staking import ZERO, reverts

PERMIT2 = "0x000000000022D473030F116dDEE9F6B43aC78BA3"
LOST = ["zero", "token"]


@pytest.fixture
def people(staker, spender, receiver):
    """Whose the tokens are, who may be allowed to send them, who gets them."""
    return [str(account) for account in (staker, spender, receiver)]


@pytest.fixture
def lost(rate_token, request):
    return {"zero": ZERO, "token": rate_token.address}[request.param]


@pytest.mark.parametrize("lost", LOST, indirect=True)
def test_transfer__to_nowhere__reverts(rate_token, people, lost):
    owner, *_ = people
    rate_token.transact("mint", owner, 2, sender=owner)
    with reverts("InvalidRecipient", lost):
        rate_token.transact("transfer", lost, 1, sender=owner)


@pytest.mark.parametrize("lost", LOST, indirect=True)
def test_transfer_from__to_nowhere__reverts(rate_token, people, lost):
    owner, spender, _receiver = people
    rate_token.transact("mint", owner, 2, sender=owner)
    rate_token.transact("approve", spender, 2, sender=owner)
    with reverts("InvalidRecipient", lost):
        rate_token.transact("transferFrom", owner, lost, 1, sender=spender)


def test_transfer__moves_up_to_the_balance(rate_token, people):
    owner, _spender, receiver = people
    rate_token.transact("mint", owner, 2, sender=owner)
    rate_token.transact("transfer", receiver, 2, sender=owner)
    assert [rate_token.call("balanceOf", account) for account in (owner, receiver)] == [0, 2]
    with reverts("InsufficientBalance"):
        rate_token.transact("transfer", receiver, 1, sender=owner)


def test_allowance__permit2_has_none(rate_token, people):
    owner, _spender, receiver = people
    rate_token.transact("mint", owner, 1, sender=owner)
    assert rate_token.allowance(owner, PERMIT2) == 0
    rate_token.transact("approve", PERMIT2, 1, sender=owner)
    assert rate_token.allowance(owner, PERMIT2) == 1
    rate_token.call("transferFrom", owner, receiver, 1, sender=PERMIT2)
    rate_token.transact("approve", PERMIT2, 0, sender=owner)
    with reverts("InsufficientAllowance"):
        rate_token.call("transferFrom", owner, receiver, 1, sender=PERMIT2)
