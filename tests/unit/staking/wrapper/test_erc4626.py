"""ERC-4626 of the wrapper: assets move exactly, and every preview is the execution."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts

UNLIMITED = 2**256 - 1
AMOUNTS = (2, 10**9 + 7, ETHER, 3 * ETHER + 1)


@pytest.fixture
def vault(pinned, who):
    stack = pinned.stack
    stack.pool.transact("approve", stack.wketh.address, UNLIMITED, sender=who[0])
    stack.wketh.transact("wrapShares", 5 * ETHER, sender=who[0])
    return stack.wketh


@pytest.fixture
def spare(pinned):
    """Exact shares that the wrapper holds beyond its supply: no operation may lower it."""
    stack = pinned.stack

    def measure():
        held = stack.pool.call("exactSharesOf", stack.wketh.address)
        return held - stack.wketh.call("totalSupply") * 10**9

    return measure


@pytest.mark.parametrize("assets", AMOUNTS)
def test_deposit__moves_the_assets_and_mints_the_preview(pinned, vault, spare, who, assets):
    pool, before = pinned.stack.pool, spare()
    preview = vault.call("previewDeposit", assets)
    assert preview == vault.call("convertToShares", assets)
    moved = pool.call("toSharesUp", assets)
    held = pool.call("exactSharesOf", who[0])
    assert vault.call("deposit", assets, who[2], sender=who[0]) == preview
    receipt = vault.transact("deposit", assets, who[2], sender=who[0])
    assert vault.call("balanceOf", who[2]) == preview
    assert held - pool.call("exactSharesOf", who[0]) == moved
    assert spare() >= before
    (event,) = vault.events(receipt, "Deposit")
    assert list(event.values.values()) == [who[0].lower(), who[2].lower(), assets, preview]


@pytest.mark.parametrize("shares", AMOUNTS)
def test_mint__takes_the_preview_for_exactly_the_shares(vault, spare, who, shares):
    before = spare()
    preview = vault.call("previewMint", shares)
    assert preview >= vault.call("convertToAssets", shares)
    assert vault.call("mint", shares, who[2], sender=who[0]) == preview
    vault.transact("mint", shares, who[2], sender=who[0])
    assert vault.call("balanceOf", who[2]) == shares
    assert spare() >= before


@pytest.mark.parametrize("assets", AMOUNTS)
def test_withdraw__pays_the_assets_for_the_preview(pinned, vault, spare, who, assets):
    pool, before = pinned.stack.pool, spare()
    preview = vault.call("previewWithdraw", assets)
    assert preview >= vault.call("convertToShares", assets)
    held = vault.call("balanceOf", who[0])
    receipt = vault.transact("withdraw", assets, who[2], who[0], sender=who[0])
    assert held - vault.call("balanceOf", who[0]) == preview
    assert pool.call("balanceOf", who[2]) in (assets, assets + 1)
    assert spare() >= before
    (event,) = vault.events(receipt, "Withdraw")
    assert list(event.values.values())[-2:] == [assets, preview]


@pytest.mark.parametrize("shares", AMOUNTS)
def test_redeem__pays_the_preview_for_exactly_the_shares(pinned, vault, spare, who, shares):
    pool, before = pinned.stack.pool, spare()
    preview = vault.call("previewRedeem", shares)
    assert preview == vault.call("convertToAssets", shares)
    assert vault.call("redeem", shares, who[2], who[0], sender=who[0]) == preview
    vault.transact("redeem", shares, who[2], who[0], sender=who[0])
    assert pool.call("balanceOf", who[2]) in (preview, preview + 1)
    assert spare() >= before


def test_withdraw_and_redeem__everything_and_one_more(vault, who):
    most_assets, most_shares = vault.call("maxWithdraw", who[0]), vault.call("maxRedeem", who[0])
    assert most_shares == vault.call("balanceOf", who[0])
    vault.call("withdraw", most_assets, who[0], who[0], sender=who[0])
    vault.call("redeem", most_shares, who[0], who[0], sender=who[0])
    with reverts("InsufficientBalance"):
        vault.call("withdraw", most_assets + 2, who[0], who[0], sender=who[0])
    with reverts("InsufficientBalance"):
        vault.call("redeem", most_shares + 1, who[0], who[0], sender=who[0])


@pytest.mark.parametrize("function", ["withdraw", "redeem"])
def test_withdraw_and_redeem__for_another__spend_the_allowance(vault, who, function):
    shares = ETHER if function == "redeem" else vault.call("previewWithdraw", ETHER)
    vault.transact("approve", who[1], shares - 1, sender=who[0])
    with reverts("InsufficientAllowance"):
        vault.call(function, ETHER, who[2], who[0], sender=who[1])
    vault.transact("approve", who[1], shares, sender=who[0])
    vault.transact(function, ETHER, who[2], who[0], sender=who[1])
    assert vault.call("allowance", who[0], who[1]) == 0


@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_deposit_and_mint__to_nobody__reverts(vault, who, function):
    with reverts("InvalidRecipient", ZERO):
        vault.call(function, ETHER, ZERO, sender=who[0])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [("deposit", 1), ("mint", 1), ("withdraw", 2), ("redeem", 2)],
)
def test_entry_points__nothing__reverts(vault, who, function, arguments):
    with reverts("ZeroAmount"):
        vault.call(function, 0, *[who[0]] * arguments, sender=who[0])


def test_totals_and_limits(vault, who):
    supply = vault.call("totalSupply")
    assert vault.call("totalAssets") == vault.call("convertToAssets", supply)
    for function, preview in (("maxDeposit", "previewDeposit"), ("maxMint", "previewMint")):
        most = vault.call(function, who[0])
        assert vault.call(preview, most) > 0
        with reverts("AmountTooLarge"):
            vault.call(preview, most + 1)
    assert vault.call("maxWithdraw", who[2]) == vault.call("maxRedeem", who[2]) == 0
