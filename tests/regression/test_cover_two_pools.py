"""Two market ratios in one feed: pairs that a pool's move pays for, and that nobody counts."""

import pytest

from keel.models.options.clearing import Kind
from keel.models.options.settlement import Source
from tests.fixtures.options import LOOSE, OBSERVATION_AGE, WAD, WINDOW
from tests.fixtures.staking import Reverted


@pytest.mark.parametrize("times", [1, 2])
def test_pool__behind_another_or_squared__pays_for_no_more_than_its_capacity(options, times):
    """One million of a deep pool's ratio times a shallow one's, or the shallow one's squared.

    Only the first pool of a feed has its pairs counted, and a square moves by twice a move.
    """
    shallow, deep = options.market, options.create("PegMarketMock")
    deep.transact("setRatio", WAD, sender=options.other)
    balances = (10**7 * WAD, 10**7 * WAD, WAD, 50_000, 2 * 10**7 * WAD, WAD)
    deep.transact("setState", balances, sender=options.other)
    ratios = [(shallow.address, int(Source.MARKET_RATIO), OBSERVATION_AGE)] * times
    parts = [(deep.address, int(Source.MARKET_RATIO), OBSERVATION_AGE), *ratios][-2:]
    capacity = options.oracle.call("capacity", options.feeds["ratio"])
    options.mint(options.cover_series(), capacity // 2)
    moved = capacity // 2
    try:
        options.oracle.transact("listFeed", parts, WINDOW, sender=options.other)
    except Reverted:
        return
    options.feeds["two"] = options.oracle.call("feedIdOf", parts, WINDOW)
    options.open_market("two", options.weth, Kind.CASH_PUT, LOOSE)
    series = options.cover_series(feed="two")
    room = options.call("room", series)
    options.mint(series, room)
    moved += times * room
    assert moved <= capacity
