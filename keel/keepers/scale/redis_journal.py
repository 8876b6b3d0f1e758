"""A journal in Redis: several machines, one writer at a time, which its lease's token proves.

Each write is a transaction (`WATCH`, `MULTI`, `EXEC`) that goes through only while the token is the
newest: a worker that has lost its lease learns it here, before it has sent anything.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace
from typing import Any

from redis.exceptions import RedisError, WatchError

from keel.errors import KeelError
from keel.keepers.action import Action
from keel.keepers.journal import Attempt, Seen, Sent, State
from keel.keepers.scale.connection import RedisAway
from keel.keepers.scale.lease import Fenced, Hold

_PLACES = 1_000_000
"""More than there are events in a block: order by block, then by place in it."""
Command = tuple[Any, ...]


class NonceTaken(KeelError):
    """A reorganisation deeper than what counts as final gave a spent nonce back."""


class RedisJournal:
    """What one keeper did.

    Parameters
    ----------
    lease : Hold
        Held; its tokens go into each write.
    name : str
        Prefix of all keys.
    """

    def __init__(self, lease: Hold, name: str) -> None:
        self._redis, self._lease, self._name = lease.redis, lease, name
        self._open: list[Command] | None = None

    def close(self) -> None:
        """Nothing is held open."""

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """All or nothing of what is written inside; what is read inside is from before."""
        self._open = []
        try:
            yield
            commands = self._open
        finally:
            self._open = None
        self._commit(commands)

    def _write(self, *commands: Command) -> None:
        if self._open is None:
            self._commit(commands)
        else:
            self._open += commands

    def _commit(self, commands: Sequence[Command]) -> None:
        try:
            with self._redis.pipeline(transaction=True) as pipe:
                tokens = self._lease.tokens
                pipe.watch(*tokens)
                if any(int(pipe.get(fence) or 0) != own for fence, own in tokens.items()):
                    raise Fenced(f"{self._name} has another holder by now")
                pipe.multi()
                for command in commands:
                    pipe.execute_command(*command)
                pipe.execute()
        except WatchError:
            raise Fenced(f"{self._name} has another holder by now") from None
        except RedisError as failure:
            raise RedisAway(f"Redis failed ({type(failure).__name__})", "see its log") from None

    def _ask(self, command: str, part: str, *arguments: Any) -> Any:
        try:
            return self._redis.execute_command(command, self._key(part), *arguments)
        except RedisError as failure:
            raise RedisAway(f"Redis failed ({type(failure).__name__})", "see its log") from None

    def _key(self, part: str) -> str:
        return f"{self._name}:{part}"

    # Attempts: by sender and nonce; open ones, and the last of each action, are found by index

    def begin(self, action: Action, sender: str, nonce: int, block: int) -> None:
        """A new attempt at an action."""
        last = self.latest(action.key)
        attempt = Attempt(
            key=action.key,
            attempt=last.attempt + 1 if last else 1,
            what=action.what,
            contract=action.contract,
            function=action.function,
            sender=sender,
            nonce=nonce,
            state=State.SENT,
            detail="",
            began=block,
            expires=block + action.valid_blocks,
            retry_at=0,
            benign=action.benign,
        )
        place = _place(attempt)
        if self._ask("HEXISTS", "attempts", place):
            raise NonceTaken(f"nonce {nonce} of {sender} has an attempt already")
        self._write(
            ("HSET", self._key("attempts"), place, json.dumps(asdict(attempt))),
            ("HSET", self._key("reasons"), place, action.why),
            ("HSET", self._key("latest"), action.key, place),
            ("ZADD", self._key("open"), nonce, place),
        )

    def latest(self, key: str) -> Attempt | None:
        """The last attempt at an action."""
        place = self._ask("HGET", "latest", key)
        return _attempt(self._ask("HGET", "attempts", place)) if place else None

    def at_nonce(self, sender: str, nonce: int) -> Attempt:
        """The attempt that a nonce belongs to."""
        return _attempt(self._ask("HGET", "attempts", f"{sender}:{nonce}"))

    def attempts(self, *states: State) -> list[Attempt]:
        """In order of their nonces; all, or those in some states."""
        if states == (State.SENT,):
            places = self._ask("ZRANGE", "open", 0, -1)
            bodies = self._ask("HMGET", "attempts", *places) if places else []
        else:
            bodies = self._ask("HVALS", "attempts")
        found = sorted(map(_attempt, bodies), key=lambda attempt: attempt.nonce)
        return [attempt for attempt in found if not states or attempt.state in states]

    def settle(self, attempt: Attempt, state: State, detail: str = "", retry_at: int = 0) -> None:
        """What became of an attempt."""
        settled = replace(attempt, state=state, detail=detail, retry_at=retry_at)
        place, index = _place(attempt), self._key("open")
        self._write(
            ("HSET", self._key("attempts"), place, json.dumps(asdict(settled))),
            ("ZADD", index, attempt.nonce, place) if state.is_open else ("ZREM", index, place),
        )

    # Transactions

    def remember(
        self, sent: str, raw: bytes, fields: Mapping[str, Any], sender: str, *,
        block: int, cancels: bool,
    ) -> None:  # fmt: skip
        """A signed transaction, before it is sent."""
        body = Sent(
            hash=sent, sender=sender, nonce=fields["nonce"], raw=raw, fields=dict(fields),
            sent_block=block, cancels=cancels, block=None, block_hash=None,
        )  # fmt: skip
        self._write(
            ("HSETNX", self._key("transactions"), sent, _sent_text(body)),
            ("ZADD", self._key(f"under:{sender}:{fields['nonce']}"), "NX", block, sent),
        )

    def sent(self, sender: str, nonce: int) -> list[Sent]:
        """Transactions under one nonce, the first first."""
        hashes = self._ask("ZRANGE", f"under:{sender}:{nonce}", 0, -1)
        bodies = self._ask("HMGET", "transactions", *hashes) if hashes else []
        found = [_sent(body) for body in bodies]
        # In one block fees alone tell which came first.
        return sorted(found, key=lambda each: (each.sent_block, each.fields.get("maxFeePerGas", 0)))

    def place(self, sent: Sent, block: int | None, block_hash: str | None) -> None:
        """Where a transaction was mined; nowhere, after a reorganisation."""
        body = _sent_text(replace(sent, block=block, block_hash=block_hash))
        index = self._key("mined")
        self._write(
            ("HSET", self._key("transactions"), sent.hash, body),
            ("ZREM", index, sent.hash) if block is None else ("ZADD", index, block, sent.hash),
        )

    def mined_since(self, block: int) -> list[Sent]:
        """Transactions mined in this block or later."""
        hashes = self._ask("ZRANGEBYSCORE", "mined", block, "+inf")
        bodies = self._ask("HMGET", "transactions", *hashes) if hashes else []
        return sorted(map(_sent, bodies), key=lambda sent: sent.nonce)

    def highest_nonce(self, sender: str) -> int:
        """Of all attempts that aren't settled, -1 for none."""
        nonces = [each.nonce for each in self.attempts(State.SENT) if each.sender == sender]
        return max(nonces, default=-1)

    # Events

    def add_events(self, found: Sequence[tuple[int, int, str, str, dict[str, Any]]]) -> None:
        """Events as (block, position in it, contract, name, values)."""
        for block, position, source, name, values in found:
            body = json.dumps([block, position, source, name, values])
            order = block * _PLACES + position
            key = self._key(f"events:{name}")
            self._write(
                ("ZREMRANGEBYSCORE", key, order, order),
                ("ZADD", key, order, body),
                ("SADD", self._key("event names"), name),
            )

    def events(self, name: str) -> list[Seen]:
        """All of one name, in order."""
        found = map(json.loads, self._ask("ZRANGE", f"events:{name}", 0, -1))
        return [
            Seen(block=block, source=source, name=called, values=values)
            for block, _position, source, called, values in found
        ]

    def scanned(self) -> list[tuple[int, str]]:
        """Blocks up to which events were read, with hashes; the newest first."""
        found = (text.split(" ") for text in self._ask("ZREVRANGE", "scanned", 0, -1))
        return [(int(block), block_hash) for block, block_hash in found]

    def mark_scanned(self, block: int, block_hash: str, keep: int = 256) -> None:
        """Events up to this block are in."""
        key = self._key("scanned")
        self._write(
            ("ZREMRANGEBYSCORE", key, block, block),
            ("ZADD", key, block, f"{block} {block_hash}"),
            ("ZREMRANGEBYRANK", key, 0, -keep - 1),
        )

    def forget_after(self, block: int) -> None:
        """A reorganisation took everything after this block."""
        for name in sorted(self._ask("SMEMBERS", "event names")):
            after = (block + 1) * _PLACES
            self._write(("ZREMRANGEBYSCORE", self._key(f"events:{name}"), after, "+inf"))
        self._write(("ZREMRANGEBYSCORE", self._key("scanned"), block + 1, "+inf"))

    # Anything else

    def recall(self, name: str, default: Any = None) -> Any:
        """What was kept under a name."""
        body = self._ask("HGET", "memory", name)
        return json.loads(body) if body else default

    def keep(self, name: str, body: Any) -> None:
        """Keep something that JSON can hold."""
        self._write(("HSET", self._key("memory"), name, json.dumps(body)))


def _place(attempt: Attempt) -> str:
    return f"{attempt.sender}:{attempt.nonce}"


def _attempt(body: str) -> Attempt:
    values = json.loads(body)
    values["benign"] = tuple(values.get("benign", ()))
    return Attempt(**values | {"state": State(values["state"])})


def _sent_text(sent: Sent) -> str:
    return json.dumps(asdict(sent) | {"raw": sent.raw.hex()})


def _sent(body: str) -> Sent:
    values = json.loads(body)
    return Sent(**values | {"raw": bytes.fromhex(values["raw"])})
