"""Parameters of a deployment, with what each network offers already."""

from dataclasses import dataclass, field, replace
from typing import Annotated, Self

from keel.chain.option_config import OptionsConfig
from keel.chain.quantity import BPS, COUNT, ETHER, FEE, SECONDS, TIME, TIMES, WAD, Key
from keel.errors import KeelError

WEI = 10**18
_DAY = 86_400
_UINT32 = 2**32 - 1
_UINT40 = 2**40 - 1


class UnknownNetwork(KeelError):
    """No defaults for this network."""


@dataclass(frozen=True, kw_only=True)
class SwapConfig:
    """Parameters of the WETH/wkETH pool; A is 50 as the real stETH pool had.

    Fees have 10 decimals: 4,000,000 are 0.04 %. Windows are time constants: seconds / ln 2.
    """

    amplification: Annotated[int, Key("A", COUNT, 1, 10**6)] = 50
    fee: Annotated[int, Key("fee of a balanced trade", FEE, 10**4, 10**8)] = 4_000_000
    offpeg_fee_multiplier: Annotated[
        int,
        Key("fee far off balance, over the base fee; the product at most 5 %", TIMES, 0, 10**12),
    ] = 20_000_000_000
    ma_exp_time: Annotated[int, Key("window of the price's average", SECONDS, 1, 365 * _DAY)] = 866
    d_ma_time: Annotated[int, Key("window of D's average", SECONDS, 1, 365 * _DAY)] = 62_324
    directional: Annotated[
        bool, Key("whether trades that restore the balance pay the base fee alone")
    ] = True


@dataclass(frozen=True, kw_only=True)
class RedemptionConfig:
    """Terms of the redemption vault; fees and parts with 18 decimals, times in seconds.

    The holdback is above the 1.101 ether a validator that one quorum may report as a loss. The
    owner keeps `inflow_per_day` up to date: what is expected to reach the queue.
    """

    min_fee: Annotated[int, Key("least fee of a sale", WAD, 10**12, 5 * 10**16)] = WEI // 10_000
    yearly_fee: Annotated[int, Key("price of waiting, a year", WAD, 0, WEI)] = WEI // 20
    holdback: Annotated[
        int, Key("held back of a nominal until the next report", WAD, 0, WEI // 5)
    ] = WEI * 35 // 1_000
    frame_cap: Annotated[
        int, Key("bought between two reports, of the vault's assets", WAD, 0, WEI)
    ] = WEI // 4
    base_wait: Annotated[int, Key("what the queue takes at least", SECONDS, 3_600, 30 * _DAY)] = (
        2 * _DAY
    )
    max_report_age: Annotated[
        int, Key("age of the last report from which nothing is bought", SECONDS, 3_600, 30 * _DAY)
    ] = 2 * _DAY
    inflow_per_day: Annotated[
        int, Key("ether a day expected to reach the queue", ETHER, WEI, 10**6 * WEI)
    ] = 1_000 * WEI


@dataclass(frozen=True, kw_only=True)
class OperatorConfig:
    """What operators post, and lose by their own fault; the defaults are the constructors' own."""

    exit_period: Annotated[int, Key("time to exit after a request", SECONDS, _DAY, 30 * _DAY)] = (
        4 * _DAY
    )
    first_key_bond: Annotated[int, Key("bond of a first key", ETHER, WEI, 32 * WEI)] = (
        2_400 * WEI // 1_000
    )
    further_key_bond: Annotated[int, Key("bond of each further key", ETHER, WEI, 32 * WEI)] = (
        1_300 * WEI // 1_000
    )
    late_exit: Annotated[int, Key("penalty of a late exit", ETHER, 0, WEI)] = WEI // 10
    underperformed: Annotated[int, Key("penalty of a strike", ETHER, 0, WEI)] = WEI // 20
    slashed: Annotated[int, Key("penalty of a slashing", ETHER, 0, WEI)] = WEI // 2


@dataclass(frozen=True, kw_only=True)
class ReportLimitsConfig:
    """What one report may say without a second quorum; the defaults are the constructor's own."""

    max_gain_bps: Annotated[int, Key("most gain of one report", BPS, 1, 200)] = 50
    max_annual_gain_bps: Annotated[int, Key("most gain, a year", BPS, 100, 5_000)] = 1_000
    max_loss_per_validator: Annotated[
        int, Key("most loss a validator", ETHER, WEI // 100, 16 * WEI)
    ] = 1_101 * WEI // 1_000
    max_exits: Annotated[int, Key("most exits in one report", COUNT, 1, _UINT32)] = 600
    request_margin: Annotated[
        int, Key("age of a request before it may be finalised", SECONDS, 0, 7 * _DAY)
    ] = 3_600


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Who holds which role, and the parameters of the contracts.

    Each field is a key of the deployment's file (`keel.chain.settings`), with the unit and bounds
    of its annotation.
    """

    owner: Annotated[str, Key("owns every contract in the end, a multisig say")]
    guardian: Annotated[str, Key("may pause staking")]
    depositor: Annotated[str, Key("may send buffered ether to validators")]
    exit_manager: Annotated[str, Key("may ask operators to exit")]
    members: Annotated[tuple[str, ...], Key("the oracle's members")]
    quorum: Annotated[int, Key("votes of members for a report; more than half", COUNT, 1, 255)]
    confirmers: Annotated[tuple[str, ...], Key("the second quorum's members, for large losses")]
    confirmer_quorum: Annotated[int, Key("votes of confirmers; more than half", COUNT, 1, 255)]
    treasury: Annotated[str, Key("takes its part of the fee, and the swap pool's admin fees")]
    fee_bps: Annotated[
        tuple[int, int, int],
        Key("parts of a gain: operators, treasury, insurance; at most 20 % in all", BPS, 0, 2_000),
    ] = (500, 400, 100)
    bootstrap: Annotated[
        int, Key("ether staked for nobody by the pool's constructor", ETHER, WEI // 100, 32 * WEI)
    ] = WEI
    genesis_time: Annotated[
        int | None,
        Key("time of slot 0; unset on a devnet: a frame before the deployment", TIME, 1, _UINT40),
    ] = None
    slots_per_frame: Annotated[
        int, Key("slots of 12 s between reports; 7,200 are a day", COUNT, 1, _UINT32)
    ] = 7_200
    deposit_contract: Annotated[
        str | None, Key("the network's; unset on a devnet: our own is deployed")
    ] = None
    weth: Annotated[str | None, Key("the network's; unset: our own is deployed")] = None
    swap: SwapConfig = field(default_factory=SwapConfig)
    redemption: RedemptionConfig = field(default_factory=RedemptionConfig)
    operators: OperatorConfig = field(default_factory=OperatorConfig)
    report_limits: ReportLimitsConfig = field(default_factory=ReportLimitsConfig)
    options: OptionsConfig = field(default_factory=OptionsConfig)

    @classmethod
    def single(cls, account: str, **changes: object) -> Self:
        """All roles in one hand: for devnets, tests, and a first look at a testnet."""
        config = cls(
            owner=account,
            guardian=account,
            depositor=account,
            exit_manager=account,
            members=(account,),
            quorum=1,
            confirmers=(account,),
            confirmer_quorum=1,
            treasury=account,
        )
        return replace(config, **changes)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Network:
    """What a network has already; genesis_time is that of its consensus layer's slot 0."""

    name: str
    chain_id: int
    genesis_time: int | None = None
    deposit_contract: str | None = None
    weth: str | None = None


# Deposit contracts, and genesis times (MIN_GENESIS_TIME + GENESIS_DELAY): `metadata/config.yaml`
# of github.com/eth-clients/sepolia and /hoodi. Sepolia's WETH: Uniswap's v3 deployments.
# Sepolia's deposit contract takes deposits only from accounts that hold its token.
NETWORKS = {
    "local": Network("local", 31337),
    "sepolia": Network(
        "sepolia",
        11155111,
        genesis_time=1655733600,
        deposit_contract="0x7f02C3E3c98b133055B8B348B2Ac625669Ed295D",
        weth="0xfFf9976782d46CC05630D1f6eBAb18b2324d6B14",
    ),
    "hoodi": Network(
        "hoodi",
        560048,
        genesis_time=1742213400,
        deposit_contract="0x00000000219ab540356cBB839Cbe05303d7705Fa",
    ),
}


def network(name: str) -> Network:
    """Defaults of a network; raises `UnknownNetwork`."""
    try:
        return NETWORKS[name]
    except KeyError:
        known = ", ".join(sorted(NETWORKS))
        raise UnknownNetwork(f"no defaults for network {name!r}", f"use one of {known}") from None
