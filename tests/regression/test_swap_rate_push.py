"""A rate that is wrong for one block, or steps by a report: what traders can take from the pool."""

from dataclasses import replace

import pytest

from keel.models.stableswap.pool import Block
from keel.models.stableswap.rates import RateSource
from tests.fixtures.stableswap_models import house_pool
from tests.fixtures.swap import ADD, ETHER, WAD

SIZES = (10, 50, 200, 500, 900)


@pytest.fixture
def pool(fast_desk):
    """1,000 and 1,000 at an A of 200."""
    desk = fast_desk
    desk.use(desk.new_pool(a=200))
    desk.transact(ADD, [1_000 * ETHER, 1_000 * ETHER], 0, sender=desk.provider)
    return desk


def profit(desk, before):
    """Of the trader, both coins at their true worth of 1."""
    return sum(desk.held(desk.trader)) - sum(before)


def sell_into(desk, false_rate, size, idle):
    """Sell into a rate of one block, `idle` after the last; the coin bought, and how much."""
    last = int(desk.rpc.call("eth_blockNumber"), 16)
    if idle > 1:
        desk.rpc.call("anvil_mine", hex(idle - 1))
    i = 1 if false_rate > WAD else 0
    held = desk.held(desk.trader)[1 - i]
    desk.set_rate(false_rate)
    desk.rpc.stay_in_block()
    desk.trade(i, size * ETHER)
    assert int(desk.rpc.call("eth_blockNumber"), 16) == last + idle
    return 1 - i, desk.held(desk.trader)[1 - i] - held


def attack(desk, false_rate, size, idle):
    """Push the rate, sell into it, let it come back, trade back; the trader's profit in wei."""
    snapshot = desk.rpc.snapshot()
    desk.trade(0, ETHER // 1_000)
    before = desk.held(desk.trader)
    coin, bought = sell_into(desk, false_rate, size, idle)
    desk.set_rate(WAD)
    desk.trade(coin, bought)
    gained = profit(desk, before)
    desk.rpc.revert(snapshot)
    return gained


def one_way(desk, false_rate, size, idle):
    """Sell into the false rate and keep what was bought; the trader's profit in wei."""
    snapshot, before = desk.rpc.snapshot(), desk.held(desk.trader)
    sell_into(desk, false_rate, size, idle)
    gained = profit(desk, before)
    desk.rpc.revert(snapshot)
    return gained


def unbounded_one_way(false_rate, size):
    """The same on the model with the bound off."""
    model = house_pool(a=200, balances=(1_000 * ETHER, 1_000 * ETHER))
    model = replace(model, terms=replace(model.terms, rate_bounded=False))
    false = Block(number=10, timestamp=2 * 10**9, source=RateSource(rate=false_rate))
    _, out = model.exchange(false, 1 if false_rate > WAD else 0, size * ETHER)
    return out.dy - size * ETHER


def unbounded_profit(false_rate, size):
    """The same attack on the model with the bound off."""
    model = house_pool(a=200, balances=(1_000 * ETHER, 1_000 * ETHER))
    model = replace(model, terms=replace(model.terms, rate_bounded=False))
    i = 1 if false_rate > WAD else 0
    false = Block(number=10, timestamp=2 * 10**9, source=RateSource(rate=false_rate))
    true = Block(number=11, timestamp=2 * 10**9 + 12, source=RateSource(rate=WAD))
    model, out = model.exchange(false, i, size * ETHER)
    model, back = model.exchange(true, 1 - i, out.dy)
    return back.dy - size * ETHER


@pytest.mark.parametrize("idle", [1, 2, 10_000])
@pytest.mark.parametrize("false_rate", [WAD * 105 // 100, WAD * 95 // 100])
def test_a_false_rate__costs_a_hundredth_of_what_it_would(pool, false_rate, idle, record_property):
    """For one block, `idle` blocks after the pool was last touched; traded back in the next."""
    bounded = max(attack(pool, false_rate, size, idle) for size in SIZES)
    unbounded = max(unbounded_profit(false_rate, size) for size in SIZES)
    assert unbounded > 15 * ETHER
    assert bounded <= unbounded // 100
    record_property(
        "measured",
        f"rate push to {false_rate / WAD} after {idle:,} idle blocks: {bounded / ETHER:+.4f} "
        f"ether for the trader, {unbounded / ETHER:+.2f} from an unbounded pool",
    )


def no_loss(desk):
    desk.trade(0, ETHER // 1_000)


def seen_within_the_bound(desk):
    """A loss of 2 bp, as ordinary slashings are, and made good."""
    desk.set_rate(WAD - WAD * 2 // 10_000)
    lose(desk, WAD - WAD * 2 // 10_000)
    desk.trade(0, ETHER // 1_000)
    desk.set_rate(WAD)
    desk.trade(0, ETHER // 1_000)


def netted_before_a_trade(desk):
    """A loss of 10 bp that gains have outweighed by the time of the next trade."""
    lose(desk, WAD - WAD // 1_000)
    desk.trade(0, ETHER // 1_000)


def in_the_block_of_the_last_trade(desk):
    """The report and a trade behind it in one block, and nobody since."""
    lose(desk, WAD - WAD // 10_000)
    desk.rpc.stay_in_block()
    desk.trade(0, ETHER // 1_000)


def lose(desk, left):
    time = int(desk.rpc.block()["timestamp"], 16)
    desk.coins[1].transact("setConfirmedLoss", left, time, sender=desk.owner)


@pytest.mark.parametrize("idle", [1, 2, 10_000])
@pytest.mark.parametrize(
    "earlier",
    [no_loss, seen_within_the_bound, netted_before_a_trade, in_the_block_of_the_last_trade],
)
@pytest.mark.parametrize("false_rate", [WAD * 105 // 100, WAD * 95 // 100])
def test_a_false_rate__sold_into_one_way__borrows_nothing_from_an_earlier_loss(
    pool, false_rate, earlier, idle, record_property
):
    """What was bought is kept at its true worth: no pool whose rate climbs back slowly hides it."""
    earlier(pool)
    bounded = max(one_way(pool, false_rate, size, idle) for size in SIZES)
    unbounded = max(unbounded_one_way(false_rate, size) for size in SIZES)
    assert unbounded > 20 * ETHER
    assert bounded <= unbounded // 100
    record_property(
        "measured",
        f"false rate {false_rate / WAD}, one way, {idle:,} idle blocks, "
        f"{earlier.__name__}: {bounded / ETHER:+.4f} ether of {unbounded / ETHER:+.2f}",
    )


def around_a_step(pool, step_bp, size, wait, pokes=0):
    """Buy wkETH before its rate steps up, sell it `wait` blocks after the step; the profit.

    Or after as many more: each time the trader brings the pool's rate on by a trade of dust.
    """
    pool.trade(0, ETHER // 1_000)
    before = pool.held(pool.trader)
    pool.trade(0, size * ETHER)
    bought = pool.held(pool.trader)[1] - before[1]
    pool.set_rate(WAD + WAD * step_bp // 10_000)
    for _ in range(pokes):
        pool.rpc.call("anvil_mine", hex(wait))
        pool.trade(0, 10**9)
    if wait:
        pool.rpc.call("anvil_mine", hex(wait))
    pool.trade(1, bought)
    return pool.held(pool.trader)[0] - before[0]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step_bp", [4, 8, 12, 50])
def test_a_report__is_not_worth_trading_around(pool, step_bp, size):
    assert around_a_step(pool, step_bp, size, wait=0) < 0


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("step_bp", [4, 8, 12, 50])
def test_a_step__pays_who_holds_through_quiet_blocks_a_fifth_of_a_percent_at_most(
    pool, step_bp, size
):
    """Five blocks accrue. It takes a step, which reports are not, and nobody who trades first."""
    most = min(step_bp, 20) * size * ETHER // 10_000
    assert around_a_step(pool, step_bp, size, wait=10) < most


@pytest.mark.parametrize("step_bp", [12, 50])
def test_a_step__pays_all_of_itself_to_who_is_left_alone_with_it(pool, step_bp, record_property):
    """The stated limit: the pool lags, and whoever buys meanwhile has what it lags, less a fee."""
    size = 200
    gained = around_a_step(pool, step_bp, size, wait=5, pokes=4) * 10_000 / (size * ETHER)
    assert step_bp - 10 < gained < step_bp
    record_property(
        "measured",
        f"step of {step_bp} bp without a loss: {gained:.1f} bp for who pokes the pool",
    )
