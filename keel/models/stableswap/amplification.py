"""The amplification coefficient and its ramps."""

from dataclasses import dataclass

from keel.models.stableswap.curve import A_PRECISION
from keel.models.stableswap.errors import PoolError

MIN_A = 1
MAX_A = 10**6
MAX_A_CHANGE = 10
MIN_RAMP_TIME = 86_400


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A linear move of ``amp`` between two times (seconds)."""

    initial_amp: int
    future_amp: int
    initial_time: int = 0
    future_time: int = 0

    def amp_at(self, now: int) -> int:
        """Return the coefficient at ``now``, rounded towards where the ramp started."""
        if now >= self.future_time:
            return self.future_amp
        moved = abs(self.future_amp - self.initial_amp) * (now - self.initial_time)
        moved //= self.future_time - self.initial_time
        return self.initial_amp + (moved if self.future_amp > self.initial_amp else -moved)

    def ramped(self, future_a: int, future_time: int, *, now: int) -> "Ramp":
        """Return the ramp from here to ``future_a``."""
        earliest = self.initial_time + MIN_RAMP_TIME
        if now < earliest:
            raise PoolError("RampTooSoon", timestamp=now, earliest=earliest)
        if future_time < now + MIN_RAMP_TIME:
            raise PoolError("RampTooShort", futureTime=future_time, earliest=now + MIN_RAMP_TIME)
        if not MIN_A <= future_a <= MAX_A:
            raise PoolError("AOutOfBounds", a=future_a, minimum=MIN_A, maximum=MAX_A)
        amp, future_amp = self.amp_at(now), future_a * A_PRECISION
        if not amp <= future_amp * MAX_A_CHANGE or not future_amp <= amp * MAX_A_CHANGE:
            raise PoolError("RampTooSteep", currentAmp=amp, futureAmp=future_amp)
        return Ramp(
            initial_amp=amp, future_amp=future_amp, initial_time=now, future_time=future_time
        )

    def stopped(self, *, now: int) -> "Ramp":
        """Return a ramp that stays where this one is."""
        amp = self.amp_at(now)
        return Ramp(initial_amp=amp, future_amp=amp, initial_time=now, future_time=now)
