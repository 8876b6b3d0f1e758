"""Pool, wrapper, queue, registry, bonds and insurance fund, built and wired together."""

from collections.abc import Sequence
from dataclasses import dataclass

from keel.models.evm import Address, Clock
from keel.models.staking.bonds import Bonds, InsuranceFund
from keel.models.staking.ledger import FeeShare
from keel.models.staking.pool import Checker, Roles, StakingPool
from keel.models.staking.queue import WithdrawalQueue
from keel.models.staking.registry import Registry
from keel.models.staking.wrapper import WrappedStakedEther


@dataclass(frozen=True, kw_only=True)
class Addresses:
    """Where the contracts are."""

    pool: Address
    wrapper: Address
    queue: Address
    bonds: Address
    insurance: Address
    withdrawals: Address


@dataclass(frozen=True, kw_only=True)
class Staking:
    """Twins of the staking contracts on one clock."""

    clock: Clock
    pool: StakingPool
    wrapper: WrappedStakedEther
    queue: WithdrawalQueue
    registry: Registry
    bonds: Bonds
    insurance: InsuranceFund


def build_staking(
    addresses: Addresses,
    *,
    deployed_at: int,
    bootstrap: int,
    roles: Roles,
    checker: Checker,
    fees: Sequence[FeeShare],
    max_stake_limit: int,
    refill_period: int,
) -> Staking:
    """Deploy the twins at ``deployed_at`` seconds; amounts in wei."""
    clock = Clock(deployed_at)
    pool = StakingPool(
        clock,
        addresses.pool,
        bootstrap=bootstrap,
        roles=roles,
        checker=checker,
        fees=fees,
        max_stake_limit=max_stake_limit,
        refill_period=refill_period,
    )
    wrapper = WrappedStakedEther(addresses.wrapper, pool=pool)
    queue = WithdrawalQueue(clock, addresses.queue, pool=pool, wrapper=wrapper)
    bonds = Bonds(pool, addresses.bonds, addresses.insurance)
    registry = Registry(clock, owner=roles.owner, vault=addresses.withdrawals, bonds=bonds)
    registry.oracle = roles.oracle
    insurance = InsuranceFund(pool, addresses.insurance)
    pool.wire(queue, registry, insurance)
    return Staking(
        clock=clock,
        pool=pool,
        wrapper=wrapper,
        queue=queue,
        registry=registry,
        bonds=bonds,
        insurance=insurance,
    )
