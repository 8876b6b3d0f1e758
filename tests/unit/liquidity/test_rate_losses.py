"""Losses that the rate's source tells of: each is believed at once, and nothing below it."""

import pytest

from tests.fixtures.swap import ADD, ETHER, REMOVE, WAD

STEP = 4 * 10**6  # the base fee of 4 bp a block, at the bound
FIRST, SECOND = WAD * 9 // 10, WAD * 8 // 10
"""Rates after a loss, and after another."""


def now(desk):
    return int(desk.rpc.block()["timestamp"], 16)


def tell(desk, rate, left=None):
    """The source says so, in a block each; of a loss, too, if it left something of the rate."""
    desk.set_rate(rate)
    if left is not None:
        told(desk, left, now(desk))


def told(desk, left, time):
    desk.coins[1].transact("setConfirmedLoss", left, time, sender=desk.owner)


def touch(desk):
    """One operation in a block of its own; the rate after it."""
    desk.trade(0, ETHER // 1000)
    slot = desk.rpc.call("eth_getStorageAt", desk.pool.address, "0x1", "latest")
    return int(slot, 16) >> 192


def bounded(previous, blocks=2):
    """As far down as the blocks since the last touch allow."""
    return previous - previous * STEP * blocks // 10**10


@pytest.fixture
def fallen(fast_desk):
    """A loss of a tenth, believed."""
    touch(fast_desk)
    tell(fast_desk, FIRST, FIRST)
    assert touch(fast_desk) == FIRST
    return fast_desk


def test_rate__a_fall_without_a_new_loss__is_bounded(fallen):
    tell(fallen, SECOND)
    assert touch(fallen) == bounded(FIRST)


def test_rate__the_next_loss__is_believed_too(fallen):
    tell(fallen, SECOND, SECOND)
    assert touch(fallen) == SECOND


def test_rate__a_fall_beyond_what_the_loss_left__stops_there(fallen):
    left = FIRST * 99 // 100
    tell(fallen, SECOND, left)
    assert touch(fallen) == left
    assert touch(fallen) == bounded(left, blocks=1)


def test_rate__a_loss_that_left_more_than_there_was__changes_nothing(fallen):
    tell(fallen, SECOND, WAD)
    assert touch(fallen) == bounded(FIRST, blocks=3)


def test_rate__a_loss_made_good_since__is_believed_as_it_is_now(fallen):
    """What was lost was more than is missing."""
    tell(fallen, FIRST * 98 // 100, SECOND)
    assert touch(fallen) == FIRST * 98 // 100


@pytest.mark.parametrize(("age", "believed"), [(-1, True), (0, True), (1, False)])
def test_rate__a_loss_counts_from_the_last_trade_on(fallen, age, believed):
    traded = now(fallen)
    tell(fallen, SECOND)
    told(fallen, SECOND, traded - age)
    assert touch(fallen) == (SECOND if believed else bounded(FIRST, blocks=3))


def in_the_same_block(desk):
    desk.rpc.stay_in_block()
    desk.trade(0, ETHER)


def emptied(desk):
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)
    desk.transact(ADD, [100 * ETHER, 100 * ETHER], 0, sender=desk.provider)


def without_an_answer(desk):
    for mode in (1, 0):
        desk.coins[1].transact("setMode", mode, sender=desk.owner)
        touch(desk)


def fees_withdrawn(desk):
    desk.transact("withdraw_admin_fees", sender=desk.trader)


@pytest.mark.parametrize("happen", [in_the_same_block, emptied, without_an_answer, fees_withdrawn])
def test_rate__what_else_happens__makes_no_loss_of_an_old_one(fallen, happen):
    happen(fallen)
    touch(fallen)
    tell(fallen, SECOND)
    assert touch(fallen) == bounded(FIRST)


def test_rate__losses_before_the_pool__are_none_of_its_own(fast_desk):
    tell(fast_desk, FIRST, SECOND)
    fast_desk.use(fast_desk.new_pool())
    fast_desk.transact(ADD, [100 * ETHER, 100 * ETHER], 0, sender=fast_desk.provider)
    assert touch(fast_desk) == FIRST
    tell(fast_desk, SECOND)
    assert touch(fast_desk) == bounded(FIRST)


def deployed(desk):
    desk.use(desk.new_pool())


def left_by_all(desk):
    desk.transact(REMOVE, desk.call("totalSupply"), [0, 0], sender=desk.provider)


@pytest.mark.parametrize("empty", [deployed, left_by_all])
def test_rate__a_loss_while_nobody_is_in__is_none_of_those_who_come_after(fast_desk, empty):
    """It was made good before the first deposit, and nobody has traded since."""
    empty(fast_desk)
    tell(fast_desk, FIRST, SECOND)
    fast_desk.transact(ADD, [100 * ETHER, 100 * ETHER], 0, sender=fast_desk.provider)
    tell(fast_desk, SECOND)
    assert touch(fast_desk) == bounded(FIRST)
