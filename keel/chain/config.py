"""Parameters of a deployment, with what each network offers already."""

from dataclasses import dataclass, field, replace
from typing import Self

from keel.errors import KeelError

WEI = 10**18


class UnknownNetwork(KeelError):
    """No defaults for this network."""


@dataclass(frozen=True, kw_only=True)
class SwapConfig:
    """Parameters of the WETH/wkETH pool.

    Attributes
    ----------
    amplification : int
        A; 50 as the real stETH pool had.
    fee, offpeg_fee_multiplier : int
        10 decimals: 4,000,000 are 0.04 %.
    ma_exp_time, d_ma_time : int
        Time constants of the averages of price and D: seconds / ln 2.
    directional : bool
        Trades that restore the balance pay the base fee alone.
    """

    amplification: int = 50
    fee: int = 4_000_000
    offpeg_fee_multiplier: int = 20_000_000_000
    ma_exp_time: int = 866
    d_ma_time: int = 62_324
    directional: bool = True


@dataclass(frozen=True, kw_only=True)
class RedemptionConfig:
    """Terms of the redemption vault; fees and parts with 18 decimals, times in seconds.

    Attributes
    ----------
    min_fee, yearly_fee : int
        The least fee of a sale, 0.01 %, and the price of waiting, 5 % a year.
    holdback : int
        Of a nominal, until the next report: above the 1.101 ether a validator that one quorum may
        report as a loss.
    frame_cap : int
        Nominals bought between two reports, of the vault's assets.
    base_wait, max_report_age : int
        What the queue takes at least; from which age of the last report on nothing is bought.
    inflow_per_day : int
        Wei a day that are expected to reach the queue; the owner keeps it up to date.
    """

    min_fee: int = WEI // 10_000
    yearly_fee: int = WEI // 20
    holdback: int = WEI * 35 // 1_000
    frame_cap: int = WEI // 4
    base_wait: int = 2 * 86_400
    max_report_age: int = 2 * 86_400
    inflow_per_day: int = 1_000 * WEI


@dataclass(frozen=True, kw_only=True)
class StackConfig:
    """Who holds which role, and the parameters of the contracts.

    Attributes
    ----------
    owner : str
        Owns every contract in the end; the deploying account until then.
    bootstrap : int
        Wei staked for the dead address by the pool's constructor.
    genesis_time : int, optional
        Time of slot 0; none lets frames count from a day before the deployment.
    slots_per_frame : int
        Slots of 12 s between reports; 7,200 are a day.
    members, confirmers : tuple of str
        The oracle's members, and those of the second quorum for large losses.
    treasury : str
        Takes its part of the fee, and the swap pool's admin fees.
    fee_bps : tuple of int
        Parts of operators, treasury and insurance in 1/10,000 of a gain.
    deposit_contract, weth : str, optional
        None deploys our own: devnets only.
    """

    owner: str
    guardian: str
    depositor: str
    exit_manager: str
    members: tuple[str, ...]
    quorum: int
    confirmers: tuple[str, ...]
    confirmer_quorum: int
    treasury: str
    fee_bps: tuple[int, int, int] = (500, 400, 100)
    bootstrap: int = WEI
    genesis_time: int | None = None
    slots_per_frame: int = 7_200
    deposit_contract: str | None = None
    weth: str | None = None
    swap: SwapConfig = field(default_factory=SwapConfig)
    redemption: RedemptionConfig = field(default_factory=RedemptionConfig)

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
