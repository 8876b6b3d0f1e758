"""Losses that the rate's source has counted: each is believed at once, and once."""

import pytest

from tests.fixtures.swap import ADD, ETHER, REMOVE, WAD

STEP = 4 * 10**6  # the base fee of 4 bp a block, at the bound
FIRST, SECOND = WAD * 9 // 10, WAD * 8 // 10
"""Rates after a loss, and after another."""


def tell(desk, rate, losses):
    """The source says so, in a block each."""
    desk.set_rate(rate)
    desk.coins[1].transact("setLossCount", losses, sender=desk.owner)


def touch(desk):
    """One operation in a block of its own; the rate after it."""
    desk.trade(0, ETHER // 1000)
    slot = desk.rpc.call("eth_getStorageAt", desk.pool.address, "0x1", "latest")
    return int(slot, 16) >> 192


def bounded(previous, blocks=3):
    """As far down as the blocks since the last touch allow."""
    return previous - previous * STEP * blocks // 10**10


@pytest.fixture
def fallen(fast_desk):
    """A loss, counted as the fifth, and believed."""
    touch(fast_desk)
    tell(fast_desk, FIRST, 5)
    assert touch(fast_desk) == FIRST
    return fast_desk


@pytest.mark.parametrize("losses", [0, 4, 5])
def test_rate__a_fall_without_a_new_loss__is_bounded(fallen, losses):
    tell(fallen, SECOND, losses)
    assert touch(fallen) == bounded(FIRST)


def test_rate__the_next_loss__is_believed_too(fallen):
    tell(fallen, SECOND, 6)
    assert touch(fallen) == SECOND


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
def test_rate__what_else_happens__forgets_no_loss(fallen, happen):
    """Where the rate is not asked for, or not doubted, the count stays as it is."""
    happen(fallen)
    touch(fallen)
    tell(fallen, SECOND, 5)
    assert touch(fallen) == bounded(FIRST)


def test_rate__a_gain__uses_up_no_loss(fallen):
    """The count rises before the rate falls: the step up is bounded, the fall still believed."""
    tell(fallen, WAD, 6)
    risen = touch(fallen)
    assert risen == FIRST + FIRST * STEP * 3 // 10**10
    tell(fallen, SECOND, 6)
    assert touch(fallen) == SECOND


@pytest.mark.parametrize(("losses", "believed"), [(2**64 - 1, True), (2**64, False)])
def test_rate__a_count_beyond_its_bits__is_no_loss(fallen, losses, believed):
    tell(fallen, SECOND, losses)
    assert touch(fallen) == (SECOND if believed else bounded(FIRST))


def test_rate__losses_before_the_pool__are_none_of_its_own(fast_desk):
    tell(fast_desk, FIRST, 3)
    fast_desk.use(fast_desk.new_pool())
    fast_desk.transact(ADD, [100 * ETHER, 100 * ETHER], 0, sender=fast_desk.provider)
    assert touch(fast_desk) == FIRST
    tell(fast_desk, SECOND, 3)
    assert touch(fast_desk) == bounded(FIRST)
