"""Keepers that are down for long in a trial: which, from which block on, and for how many."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from random import Random
from threading import Lock

from keel.keepers.supervisor import DEVNET_KEYS, Supervisor

WATCHDOG = "watchdog"
ALL = (*DEVNET_KEYS, WATCHDOG)
_SHORTEST, _SHORT = 10, 60
"""Blocks of those by chance."""
_TOGETHER = 70
"""Blocks that two of three members are down: longer than a vote that was sent stays valid."""
_LONG, _LONG_PER_DAY = 300, 30
_AT_EXPIRY = ("settler", "roller")
_AT_REPORT = (
    "reporter-2", "confirmer", "depositor", "arbitrageur", "poker", "finaliser", "bidder",
    "forecaster-1", WATCHDOG,
)  # fmt: skip
"""One of each other kind; a day some of them."""
_BY_CHANCE = tuple(name for name in ALL if name not in ("forecaster-2", "forecaster-3"))
"""These two are the quorum of a volatility: without it for a day nothing is sold."""
_MOST_REPORTERS = 2


@dataclass(frozen=True, kw_only=True)
class Outage:
    """One keeper, killed and not started again for some blocks."""

    keeper: str
    began: int
    blocks: int


@dataclass
class Outages:
    """Takes keepers down at reports and expiries, and lets them up again.

    Each kind is down once for very long, two members at a time once over a report; two more
    keepers by chance over each report.
    """

    supervisor: Supervisor
    random: Random
    days: int
    lock: Lock
    """Of the supervisor, which somebody else watches."""
    all: list[Outage] = field(default_factory=list)
    _until: dict[str, int] = field(default_factory=dict)
    _expired: bool = False

    @property
    def away(self) -> frozenset[str]:
        """Who is down."""
        return frozenset(self._until)

    @property
    def _long(self) -> int:
        return min(_LONG, _LONG_PER_DAY * self.days)

    def over_report(self, day: int, block: int, *, expires: bool) -> None:
        """Before a reference slot, with which options may expire."""
        each_day = -(-len(_AT_REPORT) // self.days)
        for name in _AT_REPORT[day * each_day : (day + 1) * each_day]:
            self._begin(name, block, self._long)
        if expires and not self._expired:
            self._expired = True
            for name in _AT_EXPIRY:
                self._begin(name, block, self._long)
        for name in self.random.sample(_BY_CHANCE, 2):
            self._begin(name, block, self.random.randint(_SHORTEST, _SHORT))

    def over_votes(self, day: int, block: int) -> None:
        """As members vote; once, two of them: there is no quorum until one is back."""
        if day == self.days // 2:
            for name in ("reporter-1", "reporter-3"):
                self._begin(name, block, _TOGETHER)

    def end_due(self, block: int) -> None:
        """Start whose time is over."""
        self.end(name for name, until in list(self._until.items()) if until <= block)

    def end(self, names: Iterable[str]) -> None:
        """Start these again, if they are down."""
        with self.lock:
            for name in names:
                if self._until.pop(name, None) is not None:
                    self.supervisor.release(name)

    def _begin(self, name: str, block: int, blocks: int) -> None:
        """Who is down already stays so for longer; not all members at once are."""
        down = sum(each.startswith("reporter") for each in self.away - {name})
        if name.startswith("reporter") and down >= _MOST_REPORTERS:
            return
        with self.lock:
            self.supervisor.hold(name)
        self._until[name] = max(block + blocks, self._until.get(name, 0))
        self.all.append(Outage(keeper=name, began=block, blocks=blocks))
