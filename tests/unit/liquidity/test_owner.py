"""Ramps, fees, the fee receiver, and the constructor: bounds on both sides."""

import pytest

from tests.fixtures.staking import ZERO, reverts
from tests.fixtures.swap import ETHER, FEE_RECEIVER, UNLIMITED

DAY = 86_400
MIN_FEE, MAX_FEE = 10**4, 10**8


@pytest.fixture
def ready(desk):
    """A day after the pool's first ramp could start."""
    desk.rpc.mine_at(desk.rpc.timestamp + DAY)
    return desk


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        ("ramp_A", (200, 2**40 - 1)),
        ("stop_ramp_A", ()),
        ("set_new_fee", (10**6, 10**10)),
        ("set_fee_receiver", (FEE_RECEIVER,)),
    ],
)
def test_owner_functions__stranger__reverts(desk, function, arguments):
    with reverts("OwnableUnauthorizedAccount", desk.trader):
        desk.call(function, *arguments, sender=desk.trader)


@pytest.mark.parametrize("target", [10, 250, 1_000])
def test_ramp__moves_evenly_and_arrives(ready, target):
    start = ready.rpc.timestamp + 1
    ready.rpc.call("evm_setNextBlockTimestamp", start)
    receipt = ready.transact("ramp_A", target, start + 10 * DAY, sender=ready.owner)
    (event,) = ready.pool.events(receipt, "RampA")
    assert list(event.values.values()) == [10_000, 100 * target, start, start + 10 * DAY]
    for day in (1, 5, 9, 10, 11):
        ready.rpc.mine_at(start + day * DAY)
        moved = (100 * target - 10_000) * min(day, 10) / 10
        assert ready.call("amplification_unrounded") == pytest.approx(100_000 + 10 * moved, abs=1)
        assert ready.call("A_precise") == ready.call("amplification_unrounded") // 10
    assert ready.call("A") == target
    assert (ready.call("initial_A"), ready.call("future_A")) == (10_000, 100 * target)
    assert ready.call("future_A_time") - ready.call("initial_A_time") == 10 * DAY


def test_ramp__amid_it__ng_sees_hundredths_rounded_down(ready):
    start = ready.rpc.timestamp + 1
    ready.rpc.call("evm_setNextBlockTimestamp", start)
    ready.transact("ramp_A", 101, start + 1_000 * DAY, sender=ready.owner)
    ready.rpc.call("evm_setNextBlockTimestamp", start + 127 * DAY)
    receipt = ready.transact("stop_ramp_A", sender=ready.owner)
    (event,) = ready.pool.events(receipt, "StopRampA")
    assert ready.call("amplification_unrounded") == 100_127
    views = ("A", "A_precise", "initial_A", "future_A")
    assert [ready.call(view) for view in views] == [100, 10_012, 10_012, 10_012]
    assert event.values["A"] == 10_012


def test_ramp__bounds(ready):
    now = ready.rpc.timestamp

    def ramp(a, end):
        return ready.call("ramp_A", a, end, sender=ready.owner)

    ramp(200, now + DAY)
    with reverts("RampTooShort", now + DAY - 1, now + DAY):
        ramp(200, now + DAY - 1)
    ramp(200, 2**40 - 1)
    with reverts("RampTooLong", 2**40, 2**40 - 1):
        ramp(200, 2**40)
    for a in (0, 10**6 + 1):
        with reverts("AOutOfBounds", a, 1, 10**6):
            ramp(a, now + DAY)
    ramp(10, now + DAY)
    ramp(1_000, now + DAY)
    for a in (9, 1_001):
        with reverts("RampTooSteep", 100_000, a * 1_000):
            ramp(a, now + DAY)


def test_ramp__a_day_after_the_last_one_began(ready):
    ready.transact("ramp_A", 200, 2**40 - 1, sender=ready.owner)
    began = ready.call("initial_A_time")
    ready.rpc.mine_at(began + DAY - 1)
    with reverts("RampTooSoon", began + DAY - 1, began + DAY):
        ready.call("ramp_A", 200, 2**40 - 1, sender=ready.owner)
    ready.rpc.mine_at(began + DAY)
    ready.call("ramp_A", 200, 2**40 - 1, sender=ready.owner)


def test_stop_ramp__stays_where_it_is(ready):
    start = ready.rpc.timestamp + 1
    ready.rpc.call("evm_setNextBlockTimestamp", start)
    ready.transact("ramp_A", 200, start + 10 * DAY, sender=ready.owner)
    ready.rpc.call("evm_setNextBlockTimestamp", start + 5 * DAY)
    receipt = ready.transact("stop_ramp_A", sender=ready.owner)
    (event,) = ready.pool.events(receipt, "StopRampA")
    assert event.values["A"] == 15_000
    ready.rpc.mine_at(start + 20 * DAY)
    assert ready.call("A_precise") == 15_000


def test_set_new_fee__bounds(desk):
    def set_fee(fee, multiplier=10**10):
        return desk.call("set_new_fee", fee, multiplier, sender=desk.owner)

    for fee in (MIN_FEE, MIN_FEE + 1, MAX_FEE - 1, MAX_FEE):
        set_fee(fee)
    for fee in (0, MIN_FEE - 1, MAX_FEE + 1):
        with reverts("FeeOutOfBounds", fee, MIN_FEE, MAX_FEE):
            set_fee(fee)
    set_fee(MAX_FEE, 5 * 10**10)
    with reverts("OffpegFeeTooHigh", MAX_FEE, 5 * 10**10 + 1):
        set_fee(MAX_FEE, 5 * 10**10 + 1)
    set_fee(MIN_FEE, 100 * 10**10)
    with reverts("OffpegFeeTooHigh", MIN_FEE, 100 * 10**10 + 1):
        set_fee(MIN_FEE, 100 * 10**10 + 1)


def test_set_new_fee__takes_effect(desk):
    receipt = desk.transact("set_new_fee", MAX_FEE, 10**10, sender=desk.owner)
    (event,) = desk.pool.events(receipt, "ApplyNewFee")
    assert event.values == {"fee": MAX_FEE, "offpeg_fee_multiplier": 10**10}
    assert (desk.call("fee"), desk.call("offpeg_fee_multiplier")) == (MAX_FEE, 10**10)
    assert desk.call("get_dy", 0, 1, ETHER) == pytest.approx(0.99 * ETHER, rel=1e-4)


def test_fee__none_is_zero(desk):
    """A swap of two wei pays a whole one: no dust trade is free."""
    assert desk.call("get_dy", 0, 1, 2) == 0
    desk.trade(0, 2)
    assert desk.call("balances", 0) + desk.call("balances", 1) == 2_000 * ETHER + 2


def test_admin_fees__go_to_the_receiver_and_anyone_may_send_them(desk, who):
    desk.trade(0)
    desk.trade(1)
    owed = [desk.call("admin_balances", i) for i in range(2)]
    assert min(owed) > 0
    receipt = desk.transact("withdraw_admin_fees", sender=who[0])
    (event,) = desk.pool.events(receipt, "AdminFeesWithdrawn")
    assert list(event.values.values()) == [FEE_RECEIVER.lower(), *owed]
    assert desk.held(FEE_RECEIVER) == owed
    desk.transact("withdraw_admin_fees", sender=who[0])
    assert desk.held(FEE_RECEIVER) == owed


def test_set_fee_receiver(desk, who):
    with reverts("ZeroAddress"):
        desk.call("set_fee_receiver", ZERO, sender=desk.owner)
    desk.transact("set_fee_receiver", who[0], sender=desk.owner)
    assert desk.call("fee_receiver").lower() == who[0].lower()


def test_ownership__moves_in_two_steps(desk, who):
    desk.transact("transferOwnership", who[0], sender=desk.owner)
    assert desk.call("owner").lower() == desk.owner.lower()
    with reverts("OwnableUnauthorizedAccount", who[1]):
        desk.call("acceptOwnership", sender=who[1])
    desk.transact("acceptOwnership", sender=who[0])
    assert desk.call("owner").lower() == who[0].lower()


@pytest.mark.parametrize(
    ("changes", "error", "values"),
    [
        ({"a": 0}, "AOutOfBounds", (0, 1, 10**6)),
        ({"a": 10**6 + 1}, "AOutOfBounds", (10**6 + 1, 1, 10**6)),
        ({"fee": 0}, "FeeOutOfBounds", (0, MIN_FEE, MAX_FEE)),
        ({"fee": MIN_FEE - 1}, "FeeOutOfBounds", (MIN_FEE - 1, MIN_FEE, MAX_FEE)),
        ({"fee": MAX_FEE + 1}, "FeeOutOfBounds", (MAX_FEE + 1, MIN_FEE, MAX_FEE)),
        ({"offpeg_fee_multiplier": UNLIMITED}, "OffpegFeeTooHigh", (4 * 10**6, UNLIMITED)),
        ({"ma_exp_time": 0}, "InvalidWindow", (0,)),
        ({"d_ma_time": 2**40}, "InvalidWindow", (2**40,)),
        ({"receiver": ZERO}, "ZeroAddress", ()),
        ({"rate_source": FEE_RECEIVER}, "RateUnavailable", ()),
    ],
)
def test_constructor__out_of_bounds__reverts(desk, changes, error, values):
    with reverts(error, *values):
        desk.new_pool(**changes)


@pytest.mark.parametrize("directional", [True, False])
def test_directional__is_as_deployed(desk, directional):
    assert desk.new_pool(directional=directional).call("directional") is directional


def test_constructor__coins(desk):
    coin0, coin1 = (coin.address for coin in desk.coins)
    with reverts("SameCoin", coin1):
        desk.new_pool(coins=(coin1, coin1))
    for coins in ((ZERO, coin1), (coin0, ZERO)):
        with reverts("ZeroAddress"):
            desk.new_pool(coins=coins, rate_source=coin1)
