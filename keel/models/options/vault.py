"""Twin of the option vault: rounds, requests and fees, from the interface's statements."""

from contextlib import suppress
from dataclasses import dataclass, field

from keel.models.erc20 import ERC20
from keel.models.evm import ZERO_ADDRESS, Address, Revert
from keel.models.options.auction import Auction, Sale, require_in_time
from keel.models.options.pricer import Pricer
from keel.models.options.vault_errors import (
    AmountTooLarge,
    AuctionStillOpen,
    DepositCapExceeded,
    DepositTooSmall,
    ExitNotOpen,
    Expired,
    InvalidRecipient,
    NothingToWrite,
    NotOperator,
    OutOfBounds,
    OwnableUnauthorizedAccount,
    RoundAlreadyStarted,
    RoundNotOver,
    TooLateToStart,
    TransferFromFailed,
    VaultWoundDown,
    ZeroAddress,
    ZeroAmount,
)
from keel.models.options.vault_world import (
    BPS,
    EXIT_DELAY,
    FIRST_EXPIRY,
    MAX_CAP,
    MIN_LIFE,
    MIN_PRICE,
    WAD,
    WEEK,
    YEAR,
    Exit,
    Request,
    RoundEnd,
    VaultTerms,
    World,
)
from keel.models.options.written_series import WrittenSeries
from keel.models.rounding import mul_div_down, mul_div_up


@dataclass
class Vault:
    """The vault's book, over twins of its token and of its series."""

    address: Address
    clearing: Address
    terms: VaultTerms
    pricer: Pricer
    asset: ERC20
    owner: Address
    fee_receiver: Address
    cap: int
    due: int
    round: int = 1
    pending_deposits: int = 0
    queued_shares: int = 0
    idle: int = 0
    reserved: int = 0
    fees: int = 0
    locked: int = 0
    high_water_mark: int = WAD
    shorts: int = 0
    series: WrittenSeries | None = None
    ends: list[RoundEnd] = field(default_factory=list)
    deposits: dict[Address, Request] = field(default_factory=dict)
    redeems: dict[Address, Request] = field(default_factory=dict)
    operators: set[tuple[Address, Address]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Begin with a token of shares and no lot."""
        self.shares = ERC20(self.address)
        terms = self.terms
        self.auction = Auction(terms.auction_duration, terms.start_multiple, 10**terms.decimals)

    # Rounds

    def price_of(self, number: int) -> int:
        """Price per share of a round that is over (WAD); zero of others."""
        return self.ends[number - 1].price if 0 < number <= len(self.ends) else 0

    @property
    def last_price(self) -> int:
        """Price per share of the last round that is over; one before any."""
        return self.ends[-1].price if self.ends else WAD

    def roll(self, world: World) -> int:
        """End the round, serve its requests, open the next one."""
        if world.now < self.due:
            raise RoundNotOver(self.due, world.now)
        end = self._end_round(self.idle + self._settle(world))
        self._serve(end)
        self.series, self.shorts = None, 0
        self.auction.end()
        self.due = next_due(world.now)
        with suppress(Revert):
            self._start(world)
        return end.price

    def _settle(self, world: World) -> int:
        series, unsold = self.series, self.auction.unsold
        if series is None or not self.shorts:
            return 0
        if unsold == self.shorts and not series.price:
            proceeds = series.burn(unsold)
        else:
            series.settle(world.settlement(series.expiry))
            proceeds = series.unwind(unsold, self.shorts)
        self.asset.transfer(self.clearing, self.address, proceeds)
        return proceeds

    def _end_round(self, gross: int) -> RoundEnd:
        supply, management, performance = self.shares.total_supply, 0, 0
        if supply and self.series is not None:
            life = self.due - self.auction.started_at
            management = gross * self.terms.management_fee_bps * life // (BPS * YEAR)
        if supply:
            mark = mul_div_up(supply, self.high_water_mark, WAD)
            performance = max(gross - mark, 0) * self.terms.performance_fee_bps // BPS
        net = gross - management - performance
        end = RoundEnd(
            round=self.round,
            price=mul_div_down(net, WAD, supply) if supply else WAD,
            gross=gross,
            management=management,
            performance=performance,
            deposited=self.pending_deposits,
            redeemed=self.queued_shares,
        )
        self.high_water_mark = max(end.price, self.high_water_mark) if supply else WAD
        self.fees += management + performance
        self.idle = net
        self.ends.append(end)
        self.round += 1
        return end

    def _serve(self, end: RoundEnd) -> None:
        paid = mul_div_down(end.redeemed, end.price, WAD)
        self.idle, self.reserved = self.idle - paid, self.reserved + paid
        if end.redeemed:
            self.shares._burn(self.address, end.redeemed)
        if end.price < MIN_PRICE:
            self.reserved += end.deposited
        else:
            self.idle += end.deposited
            self.shares._mint(self.address, mul_div_down(end.deposited, WAD, end.price))
        self.pending_deposits = self.queued_shares = 0
        self.locked = self.idle

    def start_round(self, world: World) -> None:
        """Open the round where `roll` could not."""
        if self.series is not None:
            raise RoundAlreadyStarted(self.series.id)
        self._start(world)

    def _start(self, world: World) -> None:
        if world.now + MIN_LIFE > self.due:
            raise TooLateToStart(self.due, world.now)
        spot, risk = world.spot(), world.risk()
        strike = self.pricer.choose_strike(spot, risk, self.due - world.now)
        series = world.series(strike, self.pricer.cap(strike), self.due)
        amount = self._write(series, min(series.pairs_for(self.idle), world.room(series)))
        self.series, self.shorts = series, amount
        self.auction.start(world.now, amount)

    def _write(self, series: WrittenSeries, amount: int) -> int:
        if not amount:
            raise NothingToWrite()
        collateral = series.mint(amount)
        self.idle -= collateral
        self.asset.transfer(self.address, self.clearing, collateral)
        return amount

    def extend_lot(self, world: World) -> int:
        """Add to the lot what there was no room for."""
        self.auction.require_open(world.now)
        assert self.series is not None
        most = min(self.series.pairs_for(self.idle), self.unwritten(world.now))
        amount = self._write(self.series, min(most, world.room(self.series)))
        self.shorts += amount
        self.auction.unsold += amount
        return amount

    def unwritten(self, now: int) -> int:
        """Options that assets backed when the round began, and that may still be added."""
        if self.series is None or now >= self.auction.ends_at:
            return 0
        return self.series.pairs_for(self.locked) - self.shorts

    def close_auction(self, world: World) -> int:
        """Burn what is unsold, with its shorts."""
        ends_at = self.auction.started_at + self.auction.duration
        if world.now < ends_at:
            raise AuctionStillOpen(ends_at, world.now)
        unsold = self.auction.unsold
        if not unsold or self.series is None:
            raise ZeroAmount()
        collateral = self.series.burn(unsold)
        self.asset.transfer(self.clearing, self.address, collateral)
        self.idle += collateral
        self.shorts -= unsold
        self.auction.unsold = 0
        return collateral

    # Auction

    def ask_price(self, world: World) -> int:
        """Price of 1e18 claims (WAD of the token)."""
        self.auction.require_open(world.now)
        assert self.series is not None
        if world.now >= self.due:
            raise Expired(self.due, world.now)
        spot, risk = self.pricer.sale_spot(world.spot(), *world.peg()), world.risk()
        reserve = self.pricer.reserve(spot, self.series.strike, risk, self.due - world.now)
        return self.auction.ask_price(world.now, reserve)

    def buy(
        self, world: World, buyer: Address, amount: int, *, minimum: int, limit: int, deadline: int
    ) -> Sale:
        """Sell claims; the premium is the shares'."""
        require_in_time(world.now, deadline)
        sale = self.auction.sell(amount, minimum, self.ask_price(world), limit)
        self._take(buyer, sale.premium)
        self.idle += sale.premium
        return sale

    # Deposits

    def request_deposit(
        self, sender: Address, assets: int, controller: Address, owner: Address
    ) -> int:
        """Queue a deposit."""
        self._require_operator(owner, sender)
        self._require_recipient(controller)
        if assets < self.terms.min_deposit:
            raise DepositTooSmall(assets, self.terms.min_deposit)
        room = max(self.cap - self.locked - self.pending_deposits, 0)
        if assets > room:
            raise DepositCapExceeded(assets, room)
        request = self.deposits.setdefault(controller, Request())
        if request.round != self.round:
            if self.ends and self.last_price < MIN_PRICE:
                raise VaultWoundDown(self.last_price)
            self._claim_old_deposit(sender, controller, request)
            request.round, request.amount = self.round, 0
        request.amount += assets
        self.pending_deposits += assets
        self._take(owner, assets)
        return self.round

    def _claim_old_deposit(self, sender: Address, controller: Address, request: Request) -> None:
        if request.amount:
            self._require_operator(controller, sender)
        if request.amount and self.price_of(request.round) < MIN_PRICE:
            self.reserved -= request.amount
            self._pay(controller, request.amount)
        elif request.amount:
            shares = mul_div_down(request.amount, WAD, self.price_of(request.round))
            self.shares.transfer(self.address, controller, shares)

    def cancel_deposit(
        self, sender: Address, assets: int, receiver: Address, controller: Address
    ) -> None:
        """Take a deposit back that waits, or was refused."""
        self._require_operator(controller, sender)
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        if not assets:
            raise ZeroAmount()
        request = self.deposits.get(controller, Request())
        waits = request.round == self.round
        most = request.amount if waits or self.price_of(request.round) < MIN_PRICE else 0
        _require_at_most(assets, most)
        request.amount -= assets
        if waits:
            self.pending_deposits -= assets
        else:
            self.reserved -= assets
        self._pay(receiver, assets)

    def claimable_deposit(self, controller: Address) -> tuple[int, int]:
        """Assets and price per share of a deposit that was served; zeros without one."""
        request = self.deposits.get(controller, Request())
        price = self.price_of(request.round)
        return (request.amount, price) if price >= MIN_PRICE else (0, 0)

    def deposit(self, sender: Address, assets: int, receiver: Address, controller: Address) -> int:
        """Claim the shares of `assets`."""
        self._require_operator(controller, sender)
        most, price = self.claimable_deposit(controller)
        _require_at_most(assets, most)
        shares = mul_div_down(assets, WAD, price) if price else 0
        self._claim_deposit(assets, shares, receiver, controller)
        return shares

    def mint(self, sender: Address, shares: int, receiver: Address, controller: Address) -> int:
        """Claim `shares`; returns the assets they took."""
        self._require_operator(controller, sender)
        most, price = self.claimable_deposit(controller)
        _require_at_most(shares, mul_div_down(most, WAD, price) if price else 0)
        assets = mul_div_up(shares, price, WAD)
        self._claim_deposit(assets, shares, receiver, controller)
        return assets

    def _claim_deposit(
        self, assets: int, shares: int, receiver: Address, controller: Address
    ) -> None:
        if not assets or not shares:
            raise ZeroAmount()
        self._require_recipient(receiver)
        self.deposits[controller].amount -= assets
        self.shares.transfer(self.address, receiver, shares)

    # Redemption

    def request_redeem(
        self, sender: Address, shares: int, controller: Address, owner: Address
    ) -> int:
        """Queue shares."""
        self._require_recipient(controller)
        if not shares:
            raise ZeroAmount()
        self._spend(owner, sender, shares)
        request = self.redeems.setdefault(controller, Request())
        if request.amount and request.round != self.round:
            self._require_operator(controller, sender)
        self.shares._require_balance(owner, shares)
        if request.round != self.round:
            if request.amount:
                assets = mul_div_down(request.amount, self.price_of(request.round), WAD)
                self.reserved -= assets
                self._pay(controller, assets)
            request.round, request.amount = self.round, 0
        self.shares.transfer(owner, self.address, shares)
        request.amount += shares
        self.queued_shares += shares
        return self.round

    def cancel_redeem(
        self, sender: Address, shares: int, receiver: Address, controller: Address
    ) -> None:
        """Take shares back that wait."""
        self._require_operator(controller, sender)
        if not shares:
            raise ZeroAmount()
        self._require_recipient(receiver)
        request = self.redeems.get(controller, Request())
        _require_at_most(shares, request.amount if request.round == self.round else 0)
        request.amount -= shares
        self.queued_shares -= shares
        self.shares.transfer(self.address, receiver, shares)

    def claimable_redeem(self, controller: Address) -> tuple[int, int]:
        """Shares and price of a redemption that was served; zeros without one."""
        request = self.redeems.get(controller, Request())
        if request.round == self.round:
            return 0, 0
        return request.amount, self.price_of(request.round)

    def redeem(self, sender: Address, shares: int, receiver: Address, controller: Address) -> int:
        """Claim what `shares` are paid."""
        self._require_operator(controller, sender)
        most, price = self.claimable_redeem(controller)
        _require_at_most(shares, most)
        assets = mul_div_down(shares, price, WAD)
        self._claim_redeem(assets, shares, receiver, controller)
        return assets

    def withdraw(self, sender: Address, assets: int, receiver: Address, controller: Address) -> int:
        """Claim `assets`; returns the shares they took."""
        self._require_operator(controller, sender)
        most, price = self.claimable_redeem(controller)
        _require_at_most(assets, mul_div_down(most, price, WAD))
        shares = mul_div_up(assets, WAD, price) if price else 0
        self._claim_redeem(assets, shares, receiver, controller)
        return shares

    def _claim_redeem(
        self, assets: int, shares: int, receiver: Address, controller: Address
    ) -> None:
        if not shares:
            raise ZeroAmount()
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self.redeems[controller].amount -= shares
        self.reserved -= assets
        self._pay(receiver, assets)

    # Exit

    def exit_in_kind(
        self, world: World, sender: Address, shares: int, receiver: Address, owner: Address
    ) -> Exit:
        """Give a holder a part of everything."""
        opens_at = self.due + EXIT_DELAY
        if world.now < opens_at:
            raise ExitNotOpen(opens_at, world.now)
        if not shares:
            raise ZeroAmount()
        self._require_recipient(receiver)
        self._spend(owner, sender, shares)
        supply = self.shares.total_supply
        self.shares._burn(owner, shares)
        part = Exit(
            assets=mul_div_down(shares, self.idle, supply),
            shorts=mul_div_down(shares, self.shorts, supply),
            longs=mul_div_down(shares, self.auction.unsold, supply),
        )
        self.idle -= part.assets
        self.shorts -= part.shorts
        self.auction.unsold -= part.longs
        self._pay(receiver, part.assets)
        return part

    # Owner and fees

    def set_deposit_cap(self, sender: Address, cap: int) -> None:
        """Limit deposits."""
        self._require_owner(sender)
        if cap > MAX_CAP:
            raise OutOfBounds(cap, 0, MAX_CAP)
        self.cap = cap

    def set_fee_receiver(self, sender: Address, receiver: Address) -> None:
        """Name who gets the fees."""
        self._require_owner(sender)
        if receiver == ZERO_ADDRESS:
            raise ZeroAddress()
        self.fee_receiver = receiver

    def collect_fees(self) -> int:
        """Pay the fees."""
        if not self.fees:
            raise ZeroAmount()
        assets, self.fees = self.fees, 0
        self._pay(self.fee_receiver, assets)
        return assets

    def set_operator(self, sender: Address, operator: Address, approved: bool) -> None:
        """Let an operator act for the sender, or no longer."""
        change = self.operators.add if approved else self.operators.discard
        change((sender, operator))

    # Common

    def _take(self, account: Address, assets: int) -> None:
        if self.asset.balance_of(account) < assets:
            raise TransferFromFailed()
        self.asset.transfer(account, self.address, assets)

    def _pay(self, account: Address, assets: int) -> None:
        self.asset.transfer(self.address, account, assets)

    def _spend(self, owner: Address, sender: Address, shares: int) -> None:
        if sender != owner and (owner, sender) not in self.operators:
            self.shares._require_allowance(owner, sender, shares)
            self.shares._spend_allowance(owner, sender, shares)

    def _require_operator(self, controller: Address, sender: Address) -> None:
        if sender != controller and (controller, sender) not in self.operators:
            raise NotOperator(controller, sender)

    def _require_owner(self, sender: Address) -> None:
        if sender != self.owner:
            raise OwnableUnauthorizedAccount(sender)

    def _require_recipient(self, receiver: Address) -> None:
        if receiver in (ZERO_ADDRESS, self.address):
            raise InvalidRecipient(receiver)


def next_due(now: int) -> int:
    """Return the first Friday 08:00 UTC that leaves options `MIN_LIFE`."""
    return FIRST_EXPIRY + -(-(now + MIN_LIFE - FIRST_EXPIRY) // WEEK) * WEEK


def _require_at_most(amount: int, maximum: int) -> None:
    if amount > maximum:
        raise AmountTooLarge(amount, maximum)
