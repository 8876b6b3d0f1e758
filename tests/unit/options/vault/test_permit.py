"""Shares are a token with permits: of accounts, and of wallets of code."""

from eth_account import Account
from eth_account.messages import encode_typed_data
from eth_utils.crypto import keccak

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts

KEY = "0x" + "a1" * 32
NEVER = 2**256 - 1
FIELDS = [
    {"name": name, "type": kind}
    for name, kind in (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    )
]


def permit_of(desk, owner, spender, value, nonce=0):
    domain = {
        "name": "Keel vault",
        "version": "1",
        "chainId": 31_337,
        "verifyingContract": desk.vault.address,
    }
    message = dict(zip(("owner", "spender", "value", "nonce", "deadline"),
                       (owner, spender, value, nonce, NEVER), strict=True))  # fmt: skip
    return encode_typed_data(domain, {"Permit": FIELDS}, message)


def test_permit__lets_the_spender_queue_the_shares(calls):
    owner = Account.from_key(KEY).address
    calls.open_round(10 * WAD)
    calls.claim_deposit()
    calls.transact("transfer", owner, 4 * WAD, sender=calls.depositor)
    sign = Account.sign_message(permit_of(calls, owner, calls.outsider, 3 * WAD), KEY)
    arguments = (owner, calls.outsider, 3 * WAD, NEVER)
    permit = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"
    parts = (sign.v, sign.r.to_bytes(32), sign.s.to_bytes(32))
    calls.transact(permit, *arguments, *parts, sender=calls.buyer)
    assert calls.call("nonces", owner) == 1
    calls.transact("requestRedeem", 3 * WAD, calls.outsider, owner, sender=calls.outsider)
    assert calls.call("pendingRedeemRequest", 2, calls.outsider) == 3 * WAD
    with reverts("InsufficientAllowance"):
        calls.transact("requestRedeem", 1, calls.outsider, owner, sender=calls.outsider)


def test_permit__of_a_wallet_of_code(calls):
    wallet, signature = calls.create("ERC1271WalletMock"), b"approved"
    signable = permit_of(calls, wallet.address, calls.outsider, WAD)
    digest = keccak(b"\x19" + signable.version + signable.header + signable.body)
    arguments = (wallet.address, calls.outsider, WAD, NEVER, signature)
    permit = "permit(address,address,uint256,uint256,bytes)"
    with reverts("InvalidSignature"):
        calls.transact(permit, *arguments, sender=calls.buyer)
    wallet.transact("approveSignature", digest, signature, sender=calls.owner)
    calls.transact(permit, *arguments, sender=calls.buyer)
    assert calls.call("allowance", wallet.address, calls.outsider) == WAD
