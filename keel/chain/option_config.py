"""Parameters of the options side: which vaults there are, what they write, and who prices it."""

from dataclasses import dataclass, field
from typing import Annotated

from keel.chain.quantity import BPS, COUNT, ETHER, MULTIPLE, PRICE, SECONDS, WAD, YEARLY, Key

WEI = 10**18
_DAY = 86_400
_MAX_CAP = 10**10 * WEI
_LARGEST = 10**9 * WEI


@dataclass(frozen=True, kw_only=True)
class VolatilityConfig:
    """Bounds of a volatility and of a depeg's risk; WAD, a year's. `IVolatilityOracle` explains."""

    volatility: Annotated[int, Key("at the start, a year's", WAD, WEI // 1_000, 10 * WEI)]
    intensity: Annotated[int, Key("depegs, at the start", YEARLY, 0, 10 * WEI)] = WEI // 4
    loss: Annotated[int, Key("of the price by a depeg, at the start", WAD, 0, WEI * 99 // 100)] = (
        WEI // 20
    )
    rate: Annotated[int, Key("interest, at the start, a year's", WAD, 0, WEI)] = 0
    realised_factor: Annotated[
        int, Key("what realised volatility counts", MULTIPLE, WEI // 2, 3 * WEI)
    ] = WEI * 9 // 10
    weight: Annotated[
        int, Key("of a day in the mean of squared returns", WAD, WEI // 100, WEI // 2)
    ] = WEI * 6 // 100
    max_move: Annotated[
        int, Key("most the volatility goes up in a day, as a part of it", WAD, WEI // 100, WEI)
    ] = WEI // 4
    min_volatility: Annotated[int, Key("least volatility", WAD, WEI // 1_000, 10 * WEI)]
    max_volatility: Annotated[int, Key("most volatility", WAD, WEI // 1_000, 10 * WEI)]
    intensity_step: Annotated[
        int, Key("most the depegs a year move in a day", YEARLY, 0, 10 * WEI)
    ] = WEI // 2
    loss_step: Annotated[int, Key("most the loss moves in a day", WAD, 0, WEI * 99 // 100)] = (
        WEI // 20
    )
    rate_step: Annotated[int, Key("most the rate moves in a day", WAD, 0, WEI)] = WEI // 100

    @property
    def initial(self) -> tuple[int, int, int, int]:
        """As `IVolatilityOracle.Values`."""
        return self.volatility, self.intensity, self.loss, self.rate


@dataclass(frozen=True, kw_only=True)
class VaultConfig:
    """What a vault writes, how it sells, and what it takes. `IOptionPricer`, `IOptionVault`."""

    deployed: Annotated[
        bool | None, Key("whether there is one; unset: if its feed can have a price")
    ] = None
    target: Annotated[
        int,
        Key("of calls the delta, up to 50 %; of cover the strike", WAD, WEI // 100, WEI),
    ]
    min_moneyness: Annotated[int, Key("least strike, of the spot", WAD, WEI // 10, 10 * WEI)]
    max_moneyness: Annotated[int, Key("greatest strike, of the spot", WAD, WEI // 10, 10 * WEI)]
    grid: Annotated[int, Key("strikes are its multiples", PRICE, 1, _LARGEST)]
    min_strike: Annotated[int, Key("least strike that may be listed", PRICE, 1, _LARGEST)]
    max_time: Annotated[
        int, Key("from listing a series to its expiry, at most", SECONDS, 8 * _DAY, 730 * _DAY)
    ] = 60 * _DAY
    min_reserve: Annotated[int, Key("least reserve of an option", ETHER, 1, WEI)]
    management_fee_bps: Annotated[int, Key("of what is locked, a year", BPS, 0, 500)] = 200
    performance_fee_bps: Annotated[
        int, Key("of what is above the high-water mark", BPS, 0, 3_000)
    ] = 1_000
    auction_duration: Annotated[int, Key("of a sale", SECONDS, 600, _DAY)] = 4 * 3_600
    start_multiple: Annotated[
        int, Key("of the reserve, which the ask begins at", MULTIPLE, WEI + 1, 10 * WEI)
    ] = WEI * 3 // 2
    min_deposit: Annotated[int, Key("least deposit", ETHER, 1, _MAX_CAP)] = WEI // 1_000
    deposit_cap: Annotated[int, Key("most assets of the vault", ETHER, 0, _MAX_CAP)] = 100_000 * WEI


@dataclass(frozen=True, kw_only=True)
class OptionsConfig:
    """The options side."""

    ether_usd: Annotated[
        str | None,
        Key("a Chainlink feed of ether in USD; unset: our own on a devnet, no calls elsewhere"),
    ] = None
    members: Annotated[
        tuple[str, ...] | None,
        Key("who says how volatile it is; unset: the oracle's members"),
    ] = None
    quorum: Annotated[
        int | None, Key("of those members; unset: the least above half", COUNT, 1, 15)
    ] = None
    dispute_bond: Annotated[
        int, Key("what putting a settlement off takes", ETHER, WEI // 100, 100 * WEI)
    ] = WEI
    ether_volatility: VolatilityConfig = field(
        default_factory=lambda: VolatilityConfig(
            volatility=WEI * 7 // 10, min_volatility=WEI // 5, max_volatility=4 * WEI
        )
    )
    peg_volatility: VolatilityConfig = field(
        default_factory=lambda: VolatilityConfig(
            volatility=WEI // 20,
            realised_factor=WEI,
            min_volatility=WEI // 100,
            max_volatility=WEI,
        )
    )
    covered_calls: VaultConfig = field(
        default_factory=lambda: VaultConfig(
            target=WEI // 10,
            min_moneyness=WEI,
            max_moneyness=3 * WEI,
            grid=5 * WEI,
            min_strike=100 * WEI,
            min_reserve=10**12,
        )
    )
    cover: VaultConfig = field(
        default_factory=lambda: VaultConfig(
            target=WEI * 97 // 100,
            min_moneyness=WEI // 2,
            max_moneyness=WEI,
            grid=WEI // 200,
            min_strike=WEI // 2,
            min_reserve=10**14,
        )
    )
