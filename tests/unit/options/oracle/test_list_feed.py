import pytest

from keel.models.options.settlement import DAY, Source, expiry_after
from tests.fixtures.options import OBSERVATION_AGE, PRICE, ROUND_AGE, WAD, WINDOW, packed
from tests.fixtures.staking import ZERO, reverts

RATE_AND_RATIO = (Source.REDEMPTION_RATE, Source.MARKET_RATIO)


def listing(options, parts, window=WINDOW):
    return options.oracle.call("listFeed", parts, window, sender=options.other)


def test_list_feed__keeps_what_it_is_made_of(options):
    parts = packed(options.components(RATE_AND_RATIO))
    feed = options.list_feed(RATE_AND_RATIO)
    components, window, listed_at = options.oracle.call("feedOf", feed)
    assert [(target.lower(), *rest) for target, *rest in components] == [
        (target.lower(), *rest) for target, *rest in parts
    ]
    assert (window, listed_at) == (WINDOW, options.now)


def test_list_feed__emits_and_observes(options):
    parts = packed(options.components(RATE_AND_RATIO))
    receipt = options.oracle.transact("listFeed", parts, 2 * WINDOW, sender=options.other)
    assert [event.name for event in options.oracle.events(receipt)] == [
        "Observed", "Observed", "FeedListed",
    ]  # fmt: skip
    record = options.record(Source.MARKET_RATIO, expiry_after(options.now), 2 * WINDOW)
    assert (record["value"], record["time"]) == (WAD, options.now)


def test_list_feed__again__changes_nothing(options):
    feed = options.feeds["lower"]
    before = options.oracle.call("feedOf", feed)
    parts = packed(options.components((Source.AGGREGATOR, Source.REDEMPTION_RATE,
                                       Source.CAPPED_MARKET_RATIO)))  # fmt: skip
    receipt = options.oracle.transact("listFeed", parts, WINDOW, sender=options.writer)
    assert receipt["logs"] == []
    assert options.oracle.call("feedOf", feed) == before


def test_list_feed__differs_by_window_age_source_and_order(options):
    one, two = packed(options.components(RATE_AND_RATIO))
    older = (*one[:2], one[2] + 1)
    variants = [([one, two], 600), ([one, two], 601), ([two, one], 600), ([older, two], 600)]
    ids = {options.oracle.call("feedIdOf", parts, window) for parts, window in variants}
    assert len(ids) == len(variants)


@pytest.mark.parametrize("count", [0, 5])
def test_list_feed__count_out_of_bounds__reverts(options, count):
    parts = packed(options.components([Source.REDEMPTION_RATE] * count))
    with reverts("InvalidComponentCount", count):
        listing(options, parts)


def test_list_feed__up_to_four_components(options):
    parts = packed(options.components([Source.REDEMPTION_RATE] * 4))
    assert listing(options, parts)


@pytest.mark.parametrize(("window", "allowed"), [(299, 0), (300, 1), (DAY, 1), (DAY + 1, 0)])
def test_list_feed__window_bounds(options, window, allowed):
    parts = packed(options.components(RATE_AND_RATIO))
    if allowed:
        assert listing(options, parts, window)
    else:
        with reverts("OutOfBounds", window, 300, DAY):
            listing(options, parts, window)


@pytest.mark.parametrize(("age", "allowed"), [(0, 0), (1, 1), (30 * DAY, 1), (30 * DAY + 1, 0)])
def test_list_feed__age_bounds(options, age, allowed):
    part = (options.wketh.address, int(Source.REDEMPTION_RATE), age)
    if allowed:
        assert listing(options, [part])
    else:
        with reverts("OutOfBounds", age, 1, 30 * DAY):
            listing(options, [part])


@pytest.mark.parametrize("decimals", [0, 6, 18])
def test_list_feed__scales_an_aggregators_decimals(options, decimals):
    aggregator = options.create("AggregatorMock", decimals)
    options.push(3 * 10**decimals, round_id=1, feed=aggregator)
    part = (aggregator.address, int(Source.AGGREGATOR), ROUND_AGE)
    options.oracle.transact("listFeed", [part], WINDOW, sender=options.other)
    feed = options.oracle.call("feedIdOf", [part], WINDOW)
    assert options.oracle.call("latestPrice", feed)[0] == 3 * WAD


def test_list_feed__too_many_decimals__reverts(options):
    aggregator = options.create("AggregatorMock", 19)
    options.push(10**19, round_id=1, feed=aggregator)
    with reverts("OutOfBounds", 19, 0, 18):
        listing(options, [(aggregator.address, int(Source.AGGREGATOR), ROUND_AGE)])


def test_list_feed__no_contract__reverts(options):
    for source in (Source.AGGREGATOR, Source.REDEMPTION_RATE, Source.MARKET_RATIO):
        with reverts("SourceFailed", ZERO):
            listing(options, [(ZERO, int(source), OBSERVATION_AGE)])


def test_list_feed__stale_or_silent_source__reverts(options):
    part = packed(options.components([Source.AGGREGATOR]))
    updated = options.now
    options.push(PRICE, time=updated)
    options.at(updated + ROUND_AGE + 1)
    options.set_rate(WAD)
    with reverts("StaleRound", options.aggregator.address, updated):
        listing(options, part, 301)
    options.push(0)
    with reverts("SourceFailed", options.aggregator.address):
        listing(options, part, 301)
    options.wketh.transact("setMode", 1, sender=options.other)
    with reverts("SourceFailed", options.wketh.address):
        listing(options, packed(options.components([Source.REDEMPTION_RATE])), 301)


@pytest.mark.parametrize("second", [Source.MARKET_RATIO, Source.CAPPED_MARKET_RATIO])
def test_list_feed__two_market_ratios__reverts(options, second):
    parts = packed(options.components((Source.MARKET_RATIO, Source.REDEMPTION_RATE, second)))
    with reverts("SecondMarketRatio", options.market.address):
        listing(options, parts)
    assert listing(options, parts[:2])
    assert listing(options, parts[1:])
