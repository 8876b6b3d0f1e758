"""The record of a day on which nothing was observed: nothing, not even which day comes next."""

from keel.models.options.settlement import Source


def test_record_of__the_day_before_all(options):
    options.observe("ratio")
    assert not any(options.record(Source.MARKET_RATIO, 0).values())
