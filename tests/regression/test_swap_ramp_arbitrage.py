"""Round trips around a ramp of A: opened at any time of it, closed a block, hours or a day later.

A ramp moves the prices of a pool that is off balance, and nothing else. Who holds reserves away
from balance while A falls, or had them brought nearer while it rises, gains what the LPs lose by
that. No pool that ramps can help it; what bounds it is exact, and asserted here.
"""

from dataclasses import dataclass
from itertools import pairwise
from math import inf

import pytest

from keel.chain.abi import Reverted
from keel.models.stableswap.amplification import Ramp
from keel.models.stableswap.curve import A_PRECISION, get_d
from tests.fixtures.swap import ADD, ETHER, REMOVE, REMOVE_ONE

BLOCK, HOUR, DAY = 12, 3_600, 86_400
MOVES = [(100, 1_000), (100, 10), (10, 1)]
"""Tenfold in a day, both ways: the steepest that is allowed.

Near 1, A moves by a thousandth a block: in NG's steps of a hundredth, the last ones paid 1.8 ether.
"""

SOLD = [0, 700, 1_000]
"""Ether of coin 0, into a pool of 1,000 each: at an A of 100, coin 1 costs 1.05 then, or 2.07."""

IN_A_BLOCK = {
    ((100, 1_000), 0): 0,
    ((100, 1_000), 700): 0,
    ((100, 1_000), 950): 0,
    ((100, 1_000), 1_100): ETHER // 500,
    ((100, 10), 0): 0,
    ((100, 10), 700): 0,
    ((100, 10), 950): 0,
    ((100, 10), 1_100): 0,
    ((10, 1), 0): 0,
    ((10, 1), 700): 0,
}
"""Wei that a round trip stays below; coin 1 costs 1.53 where 950 were sold, and 4.92 beyond."""

OPENED = [BLOCK, HOUR, 6 * HOUR, 12 * HOUR, 18 * HOUR, 23 * HOUR, DAY - BLOCK]
HELD = [BLOCK, HOUR, 6 * HOUR, DAY]
DUST = 100
"""Wei by which D and amounts are rounded on the way."""


def exchange(desk, i, amount):
    """Sell; buy it back."""
    before = desk.held(desk.trader)[1 - i]
    desk.trade(i, amount)
    bought = desk.held(desk.trader)[1 - i] - before
    return lambda: desk.trade(1 - i, bought)


def deposit(desk, i, amount):
    """Deposit one coin; take the same one out."""
    minted = add(desk, i, amount)
    return lambda: desk.transact(REMOVE_ONE, minted, i, 0, sender=desk.trader)


def deposit_for_a_share(desk, i, amount):
    """Deposit one coin; take a share of both out, and sell the other."""
    minted = add(desk, i, amount)

    def close():
        before = desk.held(desk.trader)[1 - i]
        desk.transact(REMOVE, minted, [0, 0], sender=desk.trader)
        desk.trade(1 - i, desk.held(desk.trader)[1 - i] - before)

    return close


def add(desk, i, amount):
    amounts = [0, 0]
    amounts[i] = amount
    desk.transact(ADD, amounts, 0, sender=desk.trader)
    return desk.call("balanceOf", desk.trader)


TRIPS = [
    (act, i, size * ETHER)
    for act in (exchange, deposit, deposit_for_a_share)
    for i in (0, 1)
    for size in (1, 10, 50, 300, 1_500)
]


@dataclass(frozen=True)
class Outcome:
    """Of a round trip: wei gained, of one coin; the most that the ramp explains."""

    gain: int
    most: int


class Ramping:
    """A pool of 1,000 each, of which some was sold, at the block in which its ramp begins."""

    def __init__(self, desk, move, sold):
        self.desk, (a, target) = desk, move
        desk.use(desk.new_pool(a=a))
        desk.transact(ADD, [1_000 * ETHER] * 2, 0, sender=desk.provider)
        if sold:
            desk.trade(0, sold * ETHER)
        desk.rpc.mine_at(desk.rpc.timestamp + DAY)
        self.start = desk.rpc.timestamp + BLOCK
        self.at(self.start)
        desk.transact("ramp_A", target, self.start + DAY, sender=desk.owner)
        self.ramp = Ramp(initial_amp=a * A_PRECISION, future_amp=a * A_PRECISION).ramped(
            target, self.start + DAY, now=self.start
        )

    def at(self, timestamp):
        self.desk.rpc.call("evm_setNextBlockTimestamp", timestamp)

    def reserves(self):
        return tuple(self.desk.call("get_balances"))

    def trips(self, act, i, amount, opened, held):
        """One opening, closed after each of some times; nothing if it is past the fence."""
        desk = self.desk
        others = desk.call("totalSupply")
        before, reserves = desk.held(desk.trader), self.reserves()
        start = desk.rpc.snapshot()
        self.at(self.start + opened)
        try:
            close = act(desk, i, amount)
        except Reverted as refusal:
            if refusal.name != "SkewAboveFence":
                raise
            desk.rpc.revert(start)
            return
        holding, supply = self.reserves(), desk.call("totalSupply")
        for seconds in held:
            middle = desk.rpc.snapshot()
            closed = self.start + opened + seconds
            self.at(closed)
            close()
            after = desk.held(desk.trader)
            assert after[1 - i] == before[1 - i]
            left = get_d(holding, self.ramp.amp_at(closed)) * others // supply
            yield Outcome(after[i] - before[i], sum(reserves) - left + DUST)
            desk.rpc.revert(middle)
        desk.rpc.revert(start)

    def every_trip(self, held):
        for opened in OPENED:
            for trip in TRIPS:
                yield from self.trips(*trip, opened, held)


def name_of(move):
    return f"A {move[0]} to {move[1]}"


def tell(record_property, move, sold, held, most):
    where = f"{name_of(move)}, {sold} of 1,000 sold before, held {held}"
    record_property("measured", f"{where}: a round trip gains {most / ETHER:,.6f} ether at most")


@pytest.mark.parametrize("move", MOVES, ids=name_of)
def test_ramp__moves_by_the_time_alone(fast_desk, move):
    """Used or idle: there is no jump for whoever comes first after a long time."""
    ramping = Ramping(fast_desk, move, 0)
    seen = {}
    for used in (False, True):
        snapshot = fast_desk.rpc.snapshot()
        for hour in range(1, 26):
            ramping.at(ramping.start + hour * HOUR)
            fast_desk.trade(hour % 2) if used else fast_desk.rpc.call("evm_mine")
            seen[used, hour] = fast_desk.call("amplification_unrounded")
            assert seen[used, hour] == ramping.ramp.amp_at(ramping.start + hour * HOUR)
        fast_desk.rpc.revert(snapshot)
    amps = [ramping.ramp.amp_at(ramping.start + n * BLOCK) for n in range(DAY // BLOCK + 2)]
    steps = {abs(after - before) for before, after in pairwise(amps)}
    assert max(steps) <= abs(amps[0] - amps[-1]) * BLOCK // DAY + 1


@pytest.mark.parametrize(("case", "limit"), IN_A_BLOCK.items(), ids=str)
def test_ramp__within_a_block__does_not_pay(fast_desk, record_property, case, limit):
    """The fees, 4 bp twice, are more than a block's part of the steepest ramp.

    They are not where the pool's price is beyond twice the worth.
    """
    move, sold = case
    ramping = Ramping(fast_desk, move, sold)
    gains = [outcome.gain for outcome in ramping.every_trip([BLOCK])]
    assert len(gains) >= 100
    assert max(gains) < limit
    tell(record_property, move, sold, "a block", max(gains))


@pytest.mark.parametrize("sold", SOLD)
@pytest.mark.parametrize("move", MOVES, ids=name_of)
def test_ramp__held_through_it__pays_at_most_what_it_moves(fast_desk, move, sold, record_property):
    """Reserves before, less what D of those held is at the end, to those who were there."""
    ramping = Ramping(fast_desk, move, sold)
    most = -inf
    for outcome in ramping.every_trip(HELD):
        assert outcome.gain <= outcome.most
        most = max(most, outcome.gain)
    tell(record_property, move, sold, "up to a day", most)


def test_ramp_up__from_balance__never_pays(fast_desk):
    """D rises with A, and a pool in balance has no more than D."""
    ramping = Ramping(fast_desk, (100, 1_000), 0)
    gains = [outcome.gain for outcome in ramping.every_trip(HELD)]
    assert len(gains) >= 400
    assert max(gains) < 0
