"""Who signs with a key: one holder at a time, for as long as it shows that it lives.

Each holder gets a higher number than all before (a fencing token). A lease may run out while its
holder is paused; so what counts is not the lease but the token, which `RedisJournal` compares
within each write.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from keel.errors import KeelError
from keel.keepers.scale.connection import Redis

_TAKE = """
if redis.call('exists', KEYS[1]) == 1 then return 0 end
local token = redis.call('incr', KEYS[2])
redis.call('set', KEYS[1], token, 'px', ARGV[1])
return token
"""
_RENEW = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('pexpire', KEYS[1], ARGV[2])
"""
_RELEASE = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('del', KEYS[1])
"""


class Fenced(KeelError):
    """Somebody else holds the key by now."""


class Hold(Protocol):
    """What is held: one thing, or several as one."""

    @property
    def redis(self) -> Redis:
        """Where."""

    @property
    def name(self) -> str:
        """Of what is held."""

    @property
    def tokens(self) -> Mapping[str, int]:
        """By the Redis key that has the newest: the token that it must be."""

    def renew(self) -> bool:
        """Hold it for another while; false if it is lost."""

    def release(self) -> None:
        """Let the next one have it at once."""


@dataclass(frozen=True)
class Lease:
    """A key that is held.

    Attributes
    ----------
    name : str
        Of what is held: a signer's address, or a keeper that signs nothing.
    token : int
        Higher than that of every holder before.
    """

    redis: Redis
    name: str
    token: int
    milliseconds: int

    @property
    def fence(self) -> str:
        """The Redis key that has the newest token."""
        return f"{self.name}:fence"

    @property
    def tokens(self) -> Mapping[str, int]:
        """Its own."""
        return {self.fence: self.token}

    def renew(self) -> bool:
        """Hold it for another while; false if it is lost."""
        arguments = (self.token, self.milliseconds)
        return bool(self.redis.eval(_RENEW, 1, f"{self.name}:lease", *arguments))

    def release(self) -> None:
        """Let the next one have it at once."""
        self.redis.eval(_RELEASE, 1, f"{self.name}:lease", self.token)


def take(redis: Redis, name: str, milliseconds: int) -> Lease | None:
    """Hold a key, unless somebody does."""
    token = redis.eval(_TAKE, 2, f"{name}:lease", f"{name}:fence", milliseconds)
    return Lease(redis, name, int(token), milliseconds) if token else None


@dataclass(frozen=True)
class Leases:
    """Several that are of use together only."""

    held: tuple[Lease, ...]

    @property
    def redis(self) -> Redis:
        """Where."""
        return self.held[0].redis

    @property
    def name(self) -> str:
        """Of the first."""
        return self.held[0].name

    @property
    def tokens(self) -> Mapping[str, int]:
        """Of all."""
        return {fence: token for lease in self.held for fence, token in lease.tokens.items()}

    def renew(self) -> bool:
        """Hold all for another while; false if one is lost."""
        return all([lease.renew() for lease in self.held])

    def release(self) -> None:
        """Let the next one have them at once."""
        for lease in self.held:
            lease.release()


def take_all(redis: Redis, names: Sequence[str], milliseconds: int) -> Leases | None:
    """Hold all, unless somebody holds one of them."""
    held: list[Lease] = []
    for name in names:
        lease = take(redis, name, milliseconds)
        if lease is None:
            Leases(tuple(held)).release()
            return None
        held.append(lease)
    return Leases(tuple(held))
