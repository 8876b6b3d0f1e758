"""All that is owed is paid, at every price, peg ratio and slashing between mint and expiry."""

import pytest

from keel.models.options.clearing import Kind
from keel.models.options.settlement import DISPUTE_WINDOW
from tests.fixtures.options import DOLLAR, WAD, WINDOW, OptionDesk
from tests.machines.revm import RevmChain
from tests.machines.staking_chain import address_of

PRICES = (1, 900, 1_999, 2_000, 2_001, 2_600, 60_000, 10**9)
RATIOS = (50, 75, 99, 100, 101)
RATES = (WAD, 112 * WAD // 100, 84 * WAD // 100)
"""At the expiry; 1.12 at the mint, so that the last is a slashing by a quarter."""


@pytest.fixture(scope="module")
def arena(artifacts):
    """In this process: there are thousands of calls."""
    chain = RevmChain()
    people = [address_of(name) for name in ("owner", "disputer", "writer", "holder", "other")]
    for account in people:
        chain.set_balance(account, 10**24)
    options = OptionDesk(chain.rpc, artifacts, *people)
    return chain, options, open_all(options)


def open_all(options):
    """Each kind, uncapped and capped, on each composition, in 6 and 18 decimals."""
    options.set_rate(112 * WAD // 100)
    options.push(2_000 * DOLLAR)
    ids = []
    for feed in ("spot", "market", "lower"):
        ids += [
            options.call_series(2_240 * WAD, feed=feed),
            options.put_series(2_240 * WAD, feed=feed),
            options.put_series(2_240 * WAD, feed=feed, cap=333 * WAD),
            options.list(options.series(Kind.CASH_CALL, 2_240 * WAD, feed=feed, cap=777 * WAD)),
        ]
    ids += [options.cover_series(), options.cover_series(WAD, cap=WAD)]
    for position, series_id in enumerate(ids):
        options.mint(series_id, 3 * WAD + position * 7 + 1)
        options.mint(series_id, WAD // 3, long=options.other, short=options.other)
    return ids


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("ratio", RATIOS)
def test_clearing__pays_all_that_it_owes(arena, ratio, rate):
    chain, options, ids = arena
    start, expiry = chain.snapshot(), options.expiry
    options.set_rate(rate)
    options.set_ratio(ratio * WAD // 100)
    for feed in ("lower", "market"):
        options.observe(feed, at=expiry - WINDOW + len(feed))
    options.go_to(expiry)
    for price in PRICES:
        snapshot, number = chain.snapshot(), options.round_id
        options.push(price * DOLLAR, time=expiry)
        options.go_to(expiry + DISPUTE_WINDOW)
        for feed in ("spot", "market", "lower", "ratio"):
            options.settle_price(feed, expiry)
        for series_id in ids:
            options.transact("settle", series_id, sender=options.other)
            state = options.state(series_id)
            whole = state["collateral"]
            assert state["long_payout"] + state["short_payout"] == whole
            paid = [
                options.redeem(claim, options.claims(account, claim), by=account)
                for claim, account in (
                    (series_id, options.holder), (series_id, options.other),
                    (series_id | 1, options.writer), (series_id | 1, options.other),
                )
            ]  # fmt: skip
            assert sum(paid) == whole
            assert 0 <= state["long_payout"] - paid[0] - paid[1] <= 2
        for token in (options.wketh, options.usdc, options.weth):
            assert options.held(token) == 0
        chain.revert(snapshot)
        options.round_id = number
    chain.revert(start)
