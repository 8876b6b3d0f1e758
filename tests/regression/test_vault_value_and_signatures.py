"""Ether sent to vaults, calls carried in a batch, and a signature used again.

The clearing house's are in `test_option_value_and_batches.py`. A vault's shares know permits, which
are the only signatures that options take.
"""

import pytest
from eth_account import Account

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts
from tests.unit.options.vault.test_permit import KEY, NEVER, permit_of

CONTRACTS = ("OptionVault", "OptionPricer", "VolatilityOracle")
BATCHES = ("multicall", "operate", "batch", "execute", "delegate", "aggregate")
PERMIT = "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)"


def functions_of(artifacts, contract):
    return [entry for entry in artifacts[contract].abi.entries if entry["type"] == "function"]


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function__takes_ether(artifacts, contract):
    entries = artifacts[contract].abi.entries
    assert functions_of(artifacts, contract)
    assert not any(entry.get("stateMutability") == "payable" for entry in entries)
    assert not {"receive", "fallback"} & {entry["type"] for entry in entries}


@pytest.mark.parametrize("contract", CONTRACTS)
def test_no_function__carries_calls(artifacts, contract):
    carrying = [
        entry["name"]
        for entry in functions_of(artifacts, contract)
        if any(name in entry["name"].lower() for name in BATCHES)
        or any(item["type"].startswith("bytes") and item["type"] in ("bytes", "bytes[]")
               for item in entry["inputs"])
    ]  # fmt: skip
    assert carrying == (["permit"] if contract == "OptionVault" else [])


def test_ether__sent_along__is_refused(calls):
    who, assets = calls.depositor, WAD
    calls.open_round(10 * assets)
    submission = (WAD // 2, 0, 0, 0)
    wanted = (
        (calls.vault, "requestDeposit", (assets, who, who)),
        (calls.vault, "requestRedeem", (1, who, who)),
        (calls.vault, "deposit(uint256,address,address)", (assets, who, who)),
        (calls.vault, "buy", (1, 0, 2**255, who, 2**255)),
        (calls.vault, "roll", ()),
        (calls.vault, "startRound", ()),
        (calls.volatility, "submit", (submission,)),
        (calls.volatility, "update", ()),
    )
    for contract, name, arguments in wanted:
        with reverts(""):
            contract.call(name, *arguments, sender=who, value=1)


@pytest.fixture
def signed(calls):
    """A permit of three shares that has been used."""
    calls.holder = Account.from_key(KEY).address
    calls.open_round(10 * WAD)
    calls.claim_deposit()
    calls.transact("transfer", calls.holder, 9 * WAD, sender=calls.depositor)
    sign = Account.sign_message(permit_of(calls, calls.holder, calls.outsider, 3 * WAD), KEY)
    calls.permit = (calls.holder, calls.outsider, 3 * WAD, NEVER)
    calls.signature = (sign.v, sign.r.to_bytes(32), sign.s.to_bytes(32))
    calls.transact(PERMIT, *calls.permit, *calls.signature, sender=calls.buyer)
    return calls


def test_permit__a_second_time__is_refused(signed):
    arguments = (3 * WAD, signed.outsider, signed.holder)
    signed.transact("requestRedeem", *arguments, sender=signed.outsider)
    with reverts("InvalidSignature"):
        signed.transact(PERMIT, *signed.permit, *signed.signature, sender=signed.buyer)
    assert signed.call("nonces", signed.holder) == 1
    assert signed.call("allowance", signed.holder, signed.outsider) == 0
    assert signed.call("balanceOf", signed.holder) == 6 * WAD


def test_permit__of_another_vault__is_refused(signed):
    signed.use(signed.new_vault())
    with reverts("InvalidSignature"):
        signed.transact(PERMIT, *signed.permit, *signed.signature, sender=signed.buyer)
    assert signed.call("allowance", signed.holder, signed.outsider) == 0


@pytest.mark.parametrize("position", [0, 1, 2, 3])
def test_permit__with_anything_changed__is_refused(signed, position):
    changed = list(signed.permit)
    changed[position] = (signed.buyer, signed.buyer, 4 * WAD, NEVER - 1)[position]
    with reverts("InvalidSignature"):
        signed.transact(PERMIT, *changed, *signed.signature, sender=signed.buyer)
