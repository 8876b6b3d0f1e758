"""Members that were killed between journal and node, and come back when what they sent is late."""

import pytest

from keel.keepers import catalogue
from keel.keepers.journal import State
from keel.keepers.outbox import Outbox
from keel.sim.live import FINALITY_SECONDS
from tests.keel.keepers.living import living_devnet

MEMBERS = ("reporter-1", "reporter-2", "reporter-3")


class Killed(BaseException):
    """The process ends here."""


@pytest.fixture
def living(tmp_path, monkeypatch):
    # Keepers of this process are killed and hired again, and keep their locks.
    for lock in ("lock_key", "lock_journal"):
        monkeypatch.setattr(catalogue, lock, lambda *_: 0)
    with living_devnet(tmp_path) as living:
        yield living


def killed_while_they_vote(living, monkeypatch):
    """Two of three, a quorum: each vote is written down, and never sent."""

    def dies(self, sent):
        raise Killed

    killed = set()
    with monkeypatch.context() as patched:
        patched.setattr(Outbox, "_broadcast", dies)
        for name, runner in living.runners.items():
            try:
                runner.tick()
            except Killed:
                killed.add(name)
    for name in killed:
        living.runners.pop(name).journal.close()
    return killed


def test_reporters__killed_before_their_votes_are_sent__vote_again_once_they_are_back(
    living, monkeypatch
):
    """Their votes are cancelled as too late; a vote that isn't on the chain is no vote."""
    living.hire(*MEMBERS)
    live, oracle = living.live, living.stack.oracle
    reference = live.next_reference()
    live.on_block = None
    live.go_to(reference)
    living.options.publish()
    live.go_to(reference + FINALITY_SECONDS)
    killed = killed_while_they_vote(living, monkeypatch)
    assert len(killed) == 2
    live.on_block = living.look
    live.mine(60)
    slot, _reference, _deadline = oracle.call("getCurrentFrame")
    assert oracle.call("lastSubmittedRefSlot") < slot
    living.hire(*killed)
    live.mine(40)
    assert oracle.call("lastSubmittedRefSlot") == slot
    voted = [
        attempt.state
        for name in killed
        for attempt in living.runners[name].journal.attempts()
        if attempt.function == "vote"
    ]
    assert voted.count(State.CANCELLED) == 2
    assert State.DONE in voted
