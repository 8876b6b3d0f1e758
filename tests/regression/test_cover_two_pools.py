"""Two market ratios in one feed: pairs that a pool's move pays for, and that nobody counts.

Only the first pool of such a feed would have its pairs counted, and a square moves by twice a move.
"""

import pytest

from keel.models.options.settlement import Source
from tests.fixtures.options import OBSERVATION_AGE, WAD, WINDOW
from tests.fixtures.staking import reverts


@pytest.mark.parametrize("first", [Source.MARKET_RATIO, Source.CAPPED_MARKET_RATIO])
@pytest.mark.parametrize("times", [1, 2], ids=["behind another", "squared"])
def test_pool__behind_another_or_squared__is_no_feed(options, times, first):
    """Half of the capacity minted on its own feed: a second one would have let all of it again."""
    shallow, deep = options.market, options.create("PegMarketMock")
    deep.transact("setRatio", WAD, sender=options.other)
    balances = (10**7 * WAD, 10**7 * WAD, WAD, 50_000, 2 * 10**7 * WAD, WAD)
    deep.transact("setState", balances, sender=options.other)
    options.mint(
        options.cover_series(), options.oracle.call("capacity", options.feeds["ratio"]) // 2
    )
    head = deep if times == 1 else shallow
    parts = [
        (head.address, int(first), OBSERVATION_AGE),
        (shallow.address, int(Source.MARKET_RATIO), OBSERVATION_AGE),
    ]
    with reverts("SecondMarketRatio", shallow.address):
        options.oracle.transact("listFeed", parts, WINDOW, sender=options.other)
    options.oracle.transact("listFeed", parts[:1], WINDOW + 1, sender=options.other)
