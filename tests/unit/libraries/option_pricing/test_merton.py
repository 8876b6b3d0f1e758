"""The jump series: its limits, its bound, what is refused."""

import pytest

from keel.models.options.black_scholes import MAX_AMOUNT, YEAR
from keel.models.options.merton_series import MAX_COUNT, MAX_EXPECTED, MAX_INTENSITY
from tests.fixtures.option_vectors import WAD

SPOT = 2_000 * WAD
JUMPS = (WAD, -WAD // 10, WAD // 10)
TERMS = [
    (SPOT, strike * WAD, time, WAD * 6 // 10, WAD * 4 // 100, WAD * 32 // 1_000)
    for strike in (1_000, 2_000, 3_000)
    for time in (0, 604_800, YEAR)
]


def slack(terms, count):
    """What the series may say too much: the kernel's own error, and rounding."""
    return (terms[0] + terms[1]) // 2**55 + 2 * count + 4


@pytest.mark.parametrize(
    "jumps", [(0, 0, 0), (0, WAD, WAD), (WAD, 0, 0), (MAX_INTENSITY, 0, 0)], ids=str
)
@pytest.mark.parametrize("count", [1, 5, MAX_COUNT])
def test_merton__jumps_of_nothing__is_black_scholes(pricing, jumps, count):
    plain = pricing.quote(TERMS)
    series = pricing.merton([(terms, jumps, count) for terms in TERMS])
    for terms, (call, put, *_), (series_call, series_put, bound) in zip(
        TERMS, plain, series, strict=True
    ):
        assert call - bound <= series_call <= call + slack(terms, count)
        assert put - bound <= series_put <= put + slack(terms, count)


def test_merton__more_terms_come_closer_from_below(pricing):
    for terms in TERMS:
        counts = [1, 2, 3, 5, 8, 13, 24]
        found = pricing.merton([(terms, JUMPS, count) for count in counts])
        calls, puts, bounds = zip(*map(tuple, found), strict=True)
        best_call, best_put = calls[-1], puts[-1]
        for count, call, put, bound in zip(counts, calls, puts, bounds, strict=True):
            assert call <= best_call + bounds[-1] + slack(terms, count)
            assert best_call <= call + bound + slack(terms, 24)
            assert best_put <= put + bound + slack(terms, 24)
        if terms[2]:
            assert list(bounds[:4]) == sorted(bounds[:4], reverse=True)
        assert bounds[-1] < 10**6


def test_merton__keeps_parity(pricing):
    plain = pricing.quote(TERMS)
    for terms, (call, put, *_), (series_call, series_put, _) in zip(
        TERMS, plain, pricing.merton([(terms, JUMPS, 16) for terms in TERMS]), strict=True
    ):
        assert abs((series_call - series_put) - (call - put)) <= 2 * slack(terms, 16)


def test_merton__outside_the_domain__reverts(pricing, refused):
    terms = TERMS[-1]
    for count in (0, MAX_COUNT + 1):
        assert refused("merton", (terms, JUMPS, count)) == ("CountOutOfDomain", (count,))
    for intensity in (MAX_INTENSITY + 1, 2**200):
        jumps = (intensity, *JUMPS[1:])
        assert refused("merton", (terms, jumps, 8)) == ("IntensityOutOfDomain", (intensity,))
    for mean, deviation in ((WAD + 1, 0), (-WAD - 1, 0), (0, WAD + 1)):
        assert refused("merton", (terms, (WAD, mean, deviation), 8)) == (
            "JumpOutOfDomain",
            (mean, deviation),
        )
    large = (MAX_AMOUNT + 1, *terms[1:])
    assert refused("merton", (large, JUMPS, 8)) == ("SpotOutOfDomain", (MAX_AMOUNT + 1,))
    for jumps in ((MAX_INTENSITY, WAD, 0), (MAX_INTENSITY, -WAD, WAD), (0, WAD, WAD)):
        assert len(pricing.merton([(terms, jumps, 12)])) == 1


def test_merton__too_many_expected__reverts(pricing, refused):
    """Four years of five a year, and a unit more."""
    terms = (SPOT, SPOT, 4 * YEAR, WAD, 0, 0)
    most = MAX_EXPECTED // 4
    assert len(pricing.merton([(terms, (most, 0, WAD // 10), 40)])) == 1
    assert refused("merton", (terms, (most + 1, 0, WAD // 10), 40)) == (
        "IntensityOutOfDomain",
        (most + 1,),
    )


def test_merton__a_kept_spot_outside__reverts(refused):
    """Fifteen jumps up by e, which still have weight, make 1e5 of one."""
    terms = (2**100, SPOT, YEAR, WAD, 0, 0)
    name, (spot,) = refused("merton", (terms, (2 * WAD, WAD, 0), MAX_COUNT))
    assert name == "SpotOutOfDomain"
    assert spot > MAX_AMOUNT
