"""Twin of the ERC-20 that fixed-balance tokens inherit."""

from keel.models.evm import MAX_UINT256, Address, Revert


class InsufficientBalance(Revert):
    """More than the account holds."""


class InsufficientAllowance(Revert):
    """More than the spender may move."""


class ERC20:
    """Balances, supply and allowances; ``MAX_UINT256`` is never spent."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self.total_supply = 0
        self.balances: dict[Address, int] = {}
        self.allowances: dict[tuple[Address, Address], int] = {}

    def balance_of(self, account: Address) -> int:
        """Token units."""
        return self.balances.get(account, 0)

    def allowance(self, owner: Address, spender: Address) -> int:
        """Token units that ``spender`` may move."""
        return self.allowances.get((owner, spender), 0)

    def approve(self, owner: Address, spender: Address, amount: int) -> None:
        """Set an allowance."""
        self.allowances[owner, spender] = amount

    def transfer(self, sender: Address, to: Address, amount: int) -> None:
        """Move ``amount``."""
        self._require_balance(sender, amount)
        self.balances[sender] = self.balance_of(sender) - amount
        self.balances[to] = self.balance_of(to) + amount

    def transfer_from(self, spender: Address, owner: Address, to: Address, amount: int) -> None:
        """Move ``amount`` and spend the allowance."""
        self._require_allowance(owner, spender, amount)
        self.transfer(owner, to, amount)
        self._spend_allowance(owner, spender, amount)

    def require_transferable(self, spender: Address, owner: Address, amount: int) -> None:
        """Refuse what ``transfer_from`` would; change nothing."""
        self._require_allowance(owner, spender, amount)
        self._require_balance(owner, amount)

    def _mint(self, to: Address, amount: int) -> None:
        self.total_supply += amount
        self.balances[to] = self.balance_of(to) + amount

    def _burn(self, owner: Address, amount: int) -> None:
        self._require_balance(owner, amount)
        self.total_supply -= amount
        self.balances[owner] -= amount

    def _require_balance(self, account: Address, amount: int) -> None:
        if amount > self.balance_of(account):
            raise InsufficientBalance()

    def _require_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        if amount > self.allowance(owner, spender):
            raise InsufficientAllowance()

    def _spend_allowance(self, owner: Address, spender: Address, amount: int) -> None:
        if self.allowance(owner, spender) != MAX_UINT256:
            self.allowances[owner, spender] = self.allowance(owner, spender) - amount
