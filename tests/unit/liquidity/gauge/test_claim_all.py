import pytest

from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def streaming(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.fund(2 * ETHER, token=1)
    gauge.wait(2 * WEEK)
    return gauge


def claim_all(gauge, receiver=None):
    return gauge.transact("claimAll", receiver or gauge.staker, sender=gauge.staker)


def test_claim_all__pays_every_token(streaming):
    owed = [streaming.earned(token=token) for token in range(2)]
    assert [ETHER - 1, 2 * ETHER - 1] <= owed <= [ETHER, 2 * ETHER]
    quote = streaming.call("claimAll", streaming.staker, sender=streaming.staker)
    receipt = claim_all(streaming)
    paid = [event.values["amount"] for event in streaming.gauge.events(receipt, "RewardPaid")]
    assert list(quote) == paid == owed
    assert [streaming.held(token=token) for token in range(2)] == owed
    assert [streaming.earned(token=token) for token in range(2)] == [0, 0]


def test_claim_all__to_a_receiver(streaming):
    owed = streaming.earned()
    claim_all(streaming, streaming.other)
    assert streaming.held(streaming.other) == owed
    assert streaming.held() == 0


def test_claim_all__to_nobody_or_the_gauge__reverts(streaming):
    for receiver in (ZERO, streaming.gauge.address):
        with reverts("InvalidReceiver", receiver):
            streaming.call("claimAll", receiver, sender=streaming.staker)


def test_claim_all__nothing_owed__moves_nothing(streaming):
    claim_all(streaming)
    assert claim_all(streaming)["logs"] == []


def test_claim_all__token_that_returns_nothing(streaming):
    owed = streaming.earned()
    streaming.set_mode("silent")
    claim_all(streaming)
    assert streaming.held() == owed


def test_claim_all__too_little_gas__loses_nothing(streaming):
    """Each transfer gets a part of what is left: it fails, and stays owed."""
    owed = [streaming.earned(token=token) for token in range(2)]
    call = streaming.gauge.prepare("claimAll", streaming.staker)
    for gas in range(60_000, 220_000, 10_000):
        snapshot = streaming.rpc.snapshot()
        transaction = call.as_transaction(streaming.staker, gas)
        streaming.rpc.receipt(streaming.rpc.call("eth_sendTransaction", transaction))
        for token in range(2):
            paid = streaming.held(token=token)
            assert paid + streaming.earned(token=token) == owed[token]
        streaming.rpc.revert(snapshot)
