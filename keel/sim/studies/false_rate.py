"""What a false rate costs the pool, with the bound on its steps and without it.

The rate source lies: wkETH is worth 1, and it says more, or less. A trader sells into the pool the
coin that the pool overrates, and keeps what comes, or trades back in the next block at the truth,
whichever pays more. Later blocks are nobody's: others trade first.
"""

from dataclasses import dataclass, replace

from keel.errors import KeelError
from keel.models.stableswap.curve import WAD
from keel.models.stableswap.pool import Pool
from keel.sim.studies.house import block, house_pool

STEPS = (0.001, 0.005, 0.01, 0.02, 0.05, 0.10)
DURATIONS = (1, 2, 5, 10, 20, 40, 60, 80, 100, 125, 150)
DEPTH = 1_000
A = 200
SHOWN_STEP = 0.05
_SIZES = (1, 2, 5, 10, 20, 50, 100, 200, 300, 400, 500, 600, 700, 800, 850, 900, 950, 990)
_QUIET = 100
"""Blocks without a trade before the lie: the bound accrues over five of them at most."""


class RateNotFalse(KeelError):
    """A study of a false rate was asked about a true one."""


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the most profitable size took; ether of a pool of twice `DEPTH`.

    Attributes
    ----------
    step : float
        The lie, as a part of the true rate; negative for a rate too low.
    blocks : int
        For how many blocks the source lied.
    bounded, busy : float
        With the bound: after a hundred quiet blocks, and with a trade in the block before the lie.
    """

    step: float
    blocks: int
    unbounded: float
    bounded: float
    busy: float


def cost(step: float, *, blocks: int = 1) -> Cost:
    """The trader strikes in the last block of a lie; in the others somebody trades a little."""
    if step <= -1 or step == 0:
        raise RateNotFalse(f"a rate that is off by {step} is none", "choose another step")
    return Cost(
        step=step,
        blocks=blocks,
        unbounded=_taken(_believing(step, blocks, _QUIET, rate_bounded=False), step),
        bounded=_taken(_believing(step, blocks, _QUIET, rate_bounded=True), step),
        busy=_taken(_believing(step, blocks, 1, rate_bounded=True), step),
    )


def _believing(step: float, blocks: int, quiet: int, *, rate_bounded: bool) -> Pool:
    """The pool in the last block of the lie, its rate as far along as the bound lets it."""
    false = int(WAD * (1 + step))
    pool = house_pool(DEPTH * WAD, a=A, rate_bounded=rate_bounded)
    for number in range(quiet, quiet + blocks):
        pool = replace(pool, rate=pool.rate_at(block(number, rate=false)), rate_block=number)
    return pool


def _taken(pool: Pool, step: float) -> float:
    """The best of all sizes, in ether."""
    return max(_attack(pool, step, size * WAD) for size in _SIZES) / WAD


def _attack(pool: Pool, step: float, size: int) -> int:
    """Wei that one size brings."""
    overrated = 1 if step > 0 else 0
    now, later = block(pool.rate_block, rate=int(WAD * (1 + step))), block(pool.rate_block + 1)
    after, out = pool.exchange(now, overrated, size)
    _, back = after.exchange(later, 1 - overrated, out.dy)
    return max(0, out.dy - size, back.dy - size)


def by_step() -> tuple[Cost, ...]:
    """One block, each step up and down."""
    return tuple(cost(sign * step) for step in STEPS for sign in (1, -1))


def by_duration() -> tuple[Cost, ...]:
    """One step, for longer and longer."""
    return tuple(cost(SHOWN_STEP, blocks=blocks) for blocks in DURATIONS)
