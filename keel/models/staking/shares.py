"""Twin of ``StakedEther``: a rebasing token over a ledger of 27-decimal shares."""

from abc import ABC, abstractmethod
from collections.abc import Sequence

from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Address, Clock
from keel.models.rounding import mul_div_down, mul_div_up
from keel.models.staking.errors import (
    AllowanceExceeded,
    AmountTooLarge,
    BalanceExceeded,
    InvalidRecipient,
)

UNIT = 10**9
EXACT_PER_ETHER = 10**18 * UNIT
"""Exact shares (27 decimals) in one share of Lido's ABI (18 decimals)."""
MAX_AMOUNT = 2**128 - 1
"""Largest amount of wei or exact shares that a conversion takes."""


class StakedEther(ABC):
    """Share ledger and allowances; who inherits says how much ether stands behind the shares."""

    def __init__(self, clock: Clock, address: Address) -> None:
        self.clock = clock
        self.address = address
        self.total_exact_shares = 0
        self.exact_shares: dict[Address, int] = {}
        self.allowances: dict[tuple[Address, Address], int] = {}

    @abstractmethod
    def get_total_pooled_ether(self) -> int:
        """Wei that belong to the holders now."""

    # Exchange rate

    def to_shares_down(self, ether_amount: int) -> int:
        """Exact shares worth at most ``ether_amount``."""
        return mul_div_down(
            _bounded(ether_amount), self.total_exact_shares, self.get_total_pooled_ether()
        )

    def to_shares_up(self, ether_amount: int) -> int:
        """Exact shares worth at least ``ether_amount``."""
        return mul_div_up(
            _bounded(ether_amount), self.total_exact_shares, self.get_total_pooled_ether()
        )

    def to_ether_down(self, exact_shares: int) -> int:
        """Wei, rounded down."""
        return mul_div_down(
            _bounded(exact_shares), self.get_total_pooled_ether(), self.total_exact_shares
        )

    def to_ether_up(self, exact_shares: int) -> int:
        """Wei, rounded up."""
        return mul_div_up(
            _bounded(exact_shares), self.get_total_pooled_ether(), self.total_exact_shares
        )

    # ERC-20

    def balance_of(self, account: Address) -> int:
        """Wei, rounded down."""
        return self.to_ether_down(self.exact_shares_of(account))

    def allowance(self, owner: Address, spender: Address) -> int:
        """Wei that ``spender`` may move."""
        return self.allowances.get((owner, spender), 0)

    def approve(self, owner: Address, spender: Address, ether_amount: int) -> None:
        """Set an allowance; ``MAX_UINT256`` is never spent."""
        self.allowances[owner, spender] = ether_amount

    def transfer(self, sender: Address, to: Address, ether_amount: int) -> None:
        """Move the exact shares of ``ether_amount``, rounded up."""
        self._move(sender, to, self.to_shares_up(ether_amount))

    def transfer_from(
        self, spender: Address, owner: Address, to: Address, ether_amount: int
    ) -> None:
        """Move as ``transfer`` does and spend the allowance of ``ether_amount``."""
        allowance_left = self._allowance_after(owner, spender, ether_amount)
        self.transfer(owner, to, ether_amount)
        self._set_allowance(owner, spender, allowance_left)

    def transfer_from_batch(
        self, spender: Address, owner: Address, to: Address, ether_amounts: Sequence[int]
    ) -> list[int]:
        """Move each amount as ``transfer_from`` does; return the exact shares of each."""
        moved = [self.to_shares_up(amount) for amount in ether_amounts]
        allowance_left = self._allowance_after(owner, spender, sum(ether_amounts))
        self._move(owner, to, sum(moved))
        self._set_allowance(owner, spender, allowance_left)
        return moved

    def require_transferable(
        self, spender: Address, owner: Address, ether_amounts: Sequence[int]
    ) -> None:
        """Refuse what ``transfer_from_batch`` to an account would; change nothing."""
        moved = sum(map(self.to_shares_up, ether_amounts))
        self._allowance_after(owner, spender, sum(ether_amounts))
        self._require_balance(owner, moved)

    # Shares of Lido's ABI

    def shares_of(self, account: Address) -> int:
        """18 decimals, rounded down."""
        return self.exact_shares_of(account) // UNIT

    def get_total_shares(self) -> int:
        """18 decimals, rounded down."""
        return self.total_exact_shares // UNIT

    def get_shares_by_pooled_eth(self, ether_amount: int) -> int:
        """18 decimals, rounded down."""
        return self.to_shares_down(ether_amount) // UNIT

    def get_pooled_eth_by_shares(self, shares: int) -> int:
        """Wei, rounded down."""
        return self.to_ether_down(to_exact(shares))

    def get_pooled_eth_by_shares_round_up(self, shares: int) -> int:
        """Wei, rounded up."""
        return self.to_ether_up(to_exact(shares))

    def transfer_shares(self, sender: Address, to: Address, shares: int) -> int:
        """Move ``shares`` exactly; return their value, rounded down."""
        self._move(sender, to, to_exact(shares))
        return self.get_pooled_eth_by_shares(shares)

    def transfer_shares_from(
        self, spender: Address, owner: Address, to: Address, shares: int
    ) -> int:
        """Move ``shares`` exactly; return their value, rounded down."""
        self._transfer_exact_from(spender, owner, to, to_exact(shares))
        return self.get_pooled_eth_by_shares(shares)

    def transfer_whole_shares_from(
        self, spender: Address, owner: Address, to: Address, ether_amount: int
    ) -> int:
        """Move the whole 18-decimal shares in ``ether_amount`` wei; return them."""
        shares = self.get_shares_by_pooled_eth(ether_amount)
        self._transfer_exact_from(spender, owner, to, shares * UNIT)
        return shares

    def _transfer_exact_from(
        self, spender: Address, owner: Address, to: Address, exact_shares: int
    ) -> None:
        # The smallest amount whose transfer would move as much.
        needed = 0
        if exact_shares:
            needed = (exact_shares - 1) * self.get_total_pooled_ether()
            needed = needed // self.total_exact_shares + 1
        allowance_left = self._allowance_after(owner, spender, needed)
        self._move(owner, to, exact_shares)
        self._set_allowance(owner, spender, allowance_left)

    # Ledger

    def exact_shares_of(self, account: Address) -> int:
        """27 decimals."""
        return self.exact_shares.get(account, 0)

    def _mint(self, to: Address, exact_shares: int) -> None:
        self.total_exact_shares += exact_shares
        self.exact_shares[to] = self.exact_shares_of(to) + exact_shares

    def _burn(self, account: Address, exact_shares: int) -> None:
        self._require_balance(account, exact_shares)
        self.total_exact_shares -= exact_shares
        self.exact_shares[account] -= exact_shares

    def require_recipient(self, to: Address) -> None:
        """Refuse who can't hold kETH."""
        if to in (ZERO_ADDRESS, self.address):
            raise InvalidRecipient(to)

    def _move(self, sender: Address, to: Address, exact_shares: int) -> None:
        self.require_recipient(to)
        self._require_balance(sender, exact_shares)
        self.exact_shares[sender] = self.exact_shares_of(sender) - exact_shares
        self.exact_shares[to] = self.exact_shares_of(to) + exact_shares

    def _require_balance(self, account: Address, exact_shares: int) -> None:
        held = self.exact_shares_of(account)
        if exact_shares > held:
            raise BalanceExceeded(account, exact_shares, held)

    def _allowance_after(self, owner: Address, spender: Address, needed: int) -> int:
        allowed = self.allowance(owner, spender)
        if allowed == MAX_UINT256:
            return allowed
        if needed > allowed:
            raise AllowanceExceeded(owner, spender, needed, allowed)
        return allowed - needed

    def _set_allowance(self, owner: Address, spender: Address, ether_amount: int) -> None:
        # Read before the move, written after it: a refused call changes nothing.
        self.allowances[owner, spender] = ether_amount


def to_exact(shares: int) -> int:
    """27-decimal shares of 18-decimal ones."""
    if shares > MAX_AMOUNT // UNIT:
        raise AmountTooLarge(shares, MAX_AMOUNT // UNIT)
    return shares * UNIT


def _bounded(amount: int) -> int:
    if amount > MAX_AMOUNT:
        raise AmountTooLarge(amount, MAX_AMOUNT)
    return amount
