"""The pool's price and D oracles: last values and their moving averages."""

from dataclasses import dataclass, replace

from keel.models.stableswap.moving_average import moving_average

WAD = 10**18
MAX_PRICE = 2 * WAD


@dataclass(frozen=True, kw_only=True)
class Oracle:
    """Last values, averages and the times (seconds) at which the averages were advanced."""

    last_price: int = WAD
    ema_price: int = WAD
    price_time: int
    last_d: int = 0
    ema_d: int = 0
    d_time: int

    def price_at(self, now: int, window: int) -> int:
        """Return the average price of coin 1 in coin 0, both scaled (WAD)."""
        elapsed = now - self.price_time
        return moving_average(self.last_price, self.ema_price, elapsed=elapsed, window=window)

    def d_at(self, now: int, window: int) -> int:
        """Return the average invariant."""
        return moving_average(self.last_d, self.ema_d, elapsed=now - self.d_time, window=window)

    def with_price(self, price: int, *, now: int, window: int, min_price: int) -> "Oracle":
        """Return the oracle after the price has moved to ``price``, which is capped."""
        price = max(min_price, min(price, MAX_PRICE))
        ema_price = self.price_at(now, window)
        return replace(self, last_price=price, ema_price=ema_price, price_time=now)

    def with_d(self, d: int, *, now: int, window: int) -> "Oracle":
        """Return the oracle after the invariant has moved to ``d``."""
        return replace(self, last_d=d, ema_d=self.d_at(now, window), d_time=now)

    def restarted(self, d: int, *, now: int) -> "Oracle":
        """Return the oracle of an empty pool that is filled to ``d``."""
        return replace(self, last_d=d, ema_d=d, d_time=now)
