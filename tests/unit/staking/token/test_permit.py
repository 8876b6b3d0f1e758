"""EIP-2612 of kETH: an EOA, a contract wallet, and everything that must not pass."""

import pytest

from tests.fixtures.permits import PermitToken
from tests.fixtures.staking import reverts

VALUE = 5 * 10**18


@pytest.fixture
def keth(staking):
    return PermitToken(staking.stack.pool)


def test_permit__sets_the_allowance_once(keth, staker, spender, outsider):
    permit = keth.permit_of(staker, spender, VALUE)
    signature = permit.signed_by(staker)
    receipt = keth.permit(permit.fields, signature, sender=outsider)
    assert keth.allowance(staker, spender) == VALUE
    assert keth.call("nonces", str(staker)) == 1
    (event,) = keth.contract.events(receipt)
    people = [str(account).lower() for account in (staker, spender)]
    assert (event.name, *event.values.values()) == ("Approval", *people, VALUE)
    with reverts("InvalidSignature", str(staker)):
        keth.permit(permit.fields, signature, sender=outsider)


def test_permit__accepts_a_contract_wallet(keth, contract_wallet, staker, spender):
    permit = keth.permit_of(contract_wallet, spender, VALUE)
    signature = permit.signed_by(staker)
    with reverts("InvalidSignature", contract_wallet.address):
        keth.permit(permit.fields, signature, sender=spender)
    contract_wallet.approve(permit.digest, signature)
    keth.permit(permit.fields, signature, sender=spender)
    assert keth.allowance(contract_wallet, spender) == VALUE


@pytest.mark.parametrize("late", [0, 1])
def test_permit__deadline(keth, staker, spender, late):
    deadline = keth.rpc.timestamp + 100
    permit = keth.permit_of(staker, spender, VALUE, deadline=deadline)
    keth.rpc.mine_at(deadline + late)
    signature = permit.signed_by(staker)
    arguments = (keth.PARTS, *permit.fields, signature[64], signature[:32], signature[32:64])
    if late:
        with reverts("DeadlinePassed", deadline, deadline + 1):
            keth.call(*arguments)
    else:
        keth.call(*arguments)


def test_permit__of_another_signer_or_value__reverts(keth, staker, spender, outsider):
    permit = keth.permit_of(staker, spender, VALUE)
    with reverts("InvalidSignature", str(staker)):
        keth.permit(permit.fields, permit.signed_by(outsider), sender=spender)
    changed = (str(staker), str(spender), VALUE + 1, permit.deadline)
    with reverts("InvalidSignature", str(staker)):
        keth.permit(changed, permit.signed_by(staker), sender=spender)


def test_permit__of_another_token__reverts(keth, rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    with reverts("InvalidSignature", str(staker)):
        keth.permit(permit.fields, permit.signed_by(staker), sender=spender)
