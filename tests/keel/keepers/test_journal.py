import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.action import Action
from keel.keepers.file_journal import FileJournal
from keel.keepers.journal import State
from keel.keepers.scale.lease import take
from keel.keepers.scale.redis_journal import NonceTaken, RedisJournal

WRITER = """
import sys
from pathlib import Path
from keel.keepers.action import Action
from keel.keepers.file_journal import FileJournal
journal = FileJournal(Path(sys.argv[1]))
number = len(journal.attempts())
while True:
    action = Action(key=f"key {number}", contract="c", function="f", what="w", why="y")
    with journal.atomic():
        journal.begin(action, "me", number, number)
        journal.remember(f"0x{number}", b"raw", {"nonce": number}, "me", block=0, cancels=False)
    number += 1
"""


def make_action(key="key"):
    return Action(
        key=key, contract="pool", function="f", what="does", why="a test", benign=("TooLate",)
    )


def test_atomic__killed_at_any_time__keeps_an_attempt_with_its_transaction(tmp_path):
    path = tmp_path / "journal.sqlite"
    FileJournal(path).close()  # two that make one at once may refuse each other
    for life in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], env=os.environ)
        while len(FileJournal(path).attempts()) <= 20 * (life + 1):
            assert writer.poll() is None
            time.sleep(0.01 + 0.003 * life)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        attempts = FileJournal(path).attempts()
        assert [attempt.nonce for attempt in attempts] == list(range(len(attempts)))
        assert all(len(FileJournal(path).sent("me", attempt.nonce)) == 1 for attempt in attempts)
    assert len(attempts) > 100


def test_begin__again_after_a_revert__is_another_attempt(journals):
    journal = journals()
    journal.begin(make_action(), "me", 4, 10)
    journal.settle(journal.latest("key"), State.REVERTED, "no", retry_at=30)
    journal.begin(make_action(), "me", 5, 31)
    latest = journal.latest("key")
    assert (latest.attempt, latest.nonce, latest.state) == (2, 5, State.SENT)
    assert [attempt.state for attempt in journal.attempts()] == [State.REVERTED, State.SENT]


def test_journal__of_an_older_version__is_read_and_written(tmp_path):
    path = tmp_path / "journal.sqlite"
    journal = FileJournal(path)
    journal.begin(make_action("old"), "me", 1, 1)
    journal.close()
    with sqlite3.connect(path) as db:
        db.execute("ALTER TABLE attempts DROP COLUMN benign")
    journal = FileJournal(path)
    journal.begin(make_action("new"), "me", 2, 1)
    assert [each.benign for each in journal.attempts()] == [(), ("TooLate",)]


def test_atomic__failure_inside__writes_nothing(journals):
    journal = journals()
    journal.begin(make_action("other"), "me", 1, 1)

    def begin_two_at_one_nonce():
        with journal.atomic():
            journal.begin(make_action(), "me", 2, 1)
            journal.begin(make_action("third"), "me", 1, 1)

    with pytest.raises((sqlite3.IntegrityError, NonceTaken)):
        begin_two_at_one_nonce()
    assert [attempt.key for attempt in journal.attempts()] == ["other"]


def test_forget_after__events_of_lost_blocks__are_gone(journals):
    journal = journals()
    journal.add_events([(block, 0, "0x1", "Sold", {"id": block}) for block in (3, 4, 5)])
    journal.mark_scanned(5, "0xaa")
    journal.forget_after(4)
    assert [event.values["id"] for event in journal.events("Sold")] == [3, 4]
    assert journal.scanned() == []


blocks = st.integers(0, 12)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("begin"), st.sampled_from("abc")),
        st.tuples(st.just("settle"), st.integers(0, 9), st.sampled_from(list(State))),
        st.tuples(st.just("replace"), st.integers(0, 9), blocks),
        st.tuples(st.just("place"), st.integers(0, 9), st.none() | blocks),
        st.tuples(st.just("events"), blocks, st.sampled_from(("Sold", "Bought")), blocks),
        st.tuples(st.just("scanned"), blocks, st.sampled_from(("0xaa", "0xbb"))),
        st.tuples(st.just("forget"), blocks),
        st.tuples(st.just("keep"), st.sampled_from("xy"), st.integers() | st.text()),
    ),
    max_size=25,
)


def carry_out(journal, played):
    """Nonces go up by one; what refers to none that is there does nothing."""
    begun = 0
    for name, *what in played:
        if name == "begin":
            journal.begin(make_action(what[0]), "me", begun, 3)
            journal.remember(f"0x{begun}", b"raw", {"nonce": begun, "maxFeePerGas": 1}, "me",
                             block=3, cancels=False)  # fmt: skip
            begun += 1
        elif name in ("settle", "replace", "place") and what[0] >= begun:
            continue
        elif name == "settle":
            journal.settle(journal.at_nonce("me", what[0]), what[1], "so", retry_at=7)
        elif name == "replace":
            nonce, block = what
            hashed = f"0x{nonce}/{block}"
            fields = {"nonce": nonce, "maxFeePerGas": 2 + block}
            journal.remember(hashed, b"x", fields, "me", block=3 + block, cancels=block % 2 == 1)
        elif name == "place":
            sent = journal.sent("me", what[0])[-1]
            journal.place(sent, what[1], None if what[1] is None else "0xcc")
        elif name == "events":
            block, event, position = what
            journal.add_events([(block, position, "0x1", event, {"id": 2**200})])
        elif name == "scanned":
            journal.mark_scanned(*what, keep=5)
        elif name == "forget":
            with journal.atomic():
                journal.forget_after(*what)
        else:
            journal.keep(*what)


def seen(journal):
    attempts = journal.attempts()
    return (
        attempts,
        journal.attempts(State.SENT),
        journal.attempts(State.DONE, State.REVERTED),
        [journal.latest(key) for key in "abc"],
        [journal.sent("me", attempt.nonce) for attempt in attempts],
        [journal.mined_since(block) for block in (0, 5, 12)],
        journal.highest_nonce("me"),
        [journal.events(name) for name in ("Sold", "Bought")],
        journal.scanned(),
        [journal.recall(name, "none") for name in "xy"],
    )


@given(steps)
def test_journals__in_sqlite_and_in_redis__tell_the_same(redis, played):
    redis.flushall()
    file, other = FileJournal(":memory:"), RedisJournal(take(redis, "key", 600_000), "keeper")
    for journal in (file, other):
        carry_out(journal, played)
    assert seen(file) == seen(other)
