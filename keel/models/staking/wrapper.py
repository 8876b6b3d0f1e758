"""Twin of ``WrappedStakedEther``: kETH with a fixed balance, as wstETH and as ERC-4626 vault."""

from typing import TYPE_CHECKING

from keel.models.erc20 import ERC20
from keel.models.evm import Address
from keel.models.rounding import mul_div_up
from keel.models.staking.errors import ZeroAmount
from keel.models.staking.shares import MAX_AMOUNT, UNIT

if TYPE_CHECKING:  # the pool knows the queue, the queue the wrapper, the wrapper the pool
    from keel.models.staking.pool import StakingPool

ONE = 10**18


class WrappedStakedEther(ERC20):
    """One unit is one 18-decimal share, always: kETH beyond ``total_supply`` backs nothing."""

    def __init__(self, address: Address, *, pool: "StakingPool") -> None:
        super().__init__(address)
        self.pool = pool

    # wstETH

    def wrap(self, sender: Address, ether_amount: int) -> int:
        """Wrap the whole units in ``ether_amount`` wei of kETH; return them."""
        if self.convert_to_shares(ether_amount) == 0:
            raise ZeroAmount()
        shares = self.pool.transfer_whole_shares_from(
            self.address, sender, self.address, ether_amount
        )
        self._mint(sender, shares)
        return shares

    def wrap_shares(self, sender: Address, shares: int) -> int:
        """Wrap ``shares``; return their wei, rounded down."""
        if shares == 0:
            raise ZeroAmount()
        ether_amount = self.pool.transfer_shares_from(self.address, sender, self.address, shares)
        self._mint(sender, shares)
        return ether_amount

    def unwrap(self, sender: Address, shares: int) -> int:
        """Give ``shares`` back; return their wei, rounded down."""
        if shares == 0:
            raise ZeroAmount()
        self._burn(sender, shares)
        return self.pool.transfer_shares(self.address, sender, shares)

    def receive(self, sender: Address, value: int) -> int:
        """Stake ``value`` wei and wrap; return the units minted."""
        shares = self.pool.preview_submit(value) // UNIT
        if shares == 0:
            raise ZeroAmount()
        self.pool.submit(self.address, value)
        self._mint(sender, shares)
        return shares

    def get_wsteth_by_steth(self, ether_amount: int) -> int:
        """Units, rounded down."""
        return self.convert_to_shares(ether_amount)

    def get_steth_by_wsteth(self, shares: int) -> int:
        """Wei, rounded down."""
        return self.convert_to_assets(shares)

    def st_eth_per_token(self) -> int:
        """Wei for 1e18 units."""
        return self.convert_to_assets(ONE)

    def tokens_per_st_eth(self) -> int:
        """Units for 1e18 wei."""
        return self.convert_to_shares(ONE)

    def get_rate(self) -> int:
        """Ether per token, WAD."""
        return self.st_eth_per_token()

    # ERC-4626

    def total_assets(self) -> int:
        """Wei behind the supply."""
        return self.convert_to_assets(self.total_supply)

    def convert_to_shares(self, assets: int) -> int:
        """Units, rounded down."""
        return self.pool.get_shares_by_pooled_eth(assets)

    def convert_to_assets(self, shares: int) -> int:
        """Wei, rounded down."""
        return self.pool.get_pooled_eth_by_shares(shares)

    def max_deposit(self) -> int:
        """As many wei as the pool can convert."""
        return MAX_AMOUNT

    def max_mint(self) -> int:
        """As many units as the pool can convert."""
        return MAX_AMOUNT // UNIT

    def max_withdraw(self, owner: Address) -> int:
        """Wei, rounded down."""
        return self.convert_to_assets(self.balance_of(owner))

    def max_redeem(self, owner: Address) -> int:
        """Units."""
        return self.balance_of(owner)

    def preview_deposit(self, assets: int) -> int:
        """Units that a deposit mints, rounded down."""
        return self.convert_to_shares(assets)

    def preview_mint(self, shares: int) -> int:
        """Wei that a mint takes, rounded up."""
        return self.pool.get_pooled_eth_by_shares_round_up(shares)

    def preview_withdraw(self, assets: int) -> int:
        """Units that a withdrawal burns, rounded up."""
        return mul_div_up(self.pool.to_shares_up(assets), 1, UNIT)

    def preview_redeem(self, shares: int) -> int:
        """Wei that a redemption pays, rounded down."""
        return self.convert_to_assets(shares)

    def deposit(self, sender: Address, assets: int, receiver: Address) -> int:
        """Take exactly ``assets`` wei of kETH; return the units minted."""
        shares = self.preview_deposit(assets)
        if shares == 0:
            raise ZeroAmount()
        self._take(sender, assets, receiver, shares)
        return shares

    def mint(self, sender: Address, shares: int, receiver: Address) -> int:
        """Mint exactly ``shares``; return the wei of kETH taken."""
        if shares == 0:
            raise ZeroAmount()
        assets = self.preview_mint(shares)
        self._take(sender, assets, receiver, shares)
        return assets

    def withdraw(self, sender: Address, assets: int, receiver: Address, owner: Address) -> int:
        """Give exactly ``assets`` wei of kETH; return the units burnt."""
        if assets == 0:
            raise ZeroAmount()
        shares = self.preview_withdraw(assets)
        self._give(sender, assets, receiver, owner, shares)
        return shares

    def redeem(self, sender: Address, shares: int, receiver: Address, owner: Address) -> int:
        """Burn exactly ``shares``; return the wei of kETH given."""
        if shares == 0:
            raise ZeroAmount()
        assets = self.preview_redeem(shares)
        self._give(sender, assets, receiver, owner, shares)
        return assets

    def _take(self, sender: Address, assets: int, receiver: Address, shares: int) -> None:
        self.pool.transfer_from(self.address, sender, self.address, assets)
        self._mint(receiver, shares)

    def _give(
        self, sender: Address, assets: int, receiver: Address, owner: Address, shares: int
    ) -> None:
        if sender != owner:
            self._require_allowance(owner, sender, shares)
        self._require_balance(owner, shares)
        self.pool.transfer(self.address, receiver, assets)
        if sender != owner:
            self._spend_allowance(owner, sender, shares)
        self._burn(owner, shares)
