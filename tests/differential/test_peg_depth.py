"""`capacity` against its model, and the model against what trades in the pool's model cost."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.options import peg_depth
from keel.models.stableswap.curve import get_d, get_y, spot_price

WAD = 10**18
RESERVE = 10**24


@given(
    balances=st.tuples(*[st.integers(10**15, 10**26)] * 2),
    rate=st.integers(WAD // 10, 10 * WAD),
    amp=st.integers(1_000, 10**9),
    shrunk=st.integers(1, 10**6),
    average_price=st.integers(WAD // 2, 2 * WAD),
)
def test_capacity__contract_equals_the_model(
    option_desk, balances, rate, amp, shrunk, average_price
):
    options = option_desk
    scaled = (balances[0], balances[1] * rate // WAD)
    average_d = (sum(scaled) + 1) * shrunk // 500_000
    state = {"rate": rate, "amp": amp, "average_d": average_d, "average_price": average_price}
    options.set_market(balance0=balances[0], balance1=balances[1], **state)
    expected = peg_depth.capacity(balances, **state)
    assert options.oracle.call("capacity", options.feeds["ratio"]) == expected
    options.set_market()


def sale_to(target, x, y, d, amp):
    """Coin 1 that must be sold, without fees, until the price is at `target`; and coin 0 got."""
    low, high = 0, 40 * RESERVE
    while high - low > 1:
        middle = (low + high) // 2
        left = get_y(y + middle, d, amp)
        if spot_price((left, y + middle), d, amp) > target:
            low = middle
        else:
            high = middle
    return high, x - get_y(y + high, d, amp)


@given(amp=st.integers(1_000, 10**9), off=st.integers(10**13, WAD // 2))
def test_excess_at__is_between_neighbours_with_prices_on_both_sides(amp, off):
    """A part in 4,096 below and above; closer to one than 1e-5 there are few digits of g - 1."""
    excess = peg_depth.excess_at(WAD - off, amp)
    part = excess // peg_depth.PRECISION + 1
    low, high = (peg_depth.state_of(WAD + excess + side, amp)[2] for side in (-part, part))
    assert high < WAD - off <= low


@pytest.mark.parametrize("amp", [1_000, 10_000, 50_000, 200_000, 10**6])
@pytest.mark.parametrize("skew", [0, 5, 30, 60])
def test_cost_down__is_what_a_sale_costs_at_least(amp, skew):
    """Within a part in a hundred below the cost in the pool's own model."""
    x, y = RESERVE * (100 - skew) // 100, RESERVE * (100 + skew) // 100
    d = get_d((x, y), amp)
    price = spot_price((x, y), d, amp)
    sold, got = sale_to(price - peg_depth.MOVE, x, y, d, amp)
    true = Fraction(price * sold, WAD) - got
    told = Fraction(peg_depth.cost_down(price, peg_depth.MOVE, amp) * d, WAD)
    assert told <= true
    assert told > true * 98 / 100


@pytest.mark.parametrize("amp", [1_000, 10_000, 50_000, 200_000, 10**6, 10**9])
@pytest.mark.parametrize("price", [100, 97, 80, 60])
def test_per_move_down__is_the_least_of_all_moves(amp, price):
    """Down to the clamp in 60 steps."""
    price = price * WAD // 100
    least = peg_depth.per_move_down(price, amp)
    first, whole = peg_depth.MOVE, price - peg_depth.MIN_PRICE
    for step in range(61):
        move = first + (whole - first) * step // 60
        down = peg_depth.cost_down(price, move, amp) * WAD // move
        assert least <= down * 1001 // 1000


@pytest.mark.parametrize("amp", [10_000, 50_000, 200_000])
@pytest.mark.parametrize("move", [1, 2, 5, 20, 40])
def test_per_move_down__no_sale_gets_there_for_less(amp, move):
    d = get_d((RESERVE, RESERVE), amp)
    sold, got = sale_to(WAD - move * WAD // 100, RESERVE, RESERVE, d, amp)
    assert (sold - got) * 100 // move >= peg_depth.per_move_down(WAD, amp) * d // WAD


def traded(price, amp):
    """Balances of an invariant of about `RESERVE` at which coin 1 has `price`, and that price."""
    price = price * WAD // 1_000
    lower = peg_depth.from_one(price)
    g = WAD + (peg_depth.excess_at(lower, amp) if lower < WAD else 0)
    x, y = (balance * RESERVE // WAD for balance in peg_depth.state_of(g, amp)[:2])
    return (x, y) if price <= WAD else (y, x)


@pytest.mark.parametrize("amp", [1_000, 10_000, 50_000, 200_000, 10**6, 10**9])
@pytest.mark.parametrize("price", [900, 980, 995, 999, 1000, 1001, 1005, 1020, 1100, 1400, 1800])
@pytest.mark.parametrize("move", [10, 11, 20, 50, 200])
def test_per_move__no_trade_moves_the_price_for_less(amp, price, move):
    """Up: who buys sells the other coin, and counts in the price of before."""
    x, y = traded(price, amp)
    d = get_d((x, y), amp)
    begin = spot_price((x, y), d, amp)
    least = peg_depth.per_move(begin, begin, amp) * d // WAD * move // 1_000
    sold, got = sale_to(begin - move * WAD // 1_000, x, y, d, amp)
    assert sold * begin // WAD - got >= least
    if price + move > 2_000:
        return  # beyond the pool's clamp
    begin = WAD * WAD // spot_price((y, x), d, amp)
    sold, got = sale_to(WAD * WAD // (begin + move * WAD // 1_000), y, x, d, amp)
    assert sold - got * begin // WAD >= least
