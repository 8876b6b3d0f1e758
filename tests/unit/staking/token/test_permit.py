"""EIP-2612 of kETH: an EOA, a contract wallet, and everything that must not pass."""

import ape
import pytest

VALUE = 5 * 10**18


@pytest.fixture
def keth(project, staking):
    return project.StakingPool.at(staking.stack.pool.address)


def split(signature):
    return signature[64], signature[:32], signature[32:64]


def test_permit__sets_the_allowance_once(keth, staker, spender, outsider, make_permit):
    permit = make_permit(keth, staker, spender, VALUE)
    signature = split(permit.signed_by(staker))
    tx = keth.permit(*permit.fields, *signature, sender=outsider)
    assert keth.allowance(staker, spender) == VALUE
    assert keth.nonces(staker) == 1
    assert tx.events == [keth.Approval(owner=staker, spender=spender, value=VALUE)]
    with ape.reverts(keth.InvalidSignature, owner=staker):
        keth.permit(*permit.fields, *signature, sender=outsider)


def test_permit__accepts_a_contract_wallet(keth, contract_wallet, staker, spender, make_permit):
    permit = make_permit(keth, contract_wallet, spender, VALUE)
    signature = permit.signed_by(staker)
    with ape.reverts(keth.InvalidSignature, owner=contract_wallet):
        keth.permit(*permit.fields, *split(signature), sender=spender)
    contract_wallet.approveSignature(permit.digest, signature, sender=staker)
    keth.permit(*permit.fields, *split(signature), sender=spender)
    assert keth.allowance(contract_wallet, spender) == VALUE


@pytest.mark.parametrize("late", [0, 1])
def test_permit__deadline(keth, staker, spender, chain, make_permit, late):
    deadline = chain.pending_timestamp + 100
    permit = make_permit(keth, staker, spender, VALUE, deadline=deadline)
    signature = split(permit.signed_by(staker))
    chain.pending_timestamp = deadline + late
    if late:
        with ape.reverts(keth.DeadlinePassed, deadline=deadline, timestamp=deadline + 1):
            keth.permit(*permit.fields, *signature, sender=spender)
    else:
        keth.permit(*permit.fields, *signature, sender=spender)
        assert keth.allowance(staker, spender) == VALUE


def test_permit__of_another_signer_or_value__reverts(keth, staker, spender, outsider, make_permit):
    permit = make_permit(keth, staker, spender, VALUE)
    with ape.reverts(keth.InvalidSignature, owner=staker):
        keth.permit(*permit.fields, *split(permit.signed_by(outsider)), sender=spender)
    changed = (staker, spender, VALUE + 1, permit.deadline)
    with ape.reverts(keth.InvalidSignature, owner=staker):
        keth.permit(*changed, *split(permit.signed_by(staker)), sender=spender)


def test_permit__of_another_token__reverts(keth, rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    with ape.reverts(keth.InvalidSignature, owner=staker):
        keth.permit(*permit.fields, *split(permit.signed_by(staker)), sender=spender)
