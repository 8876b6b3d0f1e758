"""A reward that flows evenly to stakes, by a clock that runs only while somebody is staked."""

from dataclasses import dataclass, replace
from fractions import Fraction

MIN_STAKED = 2**32
MAX_AMOUNT = 2**96 - 1
ONE = 2**96
"""Fixed-point one of integrals and of what remains."""


@dataclass(frozen=True, kw_only=True)
class Stream:
    """One token's stream.

    Attributes
    ----------
    integral : what a unit of stake has earned so far (``ONE`` a unit of the token)
    updated : clock up to which it is counted (s)
    end : clock at which it ends (s)
    remaining : still to be streamed (``ONE`` a unit of the token)
    """

    integral: int = 0
    updated: int = 0
    end: int = 0
    remaining: int = 0

    def advanced(self, clock: int, staked: int) -> "Stream":
        """Return the stream at ``clock``, if ``staked`` was staked since its last update."""
        until = min(clock, self.end)
        if until <= self.updated:
            return self
        released = self.remaining * (until - self.updated) // (self.end - self.updated)
        step = released // staked
        return replace(
            self,
            integral=self.integral + step,
            updated=until,
            remaining=self.remaining - step * staked,
        )

    def longest(self, clock: int, received: int) -> int | None:
        """Return the longest duration, with ``received`` more, that keeps the rate; None: any."""
        if clock >= self.end or self.remaining == 0:
            return None
        return (self.remaining + received * ONE) * (self.end - clock) // self.remaining

    def extended(self, clock: int, received: int, duration: int) -> "Stream":
        """Return the stream with ``received`` more, to run for ``duration`` from ``clock``.

        What is promised does not flow sooner: unless it is empty it ends no earlier than before.
        """
        return replace(
            self,
            updated=clock,
            end=max(clock + duration, self.end if self.remaining else 0),
            remaining=self.remaining + received * ONE,
        )

    @property
    def remaining_up(self) -> int:
        """Whole units that are still to be streamed, rounded up."""
        return -(-self.remaining // ONE)

    @property
    def rate(self) -> Fraction:
        """Units a second, exact."""
        if self.end <= self.updated:
            return Fraction(0)
        return Fraction(self.remaining, ONE * (self.end - self.updated))


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """An account's part of one stream.

    Attributes
    ----------
    integral : the stream's, up to which the account is settled
    owed : units of the token
    """

    integral: int = 0
    owed: int = 0

    def owed_down(self, integral: int, stake: int) -> int:
        """Return what the account is owed once settled at ``integral``, rounded down."""
        return self.owed + stake * (integral - self.integral) // ONE
