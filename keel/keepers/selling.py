"""What option vaults and the gauge need from time to time, as the watchdog looks at it.

A vault sells nothing without a fresh volatility and a fresh spot, and what it sold is settled by
what was recorded before the expiry. A gauge's stream ends unless somebody funds it again. None of
this reverts anywhere while it goes wrong: it only is not done.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from keel.chain.options import OptionVault
from keel.chain.stack import Stack
from keel.chain.views import read, tried
from keel.keepers.journal import Journal

DAY = 86_400
_AGGREGATOR = 0
"""A source with rounds of its own, as `ISettlementOracle` numbers them: nobody need record it."""


@dataclass(frozen=True, kw_only=True)
class Writer:
    """A vault of options; times in seconds, amounts of options with 18 decimals.

    Attributes
    ----------
    concerns_anybody : bool
        Somebody has shares, or waits for some.
    agreed_at, observed_at : int
        When a quorum last moved its volatility, and when a price was last recorded for it; zero for
        never.
    unsold, sale_ends : int
        What its auction offers and until when; zero without one.
    refusal : str
        Why the auction has no price now; empty where it has one.
    sold : int
        Options of the running series that are out.
    expiry, window : int
        Of the running series, and of the mean that settles it; zero without one.
    recorded_at : int
        Of the sources that have to be recorded for that expiry, the one recorded the longest ago;
        zero for never.
    """

    prefix: str
    concerns_anybody: bool
    agreed_at: int
    observed_at: int
    unsold: int = 0
    sale_ends: int = 0
    refusal: str = ""
    sold: int = 0
    expiry: int = 0
    window: int = 0
    recorded_at: int = 0

    @property
    def fresh_at(self) -> int:
        """What the oracle counts its volatility's age from."""
        return min(self.agreed_at, self.observed_at)


@dataclass(frozen=True, kw_only=True)
class Stream:
    """Rewards of one token.

    Attributes
    ----------
    left : int
        Seconds of the gauge's clock until it ends; zero if it has.
    ran_at : int
        When it was last seen running; zero for never.
    """

    token: str
    left: int
    ran_at: int


def read_writers(stack: Stack, block: int) -> tuple[Writer, ...]:
    """Each vault at a block."""
    return tuple(_writer(prefix, handle, block) for prefix, handle in stack.vaults.items())


def _writer(prefix: str, handle: OptionVault, block: int) -> Writer:
    vault = handle.vault
    position, lot = (vault.struct(view, block=hex(block)) for view in ("position", "lot"))
    seen = read(
        {"supply": (vault, "totalSupply"), "volatility": (handle.volatility, "lastValues")}, block
    )
    _values, agreed_at, observed_at = seen["volatility"]
    unsold = lot["unsold"] if lot["id"] else 0
    ask = tried(vault, "askPrice", block=block)
    expiry = window = recorded_at = 0
    if position["seriesId"]:
        expiry = position["due"]
        window, recorded_at = _recorded(handle, expiry, block)
    return Writer(
        prefix=prefix,
        concerns_anybody=bool(
            seen["supply"] or position["pendingDeposits"] or position["seriesId"]
        ),
        agreed_at=agreed_at,
        observed_at=observed_at,
        unsold=unsold,
        sale_ends=lot["endsAt"] if unsold else 0,
        refusal=ask.refusal if unsold else "",
        sold=position["shorts"] - position["unsoldLongs"] if expiry else 0,
        expiry=expiry,
        window=window,
        recorded_at=recorded_at,
    )


def _recorded(handle: OptionVault, expiry: int, block: int) -> tuple[int, int]:
    """Window, and when the sources were last recorded for an expiry."""
    oracle = handle.settlement
    components, window, _listed = oracle.call("feedOf", handle.feed, block=hex(block))
    records = read(
        {
            str(place): (oracle, "recordOf", component, window, expiry // DAY)
            for place, component in enumerate(components)
            if component[1] != _AGGREGATOR
        },
        block,
    )
    return window, min((time for _value, time, *_ in records.values()), default=expiry)


def read_streams(stack: Stack, journal: Journal, now: int, block: int) -> tuple[Stream, ...]:
    """Each token's; the journal knows which ran."""
    tokens = stack.gauge.call("rewardTokens", block=hex(block))
    seen = read({token: (stack.gauge, "streamOf", token) for token in tokens}, block)
    ran: dict[str, int] = journal.recall("streams", {})
    left = {
        token: duration if remaining else 0
        for token, (_who, remaining, duration, _all) in seen.items()
    }
    ran |= {token: now for token, seconds in left.items() if seconds}
    journal.keep("streams", ran)
    return tuple(
        Stream(token=token, left=seconds, ran_at=ran.get(token, 0))
        for token, seconds in left.items()
    )


def quiet_sources(writers: Iterable[Writer], now: int) -> Iterable[Writer]:
    """Those whose window is half over, with nothing recorded in it of what settles their options.

    The price would be one of before the window, or none.
    """
    for each in writers:
        opens = each.expiry - each.window
        if each.sold and opens + each.window // 2 <= now < each.expiry and each.recorded_at < opens:
            yield each
