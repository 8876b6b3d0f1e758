"""What keepers are told beyond keys and addresses: one YAML file; every key has a default."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from keel.chain.option_config import VolatilityConfig
from keel.chain.quantity import BPS, ETHER, SECONDS, TEXT, WAD, YEARLY, Key
from keel.chain.sections import SectionReader, keys, load_texts, table

WEI = 10**18
_HOUR = 3_600
REALISED = "realised"
"""The source that needs no file: what the oracle's own prices realised."""


@dataclass(frozen=True, kw_only=True)
class ForecastTerms:
    """What a member says of one vault's risks.

    Depegs and interest are constants, at first those that an oracle starts from. Whoever repeated
    what the oracle has instead would keep every step that somebody else pushed it.
    """

    source: Annotated[
        str,
        Key("`realised`, or a CSV file of implied volatilities, or its http(s) address", TEXT),
    ] = REALISED
    premium: Annotated[
        int, Key("added to the source's volatility, as a part of it", WAD, -WEI // 2, 2 * WEI)
    ] = WEI // 10
    most_age: Annotated[
        int,
        Key("age from which a file's last row says nothing", SECONDS, _HOUR, 30 * 24 * _HOUR),
    ] = 26 * _HOUR
    intensity: Annotated[int, Key("depegs", YEARLY, 0, 10 * WEI)] = VolatilityConfig.intensity
    loss: Annotated[int, Key("of the price, by a depeg", WAD, 0, WEI * 99 // 100)] = (
        VolatilityConfig.loss
    )
    rate: Annotated[int, Key("interest a year", WAD, 0, WEI)] = VolatilityConfig.rate


@dataclass(frozen=True, kw_only=True)
class ForecasterTerms:
    """When a member speaks, and of what."""

    period: Annotated[
        int,
        Key("between two submissions; members take turns within it", SECONDS, _HOUR, 20 * _HOUR),
    ] = 8 * _HOUR
    covered_calls: ForecastTerms = field(default_factory=ForecastTerms)
    cover: ForecastTerms = field(default_factory=ForecastTerms)

    @property
    def vaults(self) -> dict[str, ForecastTerms]:
        """By the vaults' prefixes in the manifest."""
        return {"CoveredCalls": self.covered_calls, "Cover": self.cover}


@dataclass(frozen=True, kw_only=True)
class ViewTerms:
    """What a bidder believes of one vault's options: its own figures, or above the oracle's."""

    premium: Annotated[
        int,
        Key("on the oracle's volatility and depegs, where no own are set", WAD, -WEI // 2, 2 * WEI),
    ] = WEI // 4
    volatility: Annotated[
        int | None,
        Key("a year's; unset: the oracle's and the premium", WAD, WEI // 1_000, 10 * WEI),
    ] = None
    intensity: Annotated[
        int | None, Key("depegs; unset: the oracle's and the premium", YEARLY, 0, 10 * WEI)
    ] = None
    loss: Annotated[
        int | None, Key("of the price, by a depeg; unset: the oracle's", WAD, 0, WEI * 99 // 100)
    ] = None
    drift: Annotated[
        int, Key("growth of the price expected beyond interest, a year", WAD, -5 * WEI, 5 * WEI)
    ] = 0


@dataclass(frozen=True, kw_only=True)
class BidderTerms:
    """What a bidder pays."""

    margin: Annotated[int, Key("least discount to its own price", BPS, 0, 5_000)] = 500
    slippage: Annotated[int, Key("above the ask, at most", BPS, 0, 1_000)] = 50
    budget: Annotated[int, Key("tokens of a vault spent on one series", ETHER, 0, 10**6 * WEI)] = (
        5 * WEI
    )
    covered_calls: ViewTerms = field(default_factory=ViewTerms)
    cover: ViewTerms = field(default_factory=ViewTerms)

    @property
    def vaults(self) -> dict[str, ViewTerms]:
        """By the vaults' prefixes in the manifest."""
        return {"CoveredCalls": self.covered_calls, "Cover": self.cover}


@dataclass(frozen=True, kw_only=True)
class KeeperSettings:
    """All of it."""

    forecaster: ForecasterTerms = field(default_factory=ForecasterTerms)
    bidder: BidderTerms = field(default_factory=BidderTerms)


def load_keeper_settings(path: Path | None) -> KeeperSettings:
    """Read a file, none for the defaults; raises `ConfigInvalid`."""
    if path is None:
        return KeeperSettings()
    raw = load_texts(path, "say --settings FILE; bots/devnet.yaml is one")
    settings: KeeperSettings = SectionReader(path).section("", KeeperSettings, raw)
    return settings


def keys_table() -> str:
    """The table of keys as Markdown."""
    return table(keys(KeeperSettings))
