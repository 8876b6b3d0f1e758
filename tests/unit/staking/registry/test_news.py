"""News of the oracle: the life of a key, its blame, and who may tell."""

import pytest

from keel.chain.reports import hash_news, hash_report, report_data
from keel.models.staking.keys import Event, KeyNews, Status
from tests.fixtures.staking import ETHER, report_of, reverts


@pytest.fixture
def one(staking, who):
    """Two first deposits of an operator that has a key more."""
    staking.stake(who[0], 200 * ETHER)
    staking.add_operator(who[0], keys=3, spare=2 * ETHER)
    staking.deposit_validators(2)
    return staking


def test_apply_news__from_deposit_to_settlement(one, who):
    bonds, registry = one.stack.bonds, one.stack.registry
    one.tell((0, 0, Event.CONFIRMED))
    assert one.status(0, 0) is Status.CONFIRMED
    one.stack.pool.transact("fundValidators", 1, sender=who[1])
    assert one.status(0, 0) is Status.FUNDED
    assert tuple(bonds.call("earning", 0)) == (1, 1)
    one.tell((0, 0, Event.EXITING))
    assert (one.operator(0).validators, one.operator(0).active) == (1, 0)
    assert tuple(bonds.call("earning", 0)) == (1, 1), "it earns until it is settled"
    assert one.operator(0).bonded == 3
    one.tell((0, 0, Event.SETTLED))
    assert one.status(0, 0) is Status.SETTLED
    assert tuple(bonds.call("earning", 0)) == (0, 0)
    assert one.operator(0).bonded == 2
    assert registry.call("lastNews")[0] == 3


def test_apply_news__rejected_frees_key_and_bond(one):
    one.tell((0, 1, Event.REJECTED))
    assert one.status(0, 1) is Status.REJECTED
    operator = one.operator(0)
    assert (operator.validators, operator.bonded, operator.predeposited) == (1, 2, 2)
    assert one.stack.registry.call("awaitingKeys") == 1


def test_apply_news__slashed_is_charged_once_and_stops_deposits(one, who):
    fund = one.stack.insurance
    one.tell((0, 0, Event.CONFIRMED))
    one.stack.pool.transact("fundValidators", 1, sender=who[1])
    before = fund.call("available")
    one.tell((0, 0, Event.SLASHED), (0, 0, Event.EXITING))
    assert fund.call("available") - before == pytest.approx(ETHER // 2, abs=1)
    assert one.operator(0).poor
    assert not one.operator(0).offering
    with reverts("AlreadyCharged", 0, 0):
        one.tell((0, 0, Event.SLASHED))


def test_apply_news__underperformed_is_charged_each_time(one, who):
    fund = one.stack.insurance
    one.tell((0, 0, Event.CONFIRMED))
    one.stack.pool.transact("fundValidators", 1, sender=who[1])
    for strikes in (1, 2, 3, 3):
        before = fund.call("available")
        one.tell((0, 0, Event.UNDERPERFORMED))
        assert fund.call("available") - before == pytest.approx(ETHER // 20, abs=1)
        assert one.operator(0).strikes == strikes
        assert one.operator(0).poor == (strikes == 3)


@pytest.mark.parametrize(
    ("index", "what", "status"),
    [
        (2, Event.CONFIRMED, Status.UNUSED),
        (2, Event.REJECTED, Status.UNUSED),
        (0, Event.EXITING, Status.PREDEPOSITED),
        (0, Event.SETTLED, Status.PREDEPOSITED),
        (0, Event.SLASHED, Status.PREDEPOSITED),
        (0, Event.UNDERPERFORMED, Status.PREDEPOSITED),
    ],
)
def test_apply_news__out_of_its_life__reverts(one, index, what, status):
    with reverts("WrongKeyStatus", 0, index, status):
        one.tell((0, index, what))


def test_apply_news__unknown_key_or_operator__reverts(one):
    with reverts("KeyNotFound", 0, 3):
        one.tell((0, 3, Event.CONFIRMED))
    with reverts("OperatorNotFound", 1):
        one.tell((1, 0, Event.CONFIRMED))


def test_apply_news__outsider__reverts(one, who):
    with reverts("Unauthorized", who[0], one.stack.oracle.address):
        one.stack.registry.call("applyNews", 1, 1, [], sender=who[0])


NEWS = ((0, 0, Event.CONFIRMED), (0, 1, Event.REJECTED))


@pytest.fixture
def named(one):
    """A report that was agreed on and names news that nobody has told yet."""
    slot, _reference = one.next_frame()
    news = [KeyNews(*each) for each in NEWS]
    report = report_of(
        slot,
        validators=2,
        cl_balance=ETHER,
        deposits_seen=ETHER,
        registry_hash=hash_news(news),
    )
    one.vote(slot, hash_report(report))
    return report


def test_submit_news__after_its_report_once_by_anyone(one, named, who):
    oracle, data = one.stack.oracle, report_data(named)
    with reverts("ReportNotSubmitted", named.ref_slot):
        oracle.call("submitNews", data[0], NEWS, sender=who[2])
    oracle.transact("submitReport", *data, [], sender=who[2])
    with reverts("ReportHashMismatch"):
        oracle.call("submitNews", data[0], NEWS[:1], sender=who[2])
    oracle.transact("submitNews", data[0], NEWS, sender=who[2])
    assert (one.status(0, 0), one.status(0, 1)) == (Status.CONFIRMED, Status.REJECTED)
    with reverts("NewsNotNewer", named.ref_slot, named.ref_slot):
        oracle.call("submitNews", data[0], NEWS, sender=who[2])


def test_submit_news__too_late__the_next_report_tells_them(one, named, who):
    """Data of a frame are gone with the first vote on the next; cumulative news lose nothing."""
    oracle, data = one.stack.oracle, report_data(named)
    oracle.transact("submitReport", *data, [], sender=who[2])
    slot, _reference = one.next_frame()
    oracle.call("submitNews", data[0], NEWS, sender=who[2])
    one.vote(slot, b"\1" * 32, one.members[:1])
    with reverts("ReportHashMismatch"):
        oracle.call("submitNews", data[0], NEWS, sender=who[2])
    one.report(validators=2, balance=ETHER, seen=ETHER, news=NEWS)
    assert one.status(0, 0) is Status.CONFIRMED


def test_submit_report__losses_that_nobody_voted_on__reverts(one, who):
    slot, _reference = one.next_frame()
    report = report_of(slot)
    one.vote(slot, hash_report(report))
    with reverts("ReportHashMismatch"):
        one.stack.oracle.call("submitReport", report_data(report)[0], [(0, 1)], [], sender=who[0])
