"""Advances while no report comes: to whom, when, how much, from what, and what is left to claim."""

import pytest

from keel.models.staking.advances import ADVANCE_BPS, ESCAPE_DELAY, HOLD_LIMIT
from keel.models.staking.ledger import BPS
from tests.fixtures.staking import ETHER, ZERO, reverts


@pytest.fixture
def silent(queue, who):
    """Tickets 1 and 2 of `who[0]`, 3 of `who[1]`; a week without a report."""
    queue.request(who[0], 2 * ETHER, 3 * ETHER)
    queue.request(who[1], 4 * ETHER)
    queue.stay_silent()
    return queue


def buffered(queue):
    return queue.staking.stack.pool.call("getBalances")[0]


def most(value):
    return value * ADVANCE_BPS // BPS


def nearly(amounts, expected):
    """Equal, or a wei less: the rate is rounded down."""
    return all(0 <= e - a <= 1 for a, e in zip(amounts, expected, strict=True))


def leave_in_the_buffer(queue, wei, account):
    """Stake the rest with validators."""
    staking = queue.staking
    waiting = queue.call("unfinalizedStETH")
    assert wei >= waiting, "the pool keeps what the queue asks for"
    count = 2 + buffered(queue) // (32 * ETHER)
    staking.add_operator(keys=count)
    staking.stake(account, wei + 32 * count * ETHER - buffered(queue))
    staking.fund_validators(count)
    assert buffered(queue) == wei


def test_constants__are_the_models(queue):
    names = ("ESCAPE_DELAY", "HOLD_LIMIT", "ADVANCE_BPS")
    assert [queue.call(name) for name in names] == [ESCAPE_DELAY, HOLD_LIMIT, ADVANCE_BPS]


def test_claim_in_advance__pays_from_the_buffer(silent, who):
    staking, pool = silent.staking, silent.staking.stack.pool
    worth = silent.call("presentValue", 1)
    assert worth in (2 * ETHER - 1, 2 * ETHER)
    before, rate = buffered(silent), pool.call("exchangeRate")
    expected = silent.call("claimableAdvance", 1)
    assert nearly([expected], [most(worth)])
    held = staking.rpc.balance(who[2])
    receipt = silent.transact("claimInAdvance", 1, who[2], sender=who[0])
    (event,) = silent.contract.events(receipt, "AdvanceClaimed")
    assert list(event.values.values()) == [1, who[0].lower(), who[2].lower(), expected]
    assert staking.rpc.balance(who[2]) - held == expected
    assert before - buffered(silent) == expected
    assert staking.rpc.balance(pool.address) == buffered(silent)
    assert silent.call("etherLent") == silent.call("getAdvance", 1) == expected
    assert pool.call("exchangeRate") == rate, "the advance is an asset"
    assert silent.balance() == silent.call("getLockedEtherAmount") == 0


def test_claim_in_advance__twice__reverts(silent, who):
    silent.advance(who[0], 1)
    assert silent.call("claimableAdvance", 1) == 0
    with reverts("NothingToAdvance", 1):
        silent.call("claimInAdvance", 1, who[0], sender=who[0])


@pytest.mark.parametrize(("late", "opens"), [(-1, False), (0, True), (1, True)])
def test_claim_in_advance__around_the_delay(queue, who, late, opens):
    queue.request(who[0], ETHER)
    _reference, applied_at = queue.staking.stack.pool.call("lastReport")
    assert queue.call("escapeOpensAt") == applied_at + ESCAPE_DELAY
    queue.stay_silent(ESCAPE_DELAY + late)
    assert bool(queue.call("claimableAdvance", 1)) == opens
    if opens:
        queue.call("claimInAdvance", 1, who[0], sender=who[0])
        return
    with reverts("EscapeClosed", applied_at + ESCAPE_DELAY):
        queue.call("claimInAdvance", 1, who[0], sender=who[0])


def test_claim_in_advance__a_report_closes_the_escape(silent, who):
    silent.advance(who[0], 1)
    silent.staking.report()
    opens_at = silent.staking.stack.pool.call("lastReport")[1] + ESCAPE_DELAY
    with reverts("EscapeClosed", opens_at):
        silent.call("claimInAdvance", 2, who[0], sender=who[0])


def test_claim_in_advance__bad_input__reverts(silent, who):
    with reverts("ZeroAddress"):
        silent.call("claimInAdvance", 1, ZERO, sender=who[0])
    for unknown in (0, 4, 2**255):
        with reverts("RequestNotFound", unknown):
            silent.call("claimInAdvance", unknown, who[0], sender=who[0])
        with reverts("RequestNotFound", unknown):
            silent.call("claimableAdvance", unknown)
    with reverts("NotOwnerOrApproved", who[1], 1):
        silent.call("claimInAdvance", 1, who[1], sender=who[1])


def test_claim_in_advance__finalised_or_claimed__reverts(silent, who):
    silent.finalize(2)
    silent.transact("claimWithdrawal", 2, sender=who[0])
    silent.stay_silent()
    for ticket in (1, 2):
        assert silent.call("claimableAdvance", ticket) == 0
        with reverts("RequestIsFinalized", ticket):
            silent.call("claimInAdvance", ticket, who[0], sender=who[0])


@pytest.mark.parametrize("how", ["approve", "setApprovalForAll"])
def test_claim_in_advance__by_an_approved_account(silent, who, how):
    silent.transact(how, who[2], 1 if how == "approve" else True, sender=who[0])
    silent.transact("claimInAdvance", 1, who[1], sender=who[2])
    assert silent.call("getAdvance", 1) > 0


def test_claim_in_advance__refused_ether__reverts(silent, callback, who):
    callback.contract.transact("setRefuses", True, sender=who[0])
    with reverts("EtherTransferFailed", callback.address, silent.call("claimableAdvance", 1)):
        silent.call("claimInAdvance", 1, callback.address, sender=who[0])


def test_claim_in_advance__place_in_the_queue_decides(silent, who):
    """What tickets ahead may ask for stays for them: the buffer's 9 ether are the first three's."""
    leave_in_the_buffer(silent, 9 * ETHER, who[1])
    silent.transact(silent.REQUEST, [ETHER], ZERO, sender=who[1])
    assert silent.call("claimableAdvance", 4) == 0
    with reverts("NothingToAdvance", 4):
        silent.call("claimInAdvance", 4, who[1], sender=who[1])
    assert nearly(silent.advance(who[1], 3), [most(4 * ETHER)])
    early = silent.advance(who[0], 1, 2)
    assert nearly(early, [most(2 * ETHER), most(3 * ETHER)]), "late tickets took nothing of theirs"


def test_claim_in_advance__short_buffer_pays_in_parts(queue, who):
    """The buffer has 5 ether for 8: the last ticket reaches half an ether, later the rest."""
    staking = queue.staking
    staking.stake(who[1], 64 * ETHER)
    leave_in_the_buffer(queue, 5 * ETHER, who[1])
    queue.request(who[0], 4 * ETHER + ETHER // 2)
    queue.request(who[0], 3 * ETHER)
    queue.stay_silent()
    assert queue.advance(who[0], 2) == [ETHER // 2]
    assert nearly(queue.advance(who[0], 1), [most(4 * ETHER + ETHER // 2)])
    with reverts("NothingToAdvance", 2):
        queue.call("claimInAdvance", 2, who[0], sender=who[0])
    staking.stake(who[2], ETHER)
    assert queue.advance(who[0], 2) == [ETHER]
    assert queue.call("getAdvance", 2) == ETHER + ETHER // 2
    staking.stake(who[2], 10 * ETHER)
    queue.advance(who[0], 2)
    assert nearly([queue.call("getAdvance", 2)], [most(3 * ETHER)])


def test_claim_in_advance__empty_buffer__reverts(queue, who):
    queue.staking.stake(who[1], 64 * ETHER)
    leave_in_the_buffer(queue, 0, who[1])
    queue.request(who[0], ETHER)
    queue.stay_silent()
    with reverts("NothingToAdvance", 1):
        queue.call("claimInAdvance", 1, who[0], sender=who[0])


def test_claim_in_advance__then_claim_pays_the_rest(silent, who):
    """Netted at the finalisation: the pool sends what the advances left."""
    first, second = silent.advance(who[0], 1, 2)
    left = [silent.call("presentValue", ticket) for ticket in (1, 2, 3)]
    assert left[0] <= 2 * ETHER - first
    before = buffered(silent)
    silent.finalize(3)
    sent = before - buffered(silent)
    assert sent == silent.balance() == silent.call("getLockedEtherAmount")
    claimable = silent.call("getClaimableEther", [1, 2, 3], silent.hints(1, 2, 3))
    assert 0 <= sent - sum(claimable) < 3
    assert claimable[0] in (2 * ETHER - first - 1, 2 * ETHER - first)
    assert claimable[1] in (3 * ETHER - second - 1, 3 * ETHER - second)
    assert silent.call("claimableNow", [1, 2, 3]) == sum(claimable)
    assert silent.call("etherLent") == 0
    receipt = silent.transact("claimWithdrawal", 1, sender=who[0])
    (event,) = silent.contract.events(receipt, "WithdrawalClaimed")
    assert event.values["amountOfETH"] == claimable[0]
    assert not silent.contract.events(receipt, "AdvanceCleared")
    silent.transact("claimWithdrawalsTo", [2], silent.hints(2), who[2], sender=who[0])
    silent.transact("claimWithdrawal", 3, sender=who[1])
    assert silent.balance() == silent.call("getLockedEtherAmount") < 3
    assert silent.call("getAdvance", 1) == first


def test_claim_in_advance__part_of_the_tickets_is_finalised(silent, who):
    """Advances of tickets that still wait are not taken off what the others get."""
    silent.advance(who[0], 1, 2)
    (third,) = silent.advance(who[1], 3)
    before = buffered(silent)
    silent.finalize(2)
    assert before - buffered(silent) <= ETHER // 2 + 2
    assert silent.call("etherLent") == third
    silent.finalize(3)
    assert silent.call("etherLent") == 0
    silent.transact("claimWithdrawals", [1, 2], silent.hints(1, 2), sender=who[0])
    silent.transact("claimWithdrawal", 3, sender=who[1])
    assert silent.balance() < 3


def test_claim_in_advance__a_sold_ticket_shows_it(silent, who):
    """The buyer sees what is left in the values; status and nominals are of the whole ticket."""
    (advance,) = silent.advance(who[0], 1)
    silent.transact("transferFrom", who[0], who[2], 1, sender=who[0])
    assert silent.call("getAdvance", 1) == advance
    assert silent.call("presentValue", 1) in (2 * ETHER - advance - 1, 2 * ETHER - advance)
    assert silent.call("getWithdrawalStatus", [1])[0][0] == 2 * ETHER
    assert silent.call("etherAhead", 2) == 2 * ETHER
    assert silent.call("unfinalizedStETH") == 9 * ETHER
    with reverts("NothingToAdvance", 1):
        silent.call("claimInAdvance", 1, who[2], sender=who[2])
    silent.finalize(1)
    silent.transact("claimWithdrawal", 1, sender=who[2])


def test_estimated_wait__counts_what_was_paid_in_advance(queue, who):
    staking = queue.staking
    staking.stake(who[1], 64 * ETHER)
    leave_in_the_buffer(queue, 5 * ETHER, who[1])
    queue.request(who[0], 8 * ETHER)
    before = queue.call("estimatedWait", 1, ETHER)
    assert before == 3 * 86_400
    queue.stay_silent()
    queue.advance(who[0], 1)
    assert queue.call("estimatedWait", 1, ETHER) == before


def test_pay_and_recover_advance__only_the_queue(staking, who):
    pool, queue = staking.stack.pool, staking.stack.queue
    for function in ("payAdvance", "recoverAdvance"):
        with reverts("Unauthorized", who[0], queue.address):
            pool.call(function, 1, sender=who[0])
