import ape
import pytest

ANSWER_LIMIT = 2**191 - 1
TIME_LIMIT = 2**64 - 1


def test_push_round__numbers_rounds_from_one(price_feed, updater):
    first = price_feed.pushRound(2_824_03000000, 1_651_392_000, sender=updater)
    second = price_feed.pushRound(2_855_11000000, 1_651_478_400, sender=updater)
    assert first.return_value == 1
    assert second.return_value == 2
    assert price_feed.latestRound() == 2


def test_push_round__logs_the_answer(price_feed, updater):
    receipt = price_feed.pushRound(1, 7, sender=updater)
    assert receipt.events == [price_feed.AnswerUpdated(current=1, roundId=1, updatedAt=7)]


def test_push_round__takes_any_time_of_the_chain(price_feed, updater, chain):
    future = chain.pending_timestamp + 365 * 86_400
    price_feed.pushRound(1, 1, sender=updater)
    price_feed.pushRound(1, future, sender=updater)
    assert price_feed.latestRoundData().updatedAt == future


def test_push_round__at_both_limits(price_feed, updater):
    price_feed.pushRound(1, 1, sender=updater)
    price_feed.pushRound(ANSWER_LIMIT, TIME_LIMIT, sender=updater)
    latest = price_feed.latestRoundData()
    assert latest.answer == ANSWER_LIMIT
    assert latest.updatedAt == TIME_LIMIT


def test_push_round__from_another_account__reverts(price_feed, outsider):
    with ape.reverts(price_feed.NotUpdater, caller=outsider):
        price_feed.pushRound(1, 1, sender=outsider)
    assert price_feed.latestRound() == 0


@pytest.mark.parametrize("answer", [0, -1, -(2**191)])
def test_push_round__answer_not_positive__reverts(price_feed, updater, answer):
    with ape.reverts(price_feed.NonPositiveAnswer, answer=answer):
        price_feed.pushRound(answer, 1, sender=updater)
    assert price_feed.latestRound() == 0


@pytest.mark.parametrize("given", [99, 100])
def test_push_round__time_not_after_the_last__reverts(price_feed, updater, given):
    price_feed.pushRound(1, 100, sender=updater)
    with ape.reverts(price_feed.TimestampNotIncreasing, given=given, last=100):
        price_feed.pushRound(2, given, sender=updater)
    price_feed.pushRound(2, 101, sender=updater)


def test_push_round__first_at_time_zero__reverts(price_feed, updater):
    with ape.reverts(price_feed.TimestampNotIncreasing, given=0, last=0):
        price_feed.pushRound(1, 0, sender=updater)
