import ape


def test_latest_round_data__is_the_newest_round(price_feed, updater):
    price_feed.pushRound(5, 100, sender=updater)
    price_feed.pushRound(6, 200, sender=updater)
    assert tuple(price_feed.latestRoundData()) == (2, 6, 200, 200, 2)


def test_latest_round_data__before_the_first_round__reverts(price_feed):
    with ape.reverts(price_feed.NoData, roundId=0):
        price_feed.latestRoundData()
