"""Marks of the vault's tickets against what the queue pays, by a queue written for this test.

Gains and losses of any size, reports that pay any of the tickets, long times in which nobody looks.
"""

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from keel.models.evm import Revert
from keel.models.redemption.ledger import DAY, WAD, Terms, World
from keel.models.redemption.vault import Market, Vault
from tests.fixtures.staking import ETHER

PRICED_SHARES = 10**45
HOLDBACKS = (0, WAD * 35 // 1_000, WAD // 5)
MIN_FEES = (WAD // 10**6, WAD // 10**4, WAD // 20)
DISCOUNTS = (0, 0, WAD // 50, WAD // 7)
LOSSES = (1e-9, 1e-4, 0.02)
GAINS = (0, 1e-9, 3e-4, 0.01)


class Queue:
    """Pool and queue: a rate, tickets, and at what rate each of them was paid."""

    def __init__(self, random):
        self.random, self.now = random, 10**9
        self.ether = 10**6 * ETHER + random.randrange(ETHER)
        self.shares = 10**33 + random.randrange(10**27)
        self.tickets, self.checkpoints = [(0, 0, 0)], [(0, 0)]
        self.paid, self.paid_at = 0, {}
        self.reference = self.applied = self.now

    @property
    def rate(self):
        return self.ether * 10**36 // self.shares

    def nominal(self, shares):
        return shares * 10**9 * self.ether // self.shares

    def request(self, shares):
        ceiling = -(-self.ether * 10**36 // self.shares)
        self.tickets.append((self.nominal(shares), shares * 10**9, ceiling))

    def worth(self, number):
        nominal, shares, asked_at = self.tickets[number]
        rate = self.paid_at.get(number, self.rate)
        return nominal if asked_at <= rate else min(nominal, shares * rate // 10**36)

    def report(self, change, last):
        self.now += DAY
        self.ether += change
        self.reference, self.applied = self.now - 3_600, self.now
        if last > self.paid:
            self.paid_at |= dict.fromkeys(range(self.paid + 1, last + 1), self.rate)
            self.checkpoints.append((last, self.rate))
            self.paid = last

    def world(self):
        def ahead(number):
            return sum(nominal for nominal, *_ in self.tickets[self.paid + 1 : number + 1])

        return World(
            now=self.now,
            rate_ray=self.rate,
            ref_timestamp=self.reference,
            applied_at=self.applied,
            last_finalized=self.paid,
            last_checkpoint=len(self.checkpoints) - 1,
            checkpoint=self.checkpoints.__getitem__,
            worth=self.worth,
            ahead=ahead,
            queued=ahead(len(self.tickets)),
            buffered=0,
        )


class Play:
    """One vault, one queue, and what is held of both after each step."""

    def __init__(self, seed, *, lazy):
        self.random = random = Random(seed)
        self.queue = Queue(random)
        self.lazy, self.steps, self.seen = lazy, 0, Counter()
        terms = Terms(
            min_fee=random.choice(MIN_FEES),
            yearly_fee=random.choice((0, WAD // 10)),
            holdback=random.choice(HOLDBACKS),
            frame_cap=WAD,
            base_wait=2 * DAY,
            max_report_age=30 * DAY,
        )
        self.vault = Vault("vault", "owner", terms, 10**5 * ETHER)
        self.vault.deposit(self.queue.world(), "depositor", 10**5 * ETHER, "depositor")
        self.queue.report(0, 0)
        self.price, self.lost = 0, True

    def step(self):
        random = self.random
        self.queue.now += random.choice((12, 600, 7_200))
        self.steps += 1
        drawn = random.random()
        if self.alone:
            self.report()
        elif drawn < 0.45:
            self.attempt(self.buy)
        elif drawn < 0.85:
            self.report()
        else:
            self.attempt(lambda world: self.vault.advance_all(world))
        self.check()

    @property
    def alone(self):
        """Sixty reports of a hundred and fifty steps, each of which pays one ticket."""
        return self.lazy and self.steps % 150 >= 90

    def attempt(self, act):
        """On a copy: nothing stays of what reverts."""
        before = self.vault.copy()
        try:
            act(self.queue.world())
        except Revert as refusal:
            self.seen[type(refusal).__name__] += 1
            self.vault = before

    def buy(self, world):
        random, queue = self.random, self.queue
        shares = random.choice((random.randrange(200, 300), random.randrange(ETHER, 900 * ETHER)))
        nominal, number = queue.nominal(shares), len(queue.tickets)
        if not 100 <= nominal <= 1_000 * ETHER:
            return
        discount = random.choice(DISCOUNTS)
        market = Market(spot=WAD, believed_rate=WAD, live_rate=WAD, average_ratio=WAD - discount)
        if random.random() < 0.65:
            self.vault.sell(
                world, market, nominal,
                min_price=0, receiver="seller", deadline=world.now, request_id=number,
            )  # fmt: skip
        else:
            market = replace(market, average_ratio=WAD)
            cost = nominal - nominal * max(discount, WAD // 10**6) // WAD - 2
            self.vault.buy_from_pool(world, market, cost, nominal=nominal, request_id=number)
        queue.request(shares)

    def report(self):
        random, queue = self.random, self.queue
        newest = len(queue.tickets) - 1
        last = random.choice((0, random.randint(queue.paid, newest), newest))
        if self.lazy:
            last = min(newest, queue.paid + 1) if self.alone else 0
        part = random.random()
        if random.random() < 0.35:
            change = -int(queue.ether * part * random.choice((*LOSSES, 0.3)))
            self.lost = True
        else:
            change = int(queue.ether * part * random.choice(GAINS))
        queue.report(change, last)

    def check(self):
        """What a view tells now, of every ticket that isn't paid."""
        book = self.vault.copy()
        book.foresee(self.queue.world())
        self.check_seasoned(book)
        self.check_covered(book)
        self.check_price(book)
        self.seen["behind"] += self.vault.checkpoint < len(self.queue.checkpoints) - 33
        self.seen["paid"] = self.vault.paid

    def check_seasoned(self, book):
        """Each of those that may still lose; and those that the queue has finalised, together."""
        before, total = book._units_up_to(book.ripened), 0
        for ticket in book.tickets[book.ripened : book.settled]:
            mark = (ticket.units - before) * book.seasoned.index // WAD
            assert mark <= self.queue.worth(ticket.request_id), "counts for more than it pays"
            before, total = ticket.units, total + mark
        assert abs(book.seasoned.total - total) <= self.rounded(book)
        finalised = [ticket.request_id for ticket in book.tickets[book.paid : book.ripened]]
        assert all(number <= self.queue.paid for number in finalised)
        payments = sum(self.queue.worth(number) for number in finalised)
        assert book.ripe <= payments, "count for more than they pay"

    def check_covered(self, book):
        marked = worth = 0
        for ticket in book.tickets[book.settled :]:
            marks = book.sold if ticket.receiver else book.from_pool
            mark = ticket.units * marks.index // WAD
            pays = self.queue.worth(ticket.request_id)
            beyond = pays - max(0, ticket.held_back - (ticket.nominal - pays))
            assert mark <= beyond, "counts for more than it pays beyond the refund"
            marked, worth = marked + mark, worth + beyond
        total = book.sold.total + book.from_pool.total
        assert abs(total - marked) <= self.rounded(book)
        assert book.carried <= total
        assert book.carried <= worth + self.rounded(book)

    def rounded(self, book):
        return len(book.tickets) + len(self.queue.checkpoints) + 100

    def check_price(self, book):
        price = book.to_assets_down(PRICED_SHARES)
        if not self.lost:
            fallen = (self.price - price) * (book.supply + 10**6) // PRICED_SHARES
            assert fallen <= len(book.tickets) + 2, "REDEEM-1"
        self.price, self.lost = price, False


@pytest.mark.parametrize(("lazy", "plays", "steps"), [(False, 60, 120), (True, 12, 400)])
def test_marks__are_never_above_what_a_ticket_pays(lazy, plays, steps):
    seen = Counter()
    for seed in range(plays):
        play = Play(seed, lazy=lazy)
        for _ in range(steps):
            play.step()
        seen += play.seen
    assert seen["paid"] > plays
    assert not lazy or seen["behind"] > 0, "more checkpoints than one operation looks up"
