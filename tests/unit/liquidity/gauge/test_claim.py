import pytest

from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def streaming(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.fund(2 * ETHER, token=1)
    gauge.wait(WEEK // 2)
    return gauge


def test_claim__pays_what_is_earned_and_no_other_token(streaming):
    streaming.at(0 + 1)
    receipt = streaming.claim()
    (event,) = streaming.gauge.events(receipt, "RewardPaid")
    paid = event.values["amount"]
    assert paid >= ETHER // 2
    assert streaming.tokens[0].call("balanceOf", streaming.staker) == paid
    assert streaming.earned() == 0
    assert streaming.held(token=1) == 0
    assert streaming.earned(token=1) >= ETHER


def test_claim__to_a_receiver(streaming):
    token = streaming.tokens[0]
    streaming.transact("claim", token.address, streaming.other, sender=streaming.staker)
    assert token.call("balanceOf", streaming.other) >= ETHER // 2


def test_claim__again_in_between_pays_the_same_in_all(streaming):
    for _ in range(5):
        streaming.claim()
        streaming.wait(WEEK // 8)
    streaming.claim()
    assert ETHER - 6 <= streaming.held() <= ETHER


def test_claim__nothing_owed__moves_nothing(streaming):
    token = streaming.tokens[0].address
    assert streaming.call("claim", token, streaming.other, sender=streaming.other) == 0
    receipt = streaming.transact("claim", token, streaming.other, sender=streaming.other)
    assert receipt["logs"] == []


def test_claim__to_nobody_or_the_gauge__reverts(streaming):
    for receiver in (ZERO, streaming.gauge.address):
        with reverts("InvalidReceiver", receiver):
            token = streaming.tokens[0].address
            streaming.call("claim", token, receiver, sender=streaming.staker)


def test_claim__token_not_on_the_list__reverts(streaming):
    with reverts("UnknownReward", streaming.lp.address):
        streaming.call("claim", streaming.lp.address, streaming.staker, sender=streaming.staker)


@pytest.mark.parametrize("mode", ["revert", "return false"])
def test_claim__failing_transfer__reverts_and_stays_owed(streaming, mode):
    streaming.set_mode(mode)
    with reverts("TransferFailed"):
        streaming.claim()
    streaming.set_mode("plain")
    streaming.claim()
    assert streaming.held() >= ETHER // 2


def test_claim__token_that_returns_nothing(streaming):
    streaming.set_mode("silent")
    streaming.claim()
    assert streaming.held() >= ETHER // 2
