"""What may befall the pool: slashed validators, silent members, a run on the queue."""

from dataclasses import dataclass

from keel.sim.beacon.rewards import PARTS
from keel.sim.tickets import Tickets
from keel.sim.world import World


@dataclass(frozen=True, kw_only=True)
class Incident:
    """One blow, on one day of the window.

    Attributes
    ----------
    day : int
        Counted from zero; -1 for never.
    slashed : int
        Share of the pool's validators, and of all others, in millionths.
    silence : int
        Days without a report, this one the first.
    asked : int
        Share of the crowd's staked ether that asks for exit at once, in millionths.
    """

    day: int = -1
    slashed: int = 0
    silence: int = 0
    asked: int = 0

    def silences(self, number: int) -> bool:
        """Whether the members stay silent on a day."""
        return self.day <= number < self.day + self.silence


CALM = Incident()


def strike(incident: Incident, world: World, tickets: Tickets) -> None:
    """Let it happen.

    The pool's validators are slashed before the network's: they are first in the exit queue, and
    the correlated penalty finds all of them. Those behind a longer queue would escape it.
    """
    if incident.slashed:
        keys = world.layer.active_keys()
        world.layer.slash(keys[: -(-len(keys) * incident.slashed // PARTS)])
        world.layer.slash_network(incident.slashed)
    if incident.asked:
        crowd = world.cast.crowd
        staked = int(world.stack.pool.call("balanceOf", crowd))
        tickets.request(crowd, staked * incident.asked // PARTS)
