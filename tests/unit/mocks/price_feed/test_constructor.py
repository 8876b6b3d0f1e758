def test_constructor__sets_what_is_priced_and_by_whom(price_feed, updater):
    assert price_feed.decimals() == 8
    assert price_feed.description() == "ETH / USD"
    assert price_feed.version() == 1
    assert price_feed.updater() == updater
    assert price_feed.latestRound() == 0
