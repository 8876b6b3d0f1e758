"""Rules of the redemption vault on a stack: depositors, sellers, reports, the swap pool."""

from collections import Counter
from typing import Any

from keel.models.evm import MAX_UINT256, Revert
from keel.models.redemption.ledger import World
from keel.models.redemption.vault import Vault
from tests.fixtures.redemption import RedemptionDesk
from tests.machines.drawing import (
    PART,
    Part,
    booleans,
    builds,
    integers,
    just,
    lists,
    log_scale,
    mostly,
    one_of,
    sampled_from,
)
from tests.machines.redemption_chain import RedemptionChain
from tests.machines.rules import initialize, note, precondition, rule

ETHER = 10**18
DAY = 86_400
PRICED_SHARES = 10**42
MOST_ROUNDED = 100
"""Wei of holdbacks that rounding alone can keep in one operation, and more."""
MOST_LOSS = 40 * ETHER
"""In a window: what one quorum may report of the desk's validators, and less."""
MOST_IDLE_REPORTS = 9
"""At the end, in a row: ten bring 600 ether, more than the swap pool sells at once."""
SITUATIONS = (
    *(f"vault.{name}" for name in (
        "deposit", "mint", "withdraw", "redeem", "sell", "buyFromPool", "requestExit",
        "claimExit", "advance", "setInflow",
    )),
    "report with a gain", "report with a loss", "tickets paid", "holdback settled",
    "holdback kept", "paid tickets left", "exit paid in parts", "swap.exchange",
)  # fmt: skip
AMOUNT = mostly(log_scale(10**15, 300 * ETHER), sampled_from([0, 1, 10**30]))
SALE = mostly(log_scale(10**16, 80 * ETHER), sampled_from([0, 99, 1_001 * ETHER]))


class RedemptionRules:
    """What people do to the vault and around it, and REDEEM-1 to REDEEM-4 and REDEEM-6."""

    acted: Counter[str]
    refused: Counter[str]
    subject = "vault"
    worst_fall = 0

    @classmethod
    def measured(cls) -> dict[str, float]:
        """What a campaign tells of its worst."""
        return {"REDEEM-1, most wei that the assets fell without a loss": cls.worst_fall}

    desk: RedemptionDesk
    chain: RedemptionChain
    vault: Vault
    people: tuple[str, ...]

    def start_redemption(self, vault: Vault, time: int) -> None:
        self.vault, self.time = vault, time
        self.price = self.price_now()
        self.loss_reported = False

    # Acting

    def act(self, sender: str, function: str, *arguments: Any, predict: Any) -> Any:
        """Predict on a copy of the model, call, compare; returns the result, None if refused."""
        self.pass_time(12)
        after = self.vault.copy()
        world = self.chain.world(self.time)
        settled, paid = after.settled, after.paid
        try:
            outcome = predict(after, world)
        except Revert as refusal:
            name = type(refusal).__name__
            self.refused[f"{function}: {name}"] += 1
            note(f"{function} refused: {name}")
            self.mirror(sender, function, arguments, refusal)
            return None
        self.mirror(sender, function, arguments, outcome)
        self.vault = after
        self.acted[f"vault.{function}"] += 1
        self.acted["tickets paid"] += after.paid > paid
        self.acted["holdback settled"] += after.settled > settled
        self.acted["holdback kept"] += self._kept(after, settled) > MOST_ROUNDED
        self.acted["paid tickets left"] += after.tickets_wait(world)
        self.require_same()
        return outcome

    def mirror(self, sender: str, function: str, arguments: tuple[Any, ...], outcome: Any) -> None:
        """Repeat the call on the chain; `outcome` is its result, or a `Revert`."""
        self.chain.play(sender, function, arguments, self.time, outcome)

    def _kept(self, vault: Vault, first: int) -> int:
        """Wei that the operation kept of what was held back from sellers."""
        sold = [ticket for ticket in vault.tickets[first : vault.settled] if ticket.receiver]
        held_back = sum(ticket.held_back for ticket in sold)
        return held_back - sum(refund for _, refund in vault.refunds)

    def pass_time(self, seconds: int) -> None:
        self.time = max(self.time, self.desk.rpc.timestamp) + seconds

    def price_now(self) -> int:
        """Value of many shares, of the model as of now."""
        foreseen = self.vault.copy()
        world = self.chain.world(self.time)
        foreseen.foresee(world)
        return foreseen.to_assets_down(PRICED_SHARES)

    def require_same(self, *, thorough: bool = False) -> None:
        """The contract's views are the advanced model's; the invariants hold."""
        foreseen = self.vault.copy()
        world = self.chain.world(self.time)
        foreseen.foresee(world)
        held = self.vault.idle + self.vault.reserved + self.vault.owed
        accounts = (*self.people, foreseen.address)
        self.chain.require_same_state(foreseen, world, accounts, held, thorough=thorough)
        owed = sum(foreseen.exit_status(number)[2] for number in range(len(foreseen.exits)))
        assert owed <= foreseen.owed, "REDEEM-2"
        assert foreseen.owed - owed <= 2 * len(foreseen.exits) + self.acted["vault.claimExit"], (
            "REDEEM-2"
        )
        assert self.vault.pending == 0 or self.vault.idle == 0, "REDEEM-3"
        if thorough:
            self._require_marks(foreseen, world)
        self._require_price(foreseen.to_assets_down(PRICED_SHARES))

    def _require_marks(self, vault: Vault, world: World) -> None:
        """REDEEM-6: tickets count for no more than they pay, the finalised ones and the others."""
        finalised = vault.tickets[vault.paid : vault.ripened]
        others = vault.tickets[vault.ripened :]
        pay, worth = (
            sum(world.worth(ticket.request_id) for ticket in tickets)
            for tickets in (finalised, others)
        )
        assert vault.ripe <= pay, "REDEEM-6"
        assert vault.carried + vault.seasoned.total <= worth + len(vault.tickets), "REDEEM-6"

    def _require_price(self, price: int) -> None:
        """REDEEM-1: it falls only by a loss, but for less than a wei for each ticket."""
        if not self.loss_reported and price < self.price:
            supply = self.vault.supply + 10**6
            fallen = -(-(self.price - price) * supply // PRICED_SHARES)
            type(self).worst_fall = max(type(self).worst_fall, fallen)
            assert fallen <= len(self.vault.tickets) + 2, f"REDEEM-1: {fallen} wei"
        self.price, self.loss_reported = price, False

    # Depositors

    @rule(position=integers(0, 1), amount=AMOUNT, form=sampled_from(["deposit", "mint"]))
    def deposit(self, position, amount, form):
        account = self.people[position]
        shares = amount * 10**6

        def predict(vault, world):
            if form == "deposit":
                result = paid = vault.deposit(world, account, amount, account)
                paid = amount
            else:
                result = paid = vault.mint(world, account, shares, account)
            if paid > self.desk.weth_of(account):
                raise TransferFromFailed()
            return result

        self.act(account, form, amount if form == "deposit" else shares, account, predict=predict)

    @rule(position=integers(0, 1), part=PART, form=sampled_from(["withdraw", "redeem"]))
    def withdraw(self, position, part, form):
        account = self._holder(position)
        shares = part.of(self.vault.balances[account])

        def predict(vault, world):
            return vault.redeem(world, account, shares, account, account)

        if form == "redeem":
            self.act(account, form, shares, account, account, predict=predict)
            return
        assets = min(part.of(self.vault.idle), 2**130)

        def predict_assets(vault, world):
            return vault.withdraw(world, account, assets, account, account)

        self.act(account, form, assets, account, account, predict=predict_assets)

    def _holder(self, position: int) -> str:
        """One of those who have shares; anybody if nobody has."""
        people = self.people[:2]
        holders = [account for account in people if self.vault.balances[account]] or people
        return holders[position % len(holders)]

    @rule(position=integers(0, 1), part=PART)
    def request_exit(self, position, part):
        account = self._holder(position)
        self._request_exit(account, min(part.of(self.vault.balances[account]), 2**128))

    def _request_exit(self, account, shares):
        def predict(vault, world):
            return vault.request_exit(world, account, shares, account)

        self.act(account, "requestExit", shares, account, predict=predict)

    @rule(roll=integers(0, 5))
    def run_on_the_vault(self, roll):
        """Who is in it leaves, all at once; rarely, since those in line stop all else."""
        if roll:
            return
        for account in self.people[:2]:
            shares = self.vault.balances[account]
            if shares:
                self._request_exit(account, shares)

    @precondition(lambda self: self.vault.exits)
    @rule(choice=integers(0, 30), any_of_all=mostly(just(False), just(True)))
    def claim_exit(self, choice, any_of_all):
        """Mostly one that is still to be paid."""
        numbers = list(range(len(self.vault.exits) + 1))
        if not any_of_all:
            exits = enumerate(self.vault.exits)
            numbers = [number for number, leaving in exits if leaving.receiver] or numbers
        self._claim_exit(numbers[choice % len(numbers)])

    def _claim_exit(self, number):
        def predict(vault, world):
            assets = vault.claim_exit(world, number)
            self.acted["exit paid in parts"] += (
                vault.exits[number].receiver is not None and assets > 0
            )
            return assets

        self.act(self.people[0], "claimExit", number, predict=predict)

    # Sellers and keepers

    @initialize(sales=lists(log_scale(ETHER, 100 * ETHER), min_size=1, max_size=4))
    def open_with_tickets(self, sales):
        for shares in sales:
            self._sell(shares)

    @rule(shares=SALE)
    def sell(self, shares):
        self._sell(shares)

    @precondition(lambda self: not self.vault.pending)
    @rule(roll=integers(0, 2), sales=lists(log_scale(10**15, ETHER), min_size=9, max_size=12))
    def sell_in_pieces(self, roll, sales):
        """More tickets than one operation settles or claims; rarely, as each is a call."""
        if roll:
            return
        for shares in sales:
            if self._sell(shares) is None:
                return

    def _sell(self, shares):
        seller, request_id = self.people[2], self.desk.last_ticket + 1

        def predict(vault, world):
            nominal = self.chain.nominal(shares, self.time)
            market = self.chain.market(self.time)
            outcome = vault.sell(
                world, market, nominal,
                min_price=0, receiver=seller, deadline=MAX_UINT256, request_id=request_id,
            )  # fmt: skip
            refuse_nominal(nominal)
            return outcome

        return self.act(seller, "sell", shares, 0, seller, MAX_UINT256, predict=predict)

    @precondition(lambda self: self.vault.idle)
    @rule(part=builds(Part, integers(1, 300_000)))
    def buy_from_pool(self, part):
        self._buy_from_pool(part)

    @precondition(lambda self: self.vault.idle and not self.vault.pending)
    @rule(sold=integers(100, 250), part=builds(Part, integers(1, 100_000)))
    def buy_at_a_discount(self, sold, part):
        self.swap_coins(1, sold * ETHER)
        self._buy_from_pool(part)

    def _buy_from_pool(self, part):
        amount, request_id = part.of(self.vault.idle), self.desk.last_ticket + 1

        def predict(vault, world):
            shares = self.chain.read("swap.get_dy", 0, 1, amount, at=self.time) if amount else 0
            nominal = self.chain.nominal(shares, self.time)
            market = self.chain.market_after(self.time)
            vault.buy_from_pool(world, market, amount, nominal=nominal, request_id=request_id)
            refuse_nominal(nominal)
            return nominal

        self.act(self.people[1], "buyFromPool", amount, predict=predict)

    @rule(inflow=mostly(log_scale(ETHER, 10**4 * ETHER), sampled_from([0, 10**25])))
    def set_inflow(self, inflow):
        owner = self.desk.owner.lower()

        def predict(vault, world):
            vault.set_inflow(world, owner, inflow)

        self.act(owner, "setInflow", inflow, predict=predict)

    @rule()
    def advance(self):
        self.act(self.people[1], "advance", predict=lambda vault, world: vault.advance_all(world))

    # The world

    @rule(i=sampled_from([0, 1]), amount=log_scale(ETHER, 120 * ETHER))
    def swap(self, i, amount):
        self.swap_coins(i, amount)

    def swap_coins(self, i, amount):
        """What the seller has of it, at most."""
        token = self.desk.stack.wketh if i else self.desk.stack.weth
        amount = min(amount, token.call("balanceOf", self.people[2]) // 2)
        self.pass_time(12)
        self.desk.rpc.call("evm_setNextBlockTimestamp", self.time)
        self.desk.swap(i, amount)
        self.acted["swap.exchange"] += 1
        self.require_same()

    @rule(
        gain=mostly(integers(0, ETHER // 20), just(0)),
        loss=one_of(just(0), just(0), just(0), log_scale(ETHER // 10, 30 * ETHER)),
        pay=sampled_from([0, 20 * ETHER, 60 * ETHER]),
        finalises=booleans(),
    )
    def report(self, gain, loss, pay, finalises):
        last = self._payable(pay - loss) if finalises else 0
        self._report(gain, loss, pay, last=last)

    def _report(self, gain, loss, pay, last=0):
        checker = self.desk.stack.checker
        recent = checker.call("lossInWindow", self.desk.rpc.timestamp + DAY)
        loss = min(loss, max(0, MOST_LOSS - recent))
        gain = 0 if loss else gain
        losses = self.desk.stack.pool.call("confirmedLoss")[2]
        self.desk.report(gain=gain, loss=loss, pay=pay, last=last)
        self.time = self.desk.rpc.timestamp
        lost = self.desk.stack.pool.call("confirmedLoss")[2] > losses
        self.acted["report with a loss" if lost else "report with a gain"] += 1
        self.loss_reported |= lost
        self.require_same(thorough=True)

    def require_everybody_is_paid(self) -> None:
        """REDEEM-4: all leave; once the queue has paid, so has the vault, and in order."""
        for account in self.people[:2]:
            if self.vault.balances[account]:
                self._request_exit(account, self.vault.balances[account])
        for _ in range(4):
            self._report(0, 0, 60 * ETHER)
        idle = 0
        while self.vault.paid < len(self.vault.tickets):
            before = self.vault.settled, self.vault.paid
            self._report(0, 0, 60 * ETHER, last=self._payable(60 * ETHER))
            self.act(self.people[1], "advance", predict=lambda v, world: v.advance_all(world))
            # A report may bring less than the next ticket asks for; several do not.
            idle = idle + 1 if (self.vault.settled, self.vault.paid) == before else 0
            assert idle <= MOST_IDLE_REPORTS, "REDEEM-4: stuck"
        assert self.vault.pending <= 10**6, "REDEEM-4"
        for number, leaving in enumerate(self.vault.exits):
            if leaving.receiver is not None:
                self._claim_exit(number)

    def _payable(self, inflow: int) -> int:
        """The last ticket that the report may finalise: old enough, and the buffer suffices."""
        queue, pool = self.desk.stack.queue, self.desk.stack.pool
        done, last = queue.call("getLastFinalizedRequestId"), queue.call("getLastRequestId")
        if done == last:
            return 0
        left = pool.call("getBalances")[0] + inflow
        statuses = queue.call("getWithdrawalStatus", list(range(done + 1, last + 1)))
        payable, latest = 0, self.desk.rpc.timestamp - 3 * DAY
        for number, status in enumerate(statuses, done + 1):
            left -= status[0]
            if left < ETHER or status[3] > latest:
                break
            payable = number
        return payable

    @rule(seconds=log_scale(60, 4 * DAY))
    def wait(self, seconds):
        self.pass_time(seconds)
        self.desk.rpc.mine_at(self.time)
        self.require_same(thorough=True)


class TransferFromFailed(Revert):
    """WETH's, for want of balance."""


class AmountTooSmall(Revert):
    """The queue's."""

    fields = ("amount", "minimum")


class AmountTooLarge(Revert):
    """The queue's."""

    fields = ("amount", "maximum")


def refuse_nominal(nominal: int) -> None:
    """As the queue does."""
    if nominal < 100:
        raise AmountTooSmall(nominal, 100)
    if nominal > 1_000 * ETHER:
        raise AmountTooLarge(nominal, 1_000 * ETHER)
