"""What the standards ask beside requests and claims."""

import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts

IDS = {"ERC-165": "01ffc9a7", "operators": "e3bc4e65", "ERC-7575": "2f0a18c5",
       "deposits": "ce3bbe50", "redemption": "620ee8e4"}  # fmt: skip


@pytest.mark.parametrize("name", IDS)
def test_supports_interface(calls, name):
    assert calls.call("supportsInterface", bytes.fromhex(IDS[name]))


def test_supports_interface__nothing_else(calls):
    for other in ("ffffffff", "00000000", "80ac58cd"):
        assert not calls.call("supportsInterface", bytes.fromhex(other))


@pytest.mark.parametrize("form", ["Deposit", "Mint", "Withdraw", "Redeem"])
def test_previews__revert(calls, form):
    with reverts("PreviewNotSupported"):
        calls.call(f"preview{form}", WAD)


def test_set_operator(calls):
    receipt = calls.transact("setOperator", calls.other, True, sender=calls.depositor)
    assert calls.event(receipt, "OperatorSet")["approved"] is True
    assert calls.call("isOperator", calls.depositor, calls.other)
    assert not calls.call("isOperator", calls.other, calls.depositor)
    calls.transact("setOperator", calls.other, False, sender=calls.depositor)
    assert not calls.call("isOperator", calls.depositor, calls.other)


def test_metadata(puts):
    assert (puts.call("name"), puts.call("symbol"), puts.call("decimals")) == (
        "Keel vault",
        "kv",
        6,
    )
    assert puts.call("share").lower() == puts.vault.address.lower()
    assert puts.call("asset").lower() == puts.token.address.lower()


def test_conversions__at_the_last_rounds_price(puts):
    assert puts.call("convertToShares", 77) == puts.call("convertToAssets", 77) == 77
    puts.open_round(30_000 * puts.unit)
    puts.buy()
    price = puts.next_round()["pricePerShare"]
    assert puts.call("convertToShares", 10**9) == 10**9 * WAD // price
    assert puts.call("convertToAssets", 10**9) == 10**9 * price // WAD
    assert puts.call("totalAssets") == 30_000 * puts.unit * price // WAD
