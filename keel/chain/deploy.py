"""The whole stack, in the order its parts need each other."""

from functools import partial

from keel.chain.builder import Builder, Reads
from keel.chain.config import StackConfig
from keel.chain.contract import Call, Contract
from keel.chain.options import deploy_options, open_markets
from keel.chain.stack import Stack

_FEED_DECIMALS = 8


def deploy_stack(deployer: Builder, config: StackConfig) -> Stack:
    """Describe the stack: a `Deployer` sends what is missing, the second time nothing.

    Parameters
    ----------
    deployer : Builder
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
    contracts |= deploy_options(deployer, config, contracts)
    _wire(deployer, contracts)
    _assign_roles(deployer, config, contracts)
    _add_members(deployer, contracts, "ConsensusOracle", config.members, config.quorum)
    _add_members(deployer, contracts, "LossConfirmer", config.confirmers, config.confirmer_quorum)
    _set_terms(deployer, config, contracts)
    _expect_parameters(deployer, config, contracts)
    open_markets(deployer, config.options, contracts)
    _hand_over(deployer, config, contracts)
    return Stack.of(deployer.rpc, contracts)


def _external(deployer: Builder, config: StackConfig) -> dict[str, Contract]:
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
    if config.options.ether_usd is not None:
        contracts["EtherUsdFeed"] = deployer.attach(
            "EtherUsdFeed", "PriceFeedMock", config.options.ether_usd
        )
    elif config.deposit_contract is None:
        contracts["EtherUsdFeed"] = deployer.create(
            "EtherUsdFeed", "PriceFeedMock", _FEED_DECIMALS, "ETH / USD", deployer.sender.address
        )
    return contracts


def _staking(
    deployer: Builder, config: StackConfig, deposit_contract: Contract
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


def _swap(deployer: Builder, config: StackConfig, contracts: dict[str, Contract]) -> Contract:
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
    deployer: Builder, config: StackConfig, contracts: dict[str, Contract]
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


def _genesis_time(deployer: Builder, config: StackConfig, pool: Contract) -> int:
    """Time of slot 0; without one given, a frame before the pool's creation."""
    if config.genesis_time is not None:
        return config.genesis_time
    if "ConsensusOracle" in deployer.manifest.contracts:
        return int(deployer.contract("ConsensusOracle").call("GENESIS_TIME"))
    created, _applied = pool.call("lastReport")
    return int(created) - 12 * config.slots_per_frame


def _wire(deployer: Builder, contracts: dict[str, Contract]) -> None:
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
        done=Reads(pool, "withdrawalQueue", parts[0]),
    )
    for name, address in zip(
        ("oracle", "checker", "registry", "insurance"), parts[1:], strict=True
    ):
        role = name.encode().ljust(32, b"\0")
        deployer.expect("StakingPool", Reads(pool, "part", address, (role,)))


def _assign_roles(deployer: Builder, config: StackConfig, contracts: dict[str, Contract]) -> None:
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
            done=Reads(contract, getter, account),
        )
    recipients = (
        contracts["OperatorBonds"].address,
        config.treasury,
        contracts["InsuranceFund"].address,
    )
    fees = list(zip(recipients, config.fee_bps, strict=True))

    deployer.ensure("setFees", pool, "setFees", fees, done=Reads(pool, "getFees", fees))


def _add_members(
    deployer: Builder,
    contracts: dict[str, Contract],
    role: str,
    members: tuple[str, ...],
    quorum: int,
) -> None:
    """Each addition carries the least quorum above half; the last one the quorum asked for."""
    consensus = contracts[role]
    for count, member in enumerate(members, start=1):
        deployer.ensure(
            f"{role}.addMember {count}/{len(members)}",
            consensus,
            "addMember",
            member,
            quorum if count == len(members) else count // 2 + 1,
            done=partial(consensus.call, "isMember", member),
        )
    listed = Reads(consensus, "getMembers", members, unordered=True)
    deployer.expect(role, listed)
    deployer.expect(role, Reads(consensus, "quorum", quorum))


def _set_terms(deployer: Builder, config: StackConfig, contracts: dict[str, Contract]) -> None:
    """What constructors set to the defaults, and a configuration may change."""
    registry, bonds = contracts["OperatorRegistry"], contracts["OperatorBonds"]
    operators, limits = config.operators, config.report_limits
    steps: tuple[tuple[Contract, str, str, object], ...] = (
        (registry, "setExitPeriod", "exitPeriod", operators.exit_period),
        (
            bonds,
            "setBondTerms",
            "getBondTerms",
            (operators.first_key_bond, operators.further_key_bond),
        ),
        (
            bonds,
            "setPenaltyTerms",
            "getPenaltyTerms",
            (operators.late_exit, operators.underperformed, operators.slashed),
        ),
        (
            contracts["ReportChecker"],
            "setLimits",
            "getLimits",
            (
                limits.max_gain_bps,
                limits.max_annual_gain_bps,
                limits.max_loss_per_validator,
                limits.max_exits,
                limits.request_margin,
            ),
        ),
    )
    for contract, setter, getter, value in steps:
        deployer.ensure(setter, contract, setter, value, done=Reads(contract, getter, value))


def _expect_parameters(
    deployer: Builder, config: StackConfig, contracts: dict[str, Contract]
) -> None:
    """What constructors set from the configuration, and an owner may change."""
    swap = {
        "A": config.swap.amplification,
        "fee": config.swap.fee,
        "offpeg_fee_multiplier": config.swap.offpeg_fee_multiplier,
        "fee_receiver": config.treasury,
    }
    for view, value in swap.items():
        deployer.expect("StableSwapPool", Reads(contracts["StableSwapPool"], view, value))
    for role, view, wanted in (
        ("ReportChecker", "lossConfirmer", contracts["LossConfirmer"].address),
        ("RedemptionVault", "inflowPerDay", config.redemption.inflow_per_day),
    ):
        deployer.expect(role, Reads(contracts[role], view, wanted))


def _hand_over(deployer: Builder, config: StackConfig, contracts: dict[str, Contract]) -> None:
    owned = {role: contract for role, contract in contracts.items() if _owned(contract)}
    for role, contract in owned.items():
        if not Reads(contract, "owner", config.owner)():
            deployer.ensure(
                f"{role}.transferOwnership",
                contract,
                "transferOwnership",
                config.owner,
                done=Reads(contract, "pendingOwner", config.owner),
            )
    for role, contract in owned.items():
        deployer.expect(role, Reads(contract, "owner", config.owner))
        deployer.expect(role, Reads(contract, "pendingOwner", "0x" + "00" * 20))


def acceptances(deployer: Builder, owner: str) -> dict[str, Call]:
    """What the new owner still has to send, by role: one `acceptOwnership` for each contract."""
    contracts = {role: deployer.contract(role) for role in deployer.manifest.contracts}
    return {
        role: contract.prepare("acceptOwnership")
        for role, contract in contracts.items()
        if _owned(contract) and Reads(contract, "pendingOwner", owner)()
    }


def _owned(contract: Contract) -> bool:
    return any(entry.get("name") == "pendingOwner" for entry in contract.abi.entries)
