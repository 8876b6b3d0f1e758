"""A token that calls back, as ERC-777 ones do: out of every operation, into every other."""

import pytest

from keel.chain.deployer import Deployer
from keel.chain.sender import NodeSender
from tests.fixtures.option_vault import UNLIMITED, WAD

UNIT = 10**6
VIEWS = ("position", "totalAssets", "lot", "askPrice", "unwritten")
VIEWS_OF_AMOUNTS = ("premiumFor", "convertToShares", "convertToAssets")
VIEWS_OF_ACCOUNTS = ("maxDeposit", "maxMint", "maxWithdraw", "maxRedeem")
VIEWS_OF_REQUESTS = (
    "pendingDepositRequest", "claimableDepositRequest", "pendingRedeemRequest",
    "claimableRedeemRequest",
)  # fmt: skip
FREE = {
    "DOMAIN_SEPARATOR", "EXIT_DELAY", "MIN_LIFE", "MIN_PRICE", "allowance", "asset",
    "auctionDuration", "balanceOf", "decimals", "depositCap", "feeReceiver", "isOperator", "name",
    "nonces", "owner", "pendingOwner", "previewDeposit", "previewMint", "previewRedeem",
    "previewWithdraw", "priceOfRound", "share", "startMultiple", "supportsInterface", "symbol",
    "terms", "totalSupply",
}  # fmt: skip
"""Constants, what no call changes any more, and what a share token says of its holders."""


@pytest.fixture
def hostile(puts, artifacts):
    """The token calls an account that has shares, a waiting deposit and everything to claim."""
    deployer = Deployer(puts.rpc, artifacts, NodeSender(puts.rpc, puts.owner))
    puts.callback = deployer.create("HostileAccount", "CallbackMock")
    account = puts.callback.address
    puts.fund(puts.depositor)
    puts.own(puts.token, "mint", account, 10_000 * UNIT)
    act(puts, puts.token, "approve", puts.vault.address, UNLIMITED)
    act(puts, puts.vault, "requestDeposit", 2_000 * UNIT, account, account)
    puts.open_round(5_000 * UNIT)
    act(puts, puts.vault, "deposit(uint256,address,address)", 2_000 * UNIT, account, account)
    act(puts, puts.vault, "requestRedeem", 500 * UNIT, account, account)
    puts.buy(puts.position["unsoldLongs"] // 2)
    puts.next_round()
    puts.buy(puts.position["unsoldLongs"] // 2)
    puts.own(puts.token, "setHook", account)
    return puts


def act(desk, contract, name, *arguments):
    call = contract.prepare(name, *arguments)
    return desk.callback.transact("act", call.to, 0, call.data, sender=desk.owner)


def arm(desk):
    """Everything that the account could do, and what it could read."""
    account, vault = desk.callback.address, desk.vault
    calls = [
        ("requestDeposit", 100 * UNIT, account, account),
        ("cancelDepositRequest", 1, account, account),
        ("requestRedeem", UNIT, account, account),
        ("cancelRedeemRequest", 1, account, account),
        ("redeem", 10 * UNIT, account, account),
        ("withdraw", UNIT, account, account),
        ("deposit(uint256,address,address)", UNIT, account, account),
        ("buy", WAD // 100, 0, UNLIMITED, account, UNLIMITED),
        ("closeAuction",),
        ("extendLot",),
        ("roll",),
        ("startRound",),
        ("collectFees",),
        ("exitInKind", UNIT, account, account),
        *((name,) for name in VIEWS),
        *((name, UNIT) for name in VIEWS_OF_AMOUNTS),
        *((name, account) for name in VIEWS_OF_ACCOUNTS),
        *((name, 1, account) for name in VIEWS_OF_REQUESTS),
    ]
    prepared = [vault.prepare(*call) for call in calls]
    desk.callback.transact("arm", [(c.to, c.data) for c in prepared], sender=desk.owner)
    return len(calls)


def require_refused(desk, count):
    outcomes = desk.callback.call("outcomes")
    assert len(outcomes) >= count, "the token has called back"
    for done, data in outcomes:
        assert not done
        assert desk.vault.abi.decode_error(bytes(data)).name == "Reentrancy"
    assert desk.covered() == 0


@pytest.mark.parametrize(
    "operation", ["requestDeposit", "redeem", "buy", "collectFees", "closeAuction", "roll", "exit"]
)
def test_callback__finds_every_door_locked(hostile, operation):
    desk, account = hostile, hostile.callback.address
    if operation in ("roll", "exit"):
        desk.settle_price()
        desk.refresh()
    if operation == "exit":
        desk.to(desk.due + 3 * 86_400)
    count = arm(desk)
    if operation == "requestDeposit":
        desk.request_deposit(100 * UNIT)
    elif operation == "redeem":
        act(desk, desk.vault, "redeem", 500 * UNIT, account, account)
    elif operation == "buy":
        desk.buy(10**15)
    elif operation == "collectFees":
        desk.transact("collectFees", sender=desk.outsider)
    elif operation == "closeAuction":
        desk.to(desk.call("lot")[3])
        desk.transact("closeAuction", sender=desk.outsider)
    elif operation == "roll":
        desk.roll()
        assert desk.position["seriesId"] != 0
    else:
        act(desk, desk.vault, "exitInKind", 100 * UNIT, account, account)
    require_refused(desk, count)


def test_every_view_of_money__is_in_the_lists(puts):
    found = {
        entry["name"]
        for entry in puts.vault.abi.entries
        if entry["type"] == "function" and entry["stateMutability"] in ("view", "pure")
    }
    listed = {*VIEWS, *VIEWS_OF_AMOUNTS, *VIEWS_OF_ACCOUNTS, *VIEWS_OF_REQUESTS}
    assert found - FREE == listed
