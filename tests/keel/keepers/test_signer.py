import json

import pytest
from eth_account import Account

from keel.chain.signer import KeySigner, NoKey

SECRET = "0x" + "42" * 32
ADDRESS = str(Account.from_key(SECRET).address)


def test_from_environment__takes_the_key_out_of_it():
    environment = {"KEY": SECRET}
    signer = KeySigner.from_environment("KEY", environment)
    assert signer.address == ADDRESS
    assert environment == {}


def test_repr__shows_no_key():
    signer = KeySigner(SECRET)
    assert SECRET[2:] not in repr(signer) + str(signer)


@pytest.mark.parametrize("given", ["0x1234", "hunter2", SECRET + "00"])
def test_init__no_key__reverts_without_showing_it(given):
    with pytest.raises(NoKey) as refusal:
        KeySigner(given)
    assert given not in str(refusal.value)
    assert refusal.value.__cause__ is None


def test_from_environment__empty__reverts():
    with pytest.raises(NoKey, match="KEY is empty"):
        KeySigner.from_environment("KEY", {})


@pytest.fixture
def ape_folder(tmp_path):
    folder = tmp_path / "accounts"
    folder.mkdir()
    body = Account.encrypt(SECRET, "secret phrase", kdf="pbkdf2", iterations=2)
    (folder / "member.json").write_text(json.dumps(body))
    return tmp_path


def test_from_ape__opens_an_encrypted_account(ape_folder):
    environment = {"APE_ACCOUNTS_member_PASSPHRASE": "secret phrase"}
    assert KeySigner.from_ape("member", ape_folder, environment).address == ADDRESS
    assert environment == {}


@pytest.mark.parametrize(
    ("alias", "phrase", "complaint"),
    [
        ("member", "wrong", "the passphrase of member is wrong"),
        ("nobody", "secret phrase", "ape has no account nobody"),
        ("member", None, "APE_ACCOUNTS_member_PASSPHRASE is not set"),
    ],
)
def test_from_ape__not_to_be_opened__reverts(ape_folder, alias, phrase, complaint):
    environment = {f"APE_ACCOUNTS_{alias}_PASSPHRASE": phrase} if phrase else {}
    with pytest.raises(NoKey, match=complaint):
        KeySigner.from_ape(alias, ape_folder, environment)


def test_sign__names_the_chain_and_the_sender():
    fields = {
        "type": 2, "chainId": 5, "nonce": 1, "to": ADDRESS, "data": "0x", "value": 1,
        "gas": 21_000, "maxFeePerGas": 2, "maxPriorityFeePerGas": 1,
    }  # fmt: skip
    tx_hash, raw = KeySigner(SECRET).sign(fields)
    assert len(tx_hash) == 66
    assert Account.recover_transaction("0x" + raw.hex()) == ADDRESS
