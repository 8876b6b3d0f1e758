"""Twins of ``OperatorBonds`` and ``InsuranceFund``: who pays for losses before holders do."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

from keel.models.evm import MAX_UINT256, Address
from keel.models.rounding import mul_div_down, mul_div_up
from keel.models.staking.errors import (
    BondTooSmall,
    LossesUnsorted,
    Unauthorized,
    ZeroAmount,
)
from keel.models.staking.ledger import OperatorLoss
from keel.models.staking.shares import UNIT, StakedEther, to_exact

ETHER = 10**18


class Penalty(IntEnum):
    """What a key is charged for."""

    LATE_EXIT = 0
    UNDERPERFORMED = 1
    SLASHED = 2


@dataclass(frozen=True, kw_only=True)
class Terms:
    """Bonds and penalties in wei."""

    first_key_bond: int = 24 * ETHER // 10
    further_key_bond: int = 13 * ETHER // 10
    penalties: dict[Penalty, int] = field(
        default_factory=lambda: {
            Penalty.LATE_EXIT: ETHER // 10,
            Penalty.UNDERPERFORMED: ETHER // 20,
            Penalty.SLASHED: ETHER // 2,
        }
    )

    def required(self, keys: int) -> int:
        """Wei that so many keys need."""
        return self.first_key_bond + (keys - 1) * self.further_key_bond if keys else 0

    def coverable(self, worth: int) -> int:
        """Keys that so many wei are enough for."""
        if worth < self.first_key_bond:
            return 0
        return 1 + (worth - self.first_key_bond) // self.further_key_bond


@dataclass(frozen=True, kw_only=True)
class Cover:
    """What a part gives for a loss: exact shares to burn, and the wei they pay."""

    exact_shares: int
    covered: int


class Bonds:
    """Exact shares of each operator; rewards are split over earning validators when they come."""

    def __init__(self, pool: StakedEther, address: Address, insurance: Address) -> None:
        self.pool = pool
        self.address = address
        self.insurance = insurance
        self.terms = Terms()
        self.shares: dict[int, int] = {}
        self.earning: dict[int, int] = {}
        self.all_earning = 0
        self.unshared = 0
        """Exact shares that came in and haven't been split yet, or didn't split evenly."""
        self._seen = 0
        self.refresh: Callable[[int], None] = lambda operator_id: None
        self.manager_of: Callable[[int], Address] = lambda operator_id: ""
        self.bonded_keys: Callable[[int], int] = lambda operator_id: 0

    def state(self) -> tuple[dict[int, int], dict[int, int], int, int, int]:
        """What `restore` takes."""
        earning = self.earning.copy(), self.all_earning
        return self.shares.copy(), *earning, self.unshared, self._seen

    def restore(self, state: tuple[dict[int, int], dict[int, int], int, int, int]) -> None:
        """Go back to a state."""
        self.shares, self.earning, self.all_earning, self.unshared, self._seen = state

    # Rewards

    def share_out(self) -> None:
        """Split what came in since the last time evenly over the earning validators."""
        held = self.pool.exact_shares_of(self.address)
        self.unshared += held - self._seen
        self._seen = held
        validators = self.all_earning
        if validators == 0:
            return
        each = self.unshared // validators
        for operator_id, count in self.earning.items():
            self.shares[operator_id] = self.shares.get(operator_id, 0) + each * count
        self.unshared -= each * validators

    def set_earning(self, operator_id: int, validators: int) -> None:
        """So many validators earn from now on."""
        self.share_out()
        self.all_earning += validators - self.earning.get(operator_id, 0)
        self.earning[operator_id] = validators

    # Bonds

    def deposit_bond(self, sender: Address, operator_id: int, ether_amount: int) -> int:
        """Add kETH of the sender; return the exact shares that came."""
        if ether_amount == 0:
            raise ZeroAmount()
        self.pool.require_transferable(self.address, sender, [ether_amount])
        self.manager_of(operator_id)
        self.share_out()
        (moved,) = self.pool.transfer_from_batch(self.address, sender, self.address, [ether_amount])
        self._add(operator_id, moved)
        return moved

    def add_staked(self, operator_id: int, exact_shares: int) -> None:
        """Add what was just minted to this contract for an operator; ``share_out`` came before."""
        self._add(operator_id, exact_shares)

    def _add(self, operator_id: int, exact_shares: int) -> None:
        self.shares[operator_id] = self.shares.get(operator_id, 0) + exact_shares
        self._seen += exact_shares
        self.refresh(operator_id)

    def withdraw_bond(self, sender: Address, operator_id: int, shares: int, to: Address) -> int:
        """Take what is free, in 18-decimal shares; ``MAX_UINT256`` for all of it."""
        manager = self.manager_of(operator_id)
        if sender != manager:
            raise Unauthorized(sender, manager)
        held = self.shares_of(operator_id)
        required = self.terms.required(self.bonded_keys(operator_id))
        if shares == MAX_UINT256:
            taken = max(0, held - self.pool.to_shares_up(required)) // UNIT
        else:
            taken = shares
        if taken == 0:
            raise ZeroAmount()
        exact_shares = to_exact(taken)
        left = max(0, held - exact_shares)
        worth = self.pool.to_ether_down(left)
        if exact_shares > held or worth < required:
            raise BondTooSmall(operator_id, worth, required)
        self.pool.require_recipient(to)
        self.share_out()
        self._take(operator_id, exact_shares)
        self.pool.transfer_shares(self.address, to, taken)
        self._seen = self.pool.exact_shares_of(self.address)
        self.refresh(operator_id)
        return taken

    def _take(self, operator_id: int, exact_shares: int) -> None:
        self.shares[operator_id] = self.shares.get(operator_id, 0) - exact_shares

    # Charges

    def cover_losses(self, losses: Sequence[OperatorLoss]) -> tuple[Cover, ...]:
        """Pay losses from the bonds, as far as they reach; the pool burns the shares after."""
        for position in range(1, len(losses)):
            if losses[position].operator_id <= losses[position - 1].operator_id:
                raise LossesUnsorted(position, losses[position].operator_id)
        self.share_out()
        covers = []
        for loss in losses:
            self.manager_of(loss.operator_id)
            held = self.shares.get(loss.operator_id, 0)
            needed = self.pool.to_shares_up(loss.ether_amount)
            if needed <= held:
                cover = Cover(exact_shares=needed, covered=loss.ether_amount)
            else:
                cover = Cover(exact_shares=held, covered=self.pool.to_ether_down(held))
            self._take(loss.operator_id, cover.exact_shares)
            self.refresh(loss.operator_id)
            covers.append(cover)
        self._seen -= sum(cover.exact_shares for cover in covers)
        return tuple(covers)

    def charge(self, operator_id: int, why: Penalty) -> int:
        """Move a penalty to the insurance fund, as far as the bond reaches; exact shares."""
        self.share_out()
        asked = -(-self.pool.to_shares_up(self.terms.penalties[why]) // UNIT)
        taken = min(asked, self.shares.get(operator_id, 0) // UNIT)
        self._take(operator_id, taken * UNIT)
        if taken:
            self.pool.transfer_shares(self.address, self.insurance, taken)
        self._seen = self.pool.exact_shares_of(self.address)
        return taken * UNIT

    # Views

    @property
    def accounted(self) -> int:
        """Exact shares that bonds have: what came in and was split."""
        return self._seen - self.unshared

    def shares_of(self, operator_id: int) -> int:
        """Exact shares of a bond with all rewards until now."""
        new = self.pool.exact_shares_of(self.address) - self._seen + self.unshared
        each = new // self.all_earning if self.all_earning else 0
        return self.shares.get(operator_id, 0) + each * self.earning.get(operator_id, 0)

    def coverable(self, operator_id: int) -> int:
        """Keys that a bond covers."""
        return self.terms.coverable(self.pool.to_ether_down(self.shares_of(operator_id)))


class InsuranceFund:
    """All kETH at its address."""

    def __init__(self, pool: StakedEther, address: Address) -> None:
        self.pool = pool
        self.address = address

    def cover(self, ether_amount: int, bonds: Cover) -> Cover:
        """Pay up to so many wei at the rate that the bonds' part leaves; the pool burns after."""
        pooled = self.pool.get_total_pooled_ether() - bonds.covered
        total = self.pool.total_exact_shares - bonds.exact_shares
        held = self.pool.exact_shares_of(self.address)
        exact_shares = min(mul_div_up(ether_amount, total, pooled), held)
        covered = min(ether_amount, mul_div_down(exact_shares, pooled, total))
        return Cover(exact_shares=exact_shares, covered=covered)
