"""The forecaster: a member of the quorum that says how volatile is what option vaults write on.

Its source is what the oracle's own prices realised, with a stated premium, or implied volatilities
that somebody publishes. A figure outside the oracle's bounds is taken for a mistake: it says so,
and says nothing to the oracle. The oracle itself bounds how far values go in a day.

When it speaks matters. A submission moves the values towards the median of all members' latest
ones, by no more than the time since the last move allows, and uses that time up. Members who all
speak in one hour of the day lose nearly all of it: the first moves the values towards yesterday's
median, and the others, who make today's, find no time left; so values lag a day behind. Therefore
members take turns, evenly around the clock, several times a day: of three with eight hours between
two submissions of each, one speaks every 2 hours and 40 minutes. What happens is known to a
majority within two turns, and the most that is lost is the time of one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from keel.chain.contract import Contract
from keel.chain.options import OptionVault
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Alert, Decision, Severity, moment
from keel.keepers.journal import Journal
from keel.keepers.quotes import NoQuote, Quoted, latest
from keel.keepers.settings import REALISED, ForecasterTerms, ForecastTerms

WAD = 10**18
_SUBMIT_GAS = 500_000
"""Of fifteen members, where it records a price too: if others submit before it, it takes more."""
_DAY = 86_400

Values = tuple[int, int, int, int]
"""Volatility, intensity, loss, interest: WAD, a year's."""


@dataclass(frozen=True, kw_only=True)
class Seat:
    """A place in the quorum of one oracle; WAD, a year's; seconds.

    Attributes
    ----------
    prefix : str
        The vault whose oracle it is.
    place, members : int
        Its place among all, from 0.
    spoke_at : int
        Of its last submission; zero for none.
    last : tuple of int
        The oracle's values, however old.
    stale_from : int
        When nobody can use them any more, if nobody speaks.
    least, most : int
        Of a volatility.
    most_move : int
        Of the volatility in a day, as a part of it.
    realised : int
        Of the oracle's recorded prices.
    quoted : Quoted, optional
        What the source says, where it isn't the oracle itself.
    refusal : str
        Why the source says nothing.
    """

    prefix: str
    place: int
    members: int
    spoke_at: int
    last: Values
    stale_from: int
    least: int
    most: int
    most_move: int
    realised: int
    quoted: Quoted | None = None
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Forecaster:
    """Settings.

    Attributes
    ----------
    account : str
        The member.
    terms : mapping
        By vault; of others it says nothing.
    period : int
        Seconds between two submissions; a submission counts for a day.
    """

    name: str = "forecaster"
    account: str
    terms: Mapping[str, ForecastTerms] = field(default_factory=lambda: ForecasterTerms().vaults)
    period: int = ForecasterTerms.period

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Nothing."""
        return []

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> tuple[Seat, ...]:
        """Its seats; of vaults with an oracle in common the first counts."""
        now = int(stack.rpc.block(hex(block))["timestamp"], 16)
        oracles: dict[str, Seat | None] = {}
        for prefix, handle in stack.vaults.items():
            if prefix in self.terms and handle.volatility.address not in oracles:
                oracles[handle.volatility.address] = self._seat(prefix, handle, now, block)
        return tuple(seat for seat in oracles.values() if seat is not None)

    def _seat(self, prefix: str, handle: OptionVault, now: int, block: int) -> Seat | None:
        oracle, tag = handle.volatility, hex(block)
        members = [member.lower() for member in oracle.call("members", block=tag)]
        if self.account.lower() not in members:
            return None
        terms = oracle.struct("terms", block=tag)
        seen = read(
            {
                "own": (oracle, "submissionOf", self.account),
                "last": (oracle, "lastValues"),
                "realised": (oracle, "realisedVolatility"),
            },
            block,
        )
        values, updated_at, observed_at = seen["last"]
        seat = Seat(
            prefix=prefix,
            place=members.index(self.account.lower()),
            members=len(members),
            spoke_at=seen["own"][1],
            last=values,
            stale_from=min(updated_at, observed_at) + _DAY,
            least=terms["minVolatility"],
            most=terms["maxVolatility"],
            most_move=terms["maxMove"],
            realised=seen["realised"],
        )
        return self._ask(seat, now) if self._is_due(seat, now) else seat

    def _ask(self, seat: Seat, now: int) -> Seat:
        """With what a source beyond the oracle says; it is asked only when it matters."""
        terms = self.terms[seat.prefix]
        if terms.source == REALISED:
            return seat
        try:
            return replace(seat, quoted=latest(terms.source, now, terms.most_age))
        except NoQuote as nothing:
            return replace(seat, refusal=nothing.problem)

    # Deciding

    def turn(self, seat: Seat, now: int) -> int:
        """When its last turn began: periods of each member begin evenly apart."""
        offset = self.period * seat.place // seat.members
        return (now - offset) // self.period * self.period + offset

    def _is_due(self, seat: Seat, now: int) -> bool:
        return seat.spoke_at < self.turn(seat, now)

    def forecast(self, seat: Seat) -> int:
        """The volatility it believes in, WAD; zero where it has nothing to say."""
        terms = self.terms[seat.prefix]
        if terms.source == REALISED:
            # A calm market is no mistake of the source.
            return min(max(self._with_premium(seat.realised, terms), seat.least), seat.most)
        if seat.quoted is None:
            return 0
        volatility = self._with_premium(round(seat.quoted.volatility * WAD), terms)
        return volatility if seat.least <= volatility <= seat.most else 0

    @staticmethod
    def _with_premium(volatility: int, terms: ForecastTerms) -> int:
        return volatility * (WAD + terms.premium) // WAD

    def decide(self, state: tuple[Seat, ...], now: int) -> Decision:
        """A submission for each oracle whose turn it is."""
        due = [seat for seat in state if self._is_due(seat, now)]
        actions = tuple(self._submit(seat, now) for seat in due if self.forecast(seat))
        alerts = (*self._alerts(state, due, now),)
        figures = {f"volatility_{seat.prefix}": seat.last[0] / WAD for seat in state}
        figures |= {f"realised_{seat.prefix}": seat.realised / WAD for seat in state}
        figures |= {f"forecast_{seat.prefix}": self.forecast(seat) / WAD for seat in due}
        idle = "" if actions else self._why_idle(state, now)
        return Decision(actions=actions, alerts=alerts, figures=figures, idle=idle)

    def _submit(self, seat: Seat, now: int) -> Action:
        terms, volatility = self.terms[seat.prefix], self.forecast(seat)
        return Action(
            key=f"submit:{seat.prefix}:{self.turn(seat, now)}",
            contract=f"vaults.{seat.prefix}.volatility",
            function="submit",
            arguments=((volatility, terms.intensity, terms.loss, terms.rate),),
            least_gas=_SUBMIT_GAS,
            what=(
                f"tells the oracle of {seat.prefix}: volatility {volatility / WAD:.1%}, "
                f"{terms.intensity / WAD:.2f} depegs a year of {terms.loss / WAD:.1%}"
            ),
            why=(
                f"{self._grounds(seat, terms)}; the oracle has {seat.last[0] / WAD:.1%}, and goes "
                f"up by at most {seat.most_move / WAD:.0%} of it in a day"
            ),
        )

    @staticmethod
    def _grounds(seat: Seat, terms: ForecastTerms) -> str:
        premium = f"and it adds {terms.premium / WAD:.0%} of that" if terms.premium else "no more"
        if seat.quoted is None:
            return f"its prices realised {seat.realised / WAD:.1%}, {premium}"
        said = f"{seat.quoted.volatility:.1%} was quoted {moment(seat.quoted.at)}"
        return f"{said}, {premium}"

    def _alerts(self, state: Iterable[Seat], due: Iterable[Seat], now: int) -> Iterable[Alert]:
        for seat in due:
            if not self.forecast(seat):
                yield Alert(
                    key=f"source {seat.prefix}",
                    severity=Severity.WARNING,
                    what=f"nothing to tell the oracle of {seat.prefix}: {self._silence(seat)}",
                )
        for seat in state:
            if seat.spoke_at and now > seat.stale_from:
                yield Alert(
                    key=f"stale {seat.prefix}",
                    severity=Severity.WARNING,
                    what=f"the volatility of {seat.prefix} is stale since "
                    f"{moment(seat.stale_from)}: no quorum, or no price",
                )

    @staticmethod
    def _silence(seat: Seat) -> str:
        if seat.quoted is None:
            return seat.refusal
        return (
            f"{seat.quoted.volatility:.1%} and the premium is outside its bounds, "
            f"{seat.least / WAD:.1%} to {seat.most / WAD:.1%}"
        )

    def _why_idle(self, state: tuple[Seat, ...], now: int) -> str:
        if not state:
            return "it has a seat in no quorum"
        if any(self._is_due(seat, now) for seat in state):
            return "its source has nothing to say"
        return f"its next turn is {moment(min(self.turn(s, now) for s in state) + self.period)}"
