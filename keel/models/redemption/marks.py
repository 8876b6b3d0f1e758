"""What a set of tickets counts for, in one sum."""

from dataclasses import dataclass

from keel.models.rounding import mul_div_down, mul_div_up

WHOLE = 10**18


@dataclass
class Marks:
    """Twin of the library `TicketMarks`: marks that fall together, and never rise.

    Attributes
    ----------
    total : what the tickets count for (wei)
    top : rate below which marks fall (27 decimals)
    index : how far marks have fallen (WAD)
    """

    total: int = 0
    top: int = 0
    index: int = WHOLE

    def join(self, amount: int, top: int) -> int:
        """Count a ticket worth ``amount`` while the rate is at ``top`` or above; return units."""
        self.total += amount
        self.top = max(self.top, top)
        return _scaled_down(amount, WHOLE, self.index)

    def leave(self, units: int) -> int:
        """Count no more what has so many units; return its mark."""
        mark = mul_div_down(units, self.index, WHOLE)
        self.total = max(0, self.total - mark)
        return mark

    def fall_to(self, rate: int) -> int:
        """Mark all down to a rate, if that is below the top; return the loss."""
        if rate >= self.top:
            return 0
        fallen = _scaled_down(self.index, rate, self.top)
        left = _scaled_down(self.total, fallen, self.index)
        loss = self.total - left
        self.total, self.top, self.index = left, rate, fallen
        return loss

    def empty(self) -> None:
        """Forget what was rounded off the marks of a set that nobody is in."""
        self.total, self.top, self.index = 0, 0, WHOLE


def top_up(rate: int, cost: int, nominal: int) -> int:
    """Return the lowest rate at which a ticket bought at ``rate`` is worth its cost."""
    return mul_div_up(rate, cost, nominal)


def _scaled_down(amount: int, to: int, origin: int) -> int:
    return mul_div_down(amount, to, origin) if origin else 0
