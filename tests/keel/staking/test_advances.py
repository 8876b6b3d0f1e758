"""Advances on the models: the bound, the place in the queue, netting, and what a loss does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.evm import MAX_UINT256, Revert
from keel.models.staking.advances import (
    ADVANCE_BPS,
    ESCAPE_DELAY,
    HOLD_LIMIT,
    AdvanceBook,
    advance_within,
    escape_opens_at,
)
from keel.models.staking.errors import BufferShort, EscapeClosed, NothingToAdvance
from keel.models.staking.ledger import BPS
from tests.machines.staking_cast import ETHER, build_model, deliver, make_report, put_to_work

WEI = st.integers(0, 10**24)


@given(value=WEI, paid=WEI, ahead=WEI, buffered=WEI, waiting=WEI)
def test_advance_within__bounds(value, paid, ahead, buffered, waiting):
    more = advance_within(value, paid=paid, ahead=ahead, buffered=buffered, waiting=waiting)
    assert 0 <= more <= buffered
    if more:
        assert (paid + more) * BPS <= value * ADVANCE_BPS
        assert paid + more + ahead <= buffered + waiting


@pytest.mark.parametrize(
    ("since", "now", "opens_at"),
    [
        (0, 500, 100 + ESCAPE_DELAY),
        (100, 500, 100 + ESCAPE_DELAY),  # held before the report
        (101, 500, 101 + HOLD_LIMIT),
        (500, 500, 500 + HOLD_LIMIT),
        (501, 500, 100 + ESCAPE_DELAY),  # nonsense
        (2**256 - 1, 500, 100 + ESCAPE_DELAY),
    ],
)
def test_escape_opens_at__counts_holds_since_the_report_alone(since, now, opens_at):
    assert escape_opens_at(100, loss_on_hold_since=since, now=now) == opens_at


@given(
    shares=st.integers(1, 10**30),
    rates=st.lists(st.integers(10**25, 10**29), min_size=1, max_size=4),
    final=st.integers(10**25, 10**29),
    nominal=st.integers(100, 10**21),
)
def test_covered_at__no_ticket_is_worth_less_than_its_advance(shares, rates, final, nominal):
    """Whatever the rates at which it was paid, rounding included."""
    book = AdvanceBook()
    for rate in rates:
        value = min(nominal, shares * rate // 10**36)
        more = advance_within(value, paid=book.of(1), ahead=0, buffered=10**30, waiting=0)
        book.pay(1, more, rate)
    if book.covered_at(final):
        assert book.of(1) <= min(nominal, shares * final // 10**36)


@pytest.fixture
def staking():
    """1,000 ether staked, of which the buffer has 105; tickets of 50, 40 and 30 ether; a week."""
    staking = build_model()
    staking.pool.submit("staker", 1_000 * ETHER)
    put_to_work(staking, 28)
    staking.pool.approve("staker", "queue", MAX_UINT256)
    staking.queue.request_withdrawals("staker", [50 * ETHER, 40 * ETHER, 30 * ETHER])
    staking.clock.timestamp += ESCAPE_DELAY
    return staking


def advance(staking, request_id):
    return staking.queue.claim_in_advance("staker", request_id, "staker")


def test_advance__leaves_the_tickets_ahead_their_nominals(staking):
    assert advance(staking, 3) == 15 * ETHER
    assert [advance(staking, i) for i in (1, 2)] == [45 * ETHER, 36 * ETHER]
    assert staking.pool.ledger.buffered == 9 * ETHER
    assert staking.queue.ether_lent() == staking.pool.ledger.advanced == 96 * ETHER


def test_advance__delays_nobody(staking):
    """After it the first report settles as many tickets as without it, and not one more."""
    advance(staking, 3)
    with pytest.raises(Revert) as refusal:
        deliver(staking, make_report(staking, last_request_id=3))
    assert isinstance(refusal.value, BufferShort)
    deliver(staking, make_report(staking, last_request_id=2))
    assert staking.queue.claimable_now([1, 2]) == 90 * ETHER


def test_advance__is_netted_where_the_rate_allows_it(staking):
    for request_id in (1, 2):
        advance(staking, request_id)
    assets = staking.pool.ledger.assets
    applied = deliver(staking, make_report(staking, last_request_id=2))
    assert applied.settlement.ether_to_send == 9 * ETHER == staking.queue.locked_ether_amount
    assert assets - staking.pool.ledger.assets == 90 * ETHER
    assert [staking.queue.claim_withdrawal("staker", i) for i in (1, 2)] == [5 * ETHER, 4 * ETHER]
    assert staking.queue.ether_lent() == staking.queue.locked_ether_amount == 0


def test_advance__beyond_a_loss_is_the_others_loss_in_the_next_report(staking):
    advance(staking, 1)
    report = make_report(staking, -200 * ETHER, swept=600 * ETHER, last_request_id=1)
    applied = deliver(staking, report)
    value = staking.queue.value(1)
    assert applied.settlement.netted == 0
    assert value < 45 * ETHER
    pooled = staking.pool.get_total_pooled_ether()
    assert staking.queue.claim_withdrawal("staker", 1) == 0
    assert staking.pool.ledger.shortfall == 45 * ETHER - value
    assert staking.pool.get_total_pooled_ether() == pooled
    applied = deliver(staking, make_report(staking))
    assert applied.loss.from_rate == 45 * ETHER - value
    assert staking.pool.ledger.shortfall == 0


def test_advance__twice_or_too_early__reverts(staking):
    advance(staking, 1)
    with pytest.raises(NothingToAdvance):
        advance(staking, 1)
    deliver(staking, make_report(staking))
    with pytest.raises(EscapeClosed) as refusal:
        advance(staking, 2)
    assert refusal.value.values == (staking.pool.applied_at + ESCAPE_DELAY,)
