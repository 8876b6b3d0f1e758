"""Everybody wants out, of kETH or of the vault: paid in order, and nobody is stranded."""

from itertools import pairwise

import pytest

from tests.fixtures.redemption import DAY, INFLOW
from tests.fixtures.staking import ETHER
from tests.fixtures.swap import UNLIMITED


def test_instant_exits_of_a_tenth__with_the_queue_at_twenty_days(redemption, record_property):
    """A tenth of the supply leaves at once for less than the cost of waiting 24 days.

    Depositors lose nothing on the way, and have the fee once the queue has paid.
    """
    stack, seller = redemption.stack, redemption.seller
    tenth = stack.pool.call("totalSupply") // 10
    stack.wketh.transact("approve", stack.queue.address, UNLIMITED, sender=seller)
    request = "requestWithdrawalsWstETH(uint256[],address)"
    stack.queue.transact(request, [600 * ETHER, 600 * ETHER], seller, sender=seller)
    inflow = (1_200 * ETHER - stack.pool.call("getBalances")[0]) // 20
    redemption.transact("setInflow", inflow, sender=redemption.owner)
    assert 20 * 86_400 <= redemption.call("expectedWait", 0) <= 23 * 86_400
    before, nominal = redemption.weth_of(seller), 0
    assets, price = redemption.assets, redemption.price
    while nominal < tenth:
        nominal += redemption.sell(10 * ETHER)["nominal"]
        assert redemption.price >= price
    redemption.report()
    for _ in range(4):
        redemption.advance()
        assert redemption.price >= price
    got = redemption.weth_of(seller) - before
    assert nominal * 990 // 1_000 < got < nominal
    last = redemption.last_ticket
    for _ in range(20):
        redemption.report()
        assert redemption.price >= price
    redemption.staking.stake(seller, 1_500 * ETHER)
    redemption.report(last=last)
    for _ in range(4):
        redemption.advance()
    redemption.wait(30 * DAY)
    bought, _, paid = redemption.call("ticketCounts")
    gained = redemption.assets - assets
    assert bought == paid
    assert nominal - got - bought <= gained <= nominal - got
    record_property(
        "measured",
        f"redemption vault: {nominal / ETHER:.1f} ether out at once with the queue at 20 days, for "
        f"{(nominal - got) * 10_000 / nominal:.1f} bp; depositors have {gained / ETHER:.3f} of it",
    )


def test_run_on_the_vault__is_paid_in_order_to_the_last_wei(redemption):
    """Half is in tickets when all depositors leave; reports then pay the queue."""
    desk = redemption
    desk.deposit(300 * ETHER, desk.other)
    desk.transact("deposit", 200 * ETHER, desk.seller, sender=desk.other)
    desk.report()
    for _ in range(4):
        desk.sell(100 * ETHER)
    last = desk.last_ticket
    for _ in range(3):
        desk.report()
    desk.advance()
    leavers = (desk.other, desk.depositor, desk.seller)
    exits = [desk.request_exit(desk.shares_of(account), account) for account in leavers]
    waiting = [desk.call("exitStatus", number)[1] for number in exits]
    assert waiting[0] == 0, "idle WETH suffices for the first"
    assert 0 < waiting[1] < waiting[2]
    price = desk.price
    desk.report(last=last)
    desk.advance()
    assert [desk.call("exitStatus", number)[1] for number in exits] == [0, 0, 0]
    assert desk.price >= price
    for number, account in zip(exits, leavers, strict=True):
        before = desk.weth_of(account)
        desk.claim_exit(number)
        assert desk.weth_of(account) > before
    assert desk.call("totalSupply") == 0
    assert desk.position[5] <= 2 * len(exits)


def test_run_with_little_coming_in__pays_the_first_first(redemption):
    desk = redemption
    desk.deposit(500 * ETHER, desk.other)
    desk.report()
    for _ in range(4):
        desk.sell(100 * ETHER)
    first_ticket = desk.last_ticket - 3
    for _ in range(3):
        desk.report()
    desk.advance()
    first = desk.request_exit(desk.shares_of())
    second = desk.request_exit(desk.shares_of(desk.other), desk.other)
    seen = []
    for ticket in range(first_ticket, first_ticket + 4):
        desk.report(last=ticket)
        desk.advance()
        seen.append(tuple(desk.call("exitStatus", number)[1] for number in (first, second)))
    for earlier, later in pairwise(seen):
        assert later <= earlier
        assert later[0] == 0 or later[1] == earlier[1], "the second waits for the first"
    assert seen[-1] == (0, 0)


def test_late_leaver__gets_the_same_price(redemption):
    """Leaving first is no gain: idle WETH is paid at the share's value, tickets included."""
    desk = redemption
    desk.deposit(500 * ETHER, desk.other)
    desk.report()
    desk.sell(400 * ETHER)
    worth = desk.call("convertToAssets", desk.shares_of(desk.other))
    desk.redeem(desk.shares_of())
    assert desk.call("convertToAssets", desk.shares_of(desk.other)) >= worth


@pytest.mark.parametrize("dust", [1, 10**6, 10**24])
def test_spam_of_exits__delays_nobody(redemption, dust):
    """A settlement takes any number of exits in one step."""
    desk = redemption
    desk.sell(200 * ETHER)
    desk.deposit(ETHER, desk.other)
    blocked = desk.request_exit(desk.shares_of())
    for _ in range(20):
        desk.request_exit(dust if dust < 10**24 else 10**22, desk.other)
    own = desk.request_exit(desk.shares_of(desk.other), desk.other)
    gas = int(desk.deposit(400 * ETHER, desk.depositor)["gasUsed"], 16)
    assert gas < 400_000
    for number in (blocked, own):
        assert desk.call("exitStatus", number)[1] == 0
        desk.claim_exit(number)


@pytest.mark.parametrize("first", [ETHER, 1_000 * ETHER])
def test_what_stays_when_all_have_left__takes_nothing_from_the_next(redemption, first):
    """The gain that the last tickets had not accreted. It is nobody's, and rounds a millionth."""
    desk = redemption
    desk.swap(1, 280 * ETHER)
    desk.wait(12)
    for _ in range(3):
        desk.transact("buyFromPool", 10 * ETHER, sender=desk.other)
    last = desk.last_ticket
    exit_id = desk.request_exit(desk.shares_of())
    for _ in range(4):
        desk.report()
    desk.report(last=last)
    desk.advance()
    desk.claim_exit(exit_id)
    assert desk.call("totalSupply") == 0
    left = desk.position[0] + desk.position[3]
    assert left > ETHER // 10
    desk.wait(40 * DAY)
    desk.deposit(first, desk.other)
    worth = desk.call("convertToAssets", desk.shares_of(desk.other))
    assert first - left // 10**6 - 1 <= worth <= first


@pytest.mark.parametrize("count", [24])
def test_spam_of_dust_tickets__costs_more_than_to_clear_it(redemption, count, record_property):
    """Known limit: tickets are settled and claimed one by one, however small."""
    desk = redemption
    wei = 100 * 10**18 // desk.stack.wketh.call("getRate") + 1
    arguments = (wei, 0, desk.seller, UNLIMITED)
    spent = sum(
        int(desk.transact("sell", *arguments, sender=desk.seller)["gasUsed"], 16)
        for _ in range(count)
    )
    real, last = desk.sell(100 * ETHER), desk.last_ticket
    for _ in range(3):
        desk.report()
    desk.report(last=last)
    cleared, price = 0, desk.price
    for _ in range(-(-(count + 1) // 8)):
        cleared += int(desk.advance()["gasUsed"], 16)
        assert desk.price >= price
    assert desk.call("ticketCounts") == (count + 1,) * 3, "eight at a time"
    assert real["nominal"] > 0
    assert desk.call("maxDeposit", desk.other) > 0
    assert spent > 2 * cleared
    record_property(
        "measured",
        f"redemption vault: a ticket of dust costs {spent // count:,} gas to make and "
        f"{cleared // (count + 1):,} to clear",
    )


def test_dead_oracle__leaves_what_is_idle_and_the_line_open(redemption):
    desk = redemption
    desk.sell(200 * ETHER)
    desk.wait(60 * 86_400)
    desk.transact("setInflow", INFLOW, sender=desk.owner)
    exit_id = desk.request_exit(desk.shares_of())
    assert desk.call("exitStatus", exit_id)[2] > 290 * ETHER
    desk.claim_exit(exit_id)
