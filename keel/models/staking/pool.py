"""Twin of ``StakingPool``: takes ether, stakes it, applies reports, and is the token kETH."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from keel.models.evm import ZERO_ADDRESS, Address, Clock
from keel.models.rounding import mul_div_down
from keel.models.staking.advances import Lender
from keel.models.staking.bonds import Cover, InsuranceFund
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
    FIRST_DEPOSIT,
    FURTHER_DEPOSIT,
    FeeShare,
    Gain,
    Ledger,
    Loss,
    OperatorLoss,
    Report,
    split_gain,
    split_loss,
)
from keel.models.staking.queue import WithdrawalQueue
from keel.models.staking.registry import Registry
from keel.models.staking.shares import EXACT_PER_ETHER, UNIT
from keel.models.staking.tickets import RATE_SCALE, Settlement

BOOTSTRAP_HOLDER: Address = "0x000000000000000000000000000000000000dEaD"
MINIMUM_BOOTSTRAP = 10**16
MAX_FEE_BPS = 2_000
MIN_REFILL_PERIOD = 60
MAX_REFILL_PERIOD = 30 * 86_400
NO_COVER = Cover(exact_shares=0, covered=0)


@dataclass(frozen=True, kw_only=True)
class Context:
    """What the pool tells the checker about a report; amounts in wei, times in seconds."""

    ref_slot: int
    validators: int
    exited_validators: int
    deposits_seen: int
    ref_timestamp: int
    previous_ref_timestamp: int
    pooled_ether: int
    previous_validators: int
    previous_exited_validators: int
    previous_deposits_seen: int
    deposited_validators: int
    deposited_ether: int
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


class StakingPool(Lender):
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
        self.applied_at = clock.timestamp
        self.paused = False
        self.loss_count = 0
        self.confirmed_loss = (0, 0)
        self.withdrawal_vault = ValidatorVault()
        self.rewards_vault = ValidatorVault()
        self._parts: tuple[WithdrawalQueue, Registry, InsuranceFund] | None = None
        self._mint(BOOTSTRAP_HOLDER, bootstrap * UNIT)

    def wire(self, queue: WithdrawalQueue, registry: Registry, insurance: InsuranceFund) -> None:
        """Name the other parts."""
        self._parts = (queue, registry, insurance)

    def _wired(self) -> tuple[WithdrawalQueue, Registry, InsuranceFund]:
        if self._parts is None:
            raise RuntimeError("the pool is not wired")
        return self._parts

    @property
    def queue(self) -> WithdrawalQueue:
        """The queue that reports finalise."""
        return self._wired()[0]

    @property
    def registry(self) -> Registry:
        """Gives the keys that get deposits; its bonds pay first for losses."""
        return self._wired()[1]

    @property
    def insurance(self) -> InsuranceFund:
        """Pays second."""
        return self._wired()[2]

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

    def deposit_validators(self, sender: Address, max_keys: int) -> int:
        """Make first deposits for up to ``max_keys`` of the registry's keys; return how many."""
        self._require_role(sender, self.roles.depositor)
        if self.paused:
            raise StakingIsPaused()
        depositable = self.get_depositable_ether()
        free = max(0, depositable - self.registry.awaiting * FURTHER_DEPOSIT)
        affordable = min(max_keys, free // (FIRST_DEPOSIT + FURTHER_DEPOSIT))
        return self._deposit(affordable, FIRST_DEPOSIT, depositable, self.registry.allocate)

    def fund_validators(self, sender: Address, max_keys: int) -> int:
        """Deposit the rest for up to ``max_keys`` confirmed keys; return how many. Anyone."""
        if self.paused:
            raise StakingIsPaused()
        depositable = self.get_depositable_ether()
        affordable = min(max_keys, depositable // FURTHER_DEPOSIT)
        return self._deposit(affordable, FURTHER_DEPOSIT, depositable, self.registry.fund)

    def _deposit(
        self, keys: int, each: int, depositable: int, take: Callable[[int], Sequence[object]]
    ) -> int:
        if keys == 0:
            raise NothingToDeposit(depositable, 0)
        with self.registry.unchanged_if_refused():
            count = len(take(keys))
            if count == 0:
                raise NothingToDeposit(depositable, keys)
        self.ledger = self.ledger.deposit(count, each)
        return count

    def get_depositable_ether(self) -> int:
        """Wei of the buffer beyond what unfinalised tickets ask for."""
        return max(0, self.ledger.buffered - self.queue.unfinalized_steth())

    # Advances

    @property
    def buffered(self) -> int:
        """Wei in the buffer."""
        return self.ledger.buffered

    def pay_advance(self, ether_amount: int) -> None:
        """Give the queue ether of the buffer; it stays an asset."""
        self.ledger = self.ledger.advance(ether_amount)

    def recover_advance(self, ether_amount: int, shortfall: int) -> None:
        """Take an advance back; what is missing is a loss of the next report."""
        self.ledger = self.ledger.recover(ether_amount, shortfall)

    # Reports

    def handle_report(self, sender: Address, report: Report, *, ref_timestamp: int) -> Applied:
        """Collect the vaults, recognise gain and loss, mint fees, finalise tickets."""
        if not report.operator_losses:
            return self._handle_report(sender, report, ref_timestamp)
        with self.registry.unchanged_if_refused():
            return self._handle_report(sender, report, ref_timestamp)

    def _handle_report(self, sender: Address, report: Report, ref_timestamp: int) -> Applied:
        self._require_role(sender, self.roles.oracle)
        now = self.clock.timestamp
        growth = self.ledger.growth(report)
        lost = max(report.blamed, -growth)
        gained = growth + lost
        verdict = self.checker.check(report, self._context(report, ref_timestamp, gained, lost))

        unreleased = self.ledger.unreleased(now)
        new_gain = gained + self.ledger.carried_gain
        loss, covers = None, (NO_COVER, NO_COVER)
        if lost:
            covers = self._cover(report.operator_losses, lost)
            loss = split_loss(
                lost,
                from_bonds=covers[0].covered,
                from_insurance=covers[1].covered,
                new_gain=new_gain,
                unreleased_gain=unreleased,
            )
            assets = self.ledger.gross - loss.from_bonds - loss.from_insurance
            if loss.from_unreleased_gain + loss.from_rate >= assets:
                raise LossExceedsAssets(lost, assets)
            new_gain -= loss.from_new_gain
            unreleased -= loss.from_unreleased_gain
        self._require_vaults(report)
        burnt = sum(cover.exact_shares for cover in covers)
        gross = self.ledger.gross - (loss.from_gross if loss else 0)
        total = self.total_exact_shares - burnt
        left = mul_div_down(EXACT_PER_ETHER, gross - unreleased, total)
        gain = split_gain(
            new_gain,
            verdict.max_gain,
            self.fees,
            total_exact_shares=total,
            pooled_ether=gross - unreleased,
        )
        ledger = replace(self.ledger.observe(report), carried_gain=gain.carried_gain)
        ledger = ledger.lock(unreleased + gain.locked, now)
        minted = gain.fee_shares
        settlement, surplus = None, 0

        if report.last_request_id:
            pooled, total = ledger.pooled(now), total + sum(minted)
            settlement = self.queue.settle(
                report.last_request_id,
                rate_ray=mul_div_down(pooled, RATE_SCALE, total),
                latest_request=verdict.latest_request,
            )
            if settlement.ether_to_send > ledger.buffered:
                raise BufferShort(settlement.ether_to_send, ledger.buffered)
            worth = mul_div_down(settlement.exact_shares_to_burn, pooled, total)
            surplus = worth - settlement.ether_to_lock
            ledger = ledger.pay_out(settlement.ether_to_send, netted=settlement.netted)
            ledger = ledger.lock(ledger.locked_gain + surplus, now)

        # Nothing is refused from here on.
        self.withdrawal_vault.ether_amount -= report.withdrawal_vault_balance
        self.rewards_vault.ether_amount -= report.rewards_vault_balance
        payers = (self.registry.bonds.address, self.insurance.address)
        for payer, cover in zip(payers, covers, strict=True):
            if cover.exact_shares:
                self._burn(payer, cover.exact_shares)
        for part, exact_shares in zip(self.fees, minted, strict=False):
            self._mint(part.recipient, exact_shares)
        if settlement is not None:
            self.queue.finalize(settlement)
            self._burn(self.queue.address, settlement.exact_shares_to_burn)
        self.ledger = ledger
        self.last_ref_timestamp = ref_timestamp
        self.applied_at = now
        if loss is not None and loss.from_rate:
            self.loss_count += 1
            self.confirmed_loss = (left, now)
        return Applied(gain=gain, loss=loss, settlement=settlement, surplus=surplus)

    def _cover(self, losses: Sequence[OperatorLoss], lost: int) -> tuple[Cover, Cover]:
        """Shares that bonds and fund give, and what each pays of the loss."""
        bonds = NO_COVER
        if losses:
            parts = self.registry.bonds.cover_losses(losses)
            bonds = Cover(
                exact_shares=sum(part.exact_shares for part in parts),
                covered=sum(part.covered for part in parts),
            )
        left = lost - bonds.covered
        return bonds, self.insurance.cover(left, bonds) if left else NO_COVER

    def _context(self, report: Report, ref_timestamp: int, gain: int, loss: int) -> Context:
        return Context(
            ref_slot=report.ref_slot,
            validators=report.validators,
            exited_validators=report.exited_validators,
            deposits_seen=report.deposits_seen,
            ref_timestamp=ref_timestamp,
            previous_ref_timestamp=self.last_ref_timestamp,
            pooled_ether=self.get_total_pooled_ether(),
            previous_validators=self.ledger.validators,
            previous_exited_validators=self.ledger.exited_validators,
            previous_deposits_seen=self.ledger.deposits_seen,
            deposited_validators=self.ledger.deposited_validators,
            deposited_ether=self.ledger.deposited_ether,
            gain=gain,
            loss=loss,
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
