"""When keepers look: a stream of blocks for each.

A trigger's id is its block's number, so a herald that starts again, or a second one, adds nothing
twice. All holders of a key read as one consumer: what one had taken and not acknowledged, the next
one gets first.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from redis.exceptions import ResponseError

from keel.chain.rpc import Rpc
from keel.keepers.scale.connection import Redis

_GROUP, _CONSUMER = "keepers", "holder"
_KEPT = 100_000
"""Triggers that a stream holds about, for whoever wants to look back."""


@dataclass(frozen=True)
class Triggers:
    """Streams of one chain, by keeper."""

    redis: Redis
    prefix: str

    def stream(self, keeper: str) -> str:
        """The stream's key."""
        return f"{self.prefix}:{keeper}:triggers"

    def prepare(self, keeper: str) -> None:
        """Make stream and group, if they aren't there."""
        try:
            self.redis.xgroup_create(self.stream(keeper), _GROUP, id="0", mkstream=True)
        except ResponseError as refusal:
            if "BUSYGROUP" not in str(refusal):
                raise

    def add(self, keeper: str, block: int) -> bool:
        """One trigger for one block; false if it is there already."""
        try:
            self.redis.xadd(self.stream(keeper), {"block": block}, id=f"{block}-1", maxlen=_KEPT)
        except ResponseError as refusal:
            if "equal or smaller" not in str(refusal):
                raise
            return False
        return True

    def take(self, keeper: str, most: int = 100) -> list[tuple[str, int]]:
        """Ids and blocks: what the last holder left, or, if it left nothing, what is new."""
        for start in ("0", ">"):
            answer = self.redis.xreadgroup(
                _GROUP, _CONSUMER, {self.stream(keeper): start}, count=most
            )
            entries = [entry for _stream, found in answer or () for entry in found]
            if entries:
                return [(each, int(each.partition("-")[0])) for each, _body in entries]
        return []

    def done(self, keeper: str, ids: Iterable[str]) -> int:
        """Acknowledge; how many weren't yet."""
        return int(self.redis.xack(self.stream(keeper), _GROUP, *ids))

    def waiting(self, keeper: str) -> int:
        """Triggers that nobody has acknowledged."""
        (group,) = self.redis.xinfo_groups(self.stream(keeper))
        return int(group["pending"]) + int(group["lag"] or 0)


class Herald:
    """Follows the chain, and tells each keeper of each new block."""

    def __init__(self, rpc: Rpc, triggers: Triggers, keepers: Iterable[str]) -> None:
        self._rpc, self._triggers, self._keepers = rpc, triggers, tuple(keepers)
        for keeper in self._keepers:
            triggers.prepare(keeper)

    def tick(self) -> int:
        """Tell of the newest block; how many triggers were new."""
        block = int(self._rpc.call("eth_blockNumber"), 16)
        return sum(self._triggers.add(keeper, block) for keeper in self._keepers)
