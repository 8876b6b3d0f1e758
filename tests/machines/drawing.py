"""Strategies for amounts: mostly sensible, sometimes just beyond, sometimes absurd."""

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Part:
    """An amount drawn before what it is a part of is known."""

    millionths: int = 0
    wei: int = 0

    def of(self, whole: int) -> int:
        return max(0, whole * self.millionths // 10**6 + self.wei)


def mostly(usual: st.SearchStrategy[Any], rare: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """`rare` once in ten draws."""
    return st.integers(0, 9).flatmap(lambda roll: rare if roll == 9 else usual)


def log_scale(least: int, most: int) -> st.SearchStrategy[int]:
    """Integers whose number of bits is drawn first."""
    bits = st.integers(least.bit_length(), most.bit_length())
    return bits.flatmap(lambda n: st.integers(max(least, 1 << n >> 1), min(most, (1 << n) - 1)))


WITHIN = st.one_of(
    st.builds(Part, st.integers(1, 10**6)),
    st.builds(Part, st.integers(1, 500_000), st.integers(0, 10**9)),
    st.just(Part(10**6)),
)
AMISS = st.one_of(
    st.builds(Part, st.just(10**6), st.integers(1, 2)),
    st.sampled_from([Part(), Part(wei=1), Part(wei=2), Part(wei=2**128 - 1), Part(wei=2**128)]),
)
PART = mostly(WITHIN, AMISS)
