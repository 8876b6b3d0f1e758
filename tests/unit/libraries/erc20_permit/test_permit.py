"""EIP-2612 of a token that is nothing else: accounts, contract wallets, and what must not pass."""

import pytest

from tests.fixtures.staking import ZERO, reverts

VALUE = 5 * 10**18
MAX_UINT256 = 2**256 - 1


@pytest.mark.parametrize("value", [0, VALUE, MAX_UINT256])
def test_permit__sets_the_allowance(rate_token, staker, spender, outsider, value):
    permit = rate_token.permit_of(staker, spender, value)
    receipt = rate_token.permit(permit.fields, permit.signed_by(staker), sender=outsider)
    assert rate_token.allowance(staker, spender) == value
    assert rate_token.call("nonces", str(staker)) == 1
    (event,) = rate_token.contract.events(receipt)
    assert (event.name, *event.values.values()) == (
        "Approval",
        str(staker).lower(),
        str(spender).lower(),
        value,
    )


def test_permit__takes_a_signature_in_one_piece(rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    rate_token.permit(permit.fields, permit.signed_by(staker), sender=spender, whole=True)
    assert rate_token.allowance(staker, spender) == VALUE


def test_permit__takes_a_compact_signature(rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    signature = permit.signed_by(staker)
    r, s, v = signature[:32], signature[32:64], signature[64]
    vs = (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")
    rate_token.permit(permit.fields, r + vs, sender=spender, whole=True)
    assert rate_token.allowance(staker, spender) == VALUE


def test_permit__accepts_a_contract_wallet(rate_token, contract_wallet, staker, spender):
    permit = rate_token.permit_of(contract_wallet, spender, VALUE)
    signature = permit.signed_by(staker)
    contract_wallet.approve(permit.digest, signature)
    rate_token.permit(permit.fields, signature, sender=spender)
    assert rate_token.allowance(contract_wallet, spender) == VALUE
    assert rate_token.call("nonces", contract_wallet.address) == 1


@pytest.mark.parametrize("length", [0, 65, 130])
def test_permit__accepts_wallet_signatures_of_any_length(
    rate_token, contract_wallet, spender, length
):
    permit = rate_token.permit_of(contract_wallet, spender, VALUE)
    contract_wallet.approve(permit.digest, b"\x07" * length)
    rate_token.permit(permit.fields, b"\x07" * length, sender=spender, whole=True)
    assert rate_token.allowance(contract_wallet, spender) == VALUE


@pytest.mark.parametrize("late", [0, 1])
def test_permit__deadline(rate_token, staker, spender, late):
    deadline = rate_token.rpc.timestamp + 100
    permit = rate_token.permit_of(staker, spender, VALUE, deadline=deadline)
    rate_token.rpc.mine_at(deadline + late)
    arguments = (rate_token.WHOLE, *permit.fields, permit.signed_by(staker))
    if late:
        with reverts("DeadlinePassed", deadline, deadline + late):
            rate_token.call(*arguments)
    else:
        rate_token.call(*arguments)


def test_permit__replayed__reverts(rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    signature = permit.signed_by(staker)
    rate_token.permit(permit.fields, signature, sender=spender)
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(permit.fields, signature, sender=spender)
    assert rate_token.call("nonces", str(staker)) == 1


@pytest.mark.parametrize("nonce", [1, MAX_UINT256])
def test_permit__wrong_nonce__reverts(rate_token, staker, spender, nonce):
    permit = rate_token.permit_of(staker, spender, VALUE, nonce=nonce)
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(permit.fields, permit.signed_by(staker), sender=spender)


def test_permit__signed_by_another__reverts(rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(permit.fields, permit.signed_by(spender), sender=spender)


def test_permit__another_amount__reverts(rate_token, staker, spender):
    permit = rate_token.permit_of(staker, spender, VALUE)
    changed = (str(staker), str(spender), VALUE + 1, permit.deadline)
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(changed, permit.signed_by(staker), sender=spender)


def test_permit__of_another_token__reverts(rate_token, other_token, staker, spender):
    permit = other_token.permit_of(staker, spender, VALUE)
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(permit.fields, permit.signed_by(staker), sender=spender)


@pytest.mark.parametrize("length", [0, 63, 66])
def test_permit__malformed_signature__reverts(rate_token, staker, spender, length):
    permit = rate_token.permit_of(staker, spender, VALUE)
    signature = permit.signed_by(staker).ljust(length, b"\x00")[:length]
    with reverts("InvalidSignature", str(staker)):
        rate_token.permit(permit.fields, signature, sender=spender, whole=True)


def test_permit__of_the_zero_address__reverts(rate_token, spender):
    permit = rate_token.permit_of(ZERO, spender, VALUE)
    with reverts("InvalidSignature", ZERO):
        rate_token.permit(permit.fields, b"\x00" * 65, sender=spender)


def test_permit__refused_by_the_wallet__reverts(rate_token, contract_wallet, staker, spender):
    permit = rate_token.permit_of(contract_wallet, spender, VALUE)
    with reverts("InvalidSignature", contract_wallet.address):
        rate_token.permit(permit.fields, permit.signed_by(staker), sender=spender)
