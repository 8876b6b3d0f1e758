import pytest

from tests.fixtures.redemption import DAY, INFLOW, TERMS, WAD, YEAR
from tests.fixtures.staking import ETHER, ZERO, reverts
from tests.fixtures.swap import UNLIMITED


def up(a, b, c):
    return -(-a * b // c)


def sell(desk, shares, min_price=0, receiver=None, deadline=UNLIMITED):
    arguments = (shares, min_price, receiver or desk.seller, deadline)
    return desk.call("sell", *arguments, sender=desk.seller)


def test_sell__pays_all_but_the_holdback_and_queues(redemption):
    nominal, price, _ = redemption.call("quoteSale", 10 * ETHER)
    before, assets = redemption.weth_of(redemption.seller), redemption.assets
    sold = redemption.sell(10 * ETHER)
    assert nominal <= sold["nominal"] <= nominal + ETHER // 10**6
    assert sold["paid"] + sold["heldBack"] >= price
    assert redemption.weth_of(redemption.seller) == before + sold["paid"]
    owner = redemption.stack.queue.call("ownerOf", sold["requestId"])
    assert owner.lower() == redemption.vault.address.lower()
    assert redemption.assets == assets, "carried at cost"
    idle, reserved, covered, *_ = redemption.position
    assert idle == assets - sold["paid"] - sold["heldBack"]
    assert (reserved, covered) == (sold["heldBack"], sold["paid"])
    assert redemption.call("ticketCounts") == (1, 0, 0)


def test_quote__is_what_a_sale_in_the_same_block_pays(redemption):
    for shares in (ETHER, 10 * ETHER, 77 * ETHER + 1):
        _, price, held = redemption.call("quoteSale", shares)
        assert sell(redemption, shares) == (price - held, held)
    assert held == up(redemption.call("quoteSale", shares)[0], TERMS["holdback"], WAD)


def test_quote__is_the_cost_of_waiting(redemption):
    """The swap pool trades at par, and the queue's time decides."""
    buffered = redemption.stack.pool.call("getBalances")[0]
    for shares in (ETHER, 900 * ETHER):
        nominal, price, _ = redemption.call("quoteSale", shares)
        wait = TERMS["baseWait"] + up(max(0, nominal - buffered), DAY, INFLOW)
        assert redemption.call("expectedWait", nominal) == wait
        assert price == nominal - up(nominal, up(TERMS["yearlyFee"], wait, YEAR), WAD)
    assert wait > TERMS["baseWait"]


def test_quote__is_the_least_fee_where_waiting_costs_nothing(redemption):
    vault = redemption.new_vault(yearlyFee=0)
    nominal, price, _ = vault.call("quoteSale", ETHER)
    assert price == nominal - up(nominal, TERMS["minFee"], WAD)


def test_quote__is_the_worse_of_spot_and_average_discount(redemption):
    swap = redemption.stack.swap
    redemption.swap(1, 250 * ETHER)
    nominal, price, _ = redemption.call("quoteSale", 10 * ETHER)
    spot = swap.call("get_p", 0)
    assert spot < WAD - WAD // 100
    ratio = spot * swap.call("stored_rates")[1] // redemption.stack.wketh.call("getRate")
    assert price == nominal - up(nominal, WAD - ratio, WAD), "spot, at once"
    redemption.wait(DAY // 2)
    redemption.swap(0, 250 * ETHER)
    nominal, price, _ = redemption.call("quoteSale", 10 * ETHER)
    ratio = swap.call("market_ratio")
    assert ratio < WAD - WAD // 100
    assert price == nominal - up(nominal, WAD - ratio, WAD), "the average, after"


def test_sell__below_the_sellers_minimum__reverts(redemption):
    _, price, _ = redemption.call("quoteSale", 10 * ETHER)
    with reverts("PriceTooLow", price, price + 1):
        sell(redemption, 10 * ETHER, price + 1)
    sell(redemption, 10 * ETHER, price)


def test_sell__after_the_deadline__reverts(redemption):
    now = redemption.rpc.timestamp
    with reverts("DeadlinePassed", now - 1, now):
        sell(redemption, ETHER, deadline=now - 1)
    sell(redemption, ETHER, deadline=now)


def test_sell__to_nobody__reverts(redemption):
    with reverts("ZeroAddress"):
        sell(redemption, ETHER, receiver=ZERO)


def test_sell__what_the_queue_does_not_take__reverts(redemption):
    nominal, *_ = redemption.call("quoteSale", 99)
    with reverts("AmountTooSmall", nominal, 100):
        sell(redemption, 99)


def test_sell__more_than_held__reverts(redemption):
    vault = redemption.vault.address
    redemption.stack.wketh.transact("approve", vault, ETHER, sender=redemption.seller)
    with reverts("TransferFromFailed"):
        sell(redemption, 2 * ETHER)


def test_sell__more_than_idle__reverts(redemption):
    idle = redemption.position[0]
    _, price, _ = redemption.call("quoteSale", 700 * ETHER)
    with reverts("InsufficientIdle", price, idle):
        sell(redemption, 700 * ETHER)


def test_sell__cap_between_reports(redemption):
    redemption.sell(200 * ETHER)
    room = redemption.call("frameRoom")
    assert 0 < room < 51 * ETHER
    nominal, *_ = redemption.call("quoteSale", 100 * ETHER)
    with reverts("FrameCapExceeded", nominal, room):
        sell(redemption, 100 * ETHER)
    redemption.report()
    assert redemption.call("frameRoom") == redemption.assets * TERMS["frameCap"] // WAD
    redemption.sell(100 * ETHER)


def test_sell__while_somebody_is_in_line__reverts(redemption):
    redemption.sell(200 * ETHER)
    shares = redemption.shares_of()
    redemption.request_exit(shares)
    pending = redemption.call("pendingExits")
    assert 0 < pending < shares
    with reverts("ExitsPending", pending):
        sell(redemption, ETHER)


def test_sell__on_an_old_report__reverts(redemption):
    reference = redemption.stack.pool.call("lastReport")[0]
    redemption.rpc.mine_at(reference + TERMS["maxReportAge"])
    sell(redemption, ETHER)
    redemption.rpc.mine_at(reference + TERMS["maxReportAge"] + 1)
    with reverts("ReportTooOld", reference, reference + 1):
        sell(redemption, ETHER)


def test_sell__with_nothing_left_to_pay_now__reverts(redemption):
    """A discount as deep as the price: the holdback would be more than the rest."""
    vault = redemption.new_vault(minFee=WAD // 20, holdback=WAD // 5)
    swap = redemption.stack.swap
    lp = swap.call("balanceOf", redemption.seller)
    remove = "remove_liquidity_one_coin(uint256,int128,uint256)"
    swap.transact(remove, lp * 48 // 100, 0, 0, sender=redemption.seller)
    redemption.swap(1, 270 * ETHER)
    assert swap.call("get_p", 0) < WAD // 4
    _, price, held = vault.call("quoteSale", ETHER)
    assert price <= held
    with reverts("NothingToPay", price, held):
        vault.call("sell", ETHER, 0, redemption.seller, UNLIMITED, sender=redemption.seller)


@pytest.mark.parametrize("part", [1, 10, 100])
def test_sell__share_price_stays(redemption, part):
    before = redemption.price
    redemption.sell(part * ETHER)
    assert redemption.price == before
