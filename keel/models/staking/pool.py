"""Twin of ``StakingPool``: takes ether, stakes it, applies reports, and is the token kETH."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from keel.models.evm import ZERO_ADDRESS, Address, Clock
from keel.models.rounding import mul_div_down
from keel.models.staking.errors import (
    BootstrapTooSmall,
    BufferShort,
    Insufficient,
    LossExceedsAssets,
    NothingToDeposit,
    OutOfBounds,
    OwnableUnauthorizedAccount,
    StakeLimitExceeded,
    StakingIsPaused,
    Unauthorized,
    ZeroAddress,
    ZeroAmount,
)
from keel.models.staking.ledger import (
    DEPOSIT_SIZE,
    FeeShare,
    Gain,
    Ledger,
    Loss,
    Report,
    split_gain,
    split_loss,
)
from keel.models.staking.queue import RATE_SCALE, Settlement, WithdrawalQueue
from keel.models.staking.shares import UNIT, StakedEther

BOOTSTRAP_HOLDER: Address = "0x000000000000000000000000000000000000dEaD"
MINIMUM_BOOTSTRAP = 10**16
MAX_FEE_BPS = 2_000
MIN_REFILL_PERIOD = 60
MAX_REFILL_PERIOD = 30 * 86_400


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the pool tells the checker about a report; amounts in wei, times in seconds."""

    ref_timestamp: int
    previous_ref_timestamp: int
    pooled_ether: int
    validators: int
    exited_validators: int
    deposited_validators: int
    deposited_ether: int
    deposits_seen: int
    gain: int
    loss: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the checker lets a report do."""

    max_gain: int
    """Wei that may be recognised at most, carried gain included."""
    latest_request: int
    """Seconds; tickets requested later stay unfinalised."""


class Checker(Protocol):
    """Bounds on reports."""

    def check(self, report: Report, context: Context) -> Verdict:
        """Return what the report may do, or refuse it."""


@dataclass
class ValidatorVault:
    """Wei that the protocol credits without a call until a report collects them."""

    ether_amount: int = 0


@dataclass(frozen=True, kw_only=True)
class StakeLimit:
    """Staking rate limit in wei, spent by submits, refilled linearly over a period in seconds."""

    max_stake_limit: int
    refill_period: int
    level: int
    updated_at: int

    def at(self, timestamp: int) -> int:
        """Wei that may be staked."""
        elapsed = timestamp - self.updated_at
        refill = mul_div_down(self.max_stake_limit, elapsed, self.refill_period)
        return min(self.max_stake_limit, self.level + refill)

    def spend(self, ether_amount: int, timestamp: int) -> "StakeLimit":
        """Take ``ether_amount`` off the limit."""
        return replace(self, level=self.at(timestamp) - ether_amount, updated_at=timestamp)


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Who may call what."""

    owner: Address
    guardian: Address
    depositor: Address
    oracle: Address


@dataclass(frozen=True, kw_only=True)
class Applied:
    """What a report did; ``gain`` or ``loss`` is missing, ``settlement`` too if none was asked."""

    gain: Gain | None
    loss: Loss | None
    settlement: Settlement | None
    surplus: int
    """Wei that the burnt shares were worth beyond what their tickets pay."""


class StakingPool(StakedEther):
    """Ether, rate limit, fees and reports on top of the share ledger."""

    def __init__(
        self,
        clock: Clock,
        address: Address,
        *,
        bootstrap: int,
        roles: Roles,
        checker: Checker,
        fees: Sequence[FeeShare],
        max_stake_limit: int,
        refill_period: int,
    ) -> None:
        super().__init__(clock, address)
        if bootstrap < MINIMUM_BOOTSTRAP:
            raise BootstrapTooSmall(bootstrap, MINIMUM_BOOTSTRAP)
        _require_fees(fees)
        _require_refill_period(refill_period)
        self.roles = roles
        self.checker = checker
        self.fees = tuple(fees)
        self.stake_limit = StakeLimit(
            max_stake_limit=max_stake_limit,
            refill_period=refill_period,
            level=max_stake_limit,
            updated_at=clock.timestamp,
        )
        self.ledger = Ledger(buffered=bootstrap)
        self.last_ref_timestamp = clock.timestamp
        self.paused = False
        self.loss_count = 0
        self.withdrawal_vault = ValidatorVault()
        self.rewards_vault = ValidatorVault()
        self._queue: WithdrawalQueue | None = None
        self._mint(BOOTSTRAP_HOLDER, bootstrap * UNIT)

    def wire(self, queue: WithdrawalQueue) -> None:
        """Name the queue that reports finalise."""
        self._queue = queue

    @property
    def queue(self) -> WithdrawalQueue:
        """The queue that reports finalise."""
        if self._queue is None:
            raise RuntimeError("the pool is not wired")
        return self._queue

    def get_total_pooled_ether(self) -> int:
        """Wei: gross assets less the gain still locked."""
        return self.ledger.pooled(self.clock.timestamp)

    def get_unreleased_gain(self) -> int:
        """Wei, rounded up."""
        return self.ledger.unreleased(self.clock.timestamp)

    # Staking

    def submit(self, sender: Address, value: int) -> int:
        """Stake ``value`` wei; return the exact shares minted."""
        exact_shares = self.preview_submit(value)
        self.stake_limit = self.stake_limit.spend(value, self.clock.timestamp)
        self.ledger = self.ledger.submit(value)
        self._mint(sender, exact_shares)
        return exact_shares

    def preview_submit(self, value: int) -> int:
        """Exact shares that ``submit`` would mint now."""
        if self.paused:
            raise StakingIsPaused()
        if value == 0:
            raise ZeroAmount()
        limit = self.stake_limit.at(self.clock.timestamp)
        if value > limit:
            raise StakeLimitExceeded(value, limit)
        return self.to_shares_down(value)

    def get_current_stake_limit(self) -> int:
        """Wei that may be staked now."""
        return 0 if self.paused else self.stake_limit.at(self.clock.timestamp)

    # Validators

    def deposit_validators(self, sender: Address, max_keys: int, *, allocatable_keys: int) -> int:
        """Deposit for up to ``max_keys`` of the registry's keys; return for how many."""
        self._require_role(sender, self.roles.depositor)
        if self.paused:
            raise StakingIsPaused()
        depositable = self.get_depositable_ether()
        count = min(max_keys, allocatable_keys, depositable // DEPOSIT_SIZE)
        if count == 0:
            raise NothingToDeposit(depositable, count)
        self.ledger = self.ledger.deposit(count)
        return count

    def get_depositable_ether(self) -> int:
        """Wei of the buffer beyond what unfinalised tickets ask for."""
        return max(0, self.ledger.buffered - self.queue.unfinalized_steth())

    # Reports

    def handle_report(self, sender: Address, report: Report, *, ref_timestamp: int) -> Applied:
        """Collect the vaults, recognise gain or loss, mint fees, finalise tickets."""
        self._require_role(sender, self.roles.oracle)
        now = self.clock.timestamp
        growth = self.ledger.growth(report)
        verdict = self.checker.check(report, self._context(ref_timestamp, growth))
        self._require_vaults(report)

        ledger = self.ledger.observe(report)
        unreleased = self.ledger.unreleased(now)
        gain, loss, settlement, surplus = None, None, None, 0
        minted: tuple[int, ...] = ()
        if growth >= 0:
            gain = split_gain(
                growth + self.ledger.carried_gain,
                verdict.max_gain,
                self.fees,
                total_exact_shares=self.total_exact_shares,
                pooled_ether=self.get_total_pooled_ether(),
            )
            minted = gain.fee_shares
            ledger = replace(ledger, carried_gain=gain.carried_gain)
            ledger = ledger.lock(unreleased + gain.locked, now)
        else:
            carried = self.ledger.carried_gain
            if -growth >= self.ledger.assets:
                raise LossExceedsAssets(-growth, self.ledger.assets)
            loss = split_loss(-growth, carried_gain=carried, unreleased_gain=unreleased)
            ledger = replace(ledger, carried_gain=carried - loss.from_carried_gain)
            ledger = ledger.lock(unreleased - loss.from_unreleased_gain, now)

        if report.last_request_id:
            pooled, total = ledger.pooled(now), self.total_exact_shares + sum(minted)
            settlement = self.queue.settle(
                report.last_request_id,
                rate_ray=mul_div_down(pooled, RATE_SCALE, total),
                latest_request=verdict.latest_request,
            )
            if settlement.ether_to_lock > ledger.buffered:
                raise BufferShort(settlement.ether_to_lock, ledger.buffered)
            worth = mul_div_down(settlement.exact_shares_to_burn, pooled, total)
            surplus = worth - settlement.ether_to_lock
            ledger = ledger.pay_out(settlement.ether_to_lock)
            ledger = ledger.lock(ledger.locked_gain + surplus, now)

        # Nothing is refused from here on.
        self.withdrawal_vault.ether_amount -= report.withdrawal_vault_balance
        self.rewards_vault.ether_amount -= report.rewards_vault_balance
        for part, exact_shares in zip(self.fees, minted, strict=False):
            self._mint(part.recipient, exact_shares)
        if settlement is not None:
            self.queue.finalize(settlement)
            self._burn(self.queue.address, settlement.exact_shares_to_burn)
        self.ledger = ledger
        self.last_ref_timestamp = ref_timestamp
        if loss is not None and loss.from_rate:
            self.loss_count += 1
        return Applied(gain=gain, loss=loss, settlement=settlement, surplus=surplus)

    def _context(self, ref_timestamp: int, growth: int) -> Context:
        return Context(
            ref_timestamp=ref_timestamp,
            previous_ref_timestamp=self.last_ref_timestamp,
            pooled_ether=self.get_total_pooled_ether(),
            validators=self.ledger.validators,
            exited_validators=self.ledger.exited_validators,
            deposited_validators=self.ledger.deposited_validators,
            deposited_ether=self.ledger.deposited_ether,
            deposits_seen=self.ledger.deposits_seen,
            gain=max(growth, 0),
            loss=max(-growth, 0),
        )

    def _require_vaults(self, report: Report) -> None:
        for asked, vault in (
            (report.withdrawal_vault_balance, self.withdrawal_vault),
            (report.rewards_vault_balance, self.rewards_vault),
        ):
            if asked > vault.ether_amount:
                raise Insufficient(asked, vault.ether_amount)

    # Admin

    def pause(self, sender: Address) -> None:
        """Stop submits and deposits; guardian or owner."""
        if sender != self.roles.owner:
            self._require_role(sender, self.roles.guardian)
        self.paused = True

    def resume(self, sender: Address) -> None:
        """Let submits and deposits go on; owner."""
        self._require_owner(sender)
        self.paused = False

    def set_stake_limit(self, sender: Address, max_stake_limit: int, refill_period: int) -> None:
        """Change the rate limit; what could be staked before is kept up to the new maximum."""
        self._require_owner(sender)
        _require_refill_period(refill_period)
        self.stake_limit = StakeLimit(
            max_stake_limit=max_stake_limit,
            refill_period=refill_period,
            level=min(max_stake_limit, self.stake_limit.at(self.clock.timestamp)),
            updated_at=self.clock.timestamp,
        )

    def set_fees(self, sender: Address, fees: Sequence[FeeShare]) -> None:
        """Change the parts of gains that recipients get; owner."""
        self._require_owner(sender)
        _require_fees(fees)
        self.fees = tuple(fees)

    def _require_owner(self, caller: Address) -> None:
        if caller != self.roles.owner:
            raise OwnableUnauthorizedAccount(caller)

    def _require_role(self, caller: Address, needed: Address) -> None:
        if caller != needed:
            raise Unauthorized(caller, needed)


def _require_fees(fees: Sequence[FeeShare]) -> None:
    fee_bps = sum(part.fee_bps for part in fees)
    if fee_bps > MAX_FEE_BPS:
        raise OutOfBounds(fee_bps, 0, MAX_FEE_BPS)
    if any(part.fee_bps and part.recipient == ZERO_ADDRESS for part in fees):
        raise ZeroAddress()


def _require_refill_period(refill_period: int) -> None:
    if not MIN_REFILL_PERIOD <= refill_period <= MAX_REFILL_PERIOD:
        raise OutOfBounds(refill_period, MIN_REFILL_PERIOD, MAX_REFILL_PERIOD)
