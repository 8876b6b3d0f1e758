"""Twins of the staking contracts as tests deploy them, and the checker they report to."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from keel.models.evm import Address
from keel.models.staking.build import Addresses, Staking, build_staking
from keel.models.staking.ledger import FeeShare, Report
from keel.models.staking.pool import Applied, Context, Roles, Verdict

ETHER = 10**18
SLOT = 12
FEE_RECIPIENTS = ("operators", "treasury", "insurance")
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
    addresses = Addresses(pool=who("pool"), wrapper=who("wrapper"), queue=who("queue"))
    return build_staking(addresses, **parameters | changes)


def make_report(
    staking: Staking,
    growth: int = 0,
    *,
    seen: bool = True,
    swept: int = 0,
    last_request_id: int = 0,
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
    )


def deliver(staking: Staking, report: Report) -> Applied:
    """Fill the vaults as the report says and apply it now."""
    staking.pool.withdrawal_vault.ether_amount = report.withdrawal_vault_balance
    staking.pool.rewards_vault.ether_amount = report.rewards_vault_balance
    return staking.pool.handle_report(
        staking.pool.roles.oracle, report, ref_timestamp=staking.clock.timestamp
    )
