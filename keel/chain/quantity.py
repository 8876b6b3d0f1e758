"""Amounts as people write them, `0.04 %` or `2 days`, and the exact integers contracts take."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, InvalidOperation

from keel.errors import KeelError

_EXACT = Context(prec=100)
"""Digits for every 256-bit integer in every unit."""


class QuantityInvalid(KeelError):
    """The text is not an amount of this unit, or out of bounds."""


@dataclass(frozen=True)
class Unit:
    """What an amount is counted in.

    Attributes
    ----------
    factors : Mapping
        The contract's integer for one of each unit that may be written; the last is shown.
    """

    name: str
    factors: Mapping[str, int]

    def parse(self, text: str) -> int:
        """Integer of `text`; raises `QuantityInvalid` unless it is exact."""
        number, _, suffix = text.strip().partition(" ")
        suffix = suffix.strip()
        if "" not in self.factors and not suffix and number.endswith("%"):
            number, suffix = number[:-1], "%"
        try:
            amount = Decimal(number.replace("_", ""))
        except InvalidOperation:
            raise QuantityInvalid(f"{text!r} is not a number", self._example()) from None
        if suffix not in self.factors and f"{suffix}s" in self.factors:
            suffix += "s"
        if suffix not in self.factors:
            said = f"in {suffix!r}" if suffix else "without a unit"
            raise QuantityInvalid(f"{text!r} is {said}", self._example())
        factor = Decimal(self.factors[suffix])
        exact = _EXACT.multiply(amount, factor) if amount.is_finite() else Decimal("0.5")
        if exact != int(exact):
            raise QuantityInvalid(f"{text!r} is finer than the contracts count", self._example())
        return int(exact)

    def show(self, amount: int) -> str:
        """The amount in the largest unit that leaves it short."""
        texts = [
            f"{_EXACT.normalize(_EXACT.divide(Decimal(amount), Decimal(factor))):,f} "
            + (suffix.removesuffix("s") if amount == factor and suffix != "bps" else suffix)
            for suffix, factor in self.factors.items()
        ]
        return min(reversed(texts), key=len).strip()

    def _example(self) -> str:
        forms = ", ".join(f"`2 {suffix}`".replace(" `", "`") for suffix in self.factors)
        return f"write {self.name} like {forms}"


COUNT = Unit("a count", {"": 1})
TIME = Unit("a Unix time, in seconds,", {"": 1})
ETHER = Unit("an amount", {"wei": 1, "gwei": 10**9, "ether": 10**18})
SECONDS = Unit("a duration", {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400})
BPS = Unit("a part", {"bps": 1, "%": 100})
WAD = Unit("a part", {"%": 10**16})
FEE = Unit("a fee", {"%": 10**8})
TIMES = Unit("a factor", {"x": 10**10})
MULTIPLE = Unit("a factor", {"x": 10**18})
YEARLY = Unit("a frequency", {"a year": 10**18})
PRICE = Unit("a price", {"": 10**18})
TEXT = Unit("a text", {})
"""Words as they stand; nothing is parsed."""


@dataclass(frozen=True)
class Key:
    """What a configuration's field holds: for fields annotated with it.

    Attributes
    ----------
    doc : str
        What it is, for the table of keys.
    unit : Unit, optional
        None for addresses and yes/no; `TEXT` for words.
    low, high : int, optional
        The contracts' own bounds, inclusive.
    """

    doc: str
    unit: Unit | None = None
    low: int | None = None
    high: int | None = None

    def parse(self, text: str) -> int:
        """Integer of `text` within the bounds; raises `QuantityInvalid`."""
        assert self.unit is not None
        amount = self.unit.parse(text)
        if self.low is not None and amount < self.low:
            raise QuantityInvalid(f"{text} is too little", f"write {self.bounds}")
        if self.high is not None and amount > self.high:
            raise QuantityInvalid(f"{text} is too much", f"write {self.bounds}")
        return amount

    @property
    def bounds(self) -> str:
        """The bounds in words."""
        if self.unit is None or self.low is None:
            return ""
        if self.high is None:
            return f"at least {self.unit.show(self.low)}"
        return f"{self.unit.show(self.low)} to {self.unit.show(self.high)}"
