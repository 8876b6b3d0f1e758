"""A loss that waits for its second quorum closes the escape: how, for how long, and how often."""

import pytest

from keel.chain.reports import hash_report, report_data
from keel.models.staking.advances import ESCAPE_DELAY, HOLD_LIMIT
from tests.fixtures.staking import ETHER, report_of, reverts

HOLD = "submitForConfirmation"
SEEN = {"validators": 2, "seen": 64 * ETHER}
LOSS = SEEN | {"balance": 60 * ETHER}


@pytest.fixture
def ticket(queue, who):
    """Two validators, and a ticket of `who[0]`."""
    staking = queue.staking
    staking.stake(who[1], 64 * ETHER)
    staking.fund_validators(2)
    staking.report(**SEEN, balance=64 * ETHER)
    queue.request(who[0], ETHER)
    return queue


def hold(queue, **figures):
    """Agree on a loss and have it held; returns the report and the time."""
    staking = queue.staking
    slot, _reference = staking.next_frame()
    report = staking.agree(slot, **(LOSS | figures))
    oracle = staking.stack.oracle
    receipt = staking.submit(report, function=HOLD)
    (event,) = oracle.events(receipt)
    assert event.name == "LossOnHold"
    assert list(event.values.values()) == [slot, hash_report(report)]
    assert oracle.call("lossOnHoldSince") == staking.rpc.timestamp
    return report, staking.rpc.timestamp


def submit(queue, report):
    staking = queue.staking
    return staking.submit(report)


@pytest.mark.parametrize(("late", "opens"), [(-1, False), (0, True), (1, True)])
def test_hold__closes_the_escape_up_to_its_limit(ticket, who, late, opens):
    ticket.stay_silent(ESCAPE_DELAY)
    assert ticket.call("claimableAdvance", 1) > 0
    _report, since = hold(ticket)
    assert ticket.call("escapeOpensAt") == since + HOLD_LIMIT
    ticket.staking.rpc.mine_at(since + HOLD_LIMIT + late)
    assert bool(ticket.call("claimableAdvance", 1)) == opens
    if not opens:
        with reverts("EscapeClosed", since + HOLD_LIMIT):
            ticket.call("claimInAdvance", 1, who[0], sender=who[0])


def test_hold__early_one_is_outlasted_by_the_delay(ticket):
    """A hold on the first day ends on the fifteenth; without it the escape opens on the eighth."""
    _report, since = hold(ticket)
    applied_at = ticket.staking.stack.pool.call("lastReport")[1]
    assert since + HOLD_LIMIT > applied_at + ESCAPE_DELAY
    assert ticket.call("escapeOpensAt") == since + HOLD_LIMIT


def test_hold__anew_before_a_report__reverts(ticket):
    """Not in the same frame, not in a later one, not when it is over."""
    report, since = hold(ticket)
    oracle, owner = ticket.staking.stack.oracle, ticket.staking.owner
    with reverts("LossAlreadyOnHold", since):
        oracle.call("submitForConfirmation", *report_data(report), [], sender=owner)
    ticket.staking.rpc.mine_at(since + HOLD_LIMIT + 1)
    slot, _reference = ticket.staking.next_frame()
    report = ticket.staking.agree(slot, **LOSS)
    with reverts("LossAlreadyOnHold", since):
        oracle.call("submitForConfirmation", *report_data(report), [], sender=owner)
    assert ticket.call("claimableAdvance", 1) > 0


def test_hold__ends_with_an_applied_report_and_may_begin_anew(ticket):
    report, _since = hold(ticket)
    ticket.staking.confirm(report)
    submit(ticket, report)
    applied_at = ticket.staking.stack.pool.call("lastReport")[1]
    assert ticket.call("escapeOpensAt") == applied_at + ESCAPE_DELAY
    _report, since = hold(ticket, balance=50 * ETHER)
    assert ticket.call("escapeOpensAt") == since + HOLD_LIMIT


def test_hold__leaves_the_report_to_be_submitted(ticket):
    report, _since = hold(ticket)
    assert ticket.staking.stack.oracle.call("lastSubmittedRefSlot") != report.ref_slot
    with reverts("LossNeedsConfirmation"):
        submit(ticket, report)
    ticket.staking.confirm(report)
    submit(ticket, report)
    assert ticket.staking.stack.oracle.call("lastSubmittedRefSlot") == report.ref_slot


@pytest.mark.parametrize("confirmed", [False, True])
def test_submit_for_confirmation__what_is_fine_is_submitted(ticket, confirmed):
    """A report within bounds, or confirmed already: nothing is held."""
    staking, oracle = ticket.staking, ticket.staking.stack.oracle
    slot, _reference = staking.next_frame()
    report = staking.agree(slot, **(LOSS if confirmed else SEEN | {"balance": 64 * ETHER}))
    if confirmed:
        staking.confirm(report)
    receipt = staking.submit(report, function=HOLD)
    assert [event.name for event in oracle.events(receipt)] == ["ReportSubmitted"]
    assert oracle.call("lossOnHoldSince") == 0
    assert oracle.call("lastSubmittedRefSlot") == slot
    with reverts("AlreadySubmitted", slot):
        oracle.call("submitForConfirmation", *report_data(report), [], sender=staking.owner)


@pytest.mark.parametrize(
    ("figures", "error"),
    [
        ({"validators": 3}, "ValidatorCountInvalid"),
        ({"balance": 64 * ETHER, "last": 9}, "FinalizationRangeInvalid"),
    ],
)
def test_submit_for_confirmation__other_refusals_go_through(ticket, figures, error):
    staking = ticket.staking
    slot, _reference = staking.next_frame()
    report = staking.agree(slot, **(LOSS | figures))
    with reverts(error):
        staking.submit(report, function=HOLD)


def test_submit_for_confirmation__not_agreed_or_late__reverts(ticket, who):
    staking, oracle = ticket.staking, ticket.staking.stack.oracle
    slot, _reference = staking.next_frame()
    other = report_of(slot)
    with reverts("NoConsensus", slot):
        oracle.call("submitForConfirmation", *report_data(other), [], sender=who[2])
    report = staking.agree(slot, **LOSS)
    with reverts("ReportHashMismatch", hash_report(other), hash_report(report)):
        oracle.call("submitForConfirmation", *report_data(other), [], sender=who[2])
    later, _reference = staking.next_frame()
    with reverts("WrongRefSlot", slot, later):
        oracle.call("submitForConfirmation", *report_data(report), [], sender=who[2])
