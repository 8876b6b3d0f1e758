"""What rules draw: each kind of value for Hypothesis, and for a plain random source at full speed.

Amounts are mostly sensible, sometimes just beyond, sometimes absurd.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import cached_property
from random import Random
from typing import Any

from hypothesis import strategies as st

ENDS = 0.03
"""Share of a plain source's integers that are the least or the most; Hypothesis has such too."""
EXACT = 1 << 48
"""Ranges up to this size are drawn by one float."""


class Draw(ABC):
    """A set of values to draw from."""

    @cached_property
    @abstractmethod
    def strategy(self) -> st.SearchStrategy[Any]:
        """The values for Hypothesis."""

    @abstractmethod
    def sample(self, random: Random) -> Any:
        """One of the values."""

    @abstractmethod
    def admits(self, value: Any) -> bool:
        """Tell whether `value` might have been drawn."""


class _Integers(Draw):
    def __init__(self, least: int, most: int) -> None:
        self.least, self.most = least, most
        self._span = most - least + 1
        self._bits = self._span.bit_length() + 16  # the remainder's bias is below 2^-16

    @cached_property
    def strategy(self) -> st.SearchStrategy[int]:
        return st.integers(self.least, self.most)

    def sample(self, random: Random) -> int:
        roll = random.random()
        if roll < ENDS:
            return self.least if roll < ENDS / 2 else self.most
        if self._span <= EXACT:
            return self.least + int(random.random() * self._span)
        return self.least + random.getrandbits(self._bits) % self._span

    def admits(self, value: Any) -> bool:
        return isinstance(value, int) and self.least <= value <= self.most


class _LogScale(_Integers):
    @cached_property
    def strategy(self) -> st.SearchStrategy[int]:
        least, most = self.least, self.most
        bits = st.integers(least.bit_length(), most.bit_length())
        return bits.flatmap(lambda n: st.integers(max(least, 1 << n >> 1), min(most, (1 << n) - 1)))

    def sample(self, random: Random) -> int:
        low, high = self.least.bit_length(), self.most.bit_length()
        bits = low + int(random.random() * (high - low + 1))
        least, most = max(self.least, 1 << bits >> 1), min(self.most, (1 << bits) - 1)
        span = most - least + 1
        return least + random.getrandbits(span.bit_length() + 16) % span


class _Floats(Draw):
    def __init__(self, least: float, most: float) -> None:
        self.least, self.most = least, most

    @cached_property
    def strategy(self) -> st.SearchStrategy[float]:
        return st.floats(self.least, self.most)

    def sample(self, random: Random) -> float:
        return random.uniform(self.least, self.most)

    def admits(self, value: Any) -> bool:
        return isinstance(value, float) and self.least <= value <= self.most


class _SampledFrom(Draw):
    def __init__(self, values: Sequence[Any]) -> None:
        self.values = tuple(values)

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        return st.sampled_from(self.values)

    def sample(self, random: Random) -> Any:
        return self.values[int(random.random() * len(self.values))]

    def admits(self, value: Any) -> bool:
        return value in self.values


class _OneOf(Draw):
    def __init__(self, draws: Sequence[Draw]) -> None:
        self.draws = tuple(draws)

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        return st.one_of([draw.strategy for draw in self.draws])

    def sample(self, random: Random) -> Any:
        return self.draws[int(random.random() * len(self.draws))].sample(random)

    def admits(self, value: Any) -> bool:
        return any(draw.admits(value) for draw in self.draws)


class _Mostly(_OneOf):
    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        usual, rare = (draw.strategy for draw in self.draws)
        return st.integers(0, 9).flatmap(lambda roll: rare if roll == 9 else usual)

    def sample(self, random: Random) -> Any:
        return self.draws[random.random() >= 0.9].sample(random)


class _Tuples(Draw):
    def __init__(self, draws: Sequence[Draw]) -> None:
        self.draws = tuple(draws)

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        return st.tuples(*[draw.strategy for draw in self.draws])

    def sample(self, random: Random) -> tuple[Any, ...]:
        return tuple(draw.sample(random) for draw in self.draws)

    def admits(self, value: Any) -> bool:
        if not isinstance(value, tuple) or len(value) != len(self.draws):
            return False
        return all(draw.admits(item) for draw, item in zip(self.draws, value, strict=True))


class _Lists(Draw):
    def __init__(self, item: Draw, min_size: int, max_size: int) -> None:
        self.item, self.sizes = item, _Integers(min_size, max_size)

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        sizes = self.sizes
        return st.lists(self.item.strategy, min_size=sizes.least, max_size=sizes.most)

    def sample(self, random: Random) -> list[Any]:
        return [self.item.sample(random) for _ in range(self.sizes.sample(random))]

    def admits(self, value: Any) -> bool:
        if not isinstance(value, list) or not self.sizes.admits(len(value)):
            return False
        return all(map(self.item.admits, value))


class _Builds(Draw):
    def __init__(self, kind: type, draws: Sequence[Draw], named: dict[str, Draw]) -> None:
        self.kind = kind
        names = [field.name for field in fields(kind)]
        self.draws = dict(zip(names, draws, strict=False)) | named
        self._defaults = {n: just(f.default) for n, f in zip(names, fields(kind), strict=True)}

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        return st.builds(self.kind, **{name: draw.strategy for name, draw in self.draws.items()})

    def sample(self, random: Random) -> Any:
        return self.kind(**{name: draw.sample(random) for name, draw in self.draws.items()})

    def admits(self, value: Any) -> bool:
        return isinstance(value, self.kind) and all(
            draw.admits(getattr(value, name))
            for name, draw in (self._defaults | self.draws).items()
        )


class _Mapped(Draw):
    def __init__(self, draw: Draw, change: Callable[[Any], Any]) -> None:
        self.draw, self.change = draw, change

    @cached_property
    def strategy(self) -> st.SearchStrategy[Any]:
        return self.draw.strategy.map(self.change)

    def sample(self, random: Random) -> Any:
        return self.change(self.draw.sample(random))

    def admits(self, value: Any) -> bool:
        """No: what the value came from is unknown, so that it stays as it was drawn."""
        return False


def integers(least: int, most: int) -> Draw:
    """Any integer from `least` to `most`."""
    return _Integers(least, most)


def log_scale(least: int, most: int) -> Draw:
    """Integers whose number of bits is drawn first."""
    return _LogScale(least, most)


def floats(least: float, most: float) -> Draw:
    """Any number from `least` to `most`."""
    return _Floats(least, most)


def sampled_from(values: Sequence[Any]) -> Draw:
    """One of `values`."""
    return _SampledFrom(values)


def just(value: Any) -> Draw:
    """Always `value`."""
    return _SampledFrom([value])


def booleans() -> Draw:
    """False or true."""
    return _SampledFrom([False, True])


def none() -> Draw:
    """Nothing."""
    return just(None)


def one_of(*draws: Draw) -> Draw:
    """Each of `draws` as likely."""
    return _OneOf(draws)


def mostly(usual: Draw, rare: Draw) -> Draw:
    """`rare` once in ten draws."""
    return _Mostly([usual, rare])


def tuples(*draws: Draw) -> Draw:
    """One of each."""
    return _Tuples(draws)


def lists(item: Draw, *, min_size: int, max_size: int) -> Draw:
    """Some of `item`."""
    return _Lists(item, min_size, max_size)


def builds(kind: type, *draws: Draw, **named: Draw) -> Draw:
    """A dataclass of what is drawn."""
    return _Builds(kind, draws, named)


def mapped(draw: Draw, change: Callable[[Any], Any]) -> Draw:
    """What `change` makes of a draw."""
    return _Mapped(draw, change)


@dataclass(frozen=True)
class Part:
    """An amount drawn before what it is a part of is known."""

    millionths: int = 0
    wei: int = 0

    def of(self, whole: int) -> int:
        return max(0, whole * self.millionths // 10**6 + self.wei)


WITHIN = one_of(
    builds(Part, integers(1, 10**6)),
    builds(Part, integers(1, 500_000), integers(0, 10**9)),
    just(Part(10**6)),
)
AMISS = one_of(
    builds(Part, just(10**6), integers(1, 2)),
    sampled_from([Part(), Part(wei=1), Part(wei=2), Part(wei=2**128 - 1), Part(wei=2**128)]),
)
PART = mostly(WITHIN, AMISS)
