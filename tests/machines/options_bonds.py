"""Rules of disputes and of the bonds that they cost; OPT-5."""

from collections import Counter
from typing import Any

from keel.models.evm import ZERO_ADDRESS, Clock
from keel.models.options.clearing import OptionClearing
from keel.models.options.settlement import BOND_PERIOD, DISPUTE_WINDOW, SettlementOracle
from tests.machines.drawing import integers, just, mostly, sampled_from
from tests.machines.rules import precondition, rule

BOND_SITUATIONS = ("oracle.dispute", "oracle.returnBond", "oracle.forfeitBond")
FINES = "0x" + "fe" * 20
"""Receives forfeited bonds and nothing else."""
AROUND_THE_END = sampled_from([-1, 0, 1])


class BondRules:
    """What the disputer, the owner and anybody do with bonds."""

    acted: Counter[str]
    clearing: OptionClearing
    oracle: SettlementOracle
    time: Clock
    people: tuple[str, ...]
    disputer: str
    owner: str
    fines: int

    def act(
        self, sender: str, function: str, *arguments: Any, predict: Any, value: int = 0
    ) -> bool:
        raise NotImplementedError

    def _disputable(self) -> list[tuple[bytes, int]]:
        """Expiries of listed series that are not over for long."""
        return sorted(
            {
                (book.series.feed, book.series.expiry)
                for book in self.clearing.books.values()
                if book.series.expiry + DISPUTE_WINDOW > self.time.timestamp + 12
            }
            - self.oracle.disputed
        )

    @precondition(lambda self: self._disputable())
    @rule(
        position=integers(0, 20), by=mostly(just(True), just(False)),
        off=mostly(just(0), sampled_from([-1, 1])),
    )  # fmt: skip
    def dispute(self, position, by, off):
        expiries = self._disputable()
        feed, expiry = expiries[position % len(expiries)]
        if by:
            self.time.timestamp = max(self.time.timestamp, expiry - 12)
        sender = self.disputer if by or position % 2 else self.people[0]
        value = self.oracle.bond + off
        self.act(
            sender, "oracle.dispute", feed, expiry, value=value,
            predict=lambda: self.oracle.dispute(sender, feed, expiry, value=value),
        )  # fmt: skip

    def _disputed(self, position: int, posted: bool) -> tuple[bytes, int]:
        """One whose bond is posted, or any."""
        known = sorted(self.oracle.posters if posted else self.oracle.disputed)
        return known[position % len(known)]

    @precondition(lambda self: self.oracle.posters)
    @rule(
        position=integers(0, 20), posted=mostly(just(True), just(False)), who=integers(0, 2),
        off=AROUND_THE_END, late=integers(0, 3),
    )  # fmt: skip
    def return_bond(self, position, posted, who, off, late):
        feed, expiry = self._disputed(position, posted)
        if not late:  # seldom, because days pass
            end = expiry + BOND_PERIOD + off - 12
            self.time.timestamp = max(self.time.timestamp, end)
        self._return_bond(feed, expiry, self.people[who])

    def _return_bond(self, feed, expiry, sender):
        def predict():
            self.oracle.return_bond(feed, expiry)

        return self.act(sender, "oracle.returnBond", feed, expiry, predict=predict)

    @precondition(lambda self: self.oracle.posters)
    @rule(
        position=integers(0, 20), posted=mostly(just(True), just(False)),
        by=mostly(just(True), just(False)), receiver=mostly(just(FINES), just(ZERO_ADDRESS)),
    )  # fmt: skip
    def forfeit_bond(self, position, posted, by, receiver):
        feed, expiry = self._disputed(position, posted)
        sender = self.owner if by else self.disputer

        def predict():
            self.oracle.forfeit_bond(sender, feed, expiry, receiver)
            self.fines += self.oracle.bond

        arguments = (feed, expiry, receiver)
        self.act(sender, "oracle.forfeitBond", *arguments, predict=predict)

    def require_bonds_return(self) -> None:
        """Those that nobody has taken, once their time is over."""
        for feed, expiry in sorted(self.oracle.posters):
            assert self._return_bond(feed, expiry, self.people[0]), "OPT-5"
        assert self.oracle.held == 0, "OPT-5"
