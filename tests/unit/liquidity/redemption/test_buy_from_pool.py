import pytest

from keel.chain.abi import Reverted
from tests.fixtures.redemption import TERMS, WAD
from tests.fixtures.staking import ETHER, reverts


def up(a, b, c):
    return -(-a * b // c)


@pytest.fixture
def cheap(redemption):
    """wkETH at a discount of some percent."""
    redemption.swap(1, 280 * ETHER)
    assert redemption.stack.swap.call("get_p", 0) < WAD * 97 // 100
    return redemption


def buy(desk, amount):
    return desk.call("buyFromPool", amount, sender=desk.other)


def test_buy_from_pool__queues_what_it_gets(cheap):
    bought = cheap.stack.swap.call("get_dy", 0, 1, 10 * ETHER)
    nominal = cheap.stack.wketh.call("convertToAssets", bought)
    idle, value, price = cheap.position[0], cheap.assets, cheap.price
    receipt = cheap.transact("buyFromPool", 10 * ETHER, sender=cheap.other)
    event = cheap.event(receipt, "BoughtFromPool")
    assert (event["nominal"], event["cost"]) == (nominal, 10 * ETHER)
    owner = cheap.stack.queue.call("ownerOf", event["requestId"])
    assert owner.lower() == cheap.vault.address.lower()
    assert (cheap.position[0], cheap.assets) == (idle - 10 * ETHER, value), "carried at cost"
    assert cheap.price == price
    assert nominal > 10 * ETHER * 102 // 100


def test_buy_from_pool__gains_the_discount(cheap):
    value = cheap.assets
    nominal = cheap.call("buyFromPool", 10 * ETHER, sender=cheap.other)
    cheap.transact("buyFromPool", 10 * ETHER, sender=cheap.other)
    cheap.report()
    cheap.advance()
    cheap.wait(30 * 86_400)
    assert cheap.assets == value + nominal - 1 - 10 * ETHER


def test_buy_from_pool__at_par__reverts(redemption):
    bought = redemption.stack.swap.call("get_dy", 0, 1, ETHER)
    nominal = redemption.stack.wketh.call("convertToAssets", bought)
    wait = redemption.call("expectedWait", nominal)
    maximum = nominal - up(nominal, up(TERMS["yearlyFee"], wait, 365 * 86_400), WAD)
    assert maximum < ETHER
    with reverts("DiscountTooSmall", ETHER, maximum):
        buy(redemption, ETHER)


def dear(vault, amount):
    """Whether the vault refuses to pay as much."""
    try:
        vault.call("buyFromPool", amount)
    except Reverted as refusal:
        return refusal.name == "DiscountTooSmall"
    return False


def test_buy_from_pool__only_as_far_as_the_discount_beats_the_wait(redemption):
    """The dearest purchase that goes through costs, at the margin, what waiting does."""
    low, high = 10 * ETHER, 600 * ETHER
    cheap, depositor = redemption, redemption.depositor
    vault = cheap.new_vault(frameCap=WAD)
    cheap.stack.weth.transact("approve", vault.address, 2**255, sender=depositor)
    vault.transact("deposit", 1_000 * ETHER, depositor, sender=depositor)
    cheap.report()
    cheap.swap(1, 280 * ETHER)
    cheap.rpc.mine_at(cheap.rpc.timestamp + 12)
    for _ in range(40):
        middle = (low + high) // 2
        if dear(vault, middle):
            high = middle
        else:
            low = middle
    # The average moves from block to block.
    assert dear(vault, high * 101 // 100)
    low = low * 99 // 100
    before = vault.call("totalAssets")
    nominal = vault.call("buyFromPool", low, sender=cheap.other)
    vault.transact("buyFromPool", low, sender=cheap.other)
    assert vault.call("totalAssets") == before
    wait = vault.call("expectedWait", 0)
    assert low <= nominal - nominal * TERMS["yearlyFee"] * wait // (365 * 86_400) // WAD


def test_buy_from_pool__limits(cheap):
    with reverts("ZeroAmount"):
        buy(cheap, 0)
    idle = cheap.position[0]
    with reverts("InsufficientIdle", idle + 1, idle):
        buy(cheap, idle + 1)
    cheap.transact("buyFromPool", 150 * ETHER, sender=cheap.other)
    cheap.swap(1, 250 * ETHER)
    room = cheap.call("frameRoom")
    assert room < 100 * ETHER
    with reverts("FrameCapExceeded"):
        buy(cheap, 120 * ETHER)
    reference = cheap.stack.pool.call("lastReport")[0]
    cheap.rpc.mine_at(reference + TERMS["maxReportAge"] + 1)
    with reverts("ReportTooOld", reference, reference + 1):
        buy(cheap, ETHER)


def test_buy_from_pool__while_somebody_is_in_line__reverts(cheap):
    cheap.transact("buyFromPool", 100 * ETHER, sender=cheap.other)
    cheap.request_exit(cheap.shares_of())
    with reverts("ExitsPending", cheap.call("pendingExits")):
        buy(cheap, ETHER)
