"""What finalising would cost: the ether to lock, and to send beside the advances."""

import pytest

from keel.models.staking.advances import ADVANCE_BPS
from keel.models.staking.ledger import BPS
from tests.fixtures.staking import ETHER


@pytest.fixture
def ray(queue):
    ether, shares = queue.staking.stack.pool.call("exchangeRate")
    return ether * 10**36 // shares


@pytest.fixture
def advanced(queue, who):
    """Tickets of 2, 3 and 4 ether; the first two were paid in advance as much as may be."""
    queue.request(who[0], 2 * ETHER, 3 * ETHER)
    queue.request(who[1], 4 * ETHER)
    queue.stay_silent()
    return queue, queue.advance(who[0], 1, 2)


def test_prefinalize__without_advances__sends_what_it_locks(queue, ray, who):
    queue.request(who[0], 2 * ETHER)
    lock, shares, send = queue.call("prefinalize", 1, ray, [])
    assert 2 * ETHER - 1 <= lock == send <= 2 * ETHER
    assert shares == queue.staking.stack.pool.call("exactSharesOf", queue.contract.address)


def test_prefinalize__sends_what_the_advances_left(advanced, ray):
    """Only those of the tickets at hand count."""
    queue, advances = advanced
    for last, nominal in enumerate((2 * ETHER, 5 * ETHER, 9 * ETHER), start=1):
        lock, _shares, send = queue.call("prefinalize", last, ray, [])
        assert nominal - last <= lock <= nominal
        assert lock - send == sum(advances[:last])


@pytest.mark.parametrize(("short", "netted"), [(0, True), (1, False)])
def test_prefinalize__at_a_rate_below_the_advances__nets_nothing(advanced, ray, short, netted):
    """Where a loss leaves less than was advanced each ticket must be looked at: all is sent."""
    queue, advances = advanced
    least = -(-ray * ADVANCE_BPS // BPS)
    lock, _shares, send = queue.call("prefinalize", 3, least - short, [])
    assert lock - send == (sum(advances) if netted else 0)
    assert lock == pytest.approx(9 * ETHER * ADVANCE_BPS // BPS, abs=10**10)
