"""The devnet's deposit contract against an SSZ tree written here from the specification."""

from hashlib import sha256

import pytest

from keel.chain.rpc import RpcError
from tests.fixtures.staking import ETHER, pubkeys

DEPTH = 32
EMPTY_ROOT = "d70a234731285c6804c2a4f56711ddb8c82c99740f207854891028af34e27e5e"


def pair(left, right):
    return sha256(left + right).digest()


def data_root(pubkey, credentials, signature, gwei):
    """hash_tree_root(DepositData) of consensus-specs."""
    key = sha256(pubkey + bytes(16)).digest()
    tail = sha256(signature[64:] + bytes(32)).digest()
    sign = pair(sha256(signature[:64]).digest(), tail)
    return pair(pair(key, credentials), pair(gwei.to_bytes(8, "little") + bytes(24), sign))


def list_root(leaves):
    """Root of the list of 2**32 leaves, mixed with its length: level by level, no trick."""
    level, zero = list(leaves), bytes(32)
    for _ in range(DEPTH):
        if len(level) % 2:
            level.append(zero)
        level = [pair(level[n], level[n + 1]) for n in range(0, len(level), 2)] or [
            pair(zero, zero)
        ]
        zero = pair(zero, zero)
    return pair(level[0], len(leaves).to_bytes(8, "little") + bytes(24))


@pytest.fixture
def contract(staking):
    return staking.stack.deposit_contract


def deposit(contract, sender, number, wei=32 * ETHER):
    key = pubkeys(1, number)
    credentials, signature = bytes([number]) * 32, bytes(range(96))
    root = data_root(key, credentials, signature, wei // 10**9)
    contract.transact("deposit", key, credentials, signature, root, sender=sender, value=wei)
    return root


def test_root__empty_is_the_official_one(contract):
    assert contract.call("get_deposit_root").hex() == EMPTY_ROOT == list_root([]).hex()


def test_deposit__root_is_the_trees_after_each(contract, who):
    leaves = []
    for number in range(7):
        leaves.append(deposit(contract, who[0], number, wei=(1 + number) * ETHER))
        assert contract.call("get_deposit_root") == list_root(leaves)
        assert contract.call("get_deposit_count") == len(leaves).to_bytes(8, "little")


@pytest.mark.parametrize(
    ("change", "wei", "complaint"),
    [
        ({"key": bytes(47)}, 32 * ETHER, "invalid pubkey length"),
        ({"credentials": bytes(31)}, 32 * ETHER, "invalid withdrawal_credentials length"),
        ({"signature": bytes(97)}, 32 * ETHER, "invalid signature length"),
        ({}, ETHER - 10**9, "deposit value too low"),
        ({}, ETHER + 1, "deposit value not multiple of gwei"),
        ({"root": bytes(32)}, ETHER, "does not match supplied deposit_data_root"),
    ],
)
def test_deposit__bad_input__reverts(contract, who, change, wei, complaint):
    fields = {"key": pubkeys(1), "credentials": bytes(32), "signature": bytes(96)}
    fields["root"] = data_root(*fields.values(), wei // 10**9)
    data = contract.abi.encode_call("deposit", *{**fields, **change}.values())
    call = {"from": who[0], "to": contract.address, "data": "0x" + data.hex(), "value": hex(wei)}
    with pytest.raises(RpcError) as refusal:
        contract.rpc.call("eth_call", call, "latest")
    (text,) = contract.abi.decode_error(refusal.value.data).values
    assert complaint in text
