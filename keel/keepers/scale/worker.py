"""A worker: holds its share of the keys, and lets their keepers look when they are told to."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event, Lock, Thread

from redis.exceptions import RedisError

from keel.errors import KeelError
from keel.keepers.runner import Runner
from keel.keepers.scale.connection import Redis
from keel.keepers.scale.lease import Fenced, Hold, take_all
from keel.keepers.scale.triggers import Triggers

_PARTS = 3
"""A lease is renewed as many times while it lasts."""


@dataclass
class Desk:
    """A keeper that this worker runs now."""

    lease: Hold
    runner: Runner
    close: Callable[[], None]


Hire = Callable[[str, Hold], tuple[Runner, Callable[[], None]]]
"""Makes a keeper that writes under a lease; and what to do when the lease is given back."""


@dataclass
class Worker:
    """One process.

    Attributes
    ----------
    prefix : str
        Of the chain's keys.
    keys : mapping
        By keeper, what is leased for it: the address that it signs with, or its own name. Who signs
        leases the journal too: two workers may have been given different keys for one keeper.
    lease_seconds : float
        After a worker was killed, how long its keys wait at most.
    """

    redis: Redis
    prefix: str
    name: str
    keys: Mapping[str, str]
    hire: Hire
    lease_seconds: float = 10.0
    _desks: dict[str, Desk] = field(default_factory=dict)
    _lost: set[str] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock)

    def __post_init__(self) -> None:
        """Streams may have to be made."""
        self.triggers = Triggers(self.redis, self.prefix)
        for keeper in self.keys:
            self.triggers.prepare(keeper)

    def run(self, poll: float, ended: Event) -> None:
        """Work until told to end; then give all keys back."""
        heart = Thread(target=self._beat, args=(ended,), daemon=True)
        heart.start()
        while not ended.is_set():
            try:
                if not self.turn():
                    ended.wait(poll)
            except RedisError:
                self._drop_all()  # whatever it held may be somebody else's by now
                ended.wait(1.0)
        self._drop_all()
        heart.join()

    def turn(self) -> int:
        """Take or give back keys, then look wherever a trigger waits; how many were served."""
        self._balance()
        return sum(self._serve(keeper) for keeper in list(self._desks))

    # Triggers

    def _serve(self, keeper: str) -> int:
        desk = self._desks[keeper]
        entries = self.triggers.take(keeper)
        if not entries:
            return 0
        try:
            desk.runner.tick()
        except Fenced:
            self._drop(keeper)
            return 0
        except KeelError:
            return 0  # the journal's Redis, or the node: the triggers stay
        seen = desk.runner.block
        looked_at = [each for each, block in entries if block <= seen]
        return self.triggers.done(keeper, looked_at) if looked_at else 0

    # Keys

    def _beat(self, ended: Event) -> None:
        """Show that this process lives, whatever its keepers wait for."""
        while not ended.wait(self.lease_seconds / _PARTS):
            with self._lock:
                held = list(self._desks.values())
            try:
                lost = [desk for desk in held if not desk.lease.renew()]
            except RedisError:
                continue
            with self._lock:
                self._lost = {desk.lease.name for desk in lost}

    def _balance(self) -> None:
        """As many keys as each of the workers that live should have."""
        with self._lock:
            lost, self._lost = self._lost, set()
        for keeper in [k for k, desk in self._desks.items() if desk.lease.name in lost]:
            self._drop(keeper)
        share = -(-len(self.keys) // self._workers())
        for keeper in list(self._desks)[share:]:
            self._drop(keeper)
        for keeper, key in self.keys.items():
            if len(self._desks) >= share:
                return
            if keeper not in self._desks:
                self._take(keeper, key)

    def _workers(self) -> int:
        """Workers that were seen lately, this one among them."""
        seconds, _ = self.redis.time()
        key = f"{self.prefix}:workers"
        with self.redis.pipeline() as pipe:
            pipe.zadd(key, {self.name: seconds})
            pipe.zremrangebyscore(key, 0, seconds - _PARTS * self.lease_seconds)
            pipe.zcard(key)
            return int(pipe.execute()[-1])

    def _take(self, keeper: str, key: str) -> None:
        names = [f"{self.prefix}:{key}"]
        if key != keeper:
            names.append(f"{self.prefix}:journal:{keeper}")
        lease = take_all(self.redis, names, int(self.lease_seconds * 1_000))
        if lease is None:
            return
        try:
            runner, close = self.hire(keeper, lease)
        except KeelError:
            lease.release()  # its node is away, or another process has the key
            time.sleep(0.1)
            return
        with self._lock:
            self._desks[keeper] = Desk(lease, runner, close)

    def _drop(self, keeper: str) -> None:
        with self._lock:
            desk = self._desks.pop(keeper)
        desk.close()
        try:
            desk.lease.release()
        except RedisError:
            return  # it runs out by itself

    def _drop_all(self) -> None:
        for keeper in list(self._desks):
            self._drop(keeper)
