"""get_dx is the smallest input: no smaller one pays as much."""

from hypothesis import given
from hypothesis import strategies as st

from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.quotes import get_dx
from keel.models.stableswap.trades import Market, Rules, swap

WAD = 10**18


def log_integers(low, high):
    return st.floats(low, high).map(lambda exponent: max(1, int(10**exponent)))


rules = st.builds(
    Rules,
    admin_fee=st.just(5 * 10**9),
    directional=st.booleans(),
    fees_round_up=st.booleans(),
    max_skew=st.none(),
)


def markets(low, high):
    return st.builds(
        Market,
        balances=st.tuples(log_integers(low, high), log_integers(low, high)),
        rates=st.tuples(st.just(WAD), st.integers(WAD, 13 * WAD // 10)),
        amp=st.sampled_from([1_000, 50_000, 200_000, 2_540_871, 10**7, 10**9]),
        fee=st.sampled_from([0, 10**4, 4 * 10**6, 10**8]),
        offpeg_fee_multiplier=st.sampled_from([0, 10**10, 2 * 10**10, 2 * 10**11]),
        total_supply=st.just(WAD),
        rules=rules,
    )


def attempt(operation, *args):
    try:
        return operation(*args), None
    except PoolError as error:
        return None, error.name


def pays(market, i, dx):
    outcome, error = attempt(swap, market, i, dx)
    if outcome:
        return outcome.dy
    assert error in {"AmountTooSmall", "EmptyReserve"}
    return -1


@given(markets(1, 4), st.sampled_from([0, 1]), st.floats(0, 1))
def test_get_dx__no_smaller_input_of_a_tiny_pool(market, i, share):
    dy = max(1, int(market.balances[1 - i] * share))
    dx, error = attempt(get_dx, market, i, dy)
    if error:
        assert error in {"InsufficientReserve", "EmptyReserve"}
        assert all(pays(market, i, smaller) < dy for smaller in range(1, 2_000))
        return
    assert pays(market, i, dx) >= dy
    assert all(pays(market, i, smaller) < dy for smaller in range(1, min(dx, 20_000)))


@given(markets(15, 26), st.sampled_from([0, 1]), st.floats(-6, -0.01))
def test_get_dx__no_smaller_input_of_a_large_pool(market, i, exponent):
    dy = max(1, int(market.balances[1 - i] * 10**exponent))
    dx, error = attempt(get_dx, market, i, dy)
    if error:
        assert error == "InsufficientReserve"
        return
    assert pays(market, i, dx) >= dy
    # One step of the fee rate is worth about dx / 1e10: look behind every such step nearby.
    step = max(1, dx // 10**10)
    nearby = {dx - k for k in range(1, 40)} | {dx - k * step for k in range(1, 40)}
    assert all(pays(market, i, smaller) < dy for smaller in nearby if smaller > 0)
