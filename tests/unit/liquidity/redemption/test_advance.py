"""Holdbacks, accretion, and paid tickets."""

import pytest

from keel.chain.rpc import RpcError
from tests.fixtures.redemption import DAY, INFLOW
from tests.fixtures.staking import ETHER


def age(desk, days=3):
    """Reports until the queue may finalise what is in it."""
    for _ in range(days):
        desk.report()


def test_advance__settles_the_holdback_after_a_covering_report(redemption):
    sold = redemption.sell(10 * ETHER)
    before, price = redemption.weth_of(redemption.seller), redemption.price
    redemption.advance()
    assert redemption.weth_of(redemption.seller) == before, "no report has come"
    redemption.report()
    receipt = redemption.advance()
    event = redemption.event(receipt, "HoldbackSettled")
    assert (event["refund"], event["loss"]) == (sold["heldBack"], 0)
    assert redemption.weth_of(redemption.seller) == before + sold["heldBack"]
    assert redemption.call("ticketCounts") == (1, 1, 0)
    assert redemption.price >= price


def test_advance__not_after_a_report_about_before_the_sale(redemption):
    """Its reference slot is before the sale: a slashing in between is still to be reported."""
    slot, reference = redemption.staking.next_frame()
    sold = redemption.sell(10 * ETHER)
    assert redemption.rpc.timestamp > reference
    redemption.staking.report_at(slot, validators=40, balance=redemption.balance, seen=1280 * ETHER)
    redemption.advance()
    assert redemption.call("ticketCounts") == (1, 0, 0)
    assert redemption.position[1] == sold["heldBack"]
    redemption.report()
    redemption.advance()
    assert redemption.call("ticketCounts") == (1, 1, 0)


def test_accretion__is_even_from_cost_to_nominal(redemption):
    sold = redemption.sell(100 * ETHER)
    redemption.report()
    redemption.advance()
    *_, seasoned, unaccreted, _ = redemption.position
    assert seasoned == sold["nominal"] - 1
    assert unaccreted == sold["nominal"] - 1 - sold["paid"] - sold["heldBack"] > 0
    before = redemption.assets
    for quarter in (1, 2, 3, 4):
        redemption.wait(DAY // 4)
        grown = redemption.assets - before
        assert abs(grown - unaccreted * quarter // 4) <= unaccreted // 1_000
    redemption.wait(10 * DAY)
    assert redemption.assets == before + unaccreted


def test_accretion__delay_slows_it_and_takes_nothing_back(redemption):
    """The queue is long; then less ether comes than was expected."""
    stack, seller = redemption.stack, redemption.seller
    stack.wketh.transact("approve", stack.queue.address, 2**256 - 1, sender=seller)
    request = "requestWithdrawalsWstETH(uint256[],address)"
    stack.queue.transact(request, [900 * ETHER, 400 * ETHER], seller, sender=seller)
    assert redemption.call("expectedWait", 100 * ETHER) > 9 * DAY
    redemption.sell(100 * ETHER)
    redemption.report()
    redemption.advance()
    _, _, _, _, unaccreted, _ = redemption.position
    redemption.wait(6 * 3_600)
    at_pace = unaccreted - redemption.position[4]
    redemption.transact("setInflow", INFLOW // 10, sender=redemption.owner)
    value = redemption.assets
    left = redemption.position[4]
    redemption.wait(6 * 3_600)
    slower = left - redemption.position[4]
    assert 0 < slower < at_pace // 2
    assert redemption.assets > value


def test_advance__claims_what_the_queue_has_paid(redemption):
    sold = redemption.sell(100 * ETHER)
    last = redemption.last_ticket
    age(redemption)
    redemption.advance()
    idle = redemption.position[0]
    redemption.report(last=last)
    value = redemption.assets
    receipt = redemption.advance()
    paid = redemption.event(receipt, "TicketPaid")["etherAmount"]
    assert sold["nominal"] - 1 <= paid <= sold["nominal"]
    assert redemption.position[0] == idle + paid
    assert redemption.call("ticketCounts") == (1, 1, 1)
    assert 0 <= redemption.assets - value <= 1
    redemption.wait(2 * DAY)
    assert redemption.assets == 500 * ETHER + paid - sold["paid"] - sold["heldBack"]


def test_views__foresee_what_advancing_does(redemption):
    redemption.sell(100 * ETHER)
    last = redemption.last_ticket
    age(redemption)
    redemption.report(last=last)
    redemption.wait(100)
    foreseen = redemption.position
    redemption.rpc.call("evm_setNextBlockTimestamp", redemption.rpc.timestamp + 1)
    redemption.advance()
    seen = redemption.position
    assert seen[:4] == foreseen[:4]
    assert 0 <= foreseen[4] - seen[4] <= foreseen[4] // 10_000 + 1


@pytest.mark.parametrize("sales", [8, 9, 20])
def test_advance__takes_eight_steps_at_a_time(redemption, sales):
    for _ in range(sales):
        redemption.sell(ETHER)
    redemption.report()
    for calls in range(1, 4):
        redemption.advance()
        assert redemption.call("ticketCounts") == (sales, min(sales, 8 * calls), 0)


def test_ether__only_from_the_queue(redemption):
    payment = {"from": redemption.seller, "to": redemption.vault.address, "value": "0x1"}
    with pytest.raises(RpcError) as refused:
        redemption.rpc.call("eth_call", payment, "latest")
    error = redemption.vault.abi.decode_error(refused.value.data)
    assert error.name == "Unauthorized"
    assert error.values[1].lower() == redemption.stack.queue.address.lower()
