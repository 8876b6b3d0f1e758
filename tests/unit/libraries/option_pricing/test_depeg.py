"""The depeg in prices and cover: limits, parity, edges, what is refused."""

import pytest

from keel.models.options.black_scholes import MAX_AMOUNT, MAX_RATE, MAX_TIME, YEAR
from keel.models.options.depeg_pricing import MAX_INTENSITY, MAX_LOSS
from tests.fixtures.option_vectors import WAD

SPOT, STRIKE = 2_000 * WAD, 2_200 * WAD
TERMS = [
    (SPOT, strike * WAD, time, WAD * 6 // 10, WAD * 4 // 100, carry)
    for strike in (500, 1_500, 2_000, 2_200, 6_000)
    for time in (0, 1, 604_800, YEAR)
    for carry in (0, WAD * 32 // 1_000)
]
RISKS = [
    (intensity, loss)
    for intensity in (1, WAD // 20, WAD, MAX_INTENSITY)
    for loss in (1, WAD // 20, WAD // 5, MAX_LOSS)
]


def cover(ratio, barrier, *, time=YEAR, volatility=WAD // 20, rate=0, intensity=0, loss=0):
    return (ratio, barrier, time, volatility, rate, intensity, loss)


@pytest.mark.parametrize("risk", [(0, 0), (0, MAX_LOSS), (MAX_INTENSITY, 0), (WAD, 0)])
def test_depeg__without_risk__is_black_scholes(pricing, risk):
    plain = [tuple(quote) for quote in pricing.quote(TERMS)]
    assert [tuple(q) for q in pricing.depeg([(t, risk) for t in TERMS])] == plain
    assert list(pricing.depeg_premium([(t, risk) for t in TERMS])) == [0] * len(TERMS)


@pytest.mark.parametrize("risk", RISKS)
def test_depeg__keeps_parity_and_costs_more(pricing, risk):
    rows = [(terms, risk) for terms in TERMS]
    plain = pricing.quote(TERMS)
    for terms, before, after, premium in zip(
        TERMS, plain, pricing.depeg(rows), pricing.depeg_premium(rows), strict=True
    ):
        (call, put, _, _), (risky_call, risky_put, delta, _) = before, after
        assert abs((risky_call - risky_put) - (call - put)) <= 4, terms
        assert risky_call >= call - 4
        assert risky_put >= put - 4
        assert abs((risky_call - call) - premium) <= 4
        assert 0 <= delta <= WAD + 1


def test_depeg__premium_rises_with_either(pricing):
    terms = (SPOT, SPOT, YEAR, WAD * 6 // 10, 0, 0)
    for risks in (
        [(WAD * k // 10, WAD // 5) for k in range(1, 8)],
        [(WAD // 10, WAD * k // 10) for k in range(1, 10)],
    ):
        premiums = list(pricing.depeg_premium([(terms, risk) for risk in risks]))
        assert premiums == sorted(set(premiums))


def test_depeg__outside_the_domain__reverts(refused):
    terms = (SPOT, STRIKE, YEAR, WAD, 0, 0)
    assert refused("depeg", (terms, (MAX_INTENSITY + 1, 0))) == (
        "IntensityOutOfDomain",
        (MAX_INTENSITY + 1,),
    )
    assert refused("depeg", (terms, (0, MAX_LOSS + 1))) == ("LossOutOfDomain", (MAX_LOSS + 1,))
    large = (MAX_AMOUNT + 1, *terms[1:])
    assert refused("depeg", (large, (0, 0))) == ("SpotOutOfDomain", (MAX_AMOUNT + 1,))
    late = (SPOT, STRIKE, MAX_TIME + 1, WAD, 0, 0)
    assert refused("depeg", (late, (0, 0))) == ("TimeOutOfDomain", (MAX_TIME + 1,))


def test_depeg__compensated_spot_outside__reverts(pricing, refused):
    """At the highest risk a spot is held at a hundred times itself, less a little."""
    risk = (MAX_INTENSITY, MAX_LOSS)
    fits = (MAX_AMOUNT // 100, STRIKE, YEAR * 10, WAD, 0, 0)
    assert len(pricing.depeg([(fits, risk)])) == 1
    name, (spot,) = refused("depeg", ((MAX_AMOUNT // 50, *fits[1:]), risk))
    assert name == "SpotOutOfDomain"
    assert spot > MAX_AMOUNT


def test_cover__the_ratio_decides_without_time_or_volatility(pricing):
    barrier = WAD * 95 // 100
    rows = [
        cover(ratio, barrier, **still)
        for ratio in (barrier - 1, barrier, barrier + 1)
        for still in ({"time": 0}, {"volatility": 0})
    ]
    assert [tuple(q) for q in pricing.european_cover(rows)] == [(WAD, WAD)] * 2 + [(0, 0)] * 4
    assert [tuple(q) for q in pricing.one_touch_cover(rows)] == [(WAD, WAD)] * 4 + [(0, 0)] * 2
    assert list(pricing.put_cover(rows)) == [1, 1, 0, 0, 0, 0]


def test_cover__a_touch_costs_more_than_an_end_below(pricing):
    rows = [
        cover(WAD, WAD * barrier // 100, time=time, intensity=intensity, loss=WAD * loss // 100)
        for barrier in (50, 80, 90, 97, 99, 100)
        for time in (1, 86_400, 7_776_000, YEAR)
        for intensity in (0, WAD // 10, WAD)
        for loss in (0, 2, 10, 100)
    ]
    european, touched = pricing.european_cover(rows), pricing.one_touch_cover(rows)
    for row, (price, likelihood), (touch_price, touch) in zip(rows, european, touched, strict=True):
        assert 0 <= price <= touch_price <= WAD, row
        assert 0 <= likelihood <= touch <= WAD
        # By reflection a touch is at most about twice as likely, the drift aside.
        assert touch <= 2 * likelihood + WAD // 20


def test_cover__is_monotone_in_barrier_and_risk(pricing):
    lines = [
        [cover(WAD, WAD * k // 100, intensity=WAD // 10, loss=WAD // 10) for k in range(40, 101)],
        [cover(WAD, WAD * 9 // 10, intensity=WAD * k // 10, loss=WAD // 5) for k in range(100)],
        [cover(WAD, WAD * 9 // 10, intensity=WAD // 10, loss=WAD * k // 100) for k in range(101)],
    ]
    for rows in lines:
        for function in ("european_cover", "one_touch_cover"):
            prices = [price for price, _ in getattr(pricing, function)(rows)]
            assert prices == sorted(prices)
            assert prices[0] < prices[-1]
        puts = list(pricing.put_cover(rows))
        assert puts == sorted(puts)


def test_cover__certain_depeg_pays_the_payout(pricing):
    """Ten jumps a year for ten years, to zero: all but e**-100 of the payout, discounted."""
    row = cover(WAD, WAD // 2, time=MAX_TIME, rate=0, intensity=MAX_INTENSITY, loss=WAD)
    ((price, likelihood),) = pricing.european_cover([row])
    assert price == likelihood == WAD - 1 or price == likelihood == WAD
    assert abs(pricing.put_cover([row])[0] - WAD // 2) <= 1


def test_cover__nothing_left_of_ratio_or_barrier(pricing):
    rows = [cover(0, 0), cover(0, WAD), cover(WAD, 0), cover(MAX_AMOUNT, 1), cover(1, MAX_AMOUNT)]
    assert [q[0] for q in map(tuple, pricing.one_touch_cover(rows))] == [WAD, WAD, 0, 0, WAD]
    assert list(pricing.put_cover(rows)) == [0, WAD, 0, 0, MAX_AMOUNT - 1]


@pytest.mark.parametrize("function", ["european_cover", "one_touch_cover", "put_cover"])
@pytest.mark.parametrize(
    ("position", "limit", "error"),
    [
        (0, MAX_AMOUNT, "SpotOutOfDomain"),
        (1, MAX_AMOUNT, "StrikeOutOfDomain"),
        (2, MAX_TIME, "TimeOutOfDomain"),
        (3, 10 * WAD, "VolatilityOutOfDomain"),
        (4, MAX_RATE, "RateOutOfDomain"),
        (5, MAX_INTENSITY, "IntensityOutOfDomain"),
        (6, WAD, "LossOutOfDomain"),
    ],
)
def test_cover__outside_the_domain__reverts(pricing, refused, function, position, limit, error):
    row = list(cover(WAD, WAD * 9 // 10))
    for value in (limit - 1, limit):
        row[position] = value
        assert len(getattr(pricing, function)([tuple(row)])) == 1
    row[position] = limit + 1
    assert refused(function, tuple(row)) == (error, (limit + 1,))
