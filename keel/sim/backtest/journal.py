"""What was done on the models, in order, for a chain to do again; and what it must then say."""

from dataclasses import dataclass
from typing import Any


class Account(str):
    """Somebody's name, or a contract's, where a call takes an address."""

    __slots__ = ()


class SeriesId(int):
    """The models' number of a series; the chain has its own."""


@dataclass(frozen=True)
class Told:
    """An event that the called contract must emit, with these values; others are not compared."""

    event: str
    values: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Deed:
    """One transaction, or a few that always go together, each in a block of its own.

    Attributes
    ----------
    time : int
        Of the first block; the others follow as blocks do.
    what, name : str
        Contract and function, or what `keel.sim.backtest.chain` calls by that name.
    """

    time: int
    who: str
    what: str
    name: str
    args: tuple[Any, ...] = ()
    value: int = 0
    told: tuple[Told, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A view, and what it must answer; None stands for anything."""

    what: str
    view: str
    args: tuple[Any, ...]
    expected: Any


@dataclass(frozen=True)
class Reading:
    """Views that are read together, after all that was done before."""

    answers: tuple[Answer, ...]


Entry = Deed | Reading
