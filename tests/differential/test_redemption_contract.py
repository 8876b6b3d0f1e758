"""The deployed redemption vault against its integer model, to the wei: any terms, any size."""

from collections import Counter
from random import Random

import pytest

from keel.models.evm import MAX_UINT256, Revert
from keel.models.redemption.ledger import MAX_CHECKPOINTS, MAX_STEPS, Terms
from keel.models.redemption.vault import Vault
from tests.fixtures.in_process import NodeWithAccounts, PlainStaking
from tests.fixtures.redemption import DAY, TERMS, WAD, new_arena
from tests.fixtures.staking import ETHER
from tests.fixtures.swap import UNLIMITED
from tests.machines.redemption import MOST_LOSS, refuse_nominal
from tests.machines.redemption_chain import RedemptionChain

STEPS = 1_200
MIN_FEE = WAD // 10**6
TERM_SETS = {
    "usual": {},
    "dear": {
        "minFee": WAD // 20, "yearlyFee": WAD, "holdback": WAD // 5, "frameCap": WAD // 10,
        "baseWait": 30 * DAY, "maxReportAge": 30 * DAY,
    },
    "cheap": {
        "minFee": MIN_FEE, "yearlyFee": 0, "holdback": 0, "frameCap": WAD,
        "baseWait": 3_600, "maxReportAge": 30 * DAY,
    },
    "odd": {
        "minFee": WAD // 777, "yearlyFee": WAD // 3, "holdback": WAD // 71,
        "frameCap": WAD * 2 // 3,
        "baseWait": 123_457, "maxReportAge": 5 * DAY + 1,
    },
}  # fmt: skip
KINDS = (
    *["deposit", "mint", "withdraw", "redeem", "request_exit", "claim_exit", "advance"],
    *["sell"] * 5,
    *["buy_from_pool", "swap", "set_inflow", "move", "give"],
    *["report"] * 4,
    "wait",
)
ACTED = {kind for kind in KINDS if kind not in ("swap", "report", "wait", "give")}


def size(random, least, most):
    """On a log scale."""
    return min(most, max(least, int(2 ** random.uniform(least.bit_length(), most.bit_length()))))


class Pair:
    """The vault and its model."""

    def __init__(self, desk, terms, random):
        self.desk, self.random = desk, random
        terms = TERMS | terms
        desk.vault = desk.new_vault(inflow=100 * ETHER, **terms)
        address = desk.vault.address
        self.people = [one.lower() for one in (desk.depositor, desk.other, desk.seller)]
        for account in self.people:
            desk.stack.weth.transact("deposit", sender=account, value=100_000 * ETHER)
            for token in (desk.stack.weth, desk.stack.wketh):
                token.transact("approve", address, UNLIMITED, sender=account)
        fixed = Terms(
            min_fee=terms["minFee"],
            yearly_fee=terms["yearlyFee"],
            holdback=terms["holdback"],
            frame_cap=terms["frameCap"],
            base_wait=terms["baseWait"],
            max_report_age=terms["maxReportAge"],
        )
        self.model = Vault(address.lower(), desk.owner.lower(), fixed, 100 * ETHER)
        self.chain = RedemptionChain(desk.rpc.chain, desk.stack, desk.vault)
        self.acted, self.refused, self.gifts = Counter(), Counter(), 0

    @property
    def price(self):
        return self.desk.vault.call("convertToAssets", 10**42)

    # Acting

    def play(self, kind, function, sender, arguments, predict):
        """Predict on a copy, call, compare."""
        time = self.desk.rpc.timestamp + self.random.choice((1, 12, 600))
        after = self.model.copy()
        settled, paid = after.settled, after.paid
        try:
            outcome = predict(after, self.chain.world(time), time)
        except Revert as refusal:
            self.chain.play(sender, function, arguments, time, refusal)
            self.refused[f"{kind}: {type(refusal).__name__}"] += 1
            return
        self.chain.play(sender, function, arguments, time, outcome)
        self.model = after
        self.acted[kind] += 1
        self.acted["settled"] += after.settled - settled
        self.acted["paid"] += after.paid - paid

    def require_same(self):
        time = self.desk.rpc.timestamp + 1
        foreseen, world = self.model.copy(), self.chain.world(time)
        foreseen.foresee(world)
        held = self.model.idle + self.model.reserved + self.model.owed + self.gifts
        accounts = (*self.people, foreseen.address)
        self.chain.require_same_state(foreseen, world, accounts, held, thorough=True)

    def step(self):
        getattr(self, self.random.choice(KINDS))()
        self.require_same()

    # Shares

    def deposit(self, assets=None):
        account = self.random.choice(self.people[:2])
        assets = assets or size(self.random, 1, 200 * ETHER)
        self.play(
            "deposit", "deposit", account, (assets, account),
            lambda vault, world, _: vault.deposit(world, account, assets, account),
        )  # fmt: skip

    def mint(self):
        account, shares = self.random.choice(self.people[:2]), size(self.random, 1, 2 * 10**26)
        self.play(
            "mint", "mint", account, (shares, account),
            lambda vault, world, _: vault.mint(world, account, shares, account),
        )  # fmt: skip

    def part_of(self, amount):
        """All, a bit more, or any part on a log scale."""
        return self.random.choice((amount, amount + 1, size(self.random, 1, amount or 1)))

    def withdraw(self):
        account = self.random.choice(self.people[:2])
        assets = self.part_of(self.model.idle)
        self.play(
            "withdraw", "withdraw", account, (assets, account, account),
            lambda vault, world, _: vault.withdraw(world, account, assets, account, account),
        )  # fmt: skip

    def redeem(self):
        account = self.random.choice(self.people[:2])
        shares = self.part_of(self.model.balances[account])
        self.play(
            "redeem", "redeem", account, (shares, account, account),
            lambda vault, world, _: vault.redeem(world, account, shares, account, account),
        )  # fmt: skip

    def move(self):
        giver, taker = self.random.sample(self.people[:2], 2)
        shares = size(self.random, 1, self.model.balances[giver] or 1)
        if shares > self.model.balances[giver]:
            return
        self.desk.vault.transact("transfer", taker, shares, sender=giver)
        self.model.balances[giver] -= shares
        self.model.balances[taker] += shares
        self.acted["move"] += 1

    def give(self):
        """WETH and ether that nobody asked for: they count for nothing."""
        amount, vault = size(self.random, 1, ETHER), self.desk.vault.address
        self.desk.stack.weth.transact("transfer", vault, amount, sender=self.people[2])
        self.gifts += amount

    # The line

    def request_exit(self):
        account = self.random.choice(self.people[:2])
        shares = self.part_of(self.model.balances[account])
        self.play(
            "request_exit", "requestExit", account, (shares, account),
            lambda vault, world, _: vault.request_exit(world, account, shares, account),
        )  # fmt: skip

    def claim_exit(self):
        number = self.random.randrange(len(self.model.exits) + 1)
        self.play(
            "claim_exit", "claimExit", self.people[0], (number,),
            lambda vault, world, _: vault.claim_exit(world, number),
        )  # fmt: skip

    # Purchases

    def sell(self, shares=None):
        seller = self.people[2]
        self.top_up()
        shares = shares or size(self.random, 50, 150 * ETHER)
        request_id = self.desk.last_ticket + 1

        def predict(vault, world, time):
            nominal = self.chain.nominal(shares, time)
            outcome = vault.sell(
                world, self.chain.market(time), nominal,
                min_price=0, receiver=seller, deadline=MAX_UINT256, request_id=request_id,
            )  # fmt: skip
            refuse_nominal(nominal)
            return outcome

        self.play("sell", "sell", seller, (shares, 0, seller, MAX_UINT256), predict)

    def top_up(self):
        wketh, seller = self.desk.stack.wketh, self.people[2]
        if wketh.call("balanceOf", seller) < 400 * ETHER:
            self.desk.staking.stake(seller, 900 * ETHER)
            wketh.transact("wrap", 800 * ETHER, sender=seller)

    def buy_from_pool(self):
        amount = size(self.random, 1_000, 30 * ETHER)
        request_id = self.desk.last_ticket + 1

        def predict(vault, world, time):
            shares = self.chain.read("swap.get_dy", 0, 1, amount, at=time)
            nominal = self.chain.nominal(shares, time)
            market = self.chain.market_after(time)
            vault.buy_from_pool(world, market, amount, nominal=nominal, request_id=request_id)
            refuse_nominal(nominal)
            return nominal

        self.play("buy_from_pool", "buyFromPool", self.people[1], (amount,), predict)

    def set_inflow(self):
        inflow, owner = size(self.random, ETHER, 10**6 * ETHER), self.model.owner
        self.play(
            "set_inflow", "setInflow", owner, (inflow,),
            lambda vault, world, _: vault.set_inflow(world, owner, inflow),
        )  # fmt: skip

    def advance(self):
        self.play(
            "advance", "advance", self.people[1], (),
            lambda vault, world, _: vault.advance_all(world),
        )  # fmt: skip

    # The world

    def swap(self):
        """Mostly to a discount, so that the vault may buy."""
        i = self.random.choice((0, 1, 1))
        token = self.desk.stack.wketh if i else self.desk.stack.weth
        self.top_up()
        amount = min(size(self.random, ETHER, 150 * ETHER), token.call("balanceOf", self.people[2]))
        if self.desk.stack.swap.call("balances", 1 - i) > 2 * amount:
            self.desk.swap(i, amount)

    def report(self):
        desk, random = self.desk, self.random
        checker, pool = desk.stack.checker, desk.stack.pool
        recent = checker.call("lossInWindow", desk.rpc.timestamp + DAY)
        loss = random.choice((0, 0, 0, size(random, 1, 20 * ETHER)))
        loss = min(loss, max(0, MOST_LOSS - recent))
        pay = random.choice((0, 0, min(size(random, 1, 30 * ETHER), desk.balance // 30)))
        before = pool.call("confirmedLoss")[2]
        gain = 0 if loss else random.choice((0, size(random, 1, ETHER // 20)))
        desk.report(loss=loss, gain=gain, pay=pay, last=self.payable(pay - loss))
        self.acted["loss"] += pool.call("confirmedLoss")[2] > before

    def payable(self, inflow):
        """The last ticket that a report may finalise; or none, at times."""
        queue, pool = self.desk.stack.queue, self.desk.stack.pool
        done, last = queue.call("getLastFinalizedRequestId"), queue.call("getLastRequestId")
        if done == last or self.random.random() < 0.3:
            return 0
        left, found = pool.call("getBalances")[0] + inflow, 0
        statuses = queue.call("getWithdrawalStatus", list(range(done + 1, last + 1)))
        for number, status in enumerate(statuses, done + 1):
            left -= status[0]
            if left < ETHER or status[3] > self.desk.rpc.timestamp - 3 * DAY:
                break
            found = number
        return found

    def wait(self):
        self.desk.wait(size(self.random, 1, 4 * DAY))


@pytest.mark.parametrize("terms", TERM_SETS)
def test_vault__equals_its_model(artifacts, terms, record_property):
    desk = new_arena(NodeWithAccounts(), artifacts, PlainStaking)
    pair = Pair(desk, TERM_SETS[terms], Random(terms))
    for _ in range(STEPS):
        pair.step()
    acted, refused = pair.acted, pair.refused
    assert acted.keys() >= ACTED, ACTED - acted.keys()
    assert min(acted["settled"], acted["paid"]) >= 50, acted
    assert acted["loss"] >= 5, acted
    calls = sum(acted[kind] for kind in ACTED)
    assert calls >= STEPS * 0.3, refused
    record_property(
        "measured",
        f"redemption vault, {terms} terms: {STEPS:,} steps, {calls:,} calls to the wei, "
        f"{refused.total():,} refused as predicted, {acted['settled']} tickets settled, "
        f"{acted['paid']} paid, {acted['loss']} losses",
    )


def test_vault_left_alone__catches_up_with_the_queue_as_its_model_does(artifacts):
    """More reports paid tickets than one operation looks up; the first was of a loss."""
    desk = new_arena(NodeWithAccounts(), artifacts, PlainStaking)
    pair = Pair(desk, {}, Random(0))
    pair.deposit(400 * ETHER)
    desk.report()
    count = MAX_CHECKPOINTS + 3 * MAX_STEPS
    for _ in range(count):
        pair.sell(ETHER)
    last = desk.last_ticket
    for _ in range(3):
        desk.report()
    pair.advance()
    desk.report(loss=ETHER // 50, last=last - count + 1)
    rising = [pair.price]
    for ticket in range(last - count + 2, last + 1):
        desk.report(gain=ETHER // 20, last=ticket)
        pair.require_same()
        rising.append(pair.price)
    assert desk.vault.call("maxDeposit", desk.other) == 0
    assert desk.vault.call("maxWithdraw", desk.depositor) == 0
    for refused in (pair.deposit, pair.withdraw, pair.redeem, pair.request_exit, pair.sell):
        refused()
    assert pair.refused.total() == 5
    assert all(name.endswith("TicketsWaiting") for name in pair.refused)
    for _ in range(-(-count // MAX_STEPS)):
        pair.advance()
        pair.require_same()
        rising.append(pair.price)
    assert desk.vault.call("ticketCounts") == (count,) * 3
    assert rising == sorted(rising), "REDEEM-1"
    assert desk.vault.call("maxDeposit", desk.other) > 0
    assert sum(desk.vault.call("maxWithdraw", account) for account in pair.people) > 0
