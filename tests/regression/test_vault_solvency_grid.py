"""Vaults whose options settle at ether's price, the redemption rate and the market ratio together.

Every price with every ratio, and a slashing between mint and expiry: vault and clearing house pay
everybody.
"""

from copy import copy

import pytest

from tests.fixtures.option_vault import (
    AGGREGATOR,
    CAPPED_RATIO,
    DAY,
    PRICERS,
    RATE,
    WAD,
    WEEK,
    WINDOW,
    OptionDesk,
)
from tests.machines.revm import RevmChain
from tests.regression.test_vault_solvency import assert_all_is_paid, play

PRICES = (1, 1_000, 1_999, 2_600, 10_000, 10**7)
RATIOS = (50, 75, 97, 100, 105)
RATES = (WAD, 3 * WAD // 4)
"""At the expiry; one at the mint."""


class ComposedDesk(OptionDesk):
    """A vault of calls or puts on the lower of the value and the market price of wkETH."""

    def _deploy_clearing(self):
        self.oracle = self.create("SettlementOracle", self.owner, WAD, self.owner)
        self.clearing = self.create(
            "OptionClearing", self.oracle.address, self.wketh.address, self.owner
        )
        components = [
            (self.aggregator.address, AGGREGATOR, DAY + 3_600),
            (self.wketh.address, RATE, WEEK),
            (self.peg.address, CAPPED_RATIO, WEEK),
        ]
        self.own(self.oracle, "listFeed", components, WINDOW)
        self.feed = self.oracle.call("feedIdOf", components, WINDOW)
        kind, grid = (0 if self.style == "call" else 2), PRICERS[self.style]["grid"]
        self.own(
            self.clearing, "openMarket", self.feed, self.token.address, kind, grid, grid, 90 * DAY
        )


@pytest.fixture(scope="module", params=[("call", 18), ("put", 6), ("put", 18)], ids=str)
def composed(request, artifacts):
    return ComposedDesk(RevmChain(), artifacts, *request.param)


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_vault__pays_everybody(composed, ratio, rate):
    state = composed.chain.snapshot()
    losses = 0
    for price in PRICES:
        desk = copy(composed)
        settled, end = play(desk, price=price * WAD, ratio=ratio * WAD // 100, rate=rate)
        exact = price * rate * min(ratio, 100) // 100
        # The mean of a minute's old ratio and an hour's new one.
        assert abs(settled - exact) <= exact // 50 + 2
        assert_all_is_paid(desk, end)
        losses += end["pricePerShare"] < WAD
        composed.chain.revert(state)
        state = composed.chain.snapshot()
        composed.at(None)
    assert losses, "some are in the money"
    composed.chain.revert(state)
