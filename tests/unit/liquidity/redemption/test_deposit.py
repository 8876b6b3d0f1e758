import pytest

from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER, ZERO, reverts

PER_WEI = 10**6


@pytest.mark.parametrize("assets", [1, ETHER, 77 * ETHER + 1])
def test_deposit__first_shares_are_a_million_a_wei(redemption, assets):
    receipt = redemption.deposit(assets, redemption.other)
    assert redemption.shares_of(redemption.other) == assets * PER_WEI
    event = redemption.event(receipt, "Deposit")
    assert (event["assets"], event["shares"]) == (assets, assets * PER_WEI)
    assert redemption.assets == 500 * ETHER + assets


@pytest.fixture
def grown(redemption):
    """A share price that is no round number."""
    redemption.sell(100 * ETHER)
    redemption.report()
    redemption.wait(DAY // 2)
    redemption.advance()
    return redemption


def test_deposit__mints_the_preview_and_no_more_than_it_is_worth(grown):
    for assets in (1, ETHER, 3 * ETHER + 1):
        preview = grown.call("previewDeposit", assets)
        assert grown.call("deposit", assets, grown.other, sender=grown.other) == preview
        assert grown.call("convertToAssets", preview) <= assets


def test_mint__takes_the_preview_and_no_less_than_it_is_worth(grown):
    for shares in (1, ETHER * PER_WEI, 3 * ETHER * PER_WEI + 1):
        preview = grown.call("previewMint", shares)
        assert grown.call("mint", shares, grown.other, sender=grown.other) == preview
        assert grown.call("convertToAssets", shares) <= preview
    before = grown.weth_of(grown.other)
    grown.transact("mint", shares, grown.other, sender=grown.other)
    assert grown.shares_of(grown.other) == shares
    assert preview - ETHER // 1_000 <= before - grown.weth_of(grown.other) <= preview + ETHER


def test_deposit__to_a_receiver(redemption):
    redemption.transact("deposit", ETHER, redemption.seller, sender=redemption.other)
    assert redemption.shares_of(redemption.seller) == ETHER * PER_WEI


@pytest.mark.parametrize("function", ["deposit", "mint"])
def test_deposit__nothing_or_to_nobody__reverts(redemption, function):
    with reverts("ZeroAmount"):
        redemption.call(function, 0, redemption.other, sender=redemption.other)
    for receiver in (ZERO, redemption.vault.address):
        with reverts("InvalidRecipient", receiver):
            redemption.call(function, ETHER, receiver, sender=redemption.other)


def test_deposit__too_small_for_a_share__reverts(redemption):
    """Only where a share is worth more than a wei: after its price has risen a millionfold."""
    assert redemption.call("previewDeposit", 1) == PER_WEI
    with reverts("ZeroAmount"):
        redemption.call("deposit", 0, redemption.other, sender=redemption.other)


def test_deposit__beyond_all_bounds__reverts(redemption):
    other, room = redemption.other, redemption.call("maxDeposit", redemption.other)
    with reverts("AmountTooLarge", room + 1, room):
        redemption.call("deposit", room + 1, other, sender=other)
    for function in ("deposit", "mint"):
        with reverts("AmountTooLarge", 2**128, 2**128 - 1):
            redemption.call(function, 2**128, other, sender=other)


def test_deposit__more_than_held__reverts(redemption):
    held = redemption.weth_of(redemption.other)
    with reverts("TransferFromFailed"):
        redemption.call("deposit", held + 1, redemption.other, sender=redemption.other)


def test_deposit__while_paid_tickets_wait__reverts(redemption):
    """More than one operation claims: else their gain would be bought too cheap after a loss."""
    for _ in range(17):
        redemption.sell(ETHER)
    last = redemption.last_ticket
    for _ in range(3):
        redemption.report()
    redemption.advance()
    redemption.advance()
    redemption.report(last=last)
    with reverts("TicketsWaiting"):
        redemption.call("deposit", ETHER, redemption.other, sender=redemption.other)
    assert redemption.call("maxDeposit", redemption.other) == 0
    assert redemption.call("maxMint", redemption.other) == 0
    redemption.advance()
    redemption.advance()
    assert redemption.call("ticketCounts") == (17, 17, 16)
    redemption.deposit(ETHER)
    assert redemption.call("ticketCounts") == (17, 17, 17)


def test_deposit__goes_to_those_in_line_first(redemption):
    redemption.sell(200 * ETHER)
    exit_id = redemption.request_exit(redemption.shares_of())
    pending = redemption.call("pendingExits")
    redemption.deposit(10 * ETHER, redemption.other)
    assert redemption.call("pendingExits") < pending
    assert redemption.position[0] == 0
    assert redemption.call("exitStatus", exit_id)[2] > 300 * ETHER


SUPPLY_SLOT = 0x05345CDF77EB68F44C
"""Solady's, of all tokens."""


@pytest.mark.parametrize("room", [1, 10**6, 10**24])
def test_max__of_assets_and_of_shares_keep_each_others_bound(redemption, room):
    """After losses that nobody survives: shares are worth so little that they run out first."""
    supply = f"0x{2**128 - 1 - room:064x}"
    redemption.rpc.call("anvil_setStorageAt", redemption.vault.address, hex(SUPPLY_SLOT), supply)
    other = redemption.other
    assert redemption.call("maxMint", other) == room
    redemption.call("mint", room, other, sender=other)
    with reverts("AmountTooLarge", room + 1, room):
        redemption.call("mint", room + 1, other, sender=other)
    most = redemption.call("maxDeposit", other)
    assert most == redemption.call("convertToAssets", room)
    if most:
        redemption.call("deposit", most, other, sender=other)
    with reverts("AmountTooLarge"):
        redemption.call("deposit", most + 1 + most // 10**6, other, sender=other)
