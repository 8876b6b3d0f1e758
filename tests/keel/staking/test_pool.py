import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.models.evm import MAX_UINT256
from keel.models.staking.errors import (
    BootstrapTooSmall,
    BufferShort,
    LossExceedsAssets,
    NothingToDeposit,
    OutOfBounds,
    StakeLimitExceeded,
    StakingIsPaused,
    ZeroAmount,
)
from keel.models.staking.keys import Event, KeyNews, Status
from keel.models.staking.ledger import RELEASE_PERIOD
from keel.models.staking.pool import BOOTSTRAP_HOLDER, Verdict
from keel.models.staking.shares import UNIT
from tests.machines.drawing import log_scale
from tests.machines.staking_cast import (
    ETHER,
    FEE_BPS,
    FixedVerdict,
    add_operator,
    build_model,
    deliver,
    fee_shares,
    make_report,
    put_to_work,
)

HALF = RELEASE_PERIOD // 2


def staked(ether_amount=999 * ETHER, **changes):
    staking = build_model(**changes)
    staking.pool.submit("staker", ether_amount)
    return staking


def test_constructor__bootstrap_belongs_to_nobody():
    pool = build_model(bootstrap=ETHER).pool
    assert pool.exact_shares == {BOOTSTRAP_HOLDER: 10**27}
    assert pool.get_total_pooled_ether() == ETHER
    with pytest.raises(BootstrapTooSmall):
        build_model(bootstrap=10**16 - 1)


def test_submit__at_the_stake_limit():
    staking = build_model(max_stake_limit=10 * ETHER, refill_period=1_000)
    pool = staking.pool
    with pytest.raises(StakeLimitExceeded):
        pool.submit("staker", 10 * ETHER + 1)
    pool.submit("staker", 10 * ETHER)
    assert pool.get_current_stake_limit() == 0
    staking.clock.timestamp += 250
    assert pool.get_current_stake_limit() == 2_500 * ETHER // 1_000
    with pytest.raises(StakeLimitExceeded):
        pool.submit("staker", 2_500 * ETHER // 1_000 + 1)
    staking.clock.timestamp += 10_000
    assert pool.get_current_stake_limit() == 10 * ETHER


def test_submit__paused_or_nothing__reverts():
    pool = build_model().pool
    with pytest.raises(ZeroAmount):
        pool.submit("staker", 0)
    pool.pause("guardian")
    assert pool.get_current_stake_limit() == 0
    with pytest.raises(StakingIsPaused):
        pool.submit("staker", 1)


@given(gain=log_scale(1, 100 * ETHER).strategy, elapsed=st.integers(0, RELEASE_PERIOD + 1))
def test_gain__is_released_linearly(gain, elapsed):
    staking = staked()
    applied = deliver(staking, make_report(staking, gain))
    fee = sum(gain * bps // 10_000 for bps in FEE_BPS)
    assert (applied.gain.fee, applied.gain.locked) == (fee, gain - fee)
    assert staking.pool.get_total_pooled_ether() == 1_000 * ETHER + fee
    staking.clock.timestamp += elapsed
    released = (gain - fee) * min(elapsed, RELEASE_PERIOD) // RELEASE_PERIOD
    assert staking.pool.get_total_pooled_ether() == 1_000 * ETHER + fee + released


def test_gain__is_locked_anew_with_what_is_left():
    staking = staked(fees=fee_shares((0, 0, 0)))
    pool = staking.pool
    deliver(staking, make_report(staking, 8 * ETHER))
    staking.clock.timestamp += HALF
    deliver(staking, make_report(staking, 2 * ETHER))
    assert pool.get_unreleased_gain() == 6 * ETHER
    staking.clock.timestamp += HALF
    assert pool.get_unreleased_gain() == 3 * ETHER
    staking.clock.timestamp += HALF
    assert pool.get_total_pooled_ether() == 1_010 * ETHER


def test_gain__beyond_the_bound_is_carried():
    staking = staked(fees=fee_shares((0, 0, 0)))
    pool = staking.pool
    pool.checker = FixedVerdict(Verdict(max_gain=3 * ETHER, latest_request=0))
    for growth, recognised, carried in ((7, 3, 4), (0, 3, 1), (1, 2, 0)):
        applied = deliver(staking, make_report(staking, growth * ETHER))
        assert applied.gain.recognised == recognised * ETHER
        assert pool.ledger.carried_gain == carried * ETHER
    assert pool.get_unreleased_gain() == 8 * ETHER


def test_loss__eats_new_and_carried_gain_then_unreleased_then_the_rate():
    staking = staked(fees=fee_shares((0, 0, 0)))
    pool = staking.pool
    put_to_work(staking, 31)
    pool.checker = FixedVerdict(Verdict(max_gain=3 * ETHER, latest_request=0))
    deliver(staking, make_report(staking, 5 * ETHER))
    # What the first leaves of the carried gain is recognised with it.
    for growth, new, unreleased, rate in ((-1, 1, 0, 0), (-2, 0, 2, 0), (-7, 0, 2, 5)):
        loss = deliver(staking, make_report(staking, growth * ETHER)).loss
        assert loss.from_new_gain == new * ETHER
        assert loss.from_unreleased_gain == unreleased * ETHER
        assert loss.from_rate == rate * ETHER
    assert pool.get_total_pooled_ether() == 995 * ETHER


def test_loss__of_everything__reverts():
    staking = build_model()
    staking.pool.submit("staker", 31 * ETHER)
    put_to_work(staking, 1)
    with pytest.raises(LossExceedsAssets) as refusal:
        deliver(staking, make_report(staking, -32 * ETHER))
    assert refusal.value.values == (32 * ETHER, 32 * ETHER)
    deliver(staking, make_report(staking, -32 * ETHER + 1))
    assert staking.pool.get_total_pooled_ether() == 1


@given(
    stake=log_scale(1, 10**6 * ETHER).strategy,
    growths=st.lists(log_scale(1, ETHER).strategy, min_size=1, max_size=5),
    bps=st.tuples(*[st.integers(0, 666)] * 3),
)
def test_gain__never_lowers_the_rate(stake, growths, bps):
    staking = staked(stake, fees=fee_shares(bps), max_stake_limit=10**6 * ETHER)
    pool = staking.pool
    for growth in growths:
        ether, shares = pool.get_total_pooled_ether(), pool.total_exact_shares
        deliver(staking, make_report(staking, growth))
        assert pool.get_total_pooled_ether() * shares >= ether * pool.total_exact_shares
        staking.clock.timestamp += 7


def test_deposit_validators__leaves_the_queue_its_ether():
    staking = staked(95 * ETHER - 1)
    pool = staking.pool
    bond = 6_300_000_000_000_000_002
    add_operator(staking, 4)
    pool.approve("staker", "queue", MAX_UINT256)
    staking.queue.request_withdrawals("staker", [ETHER])
    assert pool.get_depositable_ether() == 95 * ETHER - 1 + bond
    assert pool.deposit_validators("depositor", 5) == 3
    assert pool.ledger.in_flight == 3 * ETHER
    with pytest.raises(NothingToDeposit) as refusal:
        pool.deposit_validators("depositor", 5)
    assert refusal.value.values == (92 * ETHER - 1 + bond, 0)
    deliver(staking, make_report(staking))
    assert (pool.ledger.in_flight, pool.ledger.consensus_layer) == (0, 3 * ETHER)


def test_fund_validators__confirmed_keys_in_order():
    staking = staked(95 * ETHER)
    pool, registry = staking.pool, staking.registry
    add_operator(staking, 4)
    pool.deposit_validators("depositor", 3)
    with pytest.raises(NothingToDeposit):
        pool.fund_validators("anyone", 3)
    news = [KeyNews(0, 2, Event.CONFIRMED), KeyNews(0, 0, Event.CONFIRMED)]
    registry.apply_news("reporter", 1, staking.clock.timestamp, news)
    assert pool.fund_validators("anyone", 1) == 1
    assert [key.status for key in registry.operators[0].keys] == [
        Status.CONFIRMED, Status.PREDEPOSITED, Status.FUNDED, Status.UNUSED,
    ]  # fmt: skip
    assert pool.fund_validators("anyone", 5) == 1
    assert pool.ledger.in_flight == (3 + 2 * 31) * ETHER


def test_finalisation__beyond_the_buffer__changes_nothing():
    staking = staked(63 * ETHER)
    pool = staking.pool
    pool.ledger = pool.ledger.deposit(64, ETHER)
    pool.approve("staker", "queue", MAX_UINT256)
    staking.queue.request_withdrawals("staker", [ETHER])
    before = pool.ledger, dict(pool.exact_shares)
    with pytest.raises(BufferShort) as refusal:
        deliver(staking, make_report(staking, last_request_id=1))
    assert refusal.value.values == (ETHER, 0)
    assert before == (pool.ledger, pool.exact_shares)
    deliver(staking, make_report(staking, swept=ETHER, last_request_id=1))
    assert staking.queue.locked_ether_amount == ETHER


def test_set_fees__at_the_bound():
    pool = build_model().pool
    pool.set_fees("owner", fee_shares((1_000, 600, 400)))
    with pytest.raises(OutOfBounds) as refusal:
        pool.set_fees("owner", fee_shares((1_000, 600, 401)))
    assert refusal.value.values == (2_001, 0, 2_000)


def test_checker__is_told_the_state_before():
    staking = staked()
    checker = FixedVerdict()
    staking.pool.checker = checker
    put_to_work(staking, 3)
    deployed = staking.clock.timestamp
    staking.clock.timestamp += 1_000
    deliver(staking, make_report(staking, -5))
    assert (checker.context.gain, checker.context.loss) == (0, 5)
    assert checker.context.previous_ref_timestamp == deployed
    assert checker.context.pooled_ether == 1_000 * ETHER
    assert checker.context.deposited_ether == 96 * ETHER
    assert checker.context.previous_deposits_seen == checker.context.previous_validators == 0
    assert checker.context.deposits_seen == 96 * ETHER


@given(
    stake=log_scale(ETHER, 1_900 * ETHER).strategy,
    gain=st.integers(0, 20 * ETHER),
    elapsed=st.integers(0, RELEASE_PERIOD),
    queued=st.integers(0, 999 * ETHER),
    wrapped=st.booleans(),
)
def test_sandwich__earns_no_more_than_the_release_of_the_time_held(
    stake, gain, elapsed, queued, wrapped
):
    """STAKE-8: in before a report with gain and finalisation, out through the queue after it."""
    staking = staked()
    pool, queue = staking.pool, staking.queue
    for account in ("staker", "attacker"):
        pool.approve(account, "queue", MAX_UINT256)
        pool.approve(account, "wrapper", MAX_UINT256)
        staking.wrapper.approve(account, "queue", MAX_UINT256)
    if queued >= 100:
        queue.request_withdrawals("staker", [queued])
    deliver(staking, make_report(staking, 10 * ETHER))  # the waiting ticket earns a surplus
    staking.clock.timestamp += HALF

    before = pool.get_unreleased_gain()
    exact_shares = pool.submit("attacker", stake)
    applied = deliver(
        staking, make_report(staking, gain, last_request_id=queue.get_last_request_id())
    )
    assert pool.to_ether_down(exact_shares) <= stake
    released = (before + applied.gain.locked + applied.surplus) * elapsed // RELEASE_PERIOD
    staking.clock.timestamp += elapsed
    if wrapped:
        units = staking.wrapper.wrap("attacker", pool.balance_of("attacker"))
        (request_id,) = queue.request_withdrawals_wsteth("attacker", [units // 2])
    else:
        (request_id,) = queue.request_withdrawals("attacker", [pool.balance_of("attacker") // 2])
    deliver(staking, make_report(staking, last_request_id=request_id))
    received = 2 * queue.claim_withdrawal("attacker", request_id)
    part = exact_shares * released // pool.total_exact_shares
    assert received <= stake + part + 4


def test_units__one_ether_at_the_start():
    assert build_model().pool.to_shares_down(ETHER) == ETHER * UNIT
