import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.evm import MAX_UINT256, Revert
from keel.models.staking.errors import (
    FinalizationRangeInvalid,
    NotOwnerOrApproved,
    RequestAlreadyClaimed,
    RequestNotFinalized,
    RequestNotFound,
    RequestTooYoung,
    WrongHint,
)
from keel.models.staking.pool import Verdict
from keel.models.staking.shares import UNIT
from tests.machines.staking_cast import (
    ETHER,
    FixedVerdict,
    build_model,
    deliver,
    make_report,
    put_to_work,
)

DAY = 86_400


@pytest.fixture
def staking():
    """1,000 ether staked, 900 of them with validators, and allowances for queue and wrapper."""
    return ready()


def ready():
    staking = build_model()
    staking.pool.submit("staker", 1_000 * ETHER)
    put_to_work(staking, 28)
    for spender in ("queue", "wrapper"):
        staking.pool.approve("staker", spender, MAX_UINT256)
    staking.wrapper.approve("staker", "queue", MAX_UINT256)
    return staking


def finalize_all(staking, growth=0):
    report = make_report(
        staking,
        growth,
        swept=staking.pool.ledger.deposited_ether,
        last_request_id=staking.queue.get_last_request_id(),
    )
    return deliver(staking, report)


@given(
    steps=st.lists(
        st.tuples(st.integers(-(10**20), 10**19), st.lists(st.integers(100, 10**19), max_size=4)),
        min_size=1, max_size=6,
    ),
    growth=st.integers(-(10**20), 10**19),
)  # fmt: skip
def test_finalize__pays_the_minimum_and_locks_what_is_paid(steps, growth):
    staking = ready()
    queue, pool = staking.queue, staking.pool
    for step_growth, amounts in steps:
        deliver(staking, make_report(staking, step_growth))
        staking.clock.timestamp += DAY // 2
        if amounts:
            queue.request_withdrawals("staker", amounts)
    if not queue.get_last_request_id():
        return
    rate_before = pool.get_total_pooled_ether(), pool.total_exact_shares
    applied = finalize_all(staking, growth)
    tickets = queue.tickets
    assert applied.settlement.exact_shares_to_burn == sum(t.exact_shares for t in tickets)
    rate_ray = applied.settlement.checkpoints[0].rate_ray
    paid = [queue.claim_withdrawal("staker", i + 1) for i in range(len(tickets))]
    # The definition, without epochs and boundaries; a request at the very rate gets its nominal.
    by_rate = [ticket.exact_shares * rate_ray // 10**36 for ticket in tickets]
    assert all(
        payment == min(ticket.nominal, ether)
        or (payment == ticket.nominal and ticket.request_rate <= rate_ray)
        for payment, ticket, ether in zip(paid, tickets, by_rate, strict=True)
    )
    assert 0 <= queue.locked_ether_amount < len(tickets)
    assert applied.surplus >= 0
    if growth >= 0:
        ether, shares = rate_before
        assert pool.get_total_pooled_ether() * shares >= ether * pool.total_exact_shares


def test_finalize__after_a_loss__one_checkpoint_per_epoch(staking):
    queue = staking.queue
    queue.request_withdrawals("staker", [ETHER, 2 * ETHER])
    deliver(staking, make_report(staking, -10 * ETHER))
    queue.request_withdrawals("staker", [3 * ETHER])
    staking.clock.timestamp += DAY
    applied = finalize_all(staking)
    first, second = applied.settlement.checkpoints
    assert (first.last_request_id, first.boundary_id) == (2, 0)
    # At an unchanged rate, rounded up then and down now, the nominal may lose a wei.
    assert second.last_request_id == 3
    assert queue.claim_withdrawal("staker", 1) == 1 * ETHER * 991 // 1_001
    assert queue.claim_withdrawal("staker", 3) in (3 * ETHER - 1, 3 * ETHER)


def test_claim__after_a_loss__is_untouched(staking):
    queue = staking.queue
    queue.request_withdrawals("staker", [ETHER])
    finalize_all(staking)
    deliver(staking, make_report(staking, 0, seen=True))
    staking.pool.submit("other_staker", 100 * ETHER)
    put_to_work(staking, 3)
    deliver(staking, make_report(staking, -90 * ETHER))
    assert queue.claim_withdrawal("staker", 1) == ETHER


def test_request__queued_shares_bear_losses_and_earn_nothing(staking):
    queue = staking.queue
    queue.request_withdrawals("staker", [ETHER])
    assert queue.present_value(1) == ETHER
    deliver(staking, make_report(staking, 10 * ETHER))
    staking.clock.timestamp += DAY
    assert queue.present_value(1) == ETHER
    deliver(staking, make_report(staking, -100 * ETHER))
    assert queue.present_value(1) == staking.pool.to_ether_down(queue.tickets[0].exact_shares)


def test_request_wsteth__nominal_is_the_value_rounded_down(staking):
    deliver(staking, make_report(staking, 7 * ETHER))
    staking.clock.timestamp += DAY // 3
    units = staking.wrapper.wrap("staker", 5 * ETHER)
    held = staking.pool.exact_shares_of("queue")
    (request_id,) = staking.queue.request_withdrawals_wsteth("staker", [units])
    ticket = staking.queue.tickets[request_id - 1]
    assert ticket.exact_shares == units * UNIT == staking.pool.exact_shares_of("queue") - held
    assert ticket.nominal == staking.pool.to_ether_down(units * UNIT)


def test_finalize__surplus_of_a_waiting_ticket_stays_with_the_others(staking):
    pool, queue = staking.pool, staking.queue
    queue.request_withdrawals("staker", [500 * ETHER])
    deliver(staking, make_report(staking, 10 * ETHER))
    staking.clock.timestamp += DAY
    before = pool.get_total_pooled_ether()
    worth = pool.to_ether_down(queue.tickets[0].exact_shares)
    applied = finalize_all(staking)
    assert applied.settlement.ether_to_lock == 500 * ETHER
    assert applied.surplus == worth - 500 * ETHER > 4 * ETHER
    assert pool.get_unreleased_gain() == applied.surplus
    assert pool.get_total_pooled_ether() == before - 500 * ETHER - applied.surplus


def test_claim__wrong_state_caller_or_hint__reverts(staking):
    queue = staking.queue
    queue.request_withdrawals("staker", [ETHER, ETHER])
    for request_id in (0, 3):
        with pytest.raises(RequestNotFound):
            queue.claim_withdrawal("staker", request_id)
    with pytest.raises(RequestNotFinalized):
        queue.claim_withdrawal("staker", 1)
    deliver(staking, make_report(staking, last_request_id=1))
    with pytest.raises(RequestNotFinalized):
        queue.claim_withdrawal("staker", 2)
    with pytest.raises(NotOwnerOrApproved):
        queue.claim_withdrawal("outsider", 1)
    for hint in (0, 2):
        with pytest.raises(WrongHint):
            queue.claim_withdrawals("staker", [1], [hint])
    with pytest.raises(RequestAlreadyClaimed):
        queue.claim_withdrawals("staker", [1, 1], [1, 1])
    assert queue.claim_withdrawals("staker", [1], [1]) == [ETHER]
    with pytest.raises(RequestAlreadyClaimed):
        queue.claim_withdrawal("staker", 1)


def test_finalize__bad_range_or_young_ticket__changes_nothing(staking):
    queue, pool = staking.queue, staking.pool
    queue.request_withdrawals("staker", [ETHER, ETHER])
    deliver(staking, make_report(staking, last_request_id=1))
    requested_at = queue.tickets[1].requested_at
    before = pool.ledger, dict(pool.exact_shares), list(queue.checkpoints)
    for last_request_id in (1, 3):
        with pytest.raises(FinalizationRangeInvalid):
            deliver(staking, make_report(staking, 5, last_request_id=last_request_id))
    pool.checker = FixedVerdict(Verdict(max_gain=0, latest_request=requested_at - 1))
    with pytest.raises(RequestTooYoung):
        deliver(staking, make_report(staking, 5, last_request_id=2))
    assert before == (pool.ledger, pool.exact_shares, queue.checkpoints)
    pool.checker = FixedVerdict(Verdict(max_gain=0, latest_request=requested_at))
    deliver(staking, make_report(staking, last_request_id=2))
    assert queue.get_last_finalized_request_id() == 2


def test_ticket__new_owner_or_approved_claims(staking):
    queue = staking.queue
    queue.request_withdrawals("staker", [ETHER] * 3)
    finalize_all(staking)
    queue.transfer_from("staker", "staker", "buyer", 1)
    queue.approve("staker", "keeper", 2)
    queue.set_approval_for_all("staker", "manager", True)
    for caller, request_id in (("staker", 1), ("keeper", 3), ("keeper", 1), ("manager", 1)):
        with pytest.raises(Revert) as refusal:
            queue.claim_withdrawal(caller, request_id)
        assert refusal.value.values == (caller, request_id)
    for caller, request_id in (("buyer", 1), ("keeper", 2), ("manager", 3)):
        assert queue.claim_withdrawal(caller, request_id) == ETHER
