"""HashConsensus and ConsensusOracle: votes, quorum, frames, and the attacks on them."""

import pytest

from keel.chain.reports import hash_report, report_data
from tests.fixtures.staking import ETHER, ZERO, report_of, reverts

A, B = b"\xaa" * 32, b"\xbb" * 32


@pytest.fixture
def frame(staking):
    slot, _reference = staking.next_frame()
    return slot


def test_vote__quorum_decides(staking, frame):
    oracle = staking.stack.oracle
    staking.vote(frame, A, staking.members[:2])
    assert oracle.call("consensusHash", frame) == bytes(32)
    staking.vote(frame, A, staking.members[2:3])
    assert oracle.call("consensusHash", frame) == A
    with reverts("AlreadyAgreed", frame, A):
        oracle.call("vote", frame, B, sender=staking.members[3])


def test_vote__may_change_until_quorum(staking, frame):
    """Flip-flop: a changed vote counts once, where it stands last."""
    oracle, member = staking.stack.oracle, staking.members[0]
    for choice in (A, B, A, B):
        oracle.transact("vote", frame, choice, sender=member)
    assert oracle.call("getVariants") == ((B,), (1,))
    with reverts("DuplicateVote", member, B):
        oracle.call("vote", frame, B, sender=member)


def test_vote__bad_input__reverts(staking, frame, who):
    oracle, member = staking.stack.oracle, staking.members[0]
    with reverts("NotMember", who[0]):
        oracle.call("vote", frame, A, sender=who[0])
    with reverts("ZeroHash"):
        oracle.call("vote", frame, bytes(32), sender=member)
    for slot in (frame - 7_200, frame + 7_200, frame + 1):
        with reverts("WrongRefSlot", slot, frame):
            oracle.call("vote", slot, A, sender=member)


def test_vote__stuck_frame_does_not_block_the_next(staking, frame):
    oracle = staking.stack.oracle
    staking.vote(frame, A, staking.members[:2])
    staking.vote(frame, B, staking.members[2:4])
    later, _reference = staking.next_frame()
    staking.vote(later, B, staking.members[:3])
    assert oracle.call("consensusHash", later) == B
    assert oracle.call("consensusHash", frame) == bytes(32)


def test_remove_member__takes_its_vote_along(staking, frame):
    oracle, members = staking.stack.oracle, staking.members
    staking.vote(frame, A, members[:2])
    oracle.transact("removeMember", members[0], 3, sender=staking.owner)
    assert oracle.call("getVariants") == ((A,), (1,))
    staking.vote(frame, A, members[2:3])
    assert oracle.call("consensusHash", frame) == bytes(32)
    staking.vote(frame, A, members[3:4])
    assert oracle.call("consensusHash", frame) == A


def test_remove_member__of_an_earlier_frame_takes_nothing(staking, frame):
    oracle, members = staking.stack.oracle, staking.members
    staking.vote(frame, A, members[:1])
    later, _reference = staking.next_frame()
    staking.vote(later, A, members[1:3])
    oracle.transact("removeMember", members[0], 3, sender=staking.owner)
    assert oracle.call("getVariants") == ((A,), (2,))


def test_set_quorum__lower_one_decides_at_once(staking, frame):
    oracle, members = staking.stack.oracle, staking.members
    oracle.transact("setQuorum", 4, sender=staking.owner)
    staking.vote(frame, A, members[:3])
    assert oracle.call("consensusHash", frame) == bytes(32)
    oracle.transact("setQuorum", 3, sender=staking.owner)
    assert oracle.call("consensusHash", frame) == A


def test_set_quorum__after_agreement_changes_nothing(staking, frame):
    oracle = staking.stack.oracle
    staking.vote(frame, A, staking.members[:3])
    oracle.transact("setQuorum", 5, sender=staking.owner)
    assert oracle.call("consensusHash", frame) == A


@pytest.mark.parametrize(("quorum", "fine"), [(2, False), (3, True), (5, True), (6, False)])
def test_set_quorum__bounds(staking, quorum, fine):
    oracle = staking.stack.oracle
    if fine:
        oracle.call("setQuorum", quorum, sender=staking.owner)
        return
    with reverts("QuorumOutOfBounds", quorum, 5):
        oracle.call("setQuorum", quorum, sender=staking.owner)


def test_members__bad_input__reverts(staking, who):
    oracle, member = staking.stack.oracle, staking.members[0]
    with reverts("AlreadyMember", member):
        oracle.call("addMember", member, 4, sender=staking.owner)
    with reverts("ZeroAddress"):
        oracle.call("addMember", ZERO, 4, sender=staking.owner)
    with reverts("NotMember", who[0]):
        oracle.call("removeMember", who[0], 3, sender=staking.owner)
    for function, *arguments in (("addMember", who[0], 4), ("setQuorum", 4)):
        with reverts("OwnableUnauthorizedAccount", who[0]):
            oracle.call(function, *arguments, sender=who[0])


def test_add_member__votes_at_once(staking, frame, who):
    oracle = staking.stack.oracle
    oracle.transact("addMember", who[0], 4, sender=staking.owner)
    staking.vote(frame, A, [*staking.members[:3], who[0]])
    assert oracle.call("consensusHash", frame) == A


def test_submit_report__anyone_once(staking, frame, who):
    oracle = staking.stack.oracle
    report = report_of(frame)
    with reverts("NoConsensus", frame):
        oracle.call("submitReport", *report_data(report), [], sender=who[0])
    staking.vote(frame, hash_report(report))
    oracle.transact("submitReport", *report_data(report), [], sender=who[0])
    assert oracle.call("lastSubmittedRefSlot") == frame
    with reverts("AlreadySubmitted", frame):
        oracle.call("submitReport", *report_data(report), [], sender=who[0])


def test_submit_report__other_data__reverts(staking, frame, who):
    oracle = staking.stack.oracle
    report, other = report_of(frame), report_of(frame, cl_balance=ETHER)
    staking.vote(frame, hash_report(report))
    with reverts("ReportHashMismatch", hash_report(other), hash_report(report)):
        oracle.call("submitReport", *report_data(other), [], sender=who[0])


def test_submit_report__late__reverts(staking, frame, who):
    oracle = staking.stack.oracle
    report = report_of(frame)
    staking.vote(frame, hash_report(report))
    later, _reference = staking.next_frame()
    with reverts("WrongRefSlot", frame, later):
        oracle.call("submitReport", *report_data(report), [], sender=who[0])


def test_check__outsider__reverts(staking, who):
    checker, pool = staking.stack.checker, staking.stack.pool
    with reverts("Unauthorized", who[0], pool.address):
        checker.call("check", (b"\0" * 32, *(0,) * 14), sender=who[0])


@pytest.mark.parametrize(
    ("field", "inside", "outside", "minimum", "maximum"),
    [
        (0, 1, 0, 1, 200),
        (0, 200, 201, 1, 200),
        (1, 100, 99, 100, 5_000),
        (1, 5_000, 5_001, 100, 5_000),
        (2, ETHER // 100, ETHER // 100 - 1, ETHER // 100, 16 * ETHER),
        (2, 16 * ETHER, 16 * ETHER + 1, ETHER // 100, 16 * ETHER),
        (3, 1, 0, 1, 2**32 - 1),
        (4, 604_800, 604_801, 0, 604_800),
    ],
)
def test_set_limits__bounds(staking, field, inside, outside, minimum, maximum):
    checker = staking.stack.checker
    limits = list(checker.call("getLimits"))
    limits[field] = inside
    checker.call("setLimits", limits, sender=staking.owner)
    limits[field] = outside
    with reverts("OutOfBounds", outside, minimum, maximum):
        checker.call("setLimits", limits, sender=staking.owner)
