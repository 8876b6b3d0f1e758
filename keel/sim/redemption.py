"""The redemption vault in a run: backers, people who sell at once, a line, and a keeper."""

from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import read_all
from keel.keepers.action import Action
from keel.keepers.arbitrageur import Arbitrageur
from keel.keepers.poker import Poker, UpkeepState
from keel.sim.hand import Hand
from keel.sim.market import MarketDay
from keel.sim.product import Tools
from keel.sim.records import Outcome
from keel.sim.records_liquidity import VaultDay, VaultRecord
from keel.sim.studies import depth
from keel.sim.world import ETHER, UNLIMITED

_SHARE = 10**24
_FINE = 10**18
"""A share's value is compared with 18 more digits than a wei has."""
_VIRTUAL_SHARES = 10**6
_REFUSALS = frozenset(
    {"ExitsPending", "ReportTooOld", "InsufficientIdle", "FrameCapExceeded", "NothingToPay"}
)
"""What sends a seller to the swap pool."""
_LEAST_SALE = ETHER // 100


class VaultDays:
    """Sales each day, a part of the backers that leaves in line, a keeper that buys."""

    def __init__(self, tools: Tools) -> None:
        self.tools = tools
        self.world, self.stack = tools.world, tools.world.stack
        self.vault, self.cast = self.stack.redemption, tools.world.cast
        self._poker = Poker()
        self._upkeep = Hand(self.world, self._poker, self._advance)
        buyer = Arbitrageur(
            account=self.cast.keeper,
            least_gain=int(tools.parameters.least_gain * ETHER),
            least_for_vault=_LEAST_SALE,
        )
        self._purchases = Hand(self.world, buyer, buyer.buy_for_vault)
        self.record = VaultRecord()
        tools.record.vault = self.record
        self.days: list[MarketDay] = []
        self._before = 0.0
        self._price: int | None = None
        self._exits: dict[int, int] = {}
        """When each exit that isn't paid yet was asked for."""
        self._exits_asked = 0
        self._held_back: dict[int, int] = {}
        """By ticket, what waits for a report."""
        self._sold_at_once = 0
        self._bought_by = ""

    # Before the first day

    def open(self) -> None:
        """WETH from the backers; wkETH for those who will sell it."""
        world, cast, p = self.world, self.cast, self.tools.parameters
        for backer, ether in ((cast.backers, p.vault), (cast.backer, p.each)):
            world.approve(backer, (self.stack.weth, self.vault))
            world.act(backer, self.stack.weth, "deposit", value=ether * ETHER)
            self._act(backer, "deposit", ether * ETHER, backer)
        for seller, ether in ((cast.hurried, p.hurried), (cast.seller_at_once, p.each)):
            world.approve_all(seller)
            world.approve(seller, (self.stack.wketh, self.vault))
            self.tools.stake(seller, ether * ETHER)
            world.wrap(seller, ether * ETHER)

    # Each day

    def dawn(self, today: MarketDay) -> None:
        """Nothing happens before the report."""

    def wake(self) -> None:
        """What a report has made due: holdbacks, payments, those in line."""
        self._let_keeper_work(buy=False)
        for exit_id in list(self._exits):
            _, _, claimable = self.vault.call("exitStatus", exit_id)
            if claimable:
                self._claim_exit(exit_id)

    def play(self, number: int, today: MarketDay) -> None:
        """Sales, exits on the worst day, and what the keeper makes of the rest."""
        self.days.append(today)
        cast = self.cast
        if today is self.tools.crisis:
            self._sold_at_once, to_vault = self._sell(
                cast.seller_at_once, self.world.wketh_of(cast.seller_at_once)
            )
            self._bought_by = "to the vault" if to_vault else "into the pool"
        self._sell_some(1 - today.ratio)
        if today is self.tools.crisis:
            self._leave_in_line()
        self._before = self.tools.trading.price()
        self._let_keeper_work(buy=True)

    def _sell_some(self, discount: float) -> None:
        p, who = self.tools.parameters, self.cast.hurried
        part = p.at_once_per_day + p.at_once_by_discount * max(0.0, discount)
        wei = int(p.supply * part * self.tools.random.uniform(0.5, 1.5) * ETHER)
        wei = min(wei, self.world.wketh_of(who))
        if wei > _LEAST_SALE:
            self._sell(who, wei)

    def _sell(self, who: str, shares: int) -> tuple[int, bool]:
        """To whoever pays more; wei in all if nothing is lost, and whether the vault bought."""
        terms = (shares, 0, who, UNLIMITED)
        in_pool = int(self.stack.swap.call("get_dy", 1, 0, shares))
        try:
            paid, held_back = self.vault.call("sell", *terms, sender=who)
        except Reverted as refusal:
            if refusal.name not in _REFUSALS:
                raise
            paid = held_back = 0
        if paid + held_back < in_pool:
            self.record.sold_elsewhere += 1
            return self.tools.trading.exchange(who, 1, 0, shares), False
        receipt = self._act(who, "sell", *terms)
        (event,) = self.vault.events(receipt, "Sold")
        return event.values["paid"] + event.values["heldBack"], True

    def _leave_in_line(self) -> None:
        """A part of the backers lines up; while they wait, the vault buys nothing."""
        backers = self.cast.backers
        shares = int(int(self.vault.call("balanceOf", backers)) * self.tools.parameters.line)
        self.record.asked_out = int(self.vault.call("convertToAssets", shares)) / ETHER
        receipt = self._act(backers, "requestExit", shares, backers)
        (event,) = self.vault.events(receipt, "ExitRequested")
        self._exits[event.values["exitId"]] = self.world.rpc.timestamp
        self._exits_asked += 1
        self._claim_exit(event.values["exitId"])

    def _claim_exit(self, exit_id: int) -> None:
        receipt = self._act(self.cast.backers, "claimExit", exit_id)
        for event in self.vault.events(receipt, "ExitPaid"):
            self.record.paid_out += event.values["assets"] / ETHER
        if not int(self.vault.call("exitStatus", exit_id)[1]):
            asked_at = self._exits.pop(exit_id)
            self.record.waited = (self.world.rpc.timestamp - asked_at) / 86_400

    def _let_keeper_work(self, *, buy: bool) -> None:
        """Until it has nothing to do: upkeep first, for what it brings in may be spent."""
        for hand in (self._upkeep, self._purchases)[: 1 + buy]:
            for action, receipt in hand.work():
                self.record.advances += action.function == "advance"
                self._book(receipt)

    def _advance(self, state: UpkeepState) -> tuple[Action, ...]:
        """Advances of tickets are cleared elsewhere."""
        actions = self._poker.decide(state, 0).actions
        return tuple(action for action in actions if action.function == "advance")

    def _act(self, who: str, name: str, *args: Any) -> dict[str, Any]:
        receipt = self.world.act(who, self.vault, name, *args)
        self._book(receipt)
        return receipt

    def _book(self, receipt: dict[str, Any]) -> None:
        """Enter what the vault says it did; every operation may settle and claim."""
        record, tickets = self.record, self.tools.tickets
        for event in self.vault.events(receipt):
            values = event.values
            if event.name == "Sold":
                tickets.enter(values["requestId"], self.vault.address, values["nominal"])
                cost = values["paid"] + values["heldBack"]
                record.from_sellers.add(values["nominal"] / ETHER, cost / ETHER)
                self._held_back[values["requestId"]] = values["heldBack"]
            elif event.name == "BoughtFromPool":
                tickets.enter(values["requestId"], self.vault.address, values["nominal"])
                record.from_pool.add(values["nominal"] / ETHER, values["cost"] / ETHER)
            elif event.name == "HoldbackSettled":
                record.settled += 1
                record.held_back += self._held_back.pop(values["requestId"]) / ETHER
                record.refunded += values["refund"] / ETHER
            elif event.name == "TicketPaid":
                record.tickets_paid += 1
                tickets.settle(values["requestId"], values["etherAmount"])

    # Each night

    def check(self, *, loss: bool) -> None:
        """REDEEM-1: the value of a share falls by a loss alone; REDEEM-2: exits are covered."""
        vault, checks = self.vault, self.tools.checks
        price, supply, (bought, _, _), position, *exits = read_all(
            [
                vault.view("convertToAssets", _SHARE * _FINE),
                vault.view("totalSupply"),
                vault.view("ticketCounts"),
                vault.view("position"),
                *(vault.view("exitStatus", exit_id) for exit_id in self._exits),
            ]
        )
        if self._price is not None and not loss:
            fallen = -(-(self._price - price) * (supply + _VIRTUAL_SHARES) // (_SHARE * _FINE))
            checks.require(
                "REDEEM-1", fallen <= bought + 2, f"the vault's shares fell by {fallen} wei"
            )
        self._price = price
        owed, claimable = position[-1], sum(status[2] for status in exits)
        checks.require(
            "REDEEM-2",
            claimable <= owed <= claimable + 3 * self._exits_asked,
            f"{owed} wei set aside for exits of {claimable}",
        )

    def measure(self, today: MarketDay) -> None:
        """A row."""
        vault = self.vault
        value, position = read_all([vault.view("convertToAssets", _SHARE), vault.view("position")])
        idle, reserved, covered, seasoned, unaccreted, _ = position
        self.record.days.append(
            VaultDay(
                day=today.day,
                share_price=value / ETHER,
                before=self._before,
                after=self.tools.trading.price(),
                idle=idle / ETHER,
                held_back=reserved / ETHER,
                tickets=(covered + seasoned - unaccreted) / ETHER,
            )
        )

    def close(self, last: MarketDay) -> None:
        """What became of a backer's ether, and of wkETH sold at once."""
        p, cast = self.tools.parameters, self.cast
        if not self.tools.record.story:
            self.record.forced = depth.alone(self.days, p.vault + p.each).discounts
        shares = int(self.vault.call("balanceOf", cast.backer))
        value = int(self.vault.call("convertToAssets", shares))
        self.tools.record.outcomes += [
            Outcome(
                who="Seller at once",
                what=f"sold {self._bought_by} on {self.tools.crisis.day}",
                began=p.each,
                ended=self._sold_at_once / ETHER,
            ),
            Outcome(
                who="Vault's backer",
                what="deposited WETH before the first day",
                began=p.each,
                ended=value / ETHER,
            ),
        ]
