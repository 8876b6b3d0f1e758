"""The whole stack, in the order its parts need each other."""

from collections.abc import Callable
from functools import partial

from keel.chain.config import StackConfig
from keel.chain.contract import Contract
from keel.chain.deployer import Deployer
from keel.chain.stack import Stack

_FEED_DECIMALS = 8


def deploy_stack(deployer: Deployer, config: StackConfig) -> Stack:
    """Deploy what is missing and wire it; the second run sends nothing.

    Parameters
    ----------
    deployer : Deployer
        Its sender owns every contract until the last steps hand over to `config.owner`, who
        accepts (`acceptOwnership`) by itself.
    config : StackConfig
        Parameters.

    Returns
    -------
    Stack
        Handles of everything.
    """
    contracts = _external(deployer, config)
    contracts |= _staking(deployer, config, contracts["DepositContract"])
    contracts["StableSwapPool"] = _swap(deployer, config, contracts)
    contracts["LiquidityGauge"] = deployer.create(
        "LiquidityGauge",
        "LiquidityGauge",
        contracts["StableSwapPool"].address,
        deployer.sender.address,
    )
    contracts |= _redemption(deployer, config, contracts)
    _wire(deployer, contracts)
    _assign_roles(deployer, config, contracts)
    _add_members(deployer, contracts["ConsensusOracle"], config.members, config.quorum)
    _add_members(deployer, contracts["LossConfirmer"], config.confirmers, config.confirmer_quorum)
    _hand_over(deployer, config, contracts)
    return Stack.of(deployer.rpc, contracts)


def _external(deployer: Deployer, config: StackConfig) -> dict[str, Contract]:
    """What live networks have and devnets need."""
    contracts = {}
    if config.deposit_contract is None:
        contracts["DepositContract"] = deployer.create("DepositContract", "DepositContractMock")
    else:
        contracts["DepositContract"] = deployer.attach(
            "DepositContract", "DepositContractMock", config.deposit_contract
        )
    if config.weth is None:
        contracts["WETH"] = deployer.create("WETH", "WETHMock")
    else:
        contracts["WETH"] = deployer.attach("WETH", "WETHMock", config.weth)
    if config.deposit_contract is None:
        contracts["EtherUsdFeed"] = deployer.create(
            "EtherUsdFeed", "PriceFeedMock", _FEED_DECIMALS, "ETH / USD", deployer.sender.address
        )
    return contracts


def _staking(
    deployer: Deployer, config: StackConfig, deposit_contract: Contract
) -> dict[str, Contract]:
    owner = deployer.sender.address
    pool = deployer.create(
        "StakingPool",
        "StakingPool",
        owner,
        deposit_contract.address,
        value=config.bootstrap,
    )
    wketh = deployer.create("WrappedStakedEther", "WrappedStakedEther", pool.address)
    queue = deployer.create("WithdrawalQueue", "WithdrawalQueue", pool.address, wketh.address)
    registry = deployer.create("OperatorRegistry", "OperatorRegistry", owner, pool.address)
    frames = (_genesis_time(deployer, config, pool), config.slots_per_frame)
    oracle = deployer.create("ConsensusOracle", "ConsensusOracle", owner, pool.address, *frames)
    confirmer = deployer.create("LossConfirmer", "HashConsensus", owner, *frames)
    checker = deployer.create(
        "ReportChecker", "ReportChecker", owner, pool.address, confirmer.address
    )
    return {
        "WithdrawalVault": deployer.attach(
            "WithdrawalVault", "ValidatorVault", pool.call("withdrawalVault")
        ),
        "RewardsVault": deployer.attach(
            "RewardsVault", "ValidatorVault", pool.call("rewardsVault")
        ),
        "StakingPool": pool,
        "WrappedStakedEther": wketh,
        "WithdrawalQueue": queue,
        "OperatorRegistry": registry,
        "OperatorBonds": deployer.attach("OperatorBonds", "OperatorBonds", registry.call("bonds")),
        "InsuranceFund": deployer.create("InsuranceFund", "InsuranceFund", pool.address),
        "ConsensusOracle": oracle,
        "LossConfirmer": confirmer,
        "ReportChecker": checker,
    }


def _swap(deployer: Deployer, config: StackConfig, contracts: dict[str, Contract]) -> Contract:
    wketh, terms = contracts["WrappedStakedEther"].address, config.swap
    return deployer.create(
        "StableSwapPool",
        "StableSwapPool",
        (
            contracts["WETH"].address,
            wketh,
            wketh,  # asks the token itself for its rate
            deployer.sender.address,
            config.treasury,
            terms.amplification,
            terms.fee,
            terms.offpeg_fee_multiplier,
            terms.ma_exp_time,
            terms.d_ma_time,
            terms.directional,
            "Keel WETH/wkETH",
            "klpETH",
        ),
    )


def _redemption(
    deployer: Deployer, config: StackConfig, contracts: dict[str, Contract]
) -> dict[str, Contract]:
    parts = ("WETH", "StakingPool", "WrappedStakedEther", "WithdrawalQueue", "StableSwapPool")
    terms = config.redemption
    vault = deployer.create(
        "RedemptionVault",
        "RedemptionVault",
        (
            *(contracts[part].address for part in parts),
            terms.min_fee,
            terms.yearly_fee,
            terms.holdback,
            terms.frame_cap,
            terms.base_wait,
            terms.max_report_age,
        ),
        terms.inflow_per_day,
        deployer.sender.address,
    )
    pricer = deployer.attach("RedemptionPricer", "RedemptionPricer", vault.call("pricer"))
    return {"RedemptionVault": vault, "RedemptionPricer": pricer}


def _genesis_time(deployer: Deployer, config: StackConfig, pool: Contract) -> int:
    """Time of slot 0; without one given, a frame before the pool's creation."""
    if config.genesis_time is not None:
        return config.genesis_time
    if "ConsensusOracle" in deployer.manifest.contracts:
        return int(deployer.contract("ConsensusOracle").call("GENESIS_TIME"))
    created, _applied = pool.call("lastReport")
    return int(created) - 12 * config.slots_per_frame


def _wire(deployer: Deployer, contracts: dict[str, Contract]) -> None:
    pool = contracts["StakingPool"]
    roles = (
        "WithdrawalQueue", "ConsensusOracle", "ReportChecker", "OperatorRegistry", "InsuranceFund",
    )  # fmt: skip
    parts = tuple(contracts[role].address for role in roles)
    deployer.ensure(
        "StakingPool.wire",
        pool,
        "wire",
        parts,
        done=_is(pool, "withdrawalQueue", parts[0]),
    )


def _assign_roles(deployer: Deployer, config: StackConfig, contracts: dict[str, Contract]) -> None:
    pool, registry = contracts["StakingPool"], contracts["OperatorRegistry"]
    roles = (
        (pool, "setGuardian", "guardian", config.guardian),
        (pool, "setDepositor", "depositor", config.depositor),
        (registry, "setExitManager", "exitManager", config.exit_manager),
    )
    for contract, setter, getter, account in roles:
        deployer.ensure(
            setter,
            contract,
            setter,
            account,
            done=_is(contract, getter, account),
        )
    recipients = (
        contracts["OperatorBonds"].address,
        config.treasury,
        contracts["InsuranceFund"].address,
    )
    fees = list(zip(recipients, config.fee_bps, strict=True))

    def fees_set() -> bool:
        return [(who.lower(), bps) for who, bps in pool.call("getFees")] == [
            (who.lower(), bps) for who, bps in fees
        ]

    deployer.ensure("setFees", pool, "setFees", fees, done=fees_set)


def _add_members(
    deployer: Deployer, consensus: Contract, members: tuple[str, ...], quorum: int
) -> None:
    """Each addition carries the least quorum above half; the last one the quorum asked for."""
    for count, member in enumerate(members, start=1):
        deployer.ensure(
            f"addMember {count}/{len(members)}",
            consensus,
            "addMember",
            member,
            quorum if count == len(members) else count // 2 + 1,
            done=partial(consensus.call, "isMember", member),
        )


def _hand_over(deployer: Deployer, config: StackConfig, contracts: dict[str, Contract]) -> None:
    if _same(config.owner, deployer.sender.address):
        return
    for role, contract in contracts.items():
        if not _owned(contract) or _is(contract, "owner", config.owner)():
            continue
        deployer.ensure(
            f"{role}.transferOwnership",
            contract,
            "transferOwnership",
            config.owner,
            done=_is(contract, "pendingOwner", config.owner),
        )


def _owned(contract: Contract) -> bool:
    return any(entry.get("name") == "pendingOwner" for entry in contract.abi.entries)


def _is(contract: Contract, getter: str, account: str) -> Callable[[], bool]:
    """Tell whether the contract names this account."""
    return lambda: _same(contract.call(getter), account)


def _same(left: str, right: str) -> bool:
    return left.lower() == right.lower()
