import ape
import pytest

VALUE = 5 * 10**18
MAX_UINT256 = 2**256 - 1


def split(signature):
    return signature[64], signature[:32], signature[32:64]


@pytest.mark.parametrize("value", [0, VALUE, MAX_UINT256])
def test_permit__sets_the_allowance(rate_token, staker, spender, outsider, make_permit, value):
    permit = make_permit(rate_token, staker, spender, value)
    tx = rate_token.permit(*permit.fields, *split(permit.signed_by(staker)), sender=outsider)
    assert rate_token.allowance(staker, spender) == value
    assert rate_token.nonces(staker) == 1
    assert tx.events == [rate_token.Approval(owner=staker, spender=spender, amount=value)]


def test_permit__takes_a_signature_in_one_piece(rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    rate_token.permit(*permit.fields, permit.signed_by(staker), sender=spender)
    assert rate_token.allowance(staker, spender) == VALUE


def test_permit__takes_a_compact_signature(rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    v, r, s = split(permit.signed_by(staker))
    vs = (int.from_bytes(s, "big") | (v - 27) << 255).to_bytes(32, "big")
    rate_token.permit(*permit.fields, r + vs, sender=spender)
    assert rate_token.allowance(staker, spender) == VALUE


def test_permit__accepts_a_contract_wallet(
    rate_token, contract_wallet, staker, spender, make_permit
):
    permit = make_permit(rate_token, contract_wallet, spender, VALUE)
    signature = permit.signed_by(staker)
    contract_wallet.approveSignature(permit.digest, signature, sender=staker)
    rate_token.permit(*permit.fields, *split(signature), sender=spender)
    assert rate_token.allowance(contract_wallet, spender) == VALUE
    assert rate_token.nonces(contract_wallet) == 1


@pytest.mark.parametrize("length", [0, 65, 130])
def test_permit__accepts_wallet_signatures_of_any_length(
    rate_token, contract_wallet, staker, spender, make_permit, length
):
    permit = make_permit(rate_token, contract_wallet, spender, VALUE)
    contract_wallet.approveSignature(permit.digest, b"\x07" * length, sender=staker)
    rate_token.permit(*permit.fields, b"\x07" * length, sender=spender)
    assert rate_token.allowance(contract_wallet, spender) == VALUE


@pytest.mark.parametrize("late", [0, 1])
def test_permit__deadline(rate_token, staker, spender, chain, make_permit, late):
    deadline = chain.pending_timestamp + 100
    permit = make_permit(rate_token, staker, spender, VALUE, deadline=deadline)
    signature = split(permit.signed_by(staker))
    chain.pending_timestamp = deadline + late
    if late:
        with ape.reverts(rate_token.DeadlinePassed, deadline=deadline, timestamp=deadline + late):
            rate_token.permit(*permit.fields, *signature, sender=spender)
    else:
        rate_token.permit(*permit.fields, *signature, sender=spender)
        assert rate_token.allowance(staker, spender) == VALUE


def test_permit__replayed__reverts(rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    signature = split(permit.signed_by(staker))
    rate_token.permit(*permit.fields, *signature, sender=spender)
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(*permit.fields, *signature, sender=spender)
    assert rate_token.nonces(staker) == 1


@pytest.mark.parametrize("nonce", [1, MAX_UINT256])
def test_permit__wrong_nonce__reverts(rate_token, staker, spender, make_permit, nonce):
    permit = make_permit(rate_token, staker, spender, VALUE, nonce=nonce)
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(*permit.fields, permit.signed_by(staker), sender=spender)


def test_permit__signed_by_another__reverts(rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(*permit.fields, *split(permit.signed_by(spender)), sender=spender)


def test_permit__another_amount__reverts(rate_token, staker, spender, make_permit):
    permit = make_permit(rate_token, staker, spender, VALUE)
    signature = permit.signed_by(staker)
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(staker, spender, VALUE + 1, permit.deadline, signature, sender=spender)


def test_permit__of_another_token__reverts(
    rate_token, project, deployer, staker, spender, make_permit
):
    other = deployer.deploy(project.RateTokenMock)
    permit = make_permit(other, staker, spender, VALUE)
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(*permit.fields, permit.signed_by(staker), sender=spender)


@pytest.mark.parametrize("length", [0, 63, 66])
def test_permit__malformed_signature__reverts(rate_token, staker, spender, make_permit, length):
    permit = make_permit(rate_token, staker, spender, VALUE)
    signature = permit.signed_by(staker).ljust(length, b"\x00")[:length]
    with ape.reverts(rate_token.InvalidSignature, owner=staker):
        rate_token.permit(*permit.fields, signature, sender=spender)


def test_permit__of_the_zero_address__reverts(rate_token, spender, make_permit):
    zero = "0x" + "00" * 20
    permit = make_permit(rate_token, zero, spender, VALUE)
    with ape.reverts(rate_token.InvalidSignature, owner=zero):
        rate_token.permit(*permit.fields, b"\x00" * 65, sender=spender)


def test_permit__refused_by_the_wallet__reverts(
    rate_token, contract_wallet, staker, spender, make_permit
):
    permit = make_permit(rate_token, contract_wallet, spender, VALUE)
    with ape.reverts(rate_token.InvalidSignature, owner=contract_wallet):
        rate_token.permit(*permit.fields, permit.signed_by(staker), sender=spender)
