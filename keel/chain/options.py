"""Deployment of the options side: settlement, clearing, vaults with what prices them, markets."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.builder import Builder, Reads, plain
from keel.chain.config import StackConfig
from keel.chain.contract import Call, Contract
from keel.chain.option_config import OptionsConfig, VaultConfig, VolatilityConfig

_DAY = 86_400
_AGGREGATOR, _RATE, _RATIO, _CAPPED_RATIO = range(4)

Send = Callable[..., object]
"""Sends a call to a contract: handle, function, arguments."""


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What a vault is, whatever its terms; its roles in the manifest begin with `prefix`.

    Attributes
    ----------
    volatility, asset : str
        Roles.
    feed : str
        As `feeds` names it.
    style : int
        As `IOptionPricer` numbers them.
    terms, risks : callable
        Of a configuration: the vault's, and its volatility's.
    """

    prefix: str
    volatility: str
    asset: str
    feed: str
    style: int
    name: str
    symbol: str
    terms: Callable[[OptionsConfig], VaultConfig]
    risks: Callable[[OptionsConfig], VolatilityConfig]


COVER = Kind(
    prefix="Cover", volatility="PegVolatility", asset="WETH", feed="peg", style=2,
    name="Keel cover against a depeg", symbol="kcvWETH",
    terms=lambda options: options.cover, risks=lambda options: options.peg_volatility,
)  # fmt: skip
COVERED_CALLS = Kind(
    prefix="CoveredCalls", volatility="EtherVolatility", asset="WrappedStakedEther", feed="wkETH",
    style=0, name="Keel covered calls on wkETH", symbol="kcWKETH",
    terms=lambda options: options.covered_calls, risks=lambda options: options.ether_volatility,
)  # fmt: skip
_KINDS = (COVER, COVERED_CALLS)

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
        "SettlementOracle", "SettlementOracle", config.guardian, config.options.dispute_bond, owner
    )
    known["OptionClearing"] = deployer.create(
        "OptionClearing",
        "OptionClearing",
        known["SettlementOracle"].address,
        known["WrappedStakedEther"].address,
        owner,
    )
    table = feeds(known)
    for kind in _KINDS:
        terms = kind.terms(config.options)
        if kind.feed in table if terms.deployed is None else terms.deployed:
            feed = table[kind.feed]
            volatility = deploy_volatility(deployer, config, known, kind, feed)
            deploy_vault(deployer, config, known, kind, terms, feed, volatility)
    return {role: contract for role, contract in known.items() if role not in contracts}


def deploy_volatility(
    deployer: Builder,
    config: StackConfig,
    known: dict[str, Contract],
    kind: Kind,
    feed: FeedTerms,
) -> Contract:
    """The bounded volatility of a feed."""
    settlement, risks = known["SettlementOracle"], kind.risks(config.options)
    members = config.options.members or config.members
    oracle = known[kind.volatility] = deployer.create(
        kind.volatility,
        "VolatilityOracle",
        (
            settlement.address,
            feed.id_on(settlement),
            config.options.quorum or len(members) // 2 + 1,
            risks.realised_factor,
            risks.weight,
            risks.max_move,
            risks.min_volatility,
            risks.max_volatility,
            risks.intensity_step,
            risks.loss_step,
            risks.rate_step,
        ),
        members,
        risks.initial,
        deployer.sender.address,
    )
    deployer.expect(kind.volatility, Reads(oracle, "members", members, unordered=True))
    return oracle


def deploy_vault(
    deployer: Builder,
    config: StackConfig,
    known: dict[str, Contract],
    kind: Kind,
    terms: VaultConfig,
    feed: FeedTerms,
    volatility: Contract,
) -> None:
    """A pricer and the vault that writes by it."""
    settlement, clearing = known["SettlementOracle"], known["OptionClearing"]
    pricer = deployer.create(
        f"{kind.prefix}Pricer",
        "OptionPricer",
        (
            kind.style,
            settlement.address,
            volatility.address,
            feed.id_on(settlement),
            terms.target,
            terms.min_moneyness,
            terms.max_moneyness,
            terms.grid,
            terms.min_reserve,
            0,
        ),
    )
    role = f"{kind.prefix}Vault"
    vault = deployer.create(
        role,
        "OptionVault",
        (
            known[kind.asset].address,
            clearing.address,
            pricer.address,
            terms.management_fee_bps,
            terms.performance_fee_bps,
            terms.auction_duration,
            terms.start_multiple,
            terms.min_deposit,
        ),
        kind.name,
        kind.symbol,
        terms.deposit_cap,
        config.treasury,
        deployer.sender.address,
    )
    deployer.expect(role, Reads(vault, "depositCap", terms.deposit_cap))
    deployer.expect(role, Reads(vault, "feeReceiver", config.treasury))
    known[f"{kind.prefix}Pricer"], known[role] = pricer, vault


def option_vaults(known: Mapping[str, Contract]) -> dict[str, OptionVault]:
    """Handles of the vaults that are there, by prefix."""
    return {
        kind.prefix: OptionVault(
            vault=known[f"{kind.prefix}Vault"],
            pricer=known[f"{kind.prefix}Pricer"],
            volatility=known[kind.volatility],
            settlement=known["SettlementOracle"],
            clearing=known["OptionClearing"],
            asset=known[kind.asset],
            feed=known[f"{kind.prefix}Pricer"].struct("terms")["feed"],
        )
        for kind in _KINDS
        if f"{kind.prefix}Vault" in known
    }


# Markets


def open_market(send: Send, handle: OptionVault, feed: FeedTerms, terms: VaultConfig) -> None:
    """List a vault's feed, which takes a fresh price, and let its series be listed."""
    send(handle.settlement, "listFeed", feed.components, feed.window)
    send(handle.clearing, "openMarket", *_market(handle, terms))


def open_markets(
    deployer: Builder, terms: OptionsConfig, contracts: Mapping[str, Contract]
) -> None:
    """List feeds and open markets, as soon as there is a price, if the sender owns them still."""
    owned = Reads(contracts["OptionClearing"], "owner", deployer.sender.address)()
    for kind, handle, feed in _handles(contracts):
        if _position(handle) is None and not (owned and _has_price(contracts, handle, feed)):
            continue
        deployer.ensure(
            f"listFeed {kind.feed}",
            handle.settlement,
            "listFeed",
            feed.components,
            feed.window,
            done=partial(_is_listed, handle),
        )
        market = _market(handle, kind.terms(terms))
        deployer.ensure(
            f"openMarket {kind.prefix}",
            handle.clearing,
            "openMarket",
            *market,
            done=_Opened(handle, (*market[:3], True, *market[3:])),
        )


def markets_left(terms: OptionsConfig, contracts: Mapping[str, Contract]) -> dict[str, list[Call]]:
    """What opens the markets that aren't open, by vault; nothing where there is no price yet."""
    left: dict[str, list[Call]] = {}
    for kind, handle, feed in _handles(contracts):
        if _position(handle) is not None:
            continue
        calls = left.setdefault(kind.prefix, [])
        if _has_price(contracts, handle, feed):
            calls.append(handle.settlement.prepare("listFeed", feed.components, feed.window))
            market = _market(handle, kind.terms(terms))
            calls.append(handle.clearing.prepare("openMarket", *market))
    return left


def _handles(
    contracts: Mapping[str, Contract],
) -> Iterator[tuple[Kind, OptionVault, FeedTerms]]:
    vaults, table = option_vaults(contracts), feeds(contracts)
    for kind in _KINDS:
        if kind.prefix in vaults:
            yield kind, vaults[kind.prefix], table[kind.feed]


def _market(handle: OptionVault, terms: VaultConfig) -> tuple[Any, ...]:
    """As `openMarket` takes it."""
    kind = int(handle.pricer.call("kind"))
    asset = handle.asset.address
    return handle.feed, asset, kind, terms.min_strike, terms.grid, terms.max_time


def _position(handle: OptionVault) -> int | None:
    """Place of the vault's market among all; none if it never was opened."""
    wanted = plain((handle.feed, handle.asset.address, int(handle.pricer.call("kind"))))
    for position in range(int(handle.clearing.call("marketCount"))):
        if plain(handle.clearing.call("marketAt", position)[:3]) == wanted:
            return position
    return None


@dataclass(frozen=True)
class _Opened:
    """Whether a vault's market is as it should be."""

    handle: OptionVault
    market: tuple[Any, ...]

    def __call__(self) -> bool:
        """Look at the one that is there, if there is one."""
        position = _position(self.handle)
        if position is None:
            return False
        return Reads(self.handle.clearing, "marketAt", self.market, (position,))()


def _is_listed(handle: OptionVault) -> bool:
    try:
        handle.settlement.call("feedOf", handle.feed)
    except Reverted:
        return False
    return True


def _has_price(contracts: Mapping[str, Contract], handle: OptionVault, feed: FeedTerms) -> bool:
    """Whether the feed is listed, or could be now; an empty swap pool's price says nothing."""
    if not int(contracts["StableSwapPool"].call("totalSupply")):
        return False
    try:
        handle.settlement.call("listFeed", feed.components, feed.window)
    except Reverted:
        return False
    return True
