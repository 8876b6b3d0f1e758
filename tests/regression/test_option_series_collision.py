"""Two series whose terms, written one after the other, look the same; a claim's id as a series'."""

from itertools import combinations

import pytest

from tests.fixtures.options import LOOSE, WAD
from tests.fixtures.staking import reverts


def test_ids__differ_wherever_one_term_does(options):
    feed, token = options.feeds["spot"], options.usdc.address
    base = (feed, token, options.expiry, 2, 100 * WAD, 10 * WAD)
    variants = [
        base,
        (options.feeds["lower"], *base[1:]),
        (feed, options.weth.address, *base[2:]),
        (*base[:2], options.expiry + 86_400, *base[3:]),
        (*base[:3], 1, *base[4:]),
        (*base[:4], 10 * WAD, 100 * WAD),  # strike and cap swapped
        (*base[:4], 1 << 64, 2),
        (*base[:4], 1, 1 << 64 | 2),
        (*base[:5], 0),
    ]
    ids = [options.call("idOf", series) for series in variants]
    for one, other in combinations(ids, 2):
        assert one >> 1 != other >> 1


def test_a_claim__is_no_series(options):
    """The short claim's id neither lists nor mints, and a listing can't choose its id."""
    series_id = options.put_series()
    options.mint(series_id, WAD, long=options.writer)
    for name, arguments in (
        ("mint", (WAD, options.holder, options.writer)), ("burn", (WAD, options.writer)),
        ("settle", ()),
    ):  # fmt: skip
        with reverts("UnknownSeries", series_id | 1):
            options.call(name, series_id | 1, *arguments, sender=options.writer)


def test_twin_series__of_two_tokens__share_no_collateral(options):
    """The same terms, in two tokens of different decimals."""
    options.open_market("spot", options.weth, 2, LOOSE)
    six = options.put_series(2_000 * WAD)
    eighteen = options.put_series(2_000 * WAD, token=options.weth)
    options.mint(six)
    options.mint(eighteen)
    options.settle_at(six, 1_500 * 10**8)
    options.transact("settle", eighteen, sender=options.other)
    assert options.redeem(six, WAD) == 500 * 10**6
    assert options.redeem(eighteen, WAD) == 500 * WAD
    assert options.held(options.usdc) == 1_500 * 10**6
    assert options.held(options.weth) == 1_500 * WAD


@pytest.mark.parametrize("decimals", [0, 2, 5, 19, 27])
def test_wrong_decimals__open_no_market(options, decimals):
    token = options.create("CollateralMock", decimals)
    with reverts("InvalidCollateral", token.address):
        options.call(
            "openMarket", options.feeds["spot"], token.address, 2, *LOOSE, sender=options.owner
        )
