import pytest

from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER, ZERO, reverts
from tests.fixtures.swap import UNLIMITED


@pytest.fixture
def grown(redemption):
    """A share price that is no round number."""
    redemption.sell(100 * ETHER)
    redemption.report()
    redemption.wait(DAY // 2)
    redemption.advance()
    return redemption


def leave(desk, function, amount, receiver=None, sender=None, owner=None):
    owner = owner or desk.depositor
    return desk.call(function, amount, receiver or owner, owner, sender=sender or owner)


@pytest.mark.parametrize("assets", [1, ETHER, 100 * ETHER + 1])
def test_withdraw__burns_the_preview_and_no_less_than_it_is_worth(grown, assets):
    preview = grown.call("previewWithdraw", assets)
    assert leave(grown, "withdraw", assets) == preview
    assert grown.call("previewRedeem", preview) >= assets
    before, held = grown.weth_of(grown.depositor), grown.shares_of()
    arguments = (assets, grown.depositor, grown.depositor)
    receipt = grown.transact("withdraw", *arguments, sender=grown.depositor)
    assert grown.weth_of(grown.depositor) == before + assets
    event = grown.event(receipt, "Withdraw")
    assert event["shares"] == held - grown.shares_of()


@pytest.mark.parametrize("shares", [10**6 + 1, 10**24, 10**26 + 1])
def test_redeem__pays_the_preview(grown, shares):
    preview = grown.call("previewRedeem", shares)
    assert leave(grown, "redeem", shares) == preview
    before, price = grown.weth_of(grown.depositor), grown.price
    grown.redeem(shares)
    assert grown.weth_of(grown.depositor) - before >= preview
    assert grown.price >= price


def test_redeem__by_an_approved_spender(grown):
    with reverts("InsufficientAllowance"):
        leave(grown, "redeem", 10**24, sender=grown.other)
    grown.transact("approve", grown.other, 10**24, sender=grown.depositor)
    arguments = (10**24, grown.other, grown.depositor)
    grown.transact("redeem", *arguments, sender=grown.other)
    assert grown.call("allowance", grown.depositor, grown.other) == 0
    grown.transact("approve", grown.other, UNLIMITED, sender=grown.depositor)
    grown.transact("redeem", *arguments, sender=grown.other)
    assert grown.call("allowance", grown.depositor, grown.other) == UNLIMITED


@pytest.mark.parametrize("function", ["withdraw", "redeem"])
def test_withdraw__nothing_or_to_nobody__reverts(grown, function):
    with reverts("ZeroAmount"):
        leave(grown, function, 0)
    with reverts("ZeroAddress"):
        leave(grown, function, ETHER * 10**6 if function == "redeem" else 1, receiver=ZERO)


def test_redeem__worth_less_than_a_wei__reverts(grown):
    with reverts("ZeroAmount"):
        leave(grown, "redeem", 1)


@pytest.mark.parametrize("function", ["withdraw", "redeem"])
def test_withdraw__beyond_all_bounds__reverts(grown, function):
    with reverts("AmountTooLarge", 2**128, 2**128 - 1):
        leave(grown, function, 2**128)


def test_redeem__more_than_held__reverts(grown):
    grown.deposit(ETHER, grown.other)
    with reverts("InsufficientBalance"):
        leave(grown, "redeem", grown.shares_of(grown.other) + 1, owner=grown.other)


def test_withdraw__more_than_idle__reverts(grown):
    idle = grown.position[0]
    with reverts("InsufficientIdle", idle + 1, idle):
        leave(grown, "withdraw", idle + 1)
    assert grown.call("maxWithdraw", grown.depositor) == idle
    leave(grown, "withdraw", idle)


def test_max__is_accepted_and_a_bit_more_is_not(grown):
    shares = grown.call("maxRedeem", grown.depositor)
    assert 0 < shares < grown.shares_of()
    leave(grown, "redeem", shares)
    with reverts("InsufficientIdle"):
        leave(grown, "redeem", shares + 2 * 10**6)
    grown.deposit(ETHER, grown.other)
    assert grown.call("maxRedeem", grown.other) == grown.shares_of(grown.other)
    whole = grown.call("convertToAssets", grown.shares_of(grown.other))
    assert grown.call("maxWithdraw", grown.other) == whole


def test_withdraw__while_somebody_is_in_line__reverts(grown):
    grown.deposit(ETHER, grown.other)
    grown.request_exit(grown.shares_of())
    pending = grown.call("pendingExits")
    for function in ("withdraw", "redeem"):
        with reverts("ExitsPending", pending):
            leave(grown, function, 10**15, owner=grown.other)
    assert grown.call("maxWithdraw", grown.other) == grown.call("maxRedeem", grown.other) == 0


def test_max__shares_of_less_than_a_wei__are_none(redemption):
    redemption.transact("transfer", redemption.other, 10**6 - 1, sender=redemption.depositor)
    assert redemption.call("maxWithdraw", redemption.other) == 0
    assert redemption.call("maxRedeem", redemption.other) == 0
    redemption.transact("transfer", redemption.other, 1, sender=redemption.depositor)
    assert redemption.call("maxRedeem", redemption.other) == 10**6
    assert redemption.call("redeem", 10**6, *[redemption.other] * 2, sender=redemption.other) == 1
