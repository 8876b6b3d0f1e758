"""OPT-3 and OPT-4: parity, monotonicity, convexity; edges that are exact; what is refused."""

from itertools import pairwise, product

import pytest

from keel.chain.gas import ANCHORS
from keel.models.options.black_scholes import (
    MAX_AMOUNT,
    MAX_RATE,
    MAX_TIME,
    MAX_VOLATILITY,
    YEAR,
)
from tests.fixtures.option_draws import OptionDraws
from tests.fixtures.option_vectors import WAD

SPOTS = [spot * WAD for spot in range(1_000, 3_000, 200)]
STRIKES = [strike * WAD for strike in range(500, 4_500, 200)]
TIMES = [0, 1, 3_600, 86_400, *(YEAR * quarter // 4 for quarter in range(1, 7))]
VOLATILITIES = [0, 1, *(WAD * tenth // 10 for tenth in (1, 2, 4, 6, 8, 12, 20, 50))]
RATE = 5 * WAD // 100
SHAPE = tuple(map(len, (SPOTS, STRIKES, TIMES, VOLATILITIES)))

CALL, PUT = 0, 1


@pytest.fixture(scope="module")
def grid(pricing):
    """Prices by (spot, strike, time, volatility), as positions: 20,000 points, no carry."""
    points = list(product(SPOTS, STRIKES, TIMES, VOLATILITIES))
    assert len(points) == 20_000
    quotes = pricing.quote([(*point, RATE, 0) for point in points])
    return dict(zip(product(*map(range, SHAPE)), quotes, strict=True))


def lines(axis):
    """Positions along an axis, one line for each point of the others."""
    others = [range(n) for k, n in enumerate(SHAPE) if k != axis]
    for rest in product(*others):
        yield [(*rest[:axis], k, *rest[axis:]) for k in range(SHAPE[axis])]


def assert_ordered(values, direction):
    for before, after in pairwise(values):
        assert direction * (after - before) >= 0


@pytest.mark.parametrize(
    ("axis", "side", "direction"),
    [
        (0, CALL, 1),
        (0, PUT, -1),
        (1, CALL, -1),
        (1, PUT, 1),
        (2, CALL, 1),
        (3, CALL, 1),
        (3, PUT, 1),
    ],
)
def test_price__is_monotone(grid, axis, side, direction):
    """In spot, strike, time (a call without carry, at a positive rate) and volatility."""
    for line in lines(axis):
        assert_ordered([grid[point][side] for point in line], direction)


@pytest.mark.parametrize("side", [CALL, PUT])
def test_price__is_convex_in_the_strike(grid, side):
    for line in lines(1):
        prices = [grid[point][side] for point in line]
        for low, middle, high in zip(prices, prices[1:], prices[2:], strict=False):
            # Each price is rounded down by less than one.
            assert low - 2 * middle + high >= -1


def test_price__keeps_parity(pricing, grid):
    """Call less put is the discounted forward, which the edge without volatility prices."""
    for (s, k, t, v), quote in grid.items():
        call, put = grid[s, k, t, 0][:2]
        assert abs((quote[CALL] - quote[PUT]) - (call - put)) <= 1, (s, k, t, v)


def test_price__lies_between_payoff_and_limit(grid):
    for (s, k, t, v), (call, put, delta, _) in grid.items():
        forward, discounted = grid[s, k, t, 0][:2], STRIKES[k] * WAD
        assert max(forward[CALL], 0) <= call <= SPOTS[s], v
        assert max(forward[PUT], 0) <= put <= discounted
        assert 0 <= delta <= WAD


def test_quote__without_time_is_the_payoff(pricing):
    rows = [
        (2_000 * WAD, strike, 0, volatility, RATE, -RATE)
        for strike in (1, 1_999 * WAD, 2_000 * WAD - 1, 2_000 * WAD, 2_000 * WAD + 1, MAX_AMOUNT)
        for volatility in (0, 1, WAD, MAX_VOLATILITY)
    ]
    for row, (call, put, delta, vega) in zip(rows, pricing.quote(rows), strict=True):
        spot, strike = row[:2]
        assert (call, put) == (max(spot - strike, 0), max(strike - spot, 0))
        assert delta == (WAD if spot > strike else 0 if spot < strike else WAD // 2)
        assert vega == 0 or spot == strike


def test_full__without_time_has_no_decay(pricing):
    rows = [(2_000 * WAD, k * WAD, 0, WAD, RATE, RATE) for k in (1_000, 2_000, 3_000)]
    for *_, gamma, vega, _call_theta, _put_theta in pricing.full(rows):
        assert (gamma, vega) == (0, 0)


@pytest.mark.parametrize("volatility", [0, 1, 10**3, 10**6])
def test_quote__without_volatility_is_the_forward(pricing, volatility):
    """A year at 5 %, no carry: the discounted strike is K e**-0.05."""
    discounted = 951_229_424_500_714_009 * 2_000  # e**-0.05
    call, put, delta, _ = pricing.quote([(2_000 * WAD, 2_000 * WAD, YEAR, volatility, RATE, 0)])[0]
    assert abs(call - (2_000 * WAD - discounted)) <= 2_000
    assert put == 0
    assert delta == WAD


def test_quote__of_nothing(pricing):
    rows = [(0, 0), (0, 5 * WAD), (5 * WAD, 0)]
    quotes = pricing.quote([(*row, YEAR, WAD, 0, 0) for row in rows])
    assert [quote[:2] for quote in map(tuple, quotes)] == [(0, 0), (0, 5 * WAD), (5 * WAD, 0)]
    assert all(vega == 0 for *_, vega in quotes)


def test_quote__deep_in_the_wings(pricing):
    """Twenty deviations away nothing is left of one side, and nothing is missing of the other."""
    week, spot = 7 * 86_400, 2_000 * WAD
    for factor in (20, 10**3, 10**9, 10**12):
        high, low = spot * factor, spot // factor
        (above, below) = pricing.quote([(spot, k, week, WAD // 2, 0, 0) for k in (high, low)])
        assert tuple(above) == (0, high - spot, 0, 0)
        assert tuple(below) == (spot - low, 0, WAD, 0)


def test_full__corners_of_the_domain_answer(pricing):
    corners = product(
        (0, 1, MAX_AMOUNT),
        (0, 1, MAX_AMOUNT),
        (0, 1, MAX_TIME),
        (0, 1, MAX_VOLATILITY),
        (-MAX_RATE, 0, MAX_RATE),
        (-MAX_RATE, 0, MAX_RATE),
    )
    rows = list(corners)
    # e**10 times the largest amount, and a unit.
    limit = 22_027 * MAX_AMOUNT + 1
    for row, (call, put, *_) in zip(rows, pricing.full(rows), strict=True):
        assert 0 <= call <= limit, row
        assert 0 <= put <= limit, row


@pytest.mark.parametrize("function", ["quote", "full", "cash_or_nothing"])
@pytest.mark.parametrize(
    ("position", "limit", "step", "error"),
    [
        (0, MAX_AMOUNT, 1, "SpotOutOfDomain"),
        (1, MAX_AMOUNT, 1, "StrikeOutOfDomain"),
        (2, MAX_TIME, 1, "TimeOutOfDomain"),
        (3, MAX_VOLATILITY, 1, "VolatilityOutOfDomain"),
        (4, MAX_RATE, 1, "RateOutOfDomain"),
        (4, -MAX_RATE, -1, "RateOutOfDomain"),
        (5, MAX_RATE, 1, "RateOutOfDomain"),
        (5, -MAX_RATE, -1, "RateOutOfDomain"),
    ],
)
def test_price__outside_the_domain__reverts(
    pricing, refused, function, position, limit, step, error
):
    terms = [2_000 * WAD, 2_000 * WAD, YEAR, WAD, 0, 0]
    for value in (limit - step, limit):
        terms[position] = value
        assert len(getattr(pricing, function)([tuple(terms)])) == 1
    terms[position] = limit + step
    assert refused(function, tuple(terms)) == (error, (limit + step,))


def test_gas__is_within_the_budget_everywhere(option_harness, record_property):
    draws = OptionDraws("gas")
    for key, function, draw in (
        ("BlackScholes.quote", "gasOfQuote", draws.terms),
        ("BlackScholes.full", "gasOfFull", draws.terms),
        ("DepegPricing.quote", "gasOfDepeg", draws.depeg),
        ("NormalMath.cdf", "gasOfCdf", lambda: draws.random.randint(-10 * WAD, 10 * WAD)),
    ):
        worst = max(option_harness.call(function, draw())[0] for _ in range(400))
        record_property("measured", f"{key}: at most {worst:,} gas on 400 random rows")
        assert worst <= ANCHORS[key][1]
