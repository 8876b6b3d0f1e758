"""Deployment of the options side: settlement, clearing, and vaults with what prices them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from keel.chain.builder import Builder
from keel.chain.config import StackConfig
from keel.chain.contract import Contract

WAD = 10**18
_DAY = 86_400
_AGGREGATOR, _RATE, _RATIO, _CAPPED_RATIO = range(4)
_LONGEST = 60 * _DAY

Send = Callable[..., object]
"""Sends a call to a contract: handle, function, arguments."""
_VAULTS = (
    ("Cover", "PegVolatility", "WETH"),
    ("CoveredCalls", "EtherVolatility", "WrappedStakedEther"),
)

Component = tuple[str, int, int]
"""Target, source, and the age from which it is stale, in seconds."""


@dataclass(frozen=True)
class FeedTerms:
    """A feed's components, and the seconds before an expiry over which they are averaged."""

    components: tuple[Component, ...]
    window: int

    def id_on(self, oracle: Contract) -> bytes:
        """Its id, listed or not."""
        return bytes(oracle.call("feedIdOf", self.components, self.window))


@dataclass(frozen=True, kw_only=True)
class VolatilityTerms:
    """Bounds of a volatility and of a depeg's risk; WAD, a year's. `IVolatilityOracle` explains."""

    initial: tuple[int, int, int, int]
    realised_factor: int = WAD * 9 // 10
    weight: int = WAD * 6 // 100
    most_move: int = WAD // 4
    least: int
    most: int
    steps: tuple[int, int, int] = (WAD // 2, WAD // 20, WAD // 100)


@dataclass(frozen=True, kw_only=True)
class VaultTerms:
    """What a vault writes, how it sells, and what it takes. `IOptionPricer`, `IOptionVault`."""

    name: str
    symbol: str
    style: int
    target: int
    moneyness: tuple[int, int]
    grid: int
    least_reserve: int
    management_fee_bps: int = 200
    performance_fee_bps: int = 1_000
    auction_seconds: int = 4 * 3_600
    start_multiple: int = WAD * 3 // 2
    least_deposit: int = WAD // 1_000
    deposit_cap: int = 100_000 * WAD


ETHER_VOLATILITY = VolatilityTerms(
    initial=(WAD * 7 // 10, WAD // 4, WAD // 20, 0), least=WAD // 5, most=4 * WAD
)
PEG_VOLATILITY = VolatilityTerms(
    initial=(WAD // 20, WAD // 4, WAD // 20, 0),
    realised_factor=WAD,
    least=WAD // 100,
    most=WAD,
)
COVERED_CALLS = VaultTerms(
    name="Keel covered calls on wkETH",
    symbol="kcWKETH",
    style=0,
    target=WAD // 10,
    moneyness=(WAD, 3 * WAD),
    grid=5 * WAD,
    least_reserve=10**12,
)
COVER = VaultTerms(
    name="Keel cover against a depeg",
    symbol="kcvWETH",
    style=2,
    target=WAD * 97 // 100,
    moneyness=(WAD // 2, WAD),
    grid=WAD // 200,
    least_reserve=10**14,
)


@dataclass(frozen=True)
class OptionVault:
    """A vault, and what it works with."""

    vault: Contract
    pricer: Contract
    volatility: Contract
    settlement: Contract
    clearing: Contract
    asset: Contract
    feed: bytes


def feeds(contracts: Mapping[str, Contract]) -> dict[str, FeedTerms]:
    """Feeds by what is written on them; those of calls only where there is a price in USD."""
    wketh, swap = contracts["WrappedStakedEther"].address, contracts["StableSwapPool"].address
    result = {"peg": FeedTerms(((swap, _RATIO, _DAY),), 3_600)}
    if "EtherUsdFeed" in contracts:
        ether = (contracts["EtherUsdFeed"].address, _AGGREGATOR, _DAY + 3_600)
        rate = (wketh, _RATE, _DAY)
        result["wkETH at its rate"] = FeedTerms((ether, rate), 3_600)
        result["wkETH"] = FeedTerms((ether, rate, (swap, _CAPPED_RATIO, _DAY)), 3_600)
    return result


def deploy_options(
    deployer: Builder, config: StackConfig, contracts: Mapping[str, Contract]
) -> dict[str, Contract]:
    """Create what is missing, by role. Nothing is listed yet: `open_markets`."""
    owner = deployer.sender.address
    known = dict(contracts)
    known["SettlementOracle"] = deployer.create(
        "SettlementOracle", "SettlementOracle", config.guardian, owner
    )
    known["OptionClearing"] = deployer.create(
        "OptionClearing",
        "OptionClearing",
        known["SettlementOracle"].address,
        known["WrappedStakedEther"].address,
        owner,
    )
    table = feeds(known)
    peg = deploy_volatility(deployer, config, known, "PegVolatility", PEG_VOLATILITY, table["peg"])
    deploy_vault(deployer, config, known, "Cover", COVER, "WETH", table["peg"], peg)
    if "wkETH" in table:
        ether = deploy_volatility(
            deployer, config, known, "EtherVolatility", ETHER_VOLATILITY, table["wkETH"]
        )
        deploy_vault(
            deployer, config, known, "CoveredCalls", COVERED_CALLS, "WrappedStakedEther",
            table["wkETH"], ether,
        )  # fmt: skip
    return {role: contract for role, contract in known.items() if role not in contracts}


def deploy_volatility(
    deployer: Builder,
    config: StackConfig,
    known: dict[str, Contract],
    role: str,
    terms: VolatilityTerms,
    feed: FeedTerms,
) -> Contract:
    """The bounded volatility of a feed; the staking oracle's members are its quorum too."""
    settlement = known["SettlementOracle"]
    known[role] = deployer.create(
        role,
        "VolatilityOracle",
        (
            settlement.address,
            feed.id_on(settlement),
            len(config.members) // 2 + 1,
            terms.realised_factor,
            terms.weight,
            terms.most_move,
            terms.least,
            terms.most,
            *terms.steps,
        ),
        config.members,
        terms.initial,
        deployer.sender.address,
    )
    return known[role]


def deploy_vault(
    deployer: Builder,
    config: StackConfig,
    known: dict[str, Contract],
    prefix: str,
    terms: VaultTerms,
    asset: str,
    feed: FeedTerms,
    volatility: Contract,
) -> None:
    """A pricer and the vault that writes by it."""
    settlement, clearing = known["SettlementOracle"], known["OptionClearing"]
    pricer = deployer.create(
        f"{prefix}Pricer",
        "OptionPricer",
        (
            terms.style,
            settlement.address,
            volatility.address,
            feed.id_on(settlement),
            terms.target,
            *terms.moneyness,
            terms.grid,
            terms.least_reserve,
            0,
        ),
    )
    vault = deployer.create(
        f"{prefix}Vault",
        "OptionVault",
        (
            known[asset].address,
            clearing.address,
            pricer.address,
            terms.management_fee_bps,
            terms.performance_fee_bps,
            terms.auction_seconds,
            terms.start_multiple,
            terms.least_deposit,
        ),
        terms.name,
        terms.symbol,
        terms.deposit_cap,
        config.treasury,
        deployer.sender.address,
    )
    known[f"{prefix}Pricer"], known[f"{prefix}Vault"] = pricer, vault


def option_vaults(known: Mapping[str, Contract]) -> dict[str, OptionVault]:
    """Handles of the vaults that are there, by prefix."""
    return {
        prefix: OptionVault(
            vault=known[f"{prefix}Vault"],
            pricer=known[f"{prefix}Pricer"],
            volatility=known[volatility],
            settlement=known["SettlementOracle"],
            clearing=known["OptionClearing"],
            asset=known[asset],
            feed=known[f"{prefix}Pricer"].struct("terms")["feed"],
        )
        for prefix, volatility, asset in _VAULTS
        if f"{prefix}Vault" in known
    }


def open_market(
    send: Send, handle: OptionVault, feed: FeedTerms, *, least_strike: int, step: int
) -> None:
    """List a vault's feed, which takes a fresh price, and let its series be listed."""
    kind = int(handle.pricer.call("kind"))
    send(handle.settlement, "listFeed", feed.components, feed.window)
    send(
        handle.clearing,
        "openMarket",
        handle.feed,
        handle.asset.address,
        kind,
        least_strike,
        step,
        _LONGEST,
    )
