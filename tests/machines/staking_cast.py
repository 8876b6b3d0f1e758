"""Twins of the staking contracts as tests deploy them, and the checker they report to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keel.models.evm import MAX_UINT256, Address
from keel.models.staking.build import Addresses, Staking, build_staking
from keel.models.staking.ledger import (
    FIRST_DEPOSIT,
    FURTHER_DEPOSIT,
    FeeShare,
    OperatorLoss,
    Report,
)
from keel.models.staking.pool import Applied, Context, Roles, Verdict

ETHER = 10**18
SLOT = 12
FEE_RECIPIENTS = ("bonds", "treasury", "insurance")
"""Of the operators' part, the treasury's and the premium."""
MANAGERS = ("operator", "other_operator", "small_operator", "other_small_operator")
FEE_BPS = (500, 333, 167)
MAX_STAKE_LIMIT = 100_000 * ETHER
REFILL_PERIOD = 86_400
OPEN = Verdict(max_gain=2**128 - 1, latest_request=2**64 - 1)


@dataclass
class FixedVerdict:
    """A checker that says what the test wants and keeps what it was told."""

    verdict: Verdict = OPEN
    context: Context | None = None

    def check(self, report: Report, context: Context) -> Verdict:
        self.context = context
        return self.verdict


def fee_shares(bps: Sequence[int], who: Callable[[str], Address] = str) -> tuple[FeeShare, ...]:
    pairs = zip(FEE_RECIPIENTS, bps, strict=True)
    return tuple(FeeShare(recipient=who(name), fee_bps=part) for name, part in pairs)


def build_model(who: Callable[[str], Address] = str, **changes: Any) -> Staking:
    """Twins whose roles are played by `who`; by default a role's name is its address."""
    parameters: dict[str, Any] = {
        "deployed_at": 1_700_000_000,
        "bootstrap": ETHER,
        "roles": Roles(
            owner=who("owner"),
            guardian=who("guardian"),
            depositor=who("depositor"),
            oracle=who("reporter"),
        ),
        "checker": FixedVerdict(),
        "fees": fee_shares(FEE_BPS, who),
        "max_stake_limit": MAX_STAKE_LIMIT,
        "refill_period": REFILL_PERIOD,
    }
    names = ("pool", "wrapper", "queue", "bonds", "insurance", "withdrawals")
    addresses = Addresses(**{name: who(name) for name in names})
    staking = build_staking(addresses, **parameters | changes)
    staking.registry.exit_manager = who("owner")
    return staking


def put_to_work(staking: Staking, validators: int) -> None:
    """Enter full deposits into the pool's ledger, as if a registry had given the keys."""
    ledger = staking.pool.ledger.deposit(validators, FIRST_DEPOSIT)
    staking.pool.ledger = ledger.deposit(validators, FURTHER_DEPOSIT)


def add_operator(staking: Staking, keys: int, *, name: str = "operator", spare: int = 0) -> int:
    """Let an operator join with unused keys and their bond, and `spare` wei more; its id."""
    registry, bonds, pool = staking.registry, staking.bonds, staking.pool
    operator_id = registry.add_operator(name, name)
    bond = bonds.terms.required(keys) + spare + 1
    pool.submit(name, bond + 1)
    pool.approve(name, bonds.address, MAX_UINT256)
    bonds.deposit_bond(name, operator_id, bond)
    registry.add_keys(name, operator_id, *made_up_keys(operator_id, 0, keys))
    return operator_id


def made_up_keys(operator_id: int, first: int, count: int) -> tuple[bytes, bytes]:
    """Public keys, and signatures that fit no key."""
    numbers = range(first, first + count)
    pubkeys = b"".join(bytes([operator_id + 1]) + n.to_bytes(47, "big") for n in numbers)
    return pubkeys, pubkeys * 2


def make_report(
    staking: Staking,
    growth: int = 0,
    *,
    seen: bool = True,
    swept: int = 0,
    last_request_id: int = 0,
    operator_losses: tuple[OperatorLoss, ...] = (),
) -> Report:
    """A report that shows `growth`, with the pool's deposits seen or not.

    `swept` wei of the validators' ether, and a third of a gain, are in the vaults.
    """
    ledger = staking.pool.ledger
    in_flight = ledger.in_flight if seen else 0
    total = max(0, ledger.consensus_layer + in_flight + growth)
    rewards = min(total, max(0, growth) // 3)
    swept = min(swept, total - rewards)
    return Report(
        ref_slot=staking.clock.timestamp // SLOT,
        validators=ledger.deposited_validators,
        exited_validators=ledger.exited_validators,
        cl_balance=total - rewards - swept,
        deposits_seen=ledger.deposits_seen + in_flight,
        withdrawal_vault_balance=swept,
        rewards_vault_balance=rewards,
        last_request_id=last_request_id,
        operator_losses=operator_losses,
    )


def deliver(staking: Staking, report: Report) -> Applied:
    """Fill the vaults as the report says and apply it now."""
    staking.pool.withdrawal_vault.ether_amount = report.withdrawal_vault_balance
    staking.pool.rewards_vault.ether_amount = report.rewards_vault_balance
    return staking.pool.handle_report(
        staking.pool.roles.oracle, report, ref_timestamp=staking.clock.timestamp
    )
