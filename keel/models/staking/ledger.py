"""Where the pool's ether is, and what a report does to it: pure steps from ledger to ledger."""

from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from functools import cached_property

from keel.models.evm import Address
from keel.models.rounding import mul_div_down, mul_div_up

BPS = 10_000
FIRST_DEPOSIT = 10**18
FURTHER_DEPOSIT = 31 * 10**18
RELEASE_PERIOD = 86_400
"""Seconds over which a report's net gain flows into the rate."""


@dataclass(frozen=True, kw_only=True)
class OperatorLoss:
    """Wei that an operator's validators lost by its fault, gross of their gains."""

    operator_id: int
    ether_amount: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The consensus layer at one reference slot; amounts in wei."""

    ref_slot: int
    validators: int
    exited_validators: int
    cl_balance: int
    deposits_seen: int
    withdrawal_vault_balance: int
    rewards_vault_balance: int
    last_request_id: int = 0
    registry_hash: bytes = bytes(32)
    operator_losses: tuple[OperatorLoss, ...] = ()

    @property
    def blamed(self) -> int:
        """Sum of the operators' losses."""
        return sum(loss.ether_amount for loss in self.operator_losses)


@dataclass(frozen=True, kw_only=True)
class FeeShare:
    """One recipient of the protocol fee; part of a gain in 1/10,000."""

    recipient: Address
    fee_bps: int


@dataclass(frozen=True, kw_only=True)
class Ledger:
    """Ether in wei, counts, and the times of the gain's release in seconds."""

    buffered: int
    advanced: int = 0
    """Out on withdrawal tickets."""
    shortfall: int = 0
    """What recovered advances have fallen short of since the last report; lost with the next."""
    deposited_ether: int = 0
    deposited_validators: int = 0
    deposits_seen: int = 0
    consensus_layer: int = 0
    validators: int = 0
    exited_validators: int = 0
    carried_gain: int = 0
    locked_gain: int = 0
    release_end: int = 0

    @cached_property
    def in_flight(self) -> int:
        """Deposited, not yet seen by a report."""
        return self.deposited_ether - self.deposits_seen

    @cached_property
    def assets(self) -> int:
        """All ether of the pool."""
        lent = self.advanced + self.shortfall
        return self.buffered + self.consensus_layer + self.in_flight + lent

    @cached_property
    def gross(self) -> int:
        """All ether but the carried gain."""
        return self.assets - self.carried_gain

    def unreleased(self, timestamp: int) -> int:
        """Part of the gross that is not in the rate yet, rounded up."""
        if timestamp >= self.release_end:
            return 0
        return mul_div_up(self.locked_gain, self.release_end - timestamp, RELEASE_PERIOD)

    def pooled(self, timestamp: int) -> int:
        """Ether of the holders."""
        return self.gross - self.unreleased(timestamp)

    def lock(self, unreleased: int, timestamp: int) -> "Ledger":
        """Release ``unreleased`` over a full period from now."""
        return replace(self, locked_gain=unreleased, release_end=timestamp + RELEASE_PERIOD)

    def submit(self, ether_amount: int) -> "Ledger":
        """Take ether into the buffer."""
        return replace(self, buffered=self.buffered + ether_amount)

    def deposit(self, count: int, each: int) -> "Ledger":
        """Send ``count`` deposits from the buffer to the consensus layer."""
        first = count if each == FIRST_DEPOSIT else 0
        return replace(
            self,
            buffered=self.buffered - count * each,
            deposited_ether=self.deposited_ether + count * each,
            deposited_validators=self.deposited_validators + first,
        )

    def pay_out(self, ether_amount: int, *, netted: int = 0) -> "Ledger":
        """Give ether from the buffer to the queue, and the claim on advances with it."""
        return replace(self, buffered=self.buffered - ether_amount, advanced=self.advanced - netted)

    def advance(self, ether_amount: int) -> "Ledger":
        """Lend ether from the buffer."""
        return replace(
            self, buffered=self.buffered - ether_amount, advanced=self.advanced + ether_amount
        )

    def recover(self, ether_amount: int, shortfall: int) -> "Ledger":
        """Take lent ether back, and note what is missing."""
        return replace(
            self,
            buffered=self.buffered + ether_amount,
            advanced=self.advanced - ether_amount - shortfall,
            shortfall=self.shortfall + shortfall,
        )

    def growth(self, report: Report) -> int:
        """Gain (or, negative, loss) that ``report`` shows against the one before, net."""
        return (
            report.cl_balance
            + report.withdrawal_vault_balance
            + report.rewards_vault_balance
            - self.consensus_layer
            - self.shortfall
            - (report.deposits_seen - self.deposits_seen)
        )

    def observe(self, report: Report) -> "Ledger":
        """Take over what ``report`` says and collect the vaults: the gross moves by the growth."""
        collected = report.withdrawal_vault_balance + report.rewards_vault_balance
        return replace(
            self,
            buffered=self.buffered + collected,
            shortfall=0,
            consensus_layer=report.cl_balance,
            deposits_seen=report.deposits_seen,
            validators=report.validators,
            exited_validators=report.exited_validators,
        )


@dataclass(frozen=True, kw_only=True)
class Gain:
    """How a report's gain is used; wei and exact shares."""

    recognised: int
    carried_gain: int
    fee: int
    fee_shares: tuple[int, ...]

    @property
    def locked(self) -> int:
        """Net gain, released into the rate over the period to come."""
        return self.recognised - self.fee


@dataclass(frozen=True, kw_only=True)
class Loss:
    """Who bears a report's loss, in wei, in this order."""

    from_bonds: int
    from_insurance: int
    from_new_gain: int
    from_unreleased_gain: int
    from_rate: int

    @property
    def total(self) -> int:
        """The loss."""
        return sum(astuple(self))

    @property
    def from_gross(self) -> int:
        """What leaves the gross assets."""
        return self.total - self.from_new_gain


def split_gain(
    available: int,
    max_gain: int,
    fees: Sequence[FeeShare],
    *,
    total_exact_shares: int,
    pooled_ether: int,
) -> Gain:
    """Cap a gain and price its fee at the rate before the report."""
    recognised = min(available, max_gain)
    # Whole wei first: shares for a fraction of a wei would lower the rate of all others.
    fees_in_ether = [mul_div_down(recognised, part.fee_bps, BPS) for part in fees]
    return Gain(
        recognised=recognised,
        carried_gain=available - recognised,
        fee=sum(fees_in_ether),
        fee_shares=tuple(
            mul_div_down(fee, total_exact_shares, pooled_ether) for fee in fees_in_ether
        ),
    )


def split_loss(
    loss: int, *, from_bonds: int, from_insurance: int, new_gain: int, unreleased_gain: int
) -> Loss:
    """Let those go first who answer for it, then gains that holders don't have yet."""
    left = loss - from_bonds - from_insurance
    from_new_gain = min(left, new_gain)
    from_unreleased_gain = min(left - from_new_gain, unreleased_gain)
    return Loss(
        from_bonds=from_bonds,
        from_insurance=from_insurance,
        from_new_gain=from_new_gain,
        from_unreleased_gain=from_unreleased_gain,
        from_rate=left - from_new_gain - from_unreleased_gain,
    )
