"""Prices of observed components."""

import pytest

from keel.models.options.settlement import DAY, DISPUTE_WINDOW, MAX_PRICE
from tests.fixtures.options import OBSERVATION_AGE, PRICE, WAD, WINDOW
from tests.fixtures.staking import reverts


def observe_at(options, *points, feed="ratio"):
    for timestamp, ratio in points:
        options.set_ratio(ratio)
        options.observe(feed, at=timestamp)


def test_settle__mean_by_time(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW, WAD), (expiry - 900, 96 * WAD // 100))
    assert options.settle_price("ratio", expiry) == 99 * WAD // 100


def test_settle__mean_is_rounded_down(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW, WAD), (expiry - 1, WAD - 1))
    assert options.settle_price("ratio", expiry) == WAD - 1


def test_settle__a_single_observation__counts_from_its_time(options):
    expiry = options.expiry - DAY + 40 * DAY  # nothing else is young enough to stand
    observe_at(options, (expiry - 1, 9 * WAD // 10))
    assert options.settle_price("ratio", expiry) == 9 * WAD // 10


def test_settle__at_the_very_expiry__what_stood_before_counts(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW - 60, WAD), (expiry, WAD // 2))
    assert options.settle_price("ratio", expiry) == WAD


def test_settle__only_at_the_very_expiry__that_one(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW - OBSERVATION_AGE - 1, WAD), (expiry, WAD // 2))
    assert options.settle_price("ratio", expiry) == WAD // 2


def test_settle__nothing_in_the_window__the_last_before(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW - 2, WAD), (expiry - WINDOW - 1, 97 * WAD // 100))
    assert options.settle_price("ratio", expiry) == 97 * WAD // 100


def test_settle__nothing_that_day__the_last_one_proved(options):
    expiry = options.expiry + 5 * DAY
    observe_at(options, (expiry - 3 * DAY, 97 * WAD // 100), (expiry + 1, WAD // 2))
    options.go_to(expiry + DISPUTE_WINDOW)
    last = (expiry - 3 * DAY) // DAY
    for day in (last - 1, last + 1, 0, last + 3, last + 4):
        with reverts("InvalidDay", day):
            options.try_price("ratio", expiry, [day << 80])
    assert options.try_price("ratio", expiry, [last << 80]) == 97 * WAD // 100
    assert options.settle_price("ratio", expiry) == 97 * WAD // 100


def test_settle__nothing_that_day__the_last_value_and_not_the_mean_of_its_day(options):
    expiry = options.expiry + 3 * DAY
    window = expiry - 3 * DAY - WINDOW
    observe_at(options, (window, 99 * WAD // 100), (window + 900, 97 * WAD // 100))
    assert options.settle_price("ratio", expiry) == 97 * WAD // 100


def test_settle__years_later__the_same(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW, WAD), (expiry - 900, 96 * WAD // 100))
    for day in range(1, 4):
        observe_at(options, (expiry + day * DAY, WAD // 2))
    options.go_to(expiry + 3 * 365 * DAY)
    assert options.settle_price("ratio", expiry) == 99 * WAD // 100


def test_settle__the_product_of_all_components(options):
    expiry = options.expiry
    options.set_rate(115 * WAD // 100)
    observe_at(options, (expiry - WINDOW, 98 * WAD // 100), feed="lower")
    options.go_to(expiry)
    options.push(PRICE)
    assert options.settle_price("lower", expiry) == 2_254 * WAD
    assert options.settle_price("spot", expiry) == 2_300 * WAD


def test_settle__a_price_is_at_least_a_wei_and_at_most_its_bound(options):
    """Of an aggregator with 18 decimals: the least and the largest answer that count."""
    aggregator = options.create("AggregatorMock", 18)
    for answer, expected in ((1, 1), (MAX_PRICE, MAX_PRICE)):
        snapshot = options.rpc.snapshot()
        options.push(answer, round_id=1, feed=aggregator)
        parts = [(aggregator.address, 0, DAY), (options.wketh.address, 1, DAY)]
        options.set_rate(2 * WAD if answer > 1 else WAD // 2)
        options.oracle.transact("listFeed", parts, WINDOW, sender=options.other)
        options.feeds = options.feeds | {"extreme": options.oracle.call("feedIdOf", parts, WINDOW)}
        expiry = options.expiry
        options.push(answer, time=expiry, round_id=2, feed=aggregator)
        assert options.settle_price("extreme", expiry) == expected
        options.rpc.revert(snapshot)


def test_settle__again__the_same_for_any_hint(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW, WAD))
    price = options.settle_price("ratio", expiry)
    assert options.try_price("ratio", expiry, []) == price


def test_settle__emits(options):
    expiry = options.expiry
    observe_at(options, (expiry - WINDOW, WAD))
    options.go_to(expiry + DISPUTE_WINDOW)
    hints = options.oracle.call("hintsFor", options.feeds["ratio"], expiry)
    receipt = options.oracle.transact(
        "settle", options.feeds["ratio"], expiry, hints, sender=options.other
    )
    (event,) = options.oracle.events(receipt, "PriceSettled")
    assert (event.values["expiry"], event.values["priceWad"]) == (expiry, WAD)


def test_settle__before_its_time__reverts(options):
    expiry = options.expiry
    options.observe("ratio", at=expiry - 1)
    earliest = expiry + DISPUTE_WINDOW
    options.go_to(earliest - 1)
    hints = options.oracle.call("hintsFor", options.feeds["ratio"], expiry)
    with reverts("TooEarly", earliest - 1, earliest):
        options.try_price("ratio", expiry, hints)
    options.go_to(earliest)
    assert options.try_price("ratio", expiry, hints) == WAD


@pytest.mark.parametrize("shift", [-1, 1, 3_600])
def test_settle__not_an_expiry__reverts(options, shift):
    expiry = options.expiry + shift
    options.go_to(expiry + DAY)
    with reverts("InvalidExpiry", expiry):
        options.try_price("ratio", expiry, [0])


def test_settle__before_the_listing__reverts(options):
    expiry = options.expiry - 3 * DAY
    with reverts("InvalidExpiry", expiry):
        options.try_price("ratio", expiry, [0])


@pytest.mark.parametrize("count", [0, 2])
def test_settle__one_hint_for_each_component__reverts(options, count):
    expiry = options.expiry
    options.go_to(expiry + DISPUTE_WINDOW)
    with reverts("InvalidHintCount", count, 1):
        options.try_price("ratio", expiry, [0] * count)


def test_settle__unknown_feed__reverts(options):
    with reverts("UnknownFeed", b"\1" * 32):
        options.oracle.call("settle", b"\1" * 32, options.expiry, [], sender=options.other)
