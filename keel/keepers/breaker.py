"""A circuit breaker: after failures in a row, silence that doubles."""

from dataclasses import dataclass, replace

_TOLERATED = 3
_FIRST_PAUSE = 5
_LONGEST_PAUSE = 300


@dataclass(frozen=True, kw_only=True)
class Breaker:
    """Counted in blocks: devnets jump in time, and a dead chain needs no hurry.

    Attributes
    ----------
    failures : int
        In a row.
    closed_until : int
        Block before which nothing is tried.
    """

    failures: int = 0
    closed_until: int = 0

    def allows(self, block: int) -> bool:
        """Whether something may be tried."""
        return block >= self.closed_until

    def failed(self, block: int) -> "Breaker":
        """One more failure; from the third on each doubles the pause."""
        failures = self.failures + 1
        if failures < _TOLERATED:
            return replace(self, failures=failures)
        pause = min(_FIRST_PAUSE * 2 ** (failures - _TOLERATED), _LONGEST_PAUSE)
        return Breaker(failures=failures, closed_until=block + pause)

    def succeeded(self) -> "Breaker":
        """Start anew."""
        return Breaker()
