import os
import signal
import sqlite3
import subprocess
import sys
import time

import pytest

from keel.keepers.action import Action
from keel.keepers.file_journal import FileJournal
from keel.keepers.journal import State

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
    return Action(key=key, contract="pool", function="f", what="does", why="a test")


def test_atomic__killed_at_any_time__keeps_an_attempt_with_its_transaction(tmp_path):
    path = tmp_path / "journal.sqlite"
    for life in range(5):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], env=os.environ)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if path.exists() and len(FileJournal(path).attempts()) > 20 * (life + 1):
                break
            time.sleep(0.01 + 0.003 * life)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        attempts = FileJournal(path).attempts()
        assert [attempt.nonce for attempt in attempts] == list(range(len(attempts)))
        assert all(len(FileJournal(path).sent("me", attempt.nonce)) == 1 for attempt in attempts)
    assert len(attempts) > 100


def test_begin__again_after_a_revert__is_another_attempt(tmp_path):
    journal = FileJournal(tmp_path / "journal.sqlite")
    journal.begin(make_action(), "me", 4, 10)
    journal.settle(journal.latest("key"), State.REVERTED, "no", retry_at=30)
    journal.begin(make_action(), "me", 5, 31)
    latest = journal.latest("key")
    assert (latest.attempt, latest.nonce, latest.state) == (2, 5, State.SENT)
    assert [attempt.state for attempt in journal.attempts()] == [State.REVERTED, State.SENT]


def test_atomic__failure_inside__writes_nothing(tmp_path):
    journal = FileJournal(tmp_path / "journal.sqlite")
    journal.begin(make_action("other"), "me", 1, 1)

    def begin_two_at_one_nonce():
        with journal.atomic():
            journal.begin(make_action(), "me", 2, 1)
            journal.begin(make_action("third"), "me", 1, 1)

    with pytest.raises(sqlite3.IntegrityError, match=r"attempts\.sender, attempts\.nonce"):
        begin_two_at_one_nonce()
    assert [attempt.key for attempt in journal.attempts()] == ["other"]


def test_forget_after__events_of_lost_blocks__are_gone():
    journal = FileJournal(":memory:")
    journal.add_events([(block, 0, "0x1", "Sold", {"id": block}) for block in (3, 4, 5)])
    journal.mark_scanned(5, "0xaa")
    journal.forget_after(4)
    assert [event.values["id"] for event in journal.events("Sold")] == [3, 4]
    assert journal.scanned() == []
