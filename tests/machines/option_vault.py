"""Rules of the option vault: depositors, buyers, keepers, and markets that jump."""

from dataclasses import astuple
from typing import Any

from keel.models.evm import MAX_UINT256
from keel.models.options.clearing_errors import CapacityExceeded, TransferFromFailed
from keel.models.options.vault_world import EXIT_DELAY, WAD
from keel.models.rounding import mul_div_down
from tests.fixtures.option_vault import RISKS, WINDOW
from tests.machines.drawing import PART, booleans, integers, just, log_scale, mostly, sampled_from
from tests.machines.option_vault_acting import Economy, OptionVaultActing
from tests.machines.rules import precondition, rule

DAY = 86_400
PERSON = integers(0, 2)
MOSTLY = mostly(just(True), just(False))
LIMIT = mostly(just(MAX_UINT256), just(1))
SELDOM = integers(0, 4)
"""Zero lets a rule act that would crowd out others."""
AMOUNT = mostly(log_scale(10**4, 10**11), sampled_from([0, 1, 10**14]))
"""Millionths of the token."""
JUMP = mostly(integers(9_000, 11_000), integers(3_000, 30_000))
DEEP = 10**27
RATIO = mostly(integers(9_700, 10_050), integers(5_000, 10_000))
PEG_PRICE = mostly(just(10_000), integers(9_000, 10_100))
SITUATIONS = (
    *(f"vault.{name}" for name in (
        "requestDeposit", "cancelDepositRequest", "deposit", "mint", "requestRedeem",
        "cancelRedeemRequest", "redeem", "withdraw", "buy", "roll", "startRound", "closeAuction",
        "extendLot", "exitInKind", "collectFees", "setDepositCap", "setOperator", "transfer",
    )),
    "clearing.mint", "clearing.settle", "clearing.redeem", "longs were paid", "nothing was sold",
    "some were sold", "all were sold", "round without options", "price fell", "price rose",
    "unsold longs were redeemed", "old request claimed", "gift",
)  # fmt: skip


class OptionVaultRules(OptionVaultActing):
    """What people do to the vault and around it."""

    # Deposits

    def amount_of(self, millionths: int) -> int:
        return millionths * self.desk.unit // 10**6

    @rule(person=PERSON, controller=mostly(just(None), PERSON), amount=AMOUNT)
    def request_deposit(self, person, controller, amount):
        owner = self.people[person]
        target = owner if controller is None else self.people[controller]
        self._request_deposit(owner, target, self.amount_of(amount))

    def _request_deposit(self, owner, target, assets):
        old = self.vault.deposits.get(target)
        stale = bool(old and old.amount and old.round != self.vault.round)

        def predict(economy, world):
            return economy.vault.request_deposit(owner, assets, target, owner)

        if self.act(owner, "requestDeposit", assets, target, owner, predict=predict):
            self.acted["old request claimed"] += stale

    @precondition(lambda self: self.vault.deposits)
    @rule(person=PERSON, part=PART)
    def cancel_deposit(self, person, part):
        account = self.people[person]
        request = self.vault.deposits.get(account)
        waits = request.amount if request and request.round == self.vault.round else 0
        if not waits and part.millionths < 950_000:
            return
        assets = min(part.of(waits), 2**96)

        def predict(economy, world):
            return economy.vault.cancel_deposit(account, assets, account, account)

        self.act(account, "cancelDepositRequest", assets, account, account, predict=predict)

    @precondition(lambda self: self.vault.ends)
    @rule(person=PERSON, part=PART, in_shares=booleans(), receiver=PERSON, operator=PERSON)
    def claim_deposit(self, person, part, in_shares, receiver, operator):
        account = self._claimant(self.vault.claimable_deposit, person)
        to = self.people[receiver]
        sender = self._actor(account, self.people[operator])
        assets, price = self.vault.claimable_deposit(account)
        if not assets and part.millionths < 900_000:
            return
        whole = mul_div_down(assets, WAD, price) if in_shares and price else assets
        amount = min(part.of(whole), 2**128)
        form = "mint" if in_shares else "deposit"

        def predict(economy, world):
            return getattr(economy.vault, form)(sender, amount, to, account)

        name = f"{form}(uint256,address,address)"
        self.act(sender, name, amount, to, account, predict=predict)

    def _claimant(self, claimable: Any, person: int) -> str:
        """One who has something to claim, if there is any."""
        waiting = [account for account in self.people if claimable(account)[0]]
        return waiting[person % len(waiting)] if waiting else self.people[person]

    def _actor(self, account: str, other: str) -> str:
        """`other` where he may act for `account`."""
        return other if (account, other) in self.vault.operators else account

    # Redemption

    @precondition(lambda self: self.vault.ends)
    @rule(person=PERSON, part=PART, controller=mostly(just(None), PERSON))
    def request_redeem(self, person, part, controller):
        owner = self._claimant(lambda account: (self.vault.shares.balance_of(account),), person)
        target = owner if controller is None else self.people[controller]
        held = self.vault.shares.balance_of(owner)
        if held or part.millionths > 900_000:
            self._request_redeem(owner, target, min(part.of(held), 2**119))

    def _request_redeem(self, owner, target, shares):
        old = self.vault.redeems.get(target)
        stale = bool(old and old.amount and old.round != self.vault.round)

        def predict(economy, world):
            return economy.vault.request_redeem(owner, shares, target, owner)

        if self.act(owner, "requestRedeem", shares, target, owner, predict=predict):
            self.acted["old request claimed"] += stale

    @precondition(lambda self: self.vault.redeems)
    @rule(person=PERSON, part=PART)
    def cancel_redeem(self, person, part):
        account = self.people[person]
        request = self.vault.redeems.get(account)
        if not request:
            return
        shares = min(part.of(request.amount), 2**119)

        def predict(economy, world):
            return economy.vault.cancel_redeem(account, shares, account, account)

        self.act(account, "cancelRedeemRequest", shares, account, account, predict=predict)

    @precondition(lambda self: self.vault.redeems)
    @rule(person=PERSON, part=PART, in_assets=booleans(), receiver=PERSON, operator=PERSON)
    def claim_redeem(self, person, part, in_assets, receiver, operator):
        account = self._claimant(self.vault.claimable_redeem, person)
        to = self.people[receiver]
        sender = self._actor(account, self.people[operator])
        shares, price = self.vault.claimable_redeem(account)
        if not shares and part.millionths < 900_000:
            return
        whole = mul_div_down(shares, price, WAD) if in_assets else shares
        amount = min(part.of(whole), 2**128)
        form = "withdraw" if in_assets else "redeem"

        def predict(economy, world):
            return getattr(economy.vault, form)(sender, amount, to, account)

        self.act(sender, form, amount, to, account, predict=predict)

    @precondition(lambda self: self.vault.ends)
    @rule(person=PERSON, part=PART, receiver=PERSON)
    def transfer(self, person, part, receiver):
        account = self._claimant(lambda each: (self.vault.shares.balance_of(each),), person)
        to = self.people[receiver]
        shares = min(part.of(self.vault.shares.balance_of(account)), 2**119)

        def predict(economy, world):
            economy.vault.shares.transfer(account, to, shares)
            return True

        self.act(account, "transfer", to, shares, predict=predict)

    @rule(person=PERSON, operator=PERSON, approved=booleans(), roll=SELDOM)
    def set_operator(self, person, operator, approved, roll):
        if roll:
            return
        account, other = self.people[person], self.people[operator]

        def predict(economy, world):
            economy.vault.set_operator(account, other, approved)
            return True

        self.act(account, "setOperator", other, approved, predict=predict)

    # Rounds

    @rule(jump=JUMP, ratio=RATIO, delay=log_scale(1, 2 * DAY), fresh=MOSTLY)
    def end_week(self, jump, ratio, delay, fresh):
        """Time passes to the round's end and beyond; the price is fixed, and somebody rolls."""
        self._expire(jump, ratio)
        self.time += delay
        self._refresh(fresh)
        self._roll()

    def _expire(self, jump: int, ratio: int) -> None:
        desk, due = self.desk, self.vault.due
        if due <= self.time:
            return
        self._to(max(self.time + 12, due - WINDOW - 60))
        if due > self.time + 200:
            desk.set_ratio(ratio * WAD // 10_000)
            desk.own(desk.oracle, "observe", desk.feed)
            self._to(max(due, desk.now))
        price = min(max(desk.price * jump // 10_000, 20 * WAD), 10**6 * WAD)
        desk.push_round(price, max(due, desk.now))
        desk.own(desk.oracle, "observe", desk.feed)
        self._to(max(desk.now, due) + 1_800)
        self._settle_oracle()

    def _settle_oracle(self) -> None:
        desk, due = self.desk, self.vault.due
        if due % DAY == 8 * 3_600:
            hints = desk.oracle.call("hintsFor", desk.feed, due)
            desk.own(desk.oracle, "settle", desk.feed, due, hints)
        self.time = desk.now

    def _to(self, time: int) -> None:
        self.desk.to(time)
        self.time = time

    def _refresh(self, fresh: bool) -> None:
        self._to(self.time)
        if fresh:
            self.desk.push_round()
            self.desk.submit()
        self.time = self.desk.now

    def _roll(self) -> None:
        before = self.vault
        unsold = before.auction.unsold

        def predict(economy, world):
            return economy.vault.roll(world)

        if self.act(self.people[0], "roll", predict=predict) is None:
            return
        self.acted[f"{self.desk.style} of {self.desk.decimals}"] += 1
        if before.series:
            sold = before.shorts - unsold
            self.acted["nothing was sold"] += not sold
            self.acted["some were sold"] += sold > 0 and unsold > 0
            self.acted["all were sold"] += sold > 0 and not unsold
            self.acted["unsold longs were redeemed"] += unsold > 0 and before.series.price > 0

    @rule(roll=integers(0, 9))
    def roll_early_or_late(self, roll):
        if roll == 0 or self.time + 12 >= self.vault.due:
            self._roll()

    @rule(fresh=booleans(), roll=integers(0, 5))
    def start_round(self, fresh, roll):
        if self.vault.series and roll:
            return
        if fresh:
            self._refresh(True)

        def predict(economy, world):
            return economy.vault.start_round(world)

        self.act(self.people[1], "startRound", predict=predict)

    @precondition(lambda self: self.vault.unwritten(self.time))
    @rule()
    def extend_lot(self):
        self.act(
            self.people[1], "extendLot",
            predict=lambda economy, world: economy.vault.extend_lot(world),
        )  # fmt: skip

    @precondition(lambda self: self.vault.auction.unsold)
    @rule(waits=MOSTLY)
    def close_auction(self, waits):
        if waits and self.vault.series.price:
            return
        if waits:
            self._to(max(self.time, self.vault.auction.ends_at))

        def predict(economy, world):
            return economy.vault.close_auction(world)

        self.act(self.people[1], "closeAuction", predict=predict)

    @precondition(lambda self: self.vault.auction.unsold)
    @rule(person=PERSON, part=PART, waited=integers(0, 60), limit=LIMIT)
    def buy(self, person, part, waited, limit):
        self._buy(person, part.of(self.vault.auction.unsold), waited, limit)

    @precondition(lambda self: self.vault.auction.unsold)
    @rule(person=PERSON, waited=integers(0, 30))
    def buy_all(self, person, waited):
        self._buy(person, self.vault.auction.unsold, waited, MAX_UINT256)

    def _buy(self, person, amount, waited, limit):
        if waited % 4 and self.time + waited * 60 + 12 >= self.vault.auction.ends_at:
            return
        self.time += waited * 60
        buyer = self.people[person]
        amount = min(amount, 2**128)

        def predict(economy, world):
            sale = economy.vault.buy(
                world, buyer, amount, minimum=0, limit=limit, deadline=MAX_UINT256
            )
            economy.claims[buyer, economy.vault.series.id] += sale.bought
            return sale.bought, sale.premium

        self.act(buyer, "buy", amount, 0, limit, buyer, MAX_UINT256, predict=predict)

    # Exits without a keeper

    @rule(roll=integers(0, 3), jump=JUMP)
    def be_left_alone(self, roll, jump):
        """Rarely: nobody settles, nobody rolls, and everybody may leave in kind."""
        if roll > 1 or not self.vault.shares.total_supply:
            return
        self._to(max(self.time, self.vault.due + EXIT_DELAY))

    @rule(person=PERSON, part=PART, roll=integers(0, 20))
    def exit_in_kind(self, person, part, roll):
        account = self.people[person]
        held = self.vault.shares.balance_of(account)
        if roll and (self.time + 12 < self.vault.due + EXIT_DELAY or not held):
            return
        shares = min(part.of(held), 2**119)

        def predict(economy, world):
            vault = economy.vault
            left = vault.exit_in_kind(world, account, shares, account, account)
            if vault.series:
                economy.claims[account, vault.series.id | 1] += left.shorts
                economy.claims[account, vault.series.id] += left.longs
            return astuple(left)

        self.act(account, "exitInKind", shares, account, account, predict=predict)

    # The clearing house

    @precondition(lambda self: self.vault.series)
    @rule(person=PERSON, amount=log_scale(10**12, 10**20))
    def mint_pairs(self, person, amount):
        """Others write the same series."""
        account, series = self.people[person], self.vault.series
        if self.time + 12 >= series.expiry or series.price:
            return

        def predict(economy, world):
            mine = economy.vault.series
            taken, capacity = self.chain.interest(mine, world.now)
            if taken + amount > capacity:
                raise CapacityExceeded(taken + amount, capacity)
            collateral, asset = mine.mint(amount), economy.vault.asset
            if asset.balance_of(account) < collateral:
                raise TransferFromFailed()
            asset.transfer(account, economy.vault.clearing, collateral)
            economy.claims[account, mine.id] += amount
            economy.claims[account, mine.id | 1] += amount
            return collateral

        arguments = (series.id, amount, account, account)
        self.act(account, "clearing.mint", *arguments, predict=predict)

    @precondition(lambda self: self.vault.series)
    @rule(jump=JUMP, ratio=RATIO)
    def settle_before_the_roll(self, jump, ratio):
        self._expire(jump, ratio)
        series = self.vault.series
        price = self.chain.ask(
            "oracle", "settlementPrice", self.desk.feed, series.expiry, time=self.time
        )
        if series.price or not price:
            return

        def predict(economy, world):
            economy.vault.series.settle(price)
            return price

        self.act(self.people[2], "clearing.settle", series.id, predict=predict)

    @rule(part=PART, choice=integers(0, 50))
    def redeem_claims(self, part, choice):
        held = sorted(
            (account, claim_id, amount)
            for (account, claim_id), amount in self.economy.claims.items()
            if amount and self._series_of(self.economy, claim_id).price
        )
        if not held:
            return
        account, claim_id, amount = held[choice % len(held)]
        amount = max(1, min(part.of(amount), amount))

        def predict(economy, world):
            series = self._series_of(economy, claim_id)
            paid = series.redeem(amount, is_long=not claim_id & 1)
            economy.claims[account, claim_id] -= amount
            economy.vault.asset.transfer(economy.vault.clearing, account, paid)
            return paid

        self.act(account, "clearing.redeem", claim_id, amount, account, predict=predict)

    @staticmethod
    def _series_of(economy: Economy, claim_id: int) -> Any:
        found = (series for series in economy.book.values() if series.id == claim_id & ~1)
        return next(found)

    # Owner, gifts, time

    @rule()
    def collect_fees(self):
        if not self.vault.fees:
            return
        self.act(
            self.people[0],
            "collectFees",
            predict=lambda economy, world: economy.vault.collect_fees(),
        )

    @rule(cap=mostly(log_scale(10**10, 10**13), sampled_from([0, 2**96])), roll=SELDOM)
    def set_deposit_cap(self, cap, roll):
        if roll:
            return
        owner, amount = self.desk.owner.lower(), cap if cap == 2**96 else self.amount_of(cap)

        def predict(economy, world):
            return economy.vault.set_deposit_cap(owner, amount)

        self.act(owner, "setDepositCap", amount, predict=predict)

    @rule(person=PERSON, amount=log_scale(1, 10**9), roll=SELDOM)
    def give(self, person, amount, roll):
        """A gift of tokens moves nothing."""
        if roll:
            return
        account, assets = self.people[person], self.amount_of(amount)

        def predict(economy, world):
            economy.vault.asset.transfer(account, economy.vault.address, assets)
            economy.gifts += assets
            return True

        self.act(account, "token.transfer", self.vault.address, assets, predict=predict)
        self.acted["gift"] += 1

    @rule(jump=JUMP, ratio=RATIO, member=booleans())
    def move_the_market(self, jump, ratio, member):
        self._to(self.time)
        desk = self.desk
        desk.push_round(min(max(desk.price * jump // 10_000, 20 * WAD), 10**6 * WAD))
        desk.set_ratio(ratio * WAD // 10_000)
        if member:
            volatility, intensity, loss, rate = RISKS[desk.style]
            desk.submit((volatility * jump // 10_000, intensity, loss, rate))
        self.time = desk.now

    @precondition(lambda self: self.desk.style == "cover")
    @rule(times=log_scale(1, 40), jump=JUMP, ratio=RATIO)
    def roll_short_of_room(self, times, jump, ratio):
        """The insured market is shallow when a round begins, and deep again soon."""
        self._expire(jump, ratio)
        self._set_depth(self.vault.idle * WAD // self.desk.unit * times // 2)
        self._refresh(True)
        self._roll()
        self._set_depth(DEEP)

    @precondition(lambda self: self.desk.style == "cover")
    @rule(depth=mostly(just(DEEP), log_scale(100 * WAD, 10**5 * WAD)), price=PEG_PRICE)
    def move_the_depth(self, depth, price):
        """Of the market whose ratio is insured, in ether on either side, and its price."""
        self._set_depth(depth, price)

    def _set_depth(self, sides: int, price: int = 10_000) -> None:
        self._to(self.time)
        self.desk.own(self.desk.peg, "setState", (sides, sides, WAD, 200_000, 2 * sides, WAD))
        self.desk.own(self.desk.peg, "setPrice", price * WAD // 10_000)
        self.time = self.desk.now

    @rule(seconds=log_scale(60, 2 * DAY))
    def wait(self, seconds):
        self._to(self.time + seconds)

    # The end

    def require_everybody_can_leave(self) -> None:
        """Whatever came before: all redeem, and are paid at the next round's price."""
        for account in self.people:
            held = self.vault.shares.balance_of(account)
            if held:
                self._request_redeem(account, account, held)
        self._expire(10_000, 10_000)
        self._refresh(True)
        self._roll()
        for account in self.people:
            shares, _ = self.vault.claimable_redeem(account)
            if shares:

                def predict(economy, world, account=account, shares=shares):
                    return economy.vault.redeem(account, shares, account, account)

                self.act(account, "redeem", shares, account, account, predict=predict)
