"""The settler: sees to it that options have a settlement price in time.

The price of an expiry is a mean over what somebody recorded in the window before it, and stands
once somebody asks for it. Both are open to anybody and paid for by nobody. The same goes for the
observations that the volatility of an option vault is made of.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read, tried
from keel.keepers.action import Action, Alert, Decision, Severity, moment
from keel.keepers.journal import Journal, State

_HOUR = 3_600
_SPACING = 20 * _HOUR
"""Between two observations of a volatility; as `VolatilityOracle`."""
_FEED, _EXPIRY = 0, 2
"""Places in a series' terms."""


@dataclass(frozen=True, kw_only=True)
class Expiry:
    """One feed's price of one expiry, and who waits for it.

    Attributes
    ----------
    name : str
        Of the feed, as `Stack.feeds` has it.
    window : int
        Seconds before the expiry that the price is a mean of.
    settleable : int
        When the price can be fixed; zero before the expiry.
    price : int
        WAD; zero until it is fixed.
    hints : tuple of int
        Where the price is found, once it can be fixed.
    refusal : str
        Why it can't be fixed though its time has come.
    series : tuple of int
        Those with claims out that aren't settled.
    looked : int
        Its last look at the window that is on its way or done, from 0; -1 for none.
    """

    feed: bytes
    name: str
    at: int
    window: int
    settleable: int = 0
    price: int = 0
    hints: tuple[int, ...] = ()
    refusal: str = ""
    series: tuple[int, ...] = ()
    looked: int = -1


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A vault's volatility: when its feed was last looked at, and whether it has a price now.

    Attributes
    ----------
    block_before : int
        Time of the block before this one.
    """

    prefix: str
    observed_at: int
    has_price: bool
    block_before: int


@dataclass(frozen=True, kw_only=True)
class SettlementState:
    """All that waits for a price."""

    expiries: tuple[Expiry, ...]
    volatilities: tuple[Observed, ...]


@dataclass(frozen=True, kw_only=True)
class Settler:
    """Settings.

    Attributes
    ----------
    looks : int
        Observations in one window, evenly.
    patience : int
        Seconds after which a price that can't be fixed is an alarm.
    """

    name: str = "settler"
    looks: int = 4
    patience: int = 6 * _HOUR

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """What says which series have claims out."""
        return [(stack.clearing, ("Minted", "Burned", "Settled"))]

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> SettlementState:
        """Series with claims out, by feed and expiry; the volatilities of vaults."""
        now = int(stack.rpc.block(hex(block))["timestamp"], 16)
        waiting: dict[tuple[bytes, int], list[int]] = {}
        ids = _with_claims(journal)
        states = read({str(each): (stack.clearing, "stateOf", each) for each in ids}, block)
        for series in ids:
            terms, *_ = states[str(series)]
            waiting.setdefault((terms[_FEED], terms[_EXPIRY]), []).append(series)
        expiries = [
            self._expiry(stack, journal, feed, at, tuple(ids), now, block)
            for (feed, at), ids in sorted(waiting.items(), key=lambda item: item[0][::-1])
        ]
        before = int(stack.rpc.block(hex(max(block - 1, 0)))["timestamp"], 16)
        volatilities = [self._observed(stack, prefix, block, before) for prefix in stack.vaults]
        return SettlementState(expiries=tuple(expiries), volatilities=tuple(volatilities))

    def _expiry(
        self, stack: Stack, journal: Journal, feed: bytes, at: int, series: tuple[int, ...],
        now: int, block: int,
    ) -> Expiry:  # fmt: skip
        oracle, tag = stack.settlement, hex(block)
        names = {terms.id_on(oracle): name for name, terms in stack.feeds.items()}
        _components, window, _listed = oracle.call("feedOf", feed, block=tag)
        known: dict[str, Any] = {
            "feed": feed, "name": names.get(feed, feed.hex()[:8]), "at": at, "window": window,
            "series": series,
        }  # fmt: skip
        if now < at:
            done = [
                look
                for look in range(self.looks)
                if (last := journal.latest(_look_key(feed, at, look)))
                and last.state in (State.SENT, State.DONE)
            ]
            return Expiry(**known, looked=max(done, default=-1))
        seen = read(
            {
                "price": (oracle, "settlementPrice", feed, at),
                "settleable": (oracle, "settleableFrom", feed, at),
            },
            block,
        )
        if seen["price"] or now < seen["settleable"]:
            return Expiry(**known, **seen)
        hints, refusal = (), ""
        try:
            hints = tuple(oracle.call("hintsFor", feed, at, block=tag))
            oracle.call("settle", feed, at, hints, block=tag)
        except Reverted as reverted:
            refusal = reverted.name
        return Expiry(**known, **seen, hints=hints, refusal=refusal)

    @staticmethod
    def _observed(stack: Stack, prefix: str, block: int, before: int) -> Observed:
        handle = stack.vaults[prefix]
        _values, _updated_at, observed_at = handle.volatility.call("lastValues", block=hex(block))
        price = tried(handle.settlement, "latestPrice", handle.feed, block=block)
        return Observed(
            prefix=prefix,
            observed_at=observed_at,
            has_price=not price.refusal,
            block_before=before,
        )

    # Deciding

    def decide(self, state: SettlementState, now: int) -> Decision:
        """Observations first, for they can't be made up for; then prices, then series."""
        actions = [
            *(action for each in state.expiries for action in self._look(each, now)),
            *(action for each in state.expiries for action in self._fix(each, now)),
            *(action for each in state.expiries for action in self._settle(each)),
            *(action for each in state.volatilities for action in self._note(each, now)),
        ]
        alerts = tuple(
            Alert(
                key=f"price {each.name} {each.at}",
                severity=Severity.CRITICAL,
                what=f"options on {each.name} that expired {moment(each.at)} have no price: "
                f"{each.refusal}",
            )
            for each in state.expiries
            if each.refusal and now > each.settleable + self.patience
        )
        figures = {"unsettled_series": float(sum(len(each.series) for each in state.expiries))}
        return Decision(
            actions=tuple(actions), alerts=alerts, figures=figures,
            idle="" if actions else self._why_idle(state, now),
        )  # fmt: skip

    def _look(self, expiry: Expiry, now: int) -> Iterable[Action]:
        opens = expiry.at - expiry.window
        if not opens <= now < expiry.at:
            return
        look = (now - opens) * self.looks // expiry.window
        if look <= expiry.looked:
            return
        yield Action(
            key=_look_key(expiry.feed, expiry.at, look),
            contract="settlement",
            function="observe",
            arguments=(expiry.feed,),
            what=f"records what the sources of {expiry.name} say",
            why=(
                f"options expire {moment(expiry.at)}, and their price is the mean of the last "
                f"{expiry.window // 60} minutes"
            ),
            valid_blocks=10,
        )

    @staticmethod
    def _fix(expiry: Expiry, now: int) -> Iterable[Action]:
        if expiry.price or not expiry.hints or expiry.refusal or now < expiry.settleable:
            return
        yield Action(
            key=f"price:{expiry.feed.hex()}:{expiry.at}",
            contract="settlement",
            function="settle",
            arguments=(expiry.feed, expiry.at, list(expiry.hints)),
            what=f"fixes the price of {expiry.name} at {moment(expiry.at)}",
            why=f"the time to dispute it is over, and {len(expiry.series)} series wait for it",
        )

    @staticmethod
    def _settle(expiry: Expiry) -> Iterable[Action]:
        if not expiry.price:
            return
        for series in expiry.series:
            yield Action(
                key=f"settle:{series}",
                contract="clearing",
                function="settle",
                arguments=(series,),
                what=f"settles a series on {expiry.name} at {expiry.price / 10**18:,.4f}",
                why=f"it expired {moment(expiry.at)}, and its price is fixed",
                benign=("AlreadySettled",),
            )

    @staticmethod
    def _note(volatility: Observed, now: int) -> Iterable[Action]:
        """Not in the first block in which it can be: a member who submits then records it too."""
        due = volatility.observed_at + _SPACING
        if not volatility.has_price or now < due or volatility.block_before < due:
            return
        yield Action(
            key=f"volatility:{volatility.prefix}:{volatility.observed_at}",
            contract=f"vaults.{volatility.prefix}.volatility",
            function="observe",
            what=f"records a price for the volatility of {volatility.prefix}",
            why="the last one is 20 hours old, and a vault sells nothing at an older one than 24",
            benign=("ObservationTooEarly",),
        )

    @staticmethod
    def _why_idle(state: SettlementState, now: int) -> str:
        if not state.expiries:
            return "no option is out"
        first = state.expiries[0]
        if now < first.at:
            return f"the next options expire {moment(first.at)}"
        if first.refusal:
            return f"{first.name} has no price for {moment(first.at)} yet: {first.refusal}"
        return f"the price of {first.name} can be fixed from {moment(first.settleable)} on"


def _look_key(feed: bytes, at: int, look: int) -> str:
    return f"observe:{feed.hex()}:{at}:{look}"


def _with_claims(journal: Journal) -> list[int]:
    """Series with claims out and without a price, by their events.

    Anybody may list series, as many as he likes; who mints pays for it. So none is looked at for
    being listed.
    """
    claims = Counter[int]()
    for name, sign in (("Minted", 1), ("Burned", -1)):
        for event in journal.events(name):
            claims[event.values["id"]] += sign * event.values["amount"]
    settled = {event.values["id"] for event in journal.events("Settled")}
    return [each for each, amount in claims.items() if amount > 0 and each not in settled]
