"""Counting one vote twice: by leaving and coming back, or by a successor within the frame."""

import pytest

from tests.fixtures.staking import reverts

A, B = b"\xaa" * 32, b"\xbb" * 32


@pytest.fixture
def frame(staking):
    slot, _reference = staking.next_frame()
    return slot


def test_member_that_comes_back__votes_once(staking, frame):
    oracle, (first, second, *_) = staking.stack.oracle, staking.members
    staking.vote(frame, A, [first, second])
    for _ in range(3):
        oracle.transact("removeMember", first, 3, sender=staking.owner)
        oracle.transact("addMember", first, 3, sender=staking.owner)
    assert oracle.call("getVariants") == ((A,), (1,))
    staking.vote(frame, A, [first])
    assert oracle.call("consensusHash", frame) == bytes(32), "two of three"
    with reverts("DuplicateVote", first, A):
        oracle.call("vote", frame, A, sender=first)


def test_successors__do_not_add_to_their_predecessors(staking, frame, who):
    """Each removal takes a vote, so a quorum needs as many members as it says."""
    oracle = staking.stack.oracle
    for old, new in zip(staking.members, who, strict=False):
        staking.vote(frame, A, [old])
        oracle.transact("removeMember", old, 3, sender=staking.owner)
        oracle.transact("addMember", new, 3, sender=staking.owner)
    assert sum(oracle.call("getVariants")[1]) == 0
    staking.vote(frame, A, who[:2])
    assert oracle.call("consensusHash", frame) == bytes(32)
    staking.vote(frame, A, who[2:])
    assert oracle.call("consensusHash", frame) == A


def test_removal__moves_no_other_members_vote(staking, frame):
    """The last member takes the place of the removed one in the list, not its vote."""
    oracle, members = staking.stack.oracle, staking.members
    staking.vote(frame, A, members[:1])
    staking.vote(frame, B, members[4:])
    oracle.transact("removeMember", members[0], 3, sender=staking.owner)
    staking.vote(frame, B, members[1:2])
    staking.vote(frame, A, members[4:])
    assert dict(zip(*oracle.call("getVariants"), strict=True))[B] == 1
    staking.vote(frame, B, members[2:4])
    assert oracle.call("consensusHash", frame) == B
