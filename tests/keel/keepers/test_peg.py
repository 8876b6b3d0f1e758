from hypothesis import assume, example, given
from hypothesis import strategies as st

from keel.keepers import peg
from keel.models.stableswap.errors import PoolError
from keel.models.stableswap.trades import Market, swap
from tests.fixtures.stableswap_models import HOUSE_RULES

ETHER = 10**18
WAD = 10**18

ratios = st.integers(5, 200)


@st.composite
def markets(draw):
    """Pools of 100 to 10,000 ether, up to twenty to one off balance."""
    weth = draw(st.integers(100, 10_000)) * ETHER
    wketh = weth * draw(ratios) // 100
    return Market(
        balances=(weth, wketh),
        rates=(WAD, draw(st.integers(WAD, 2 * WAD))),
        amp=draw(st.sampled_from([10_000, 50_000, 200_000])),
        fee=4_000_000,
        offpeg_fee_multiplier=20_000_000_000,
        total_supply=2 * weth,
        rules=HOUSE_RULES,
    )


@st.composite
def waits(draw):
    return peg.Waiting(
        base=draw(st.integers(0, 5 * peg.DAY)),
        queued=draw(st.integers(0, 10_000 * ETHER)),
        buffered=draw(st.integers(0, 10_000 * ETHER)),
        inflow_per_day=draw(st.integers(ETHER, 10_000 * ETHER)),
    )


@given(st.integers(0, 10**21), st.integers(0, 10**21), st.integers(1, 10**20))
def test_best__is_as_good_as_any_of_many_sizes(most, peak, steepness):
    def profit(size):
        return steepness - abs(size - peak) * steepness // 10**21

    found = peg.best(profit, most)
    assert 0 <= found <= most
    others = [profit(most * step // 50) for step in range(51)]
    tolerance = steepness // 10**6 + 2  # the grain of sizes, and rounding
    assert max(profit(found), 0) >= max(0, *others) - tolerance


@given(st.integers(1, 10**24))
def test_best__nothing_pays__is_nothing(most):
    assert peg.best(lambda size: -1 - size, most) == 0


@given(waits(), st.integers(0, 10**22), st.integers(0, 10**22))
def test_waiting__more_takes_no_less(waiting, less, more):
    assert waiting.seconds(less) <= waiting.seconds(less + more)
    assert waiting.seconds(0) >= waiting.base


@given(st.integers(0, 10**24), st.integers(0, WAD), st.integers(0, peg.YEAR))
@example(10**18, WAD // 20, peg.YEAR)
def test_interest__is_a_years_rate_at_most(amount, yearly, seconds):
    cost = peg.interest(amount, yearly, seconds)
    assert cost * WAD * peg.YEAR >= amount * yearly * seconds
    assert cost <= amount * yearly // WAD + 1


@given(markets(), st.integers(1, 100))
def test_discount__a_purchase_narrows_it(market, part):
    spent = market.balances[0] * part // 1_000
    got = peg.bought(market, peg.WETH, spent)
    assume(got)
    after = Market(
        **vars(market) | {"balances": (market.balances[0] + spent, market.balances[1] - got)}
    )
    rate = market.rates[1]
    assert peg.discount(after, rate) <= peg.discount(market, rate)


@given(markets(), st.integers(-1, 10**25))
def test_bought__is_the_models_word_or_nothing(market, amount):
    found = peg.bought(market, peg.WETH, amount)
    try:
        expected = swap(market, peg.WETH, amount).dy if amount > 0 else 0
    except PoolError:
        expected = 0
    assert found == expected
