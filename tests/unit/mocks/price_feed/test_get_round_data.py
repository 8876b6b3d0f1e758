import ape
import pytest


def test_get_round_data__keeps_history(price_feed, updater):
    price_feed.pushRound(5, 100, sender=updater)
    price_feed.pushRound(6, 200, sender=updater)
    assert tuple(price_feed.getRoundData(1)) == (1, 5, 100, 100, 1)
    assert tuple(price_feed.getRoundData(2)) == (2, 6, 200, 200, 2)


@pytest.mark.parametrize("round_id", [0, 2, 2**80 - 1])
def test_get_round_data__of_a_round_never_written__reverts(price_feed, updater, round_id):
    price_feed.pushRound(5, 100, sender=updater)
    with ape.reverts(price_feed.NoData, roundId=round_id):
        price_feed.getRoundData(round_id)
