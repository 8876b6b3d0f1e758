"""The normal distribution: monotone wei by wei, symmetric, flat where nothing is left."""

import itertools

import pytest

from keel.models.evm import MAX_UINT256
from tests.fixtures.option_vectors import WAD

HALF = WAD // 2
LN2_ROOTS = [int((2 * 0.6931471805599453 * (k + 0.5)) ** 0.5 * WAD) for k in range(58)]
"""Where e**(-x**2 / 2) goes over to the next power of two."""
TAILS = [WAD, 2 * WAD, 4 * WAD, 6 * WAD, 7 * WAD, 8 * WAD, 85 * WAD // 10, 88 * WAD // 10]


def around(point, steps=25):
    return list(range(point - steps, point + steps + 1))


@pytest.mark.parametrize("sign", [-1, 1])
@pytest.mark.parametrize("points", [[0], TAILS, LN2_ROOTS, [9 * WAD]], ids=str)
def test_cdf__is_monotone_wei_by_wei(pricing, points, sign):
    for point in points:
        values = pricing.cdf(around(sign * point))
        assert values == sorted(values)


def test_cdf__is_monotone_on_its_range(pricing):
    points = list(range(-9 * WAD - 10, 9 * WAD + 10, 3 * 10**14 + 7))
    values = pricing.cdf(points)
    assert len(values) > 50_000
    assert values == sorted(values)


def test_cdf__rises_at_its_density(pricing):
    """Steps of a million wei around zero: 0.3989 each, to a wei."""
    values = pricing.cdf(range(-50 * 10**6, 51 * 10**6, 10**6))
    steps = [b - a for a, b in itertools.pairwise(values)]
    assert set(steps) <= {398_942, 398_943}


def test_cdf__is_symmetric(pricing):
    points = [0, 1, 2, 3, 10**9, *TAILS, *LN2_ROOTS, 9 * WAD - 1, 9 * WAD, 9 * WAD + 1]
    upper, lower = pricing.cdf(points), pricing.cdf([-x for x in points])
    assert [a + b for a, b in zip(upper, lower, strict=True)] == [WAD] * len(points)
    assert upper[0] == HALF


def test_cdf__ends(pricing):
    ends = [-(2**255), 2**255 - 1, -9 * WAD, 9 * WAD, -9 * WAD + 1]
    assert list(pricing.cdf(ends)) == [0, WAD, 0, WAD, 0]
    assert list(pricing.pdf(ends)) == [0, 0, 0, 0, 1]


def test_ppf__inverts_cdf(pricing):
    points = [-8 * WAD, -5 * WAD, -2 * WAD, -WAD, -(10**15), 0, 10**9, WAD // 3, WAD, 3 * WAD]
    probabilities = pricing.cdf(points)
    for x, p, found, density in zip(
        points, probabilities, pricing.ppf(probabilities), pricing.pdf(points), strict=True
    ):
        # A wei of probability is 1 / density wei of x.
        assert abs(found - x) <= 1 + WAD // max(density, 1), (x, p)


def test_ppf__is_antisymmetric(pricing):
    lower = [1, 2, 10**3, 10**9, 10**15, WAD // 10, WAD // 4, HALF - 1, HALF]
    below, above = pricing.ppf(lower), pricing.ppf([WAD - p for p in lower])
    assert [a + b for a, b in zip(below, above, strict=True)] == [0] * len(lower)
    assert below[-1] == 0


def test_ppf__no_number_has_it__reverts(refused):
    for probability in (0, WAD, WAD + 1, MAX_UINT256):
        assert refused("ppf", probability) == ("ProbabilityOutOfDomain", (probability,))
