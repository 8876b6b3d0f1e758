"""Reading or using the vault while one of its operations runs: from the WETH it is built on."""

import pytest

from tests.fixtures.callback import Callback
from tests.fixtures.redemption import INFLOW
from tests.fixtures.staking import ETHER, ZERO
from tests.fixtures.swap import UNLIMITED

FREE = {
    "DOMAIN_SEPARATOR", "MAX_CHECKPOINTS", "MAX_STEPS", "allowance", "asset", "balanceOf",
    "decimals", "inflowPerDay", "name", "nonces", "owner", "pendingOwner", "pricer", "symbol",
    "totalSupply",
}  # fmt: skip
"""Constants, and what a share token says of its holders: whole before anything is called."""


OPERATIONS = (
    "deposit", "mint", "withdraw", "redeem", "sell", "claimExit", "requestExit", "advance",
    "setInflow",
)  # fmt: skip


def views(account):
    return (
        ("totalAssets",),
        ("convertToShares", ETHER),
        ("convertToAssets", ETHER),
        ("previewDeposit", ETHER),
        ("previewMint", ETHER),
        ("previewWithdraw", ETHER),
        ("previewRedeem", ETHER),
        ("maxDeposit", account),
        ("maxMint", account),
        ("maxWithdraw", account),
        ("maxRedeem", account),
        ("position",),
        ("ticketCounts",),
        ("frameRoom",),
        ("expectedWait", ETHER),
        ("quoteSale", ETHER),
        ("pendingExits",),
        ("exitStatus", 0),
    )


def actions(account):
    return (
        ("deposit", ETHER, account),
        ("mint", 10**24, account),
        ("withdraw", ETHER, account, account),
        ("redeem", 10**24, account, account),
        ("sell", ETHER, 0, account, UNLIMITED),
        ("buyFromPool", ETHER),
        ("advance",),
        ("requestExit", 10**24, account),
        ("claimExit", 0),
    )


@pytest.fixture
def hooked(redemption, artifacts):
    """A vault whose "WETH" calls out after each transfer."""
    desk = redemption
    callback = Callback(desk.rpc, artifacts, desk.other)
    token = desk.new_contract("RateTokenMock")
    desk.vault = desk.new_vault(weth=token.address)
    desk.call, desk.transact = desk.vault.call, desk.vault.transact
    for account in (desk.depositor, desk.other):
        token.transact("mint", account, 1_000 * ETHER, sender=account)
        token.transact("approve", desk.vault.address, UNLIMITED, sender=account)
    desk.stack.wketh.transact("approve", desk.vault.address, UNLIMITED, sender=desk.seller)
    desk.deposit(500 * ETHER)
    desk.report()
    token.transact("setHook", callback.address, sender=desk.owner)
    return desk, callback


def operations(desk, exit_id):
    """Each sends or takes WETH: some because a holdback is due."""
    depositor, owner = desk.depositor, desk.owner
    return {
        "deposit": lambda: desk.deposit(ETHER),
        "mint": lambda: desk.transact("mint", 10**24, depositor, sender=depositor),
        "withdraw": lambda: desk.transact("withdraw", 1, depositor, depositor, sender=depositor),
        "redeem": lambda: desk.redeem(10**24),
        "sell": lambda: desk.sell(ETHER),
        "claimExit": lambda: desk.claim_exit(exit_id),
        "requestExit": lambda: desk.request_exit(10**24),
        "advance": desk.advance,
        "setInflow": lambda: desk.transact("setInflow", INFLOW, sender=owner),
    }


@pytest.mark.parametrize("outer", OPERATIONS)
def test_everything__refuses_within_an_operation(hooked, outer):
    desk, callback = hooked
    exit_id = desk.request_exit(10**24)
    desk.sell(ETHER)
    desk.report()
    calls = (*views(callback.address), *actions(callback.address))
    callback.arm(*(desk.vault.prepare(*call) for call in calls))
    operations(desk, exit_id)[outer]()
    # Called back by the holdback's refund, and again by the operation's own transfer.
    assert len(callback.outcomes) in (len(calls), 2 * len(calls))
    assert set(callback.outcomes) == {(False, "Reentrancy")}


def test_every_view_of_money__is_in_the_list(redemption):
    found = {
        entry["name"]
        for entry in redemption.vault.abi.entries
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    assert found - FREE == {name for name, *_ in views(ZERO)}
