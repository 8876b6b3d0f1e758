"""A journal in SQLite: one file, one process, one machine."""

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from keel.keepers.action import Action
from keel.keepers.journal import Attempt, Seen, Sent, State

_SCHEMA = """
CREATE TABLE IF NOT EXISTS attempts (
    key TEXT NOT NULL, attempt INTEGER NOT NULL, what TEXT NOT NULL, why TEXT NOT NULL,
    contract TEXT NOT NULL, function TEXT NOT NULL,
    sender TEXT NOT NULL, nonce INTEGER NOT NULL, state TEXT NOT NULL, detail TEXT NOT NULL,
    began INTEGER NOT NULL, expires INTEGER NOT NULL, retry_at INTEGER NOT NULL,
    benign TEXT NOT NULL DEFAULT '[]',
    PRIMARY KEY (key, attempt), UNIQUE (sender, nonce));
CREATE TABLE IF NOT EXISTS transactions (
    hash TEXT PRIMARY KEY, sender TEXT NOT NULL, nonce INTEGER NOT NULL, raw BLOB NOT NULL,
    fields TEXT NOT NULL, sent_block INTEGER NOT NULL, cancels INTEGER NOT NULL,
    block INTEGER, block_hash TEXT);
CREATE TABLE IF NOT EXISTS events (
    block INTEGER NOT NULL, position INTEGER NOT NULL, source TEXT NOT NULL, name TEXT NOT NULL,
    body TEXT NOT NULL, PRIMARY KEY (block, position));
CREATE TABLE IF NOT EXISTS scanned (block INTEGER PRIMARY KEY, hash TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS memory (name TEXT PRIMARY KEY, body TEXT NOT NULL);
"""


class FileJournal:
    """The file; one process writes it.

    Parameters
    ----------
    path : Path
        Made if it isn't there; `:memory:` keeps nothing.
    """

    def __init__(self, path: Path | str) -> None:
        if isinstance(path, Path):
            path.parent.mkdir(parents=True, exist_ok=True)
        self._db = sqlite3.connect(path, isolation_level=None)
        self._db.row_factory = sqlite3.Row
        self._db.execute("PRAGMA journal_mode = WAL")
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.executescript(_SCHEMA)
        if "benign" not in self._columns("attempts"):  # of an older version
            self._db.execute("ALTER TABLE attempts ADD COLUMN benign TEXT NOT NULL DEFAULT '[]'")

    def _columns(self, table: str) -> list[str]:
        return [row["name"] for row in self._db.execute(f"PRAGMA table_info({table})")]

    def close(self) -> None:
        """Let go of the file."""
        self._db.close()

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing of what is written inside."""
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    # Attempts

    def begin(self, action: Action, sender: str, nonce: int, block: int) -> None:
        """A new attempt at an action."""
        last = self.latest(action.key)
        self._db.execute(
            "INSERT INTO attempts (key, attempt, what, why, contract, function, sender, nonce, "
            "state, detail, began, expires, retry_at, benign) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, 0, ?)",
            (
                action.key, last.attempt + 1 if last else 1, action.what, action.why,
                action.contract, action.function, sender, nonce, State.SENT, block,
                block + action.valid_blocks, json.dumps(action.benign),
            ),
        )  # fmt: skip

    def latest(self, key: str) -> Attempt | None:
        """The last attempt at an action."""
        row = self._db.execute(
            "SELECT * FROM attempts WHERE key = ? ORDER BY attempt DESC LIMIT 1", (key,)
        ).fetchone()
        return _attempt(row) if row else None

    def at_nonce(self, sender: str, nonce: int) -> Attempt:
        """The attempt that a nonce belongs to."""
        row = self._db.execute(
            "SELECT * FROM attempts WHERE sender = ? AND nonce = ?", (sender, nonce)
        ).fetchone()
        return _attempt(row)

    def attempts(self, *states: State) -> list[Attempt]:
        """In order of their nonces; all, or those in some states."""
        rows = self._db.execute("SELECT * FROM attempts ORDER BY nonce").fetchall()
        return [found for found in map(_attempt, rows) if not states or found.state in states]

    def settle(self, attempt: Attempt, state: State, detail: str = "", retry_at: int = 0) -> None:
        """What became of an attempt."""
        self._db.execute(
            "UPDATE attempts SET state = ?, detail = ?, retry_at = ? WHERE key = ? AND attempt = ?",
            (state, detail, retry_at, attempt.key, attempt.attempt),
        )

    # Transactions

    def remember(
        self, sent: str, raw: bytes, fields: Mapping[str, Any], sender: str, *,
        block: int, cancels: bool,
    ) -> None:  # fmt: skip
        """A signed transaction, before it is sent."""
        self._db.execute(
            "INSERT OR IGNORE INTO transactions VALUES (?, ?, ?, ?, ?, ?, ?, NULL, NULL)",
            (sent, sender, fields["nonce"], raw, json.dumps(fields), block, int(cancels)),
        )

    def sent(self, sender: str, nonce: int) -> list[Sent]:
        """Transactions under one nonce, the first first."""
        rows = self._db.execute(
            "SELECT * FROM transactions WHERE sender = ? AND nonce = ? ORDER BY rowid",
            (sender, nonce),
        ).fetchall()
        return [_sent(row) for row in rows]

    def place(self, sent: Sent, block: int | None, block_hash: str | None) -> None:
        """Where a transaction was mined; nowhere, after a reorganisation."""
        self._db.execute(
            "UPDATE transactions SET block = ?, block_hash = ? WHERE hash = ?",
            (block, block_hash, sent.hash),
        )

    def mined_since(self, block: int) -> list[Sent]:
        """Transactions mined in this block or later."""
        rows = self._db.execute(
            "SELECT * FROM transactions WHERE block >= ? ORDER BY nonce", (block,)
        ).fetchall()
        return [_sent(row) for row in rows]

    def highest_nonce(self, sender: str) -> int:
        """Of all attempts that aren't settled, -1 for none."""
        (highest,) = self._db.execute(
            "SELECT max(nonce) FROM attempts WHERE sender = ? AND state = 'sent'", (sender,)
        ).fetchone()
        return -1 if highest is None else int(highest)

    # Events

    def add_events(self, found: Sequence[tuple[int, int, str, str, dict[str, Any]]]) -> None:
        """Events as (block, position in it, contract, name, values)."""
        self._db.executemany(
            "INSERT OR REPLACE INTO events VALUES (?, ?, ?, ?, ?)",
            [(*head, json.dumps(values)) for *head, values in found],
        )

    def events(self, name: str) -> list[Seen]:
        """All of one name, in order."""
        rows = self._db.execute(
            "SELECT * FROM events WHERE name = ? ORDER BY block, position", (name,)
        ).fetchall()
        return [
            Seen(
                block=row["block"],
                source=row["source"],
                name=row["name"],
                values=json.loads(row["body"]),
            )
            for row in rows
        ]

    def scanned(self) -> list[tuple[int, str]]:
        """Blocks up to which events were read, with hashes; the newest first."""
        rows = self._db.execute("SELECT * FROM scanned ORDER BY block DESC").fetchall()
        return [(row["block"], row["hash"]) for row in rows]

    def mark_scanned(self, block: int, block_hash: str, keep: int = 256) -> None:
        """Events up to this block are in."""
        self._db.execute("INSERT OR REPLACE INTO scanned VALUES (?, ?)", (block, block_hash))
        self._db.execute(
            "DELETE FROM scanned WHERE block NOT IN "
            "(SELECT block FROM scanned ORDER BY block DESC LIMIT ?)",
            (keep,),
        )

    def forget_after(self, block: int) -> None:
        """A reorganisation took everything after this block."""
        self._db.execute("DELETE FROM events WHERE block > ?", (block,))
        self._db.execute("DELETE FROM scanned WHERE block > ?", (block,))

    # Anything else

    def recall(self, name: str, default: Any = None) -> Any:
        """What was kept under a name."""
        row = self._db.execute("SELECT body FROM memory WHERE name = ?", (name,)).fetchone()
        return json.loads(row["body"]) if row else default

    def keep(self, name: str, body: Any) -> None:
        """Keep something that JSON can hold."""
        self._db.execute("INSERT OR REPLACE INTO memory VALUES (?, ?)", (name, json.dumps(body)))


def _attempt(row: sqlite3.Row) -> Attempt:
    values = {name: row[name] for name in row.keys() if name != "why"}  # noqa: SIM118
    values["benign"] = tuple(json.loads(values["benign"]))
    return Attempt(**values | {"state": State(values["state"])})


def _sent(row: sqlite3.Row) -> Sent:
    values = dict(row)
    values["fields"] = json.loads(values["fields"])
    values["cancels"] = bool(values["cancels"])
    return Sent(**values)
