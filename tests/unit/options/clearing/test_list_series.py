import pytest

from keel.models.options.clearing import MAX_TERM, Kind
from keel.models.options.settlement import DAY
from tests.fixtures.options import WAD
from tests.fixtures.staking import reverts

CALL, CASH_CALL, PUT = Kind.CALL_IN_KIND, Kind.CASH_CALL, Kind.CASH_PUT
STRIKE = 2_000 * WAD


def attempt(options, series):
    return options.call("listSeries", series, sender=options.other)


def test_list_series__by_anyone(options):
    series = options.series(PUT, STRIKE)
    receipt = options.transact("listSeries", series, sender=options.other)
    series_id = options.call("idOf", series)
    (event,) = options.clearing.events(receipt, "SeriesListed")
    assert event.values["id"] == series_id
    state = options.state(series_id)
    assert [str(part).lower() for part in state["series"]] == [str(p).lower() for p in series]
    assert state["longs"] == state["collateral"] == state["settlement_price"] == 0


def test_list_series__ids_are_even_and_differ(options):
    base = options.series(PUT, STRIKE)
    others = [
        options.series(PUT, STRIKE + 1),
        options.series(PUT, STRIKE, cap=STRIKE - 1),
        options.series(CASH_CALL, STRIKE, cap=STRIKE),
        options.series(PUT, STRIKE, expiry=options.expiry + DAY),
        options.series(PUT, STRIKE, feed="lower"),
        options.series(PUT, STRIKE, token=options.weth),
    ]
    ids = [options.call("idOf", series) for series in (base, *others)]
    assert len(set(ids)) == len(ids)
    assert not any(series_id % 2 for series_id in ids)


def test_list_series__again__nothing_happens(options):
    series_id = options.put_series(STRIKE)
    count = options.call("seriesCount")
    receipt = options.transact("listSeries", options.series(PUT, STRIKE), sender=options.writer)
    assert receipt["logs"] == []
    assert options.call("seriesCount") == count
    assert attempt(options, options.series(PUT, STRIKE)) == series_id


def test_list_series__no_market__reverts(options):
    with reverts("UnknownMarket"):
        attempt(options, options.series(PUT, STRIKE, token=options.weth))
    with reverts("UnknownMarket"):
        attempt(options, options.series(CALL, STRIKE, feed="ratio"))


@pytest.mark.parametrize("shift", [-1, 1, 3_600])
def test_list_series__not_at_eight__reverts(options, shift):
    with reverts("InvalidExpiry", options.expiry + shift):
        attempt(options, options.series(PUT, STRIKE, expiry=options.expiry + shift))


def test_list_series__expired_or_too_far__reverts(options):
    options.open_market("spot", options.usdc, PUT, (1, 1, 7 * DAY))
    expiry = options.expiry
    options.go_to(expiry - 1)
    options.push(2_000 * 10**8, time=expiry - 1)
    attempt(options, options.series(PUT, STRIKE, expiry=expiry))
    options.go_to(expiry)
    for wrong in (expiry, expiry - DAY, expiry + 8 * DAY):
        with reverts("ExpiryOutOfBounds", wrong, expiry, expiry + 7 * DAY):
            attempt(options, options.series(PUT, STRIKE, expiry=wrong))
    attempt(options, options.series(PUT, STRIKE, expiry=expiry + 7 * DAY))


def test_list_series__strike_bounds(options):
    options.open_market("spot", options.usdc, PUT, (100 * WAD, 50 * WAD, 7 * DAY))
    named = (100 * WAD, 50 * WAD)
    for wrong in (0, 1, 50 * WAD, 100 * WAD - 1, 100 * WAD + 1, 125 * WAD, MAX_TERM + 1):
        with reverts("InvalidStrike", wrong, *named):
            attempt(options, options.series(PUT, wrong, cap=1))
    for right in (100 * WAD, 150 * WAD, MAX_TERM // (50 * WAD) * 50 * WAD):
        attempt(options, options.series(PUT, right, cap=1))


def test_list_series__of_limited_capacity__costs_a_hundredth_of_the_price_at_least(options):
    least = options.oracle.call("latestPrice", options.feeds["lower"])[0] // 100
    assert least == 20 * WAD
    for kind in (PUT, CASH_CALL):
        attempt(options, options.series(kind, STRIKE, feed="lower", cap=least))
        with reverts("CapTooSmall", least - 1, least):
            attempt(options, options.series(kind, STRIKE, feed="lower", cap=least - 1))
    attempt(options, options.series(PUT, STRIKE, feed="spot", cap=1))


def test_list_series__caps(options):
    refused = (
        (CALL, 1, 0),
        (PUT, 0, STRIKE),
        (PUT, STRIKE + 1, STRIKE),
        (CASH_CALL, 0, MAX_TERM),
        (CASH_CALL, MAX_TERM + 1, MAX_TERM),
    )
    for kind, cap, maximum in refused:
        with reverts("InvalidCap", cap, maximum):
            attempt(options, options.series(kind, STRIKE, cap=cap))
    for kind, cap in ((CALL, 0), (PUT, 1), (PUT, STRIKE), (CASH_CALL, 1), (CASH_CALL, MAX_TERM)):
        attempt(options, options.series(kind, STRIKE, cap=cap))


def test_list_series__stale_or_zero_feed__reverts(options):
    with_price = options.series(PUT, STRIKE)
    without = options.series(PUT, WAD, feed="ratio", token=options.weth)
    options.push(0)
    with reverts("SourceFailed", options.aggregator.address):
        attempt(options, with_price)
    options.push(2_000 * 10**8, time=options.now - DAY)
    with reverts("StaleRound"):
        attempt(options, with_price)
    attempt(options, without)
    options.market.transact("setBroken", True, sender=options.other)
    with reverts("SourceFailed", options.market.address):
        attempt(options, without)
