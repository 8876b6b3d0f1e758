"""The deployed stack: one handle for scripts, tests, simulations and keepers."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from keel.chain.artifacts import Artifact
from keel.chain.contract import Contract
from keel.chain.manifest import Manifest, ManifestMismatch
from keel.chain.options import FeedTerms, OptionVault, feeds, option_vaults
from keel.chain.rpc import Rpc


@dataclass(frozen=True)
class Stack:
    """Handles of the contracts by their role."""

    rpc: Rpc
    pool: Contract
    """StakingPool: kETH."""
    wketh: Contract
    """WrappedStakedEther."""
    queue: Contract
    """WithdrawalQueue."""
    oracle: Contract
    """ConsensusOracle."""
    loss_confirmer: Contract
    """HashConsensus: the second quorum."""
    checker: Contract
    """ReportChecker."""
    registry: Contract
    """OperatorRegistry."""
    bonds: Contract
    """OperatorBonds: what operators answer with."""
    insurance: Contract
    """InsuranceFund."""
    withdrawal_vault: Contract
    rewards_vault: Contract
    deposit_contract: Contract
    weth: Contract
    swap: Contract
    """StableSwapPool of WETH and wkETH; also its LP token."""
    gauge: Contract
    """LiquidityGauge of the swap pool's LP token."""
    redemption: Contract
    """RedemptionVault: its share token too."""
    settlement: Contract
    """SettlementOracle."""
    clearing: Contract
    """OptionClearing."""
    vaults: Mapping[str, OptionVault]
    """By what they write: "Cover", "CoveredCalls"."""
    feeds: Mapping[str, FeedTerms]
    """Of settlement prices, listed or not."""
    pricer: Contract
    """RedemptionPricer of that vault."""
    feed: Contract | None
    """ETH/USD, in the form of Chainlink's; on devnets a scenario drives it."""

    @classmethod
    def load(cls, rpc: Rpc, artifacts: Mapping[str, Artifact], path: Path) -> "Stack":
        """The stack that a manifest describes; raises `ManifestMismatch` on another chain."""
        manifest = Manifest.load(path)
        if manifest.chain_id != rpc.chain_id or manifest.genesis != rpc.block("0x0")["hash"]:
            raise ManifestMismatch(
                f"{path} belongs to another chain (id {manifest.chain_id})",
                "connect to that chain, or deploy to this one",
            )
        return cls.of(
            rpc,
            {
                role: Contract(rpc, entry.address, artifacts[entry.contract].abi)
                for role, entry in manifest.contracts.items()
            },
        )

    def find(self, path: str) -> Contract:
        """The contract of an attribute, or of a vault: "pool", "vaults.Cover.volatility"."""
        head, *rest = path.split(".")
        found: Contract
        if head == "vaults":
            prefix, part = rest
            found = getattr(self.vaults[prefix], part)
        else:
            found = getattr(self, head)
        return found

    @classmethod
    def of(cls, rpc: Rpc, contracts: Mapping[str, Contract]) -> "Stack":
        """From handles by their role in the manifest."""
        return cls(
            rpc=rpc,
            pool=contracts["StakingPool"],
            wketh=contracts["WrappedStakedEther"],
            queue=contracts["WithdrawalQueue"],
            oracle=contracts["ConsensusOracle"],
            loss_confirmer=contracts["LossConfirmer"],
            checker=contracts["ReportChecker"],
            registry=contracts["OperatorRegistry"],
            bonds=contracts["OperatorBonds"],
            insurance=contracts["InsuranceFund"],
            withdrawal_vault=contracts["WithdrawalVault"],
            rewards_vault=contracts["RewardsVault"],
            deposit_contract=contracts["DepositContract"],
            weth=contracts["WETH"],
            swap=contracts["StableSwapPool"],
            gauge=contracts["LiquidityGauge"],
            redemption=contracts["RedemptionVault"],
            settlement=contracts["SettlementOracle"],
            clearing=contracts["OptionClearing"],
            vaults=option_vaults(contracts),
            feeds=feeds(contracts),
            pricer=contracts["RedemptionPricer"],
            feed=contracts.get("EtherUsdFeed"),
        )
