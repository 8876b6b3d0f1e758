"""A vault that nobody calls while the queue pays on: it catches up for little gas."""

from tests.fixtures.redemption import DAY
from tests.fixtures.staking import ETHER, reverts

OWN, OTHERS = 16, 63
REQUEST = "requestWithdrawalsWstETH(uint256[],address)"
BLOCK_GAS = 30_000_000


def test_advance__catches_up_for_little_gas_however_many_checkpoints_wait(redemption):
    """Holdbacks due and tickets paid, all behind sixty-four checkpoints that were not looked at."""
    desk = redemption
    exit_id = desk.request_exit(10**24)
    for _ in range(OWN):
        desk.sell(ETHER)
    last = desk.last_ticket
    queue = desk.stack.queue
    queue_others(desk, queue)
    for _ in range(3):
        desk.report()
    desk.report(last=last)
    for ticket in range(last + 1, last + 1 + OTHERS):
        desk.report(last=ticket)
    assert queue.call("getLastCheckpointIndex") == 1 + OTHERS > desk.call("MAX_CHECKPOINTS")
    for function, *arguments, sender in every_other_operation(desk, exit_id):
        with reverts("TicketsWaiting"):
            desk.call(function, *arguments, sender=sender)
    value, most = desk.assets, 0
    for _ in range(2):
        most = max(most, gas_of(desk.advance()))
    assert desk.call("ticketCounts") == (OWN, 8, 8), "looked up within two calls"
    most = max(most, gas_of(desk.advance()))
    assert desk.call("ticketCounts") == (OWN,) * 3
    assert most < BLOCK_GAS // 30
    assert desk.assets >= value


def test_cursor__passes_over_what_was_paid_while_no_ticket_waited(redemption):
    """Any number of checkpoints, and the next operation goes on at once."""
    desk = redemption
    queue = desk.stack.queue
    queue_others(desk, queue)
    for _ in range(3):
        desk.report()
    for ticket in range(1, desk.call("MAX_CHECKPOINTS") + 6):
        desk.report(last=ticket)
    desk.wait(DAY // 2)
    assert gas_of(desk.advance()) < 200_000
    desk.sell(ETHER)
    desk.request_exit(desk.shares_of())


def every_other_operation(desk, exit_id):
    who = desk.depositor
    return (
        ("requestExit", 1, who, who),
        ("claimExit", exit_id, desk.other),
        ("redeem", 10**24, who, who, who),
        ("withdraw", ETHER, who, who, who),
        ("deposit", ETHER, who, who),
        ("mint", 10**24, who, who),
        ("sell", ETHER, 0, desk.seller, 2**256 - 1, desk.seller),
        ("buyFromPool", ETHER, desk.other),
        ("setInflow", ETHER, desk.owner),
    )


def queue_others(desk, queue):
    """Tickets of the seller's own, in the queue."""
    desk.stack.wketh.transact("approve", queue.address, 2**256 - 1, sender=desk.seller)
    queue.transact(REQUEST, [ETHER] * OTHERS, desk.seller, sender=desk.seller)


def gas_of(receipt):
    return int(receipt["gasUsed"], 16)
