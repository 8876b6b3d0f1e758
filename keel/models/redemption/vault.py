"""The vault: shares, sales, purchases, and the line of those who leave."""

from collections import Counter
from collections.abc import Callable
from copy import copy
from dataclasses import dataclass, replace

from keel.models.erc20 import InsufficientAllowance, InsufficientBalance
from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Address
from keel.models.redemption.errors import (
    AmountTooLarge,
    DeadlinePassed,
    DiscountTooSmall,
    ExitsPending,
    InsufficientIdle,
    NothingToPay,
    OutOfBounds,
    OwnableUnauthorizedAccount,
    PriceTooLow,
    TicketsWaiting,
    UnknownExit,
    ZeroAddress,
    ZeroAmount,
)
from keel.models.redemption.ledger import MAX_CHECKPOINTS, WAD, Ledger, Terms, Ticket, World
from keel.models.rounding import mul_div_down, mul_div_up

SHARES_PER_WEI = 10**6
MAX_ASSETS = 2**96 - 1
MAX_SHARES = 2**128 - 1
MIN_INFLOW = WAD
MAX_INFLOW = 10**6 * WAD


@dataclass(frozen=True, kw_only=True)
class Market:
    """What the swap pool says of wkETH.

    Attributes
    ----------
    spot : price at the reserves, by the rate that the pool believes (WAD)
    believed_rate, live_rate : that rate, and wkETH's own (WAD)
    average_ratio : average price over redemption (WAD)
    """

    spot: int
    believed_rate: int
    live_rate: int
    average_ratio: int

    @property
    def discount(self) -> int:
        """The worse of spot and average (WAD)."""
        spot = mul_div_down(self.spot, self.believed_rate, self.live_rate)
        return max(0, WAD - spot, self.average_discount)

    @property
    def average_discount(self) -> int:
        """By the average price (WAD)."""
        return max(0, WAD - self.average_ratio)


@dataclass
class Exit:
    """A range of the line that is still to be paid; ``receiver`` is None once it is."""

    receiver: Address | None
    start: int
    end: int


class Vault(Ledger):
    """Twin of ``RedemptionVault``. Balances of WETH and wkETH are the caller's business."""

    def __init__(self, address: Address, owner: Address, terms: Terms, inflow: int) -> None:
        super().__init__(terms=terms, inflow=inflow)
        self.address, self.owner = address, owner
        self.supply = 0
        self.balances: Counter[Address] = Counter()
        self.allowances: Counter[tuple[Address, Address]] = Counter()
        self.stretches: list[tuple[int, int]] = [(0, 0)]
        self.exits: list[Exit] = []
        self.line_end = 0

    def copy(self) -> "Vault":
        """The same, whatever is done to this one."""
        twin = copy(self)
        sets = (self.sold, self.from_pool, self.seasoned)
        twin.sold, twin.from_pool, twin.seasoned = (copy(marks) for marks in sets)
        twin.tickets, twin.stretches = self.tickets.copy(), self.stretches.copy()
        twin.exits = [replace(leaving) for leaving in self.exits]
        twin.balances, twin.allowances = self.balances.copy(), self.allowances.copy()
        return twin

    # Shares

    def deposit(self, world: World, sender: Address, assets: int, receiver: Address) -> int:
        """Return the shares minted for ``assets``."""
        self.advance(world)
        shares = self.to_shares_down(bounded(assets))
        self._deposit(world, assets, shares, receiver)
        return shares

    def mint(self, world: World, sender: Address, shares: int, receiver: Address) -> int:
        """Return the assets taken for ``shares``."""
        self.advance(world)
        assets = self.to_assets_up(bounded(shares))
        self._deposit(world, assets, shares, receiver)
        return assets

    def _deposit(self, world: World, assets: int, shares: int, receiver: Address) -> None:
        if not assets or not shares:
            raise ZeroAmount()
        if self.tickets_wait(world):
            raise TicketsWaiting()
        for amount, room in (
            (assets, MAX_ASSETS - self.assets),
            (shares, MAX_SHARES - self.supply),
        ):
            if amount > room:
                raise AmountTooLarge(amount, room)
        self.idle += assets
        self.supply += shares
        self.balances[receiver] += shares
        self.serve_line()

    def withdraw(
        self, world: World, sender: Address, assets: int, receiver: Address, owner: Address
    ) -> int:
        """Return the shares burnt for ``assets``."""
        self.advance(world)
        shares = self.to_shares_up(bounded(assets))
        self._withdraw(sender, assets, shares, receiver, owner)
        return shares

    def redeem(
        self, world: World, sender: Address, shares: int, receiver: Address, owner: Address
    ) -> int:
        """Return the assets paid for ``shares``."""
        self.advance(world)
        assets = self.to_assets_down(bounded(shares))
        self._withdraw(sender, assets, shares, receiver, owner)
        return assets

    def _withdraw(
        self, sender: Address, assets: int, shares: int, receiver: Address, owner: Address
    ) -> None:
        if not assets or not shares:
            raise ZeroAmount()
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self._check_line()
        if assets > self.idle:
            raise InsufficientIdle(assets, self.idle)
        if sender != owner:
            allowed = self.allowances[owner, sender]
            if shares > allowed:
                raise InsufficientAllowance()
            if allowed != MAX_UINT256:
                self.allowances[owner, sender] -= shares
        self._move(owner, None, shares)
        self.idle -= assets
        self.supply -= shares

    def _move(self, giver: Address, taker: Address | None, shares: int) -> None:
        if shares > self.balances[giver]:
            raise InsufficientBalance()
        self.balances[giver] -= shares
        if taker is not None:
            self.balances[taker] += shares

    def to_shares_down(self, assets: int) -> int:
        """Return shares of ``assets``, rounded down."""
        return mul_div_down(assets, self.supply + SHARES_PER_WEI, self.assets + 1)

    def to_shares_up(self, assets: int) -> int:
        """Return shares of ``assets``, rounded up."""
        return mul_div_up(assets, self.supply + SHARES_PER_WEI, self.assets + 1)

    def to_assets_down(self, shares: int) -> int:
        """Return the value of ``shares``, rounded down."""
        return mul_div_down(shares, self.assets + 1, self.supply + SHARES_PER_WEI)

    def to_assets_up(self, shares: int) -> int:
        """Return the value of ``shares``, rounded up."""
        return mul_div_up(shares, self.assets + 1, self.supply + SHARES_PER_WEI)

    # The line

    @property
    def pending(self) -> int:
        """Shares in line."""
        return self.line_end - self.stretches[-1][0]

    def request_exit(self, world: World, sender: Address, shares: int, receiver: Address) -> int:
        """Put shares in line; return the exit's id."""
        if not shares:
            raise ZeroAmount()
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self.advance(world)
        self._move(sender, self.address, shares)
        self.exits.append(Exit(receiver, self.line_end, self.line_end + shares))
        self.line_end += shares
        self.serve_line()
        return len(self.exits) - 1

    def serve_line(self) -> None:
        """Settle as many shares from the front of the line as there is WETH for."""
        shares = self.pending
        if not shares or not self.idle:
            return
        assets = self.to_assets_down(shares)
        if assets > self.idle:
            assets = self.idle
            shares = self.to_shares_up(assets)
        settled, paid = self.stretches[-1]
        self.stretches.append((settled + shares, paid + assets))
        self.idle -= assets
        self.owed += assets
        self._move(self.address, None, shares)
        self.supply -= shares

    def claim_exit(self, world: World, exit_id: int) -> int:
        """Return what of an exit is paid now."""
        if exit_id >= len(self.exits) or self.exits[exit_id].receiver is None:
            raise UnknownExit(exit_id)
        self.advance(world)
        self.serve_line()
        leaving = self.exits[exit_id]
        end = min(leaving.end, self.stretches[-1][0])
        assets = self._between(leaving.start, end)
        self.owed -= assets
        if end == leaving.end:
            leaving.receiver = None
        leaving.start = max(leaving.start, end)
        return assets

    def exit_status(self, exit_id: int) -> tuple[Address, int, int]:
        """Receiver, shares in line, claimable wei."""
        if exit_id >= len(self.exits) or self.exits[exit_id].receiver is None:
            return ZERO_ADDRESS, 0, 0
        leaving = self.exits[exit_id]
        settled = self.stretches[-1][0]
        pending = leaving.end - min(max(settled, leaving.start), leaving.end)
        claimable = self._between(leaving.start, min(leaving.end, settled))
        return leaving.receiver or ZERO_ADDRESS, pending, claimable

    def _between(self, start: int, end: int) -> int:
        if end <= start:
            return 0
        upper = self._assets_up_to(end, mul_div_down)
        lower = self._assets_up_to(start, mul_div_up) if start else 0
        return max(0, upper - lower)

    def _assets_up_to(self, place: int, mul_div: Callable[[int, int, int], int]) -> int:
        for before, upto in zip(self.stretches, self.stretches[1:], strict=False):
            if upto[0] >= place:
                shares, assets = upto[0] - before[0], upto[1] - before[1]
                return before[1] + mul_div(place - before[0], assets, shares)
        raise AssertionError("beyond what is settled")

    # Purchases

    def quote(self, world: World, market: Market, nominal: int) -> tuple[int, int]:
        """Price of a sale, and what of it is held back."""
        fee = max(self.wait_fee(world, nominal), market.discount)
        price = max(0, nominal - mul_div_up(nominal, fee, WAD))
        return price, mul_div_up(nominal, self.terms.holdback, WAD)

    def sell(
        self,
        world: World,
        market: Market,
        nominal: int,
        *,
        min_price: int,
        receiver: Address,
        deadline: int,
        request_id: int,
    ) -> tuple[int, int]:
        """Buy a ticket from a holder; return what is paid now, and what is held back."""
        if world.now > deadline:
            raise DeadlinePassed(deadline, world.now)
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self.advance(world)
        self._check_line()
        price, held_back = self.quote(world, market, nominal)
        if price < min_price:
            raise PriceTooLow(price, min_price)
        if price <= held_back:
            raise NothingToPay(price, held_back)
        if price > self.idle:
            raise InsufficientIdle(price, self.idle)
        self.check_frame(world, nominal)
        self.idle -= price
        self.reserved += held_back
        self._buy(world, receiver, nominal, price - held_back, held_back, request_id)
        return price - held_back, held_back

    def buy_from_pool(
        self,
        world: World,
        market: Market,
        weth_amount: int,
        *,
        nominal: int,
        request_id: int,
    ) -> int:
        """Count what the swap pool gave for ``weth_amount``, a ticket of ``nominal``."""
        if not weth_amount:
            raise ZeroAmount()
        self.advance(world)
        self._check_line()
        if weth_amount > self.idle:
            raise InsufficientIdle(weth_amount, self.idle)
        least = mul_div_up(market.average_discount, WAD // 2, WAD)
        fee = max(self.wait_fee(world, nominal), least)
        maximum = max(0, nominal - mul_div_up(nominal, fee, WAD))
        if weth_amount > maximum:
            raise DiscountTooSmall(weth_amount, maximum)
        self.check_frame(world, nominal)
        self.idle -= weth_amount
        self._buy(world, None, nominal, weth_amount, 0, request_id)
        return nominal

    def _buy(
        self,
        world: World,
        receiver: Address | None,
        nominal: int,
        cost: int,
        held_back: int,
        request_id: int,
    ) -> None:
        ticket = Ticket(
            request_id=request_id,
            sold_at=world.now,
            receiver=receiver,
            nominal=nominal,
            held_back=held_back,
            cost=cost,
            rate_ray=world.rate_ray,
        )
        self.buy_ticket(world, ticket)

    def _check_line(self) -> None:
        if self.pending:
            raise ExitsPending(self.pending)

    # Upkeep, owner

    def advance_all(self, world: World) -> None:
        """Do nothing but what every operation begins and ends with; not more than one can."""
        self.catch_up(world, MAX_CHECKPOINTS)
        if not self.is_behind(world):
            self.serve_line()

    def set_inflow(self, world: World, sender: Address, inflow: int) -> None:
        """Set the ether a day that is expected to reach the queue."""
        if sender != self.owner:
            raise OwnableUnauthorizedAccount(sender)
        if not MIN_INFLOW <= inflow <= MAX_INFLOW:
            raise OutOfBounds(inflow, MIN_INFLOW, MAX_INFLOW)
        self.advance(world)
        self.serve_line()
        self.inflow = inflow
        self.put_off(world)


def bounded(amount: int) -> int:
    """Refuse what is beyond all bounds."""
    if amount > MAX_SHARES:
        raise AmountTooLarge(amount, MAX_SHARES)
    return amount
