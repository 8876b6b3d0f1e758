"""One member's decisions in any state of the oracle: one step, never two, never twice."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from keel.chain.reports import hash_report
from keel.keepers.beacon import BeaconNode
from keel.keepers.report import Built
from keel.keepers.reporter import OracleState, Reporter
from keel.models.staking.keys import Event, KeyNews
from keel.models.staking.ledger import Report

SLOT, TIME, FRAME = 14_399, 1_800_000_000, 86_412
NONE = bytes(32)


def _report(balance):
    return Report(
        ref_slot=SLOT, validators=3, exited_validators=0, cl_balance=balance,
        deposits_seen=balance, withdrawal_vault_balance=0, rewards_vault_balance=0,
    )  # fmt: skip


MINE = Built(report=_report(10**18), news=(KeyNews(0, 1, Event.CONFIRMED),))
DIGEST = hash_report(MINE.report)
OTHER = hash_report(_report(2 * 10**18))
hashes = st.sampled_from([NONE, DIGEST, OTHER])

states = st.builds(
    OracleState,
    ref_slot=st.just(SLOT),
    ref_timestamp=st.just(TIME),
    deadline=st.just(TIME + FRAME),
    rank=st.sampled_from([None, 0, 1, 2]),
    members=st.just(3),
    submitted=st.booleans(),
    agreed=hashes,
    confirmed=hashes,
    agreed_since=st.integers(TIME, TIME + 3_600),
    news_told=st.booleans(),
    quorum=st.just(2),
    built=st.sampled_from([None, MINE]),
    unready=st.just("the consensus layer isn't final yet"),
    built_at=st.integers(TIME, TIME + 3_600),
    refusal=st.sampled_from(["", "LossNeedsConfirmation"]),
    held=st.booleans(),
    voted=st.booleans(),
    confirmed_by_me=st.booleans(),
)
moments = st.integers(TIME, TIME + FRAME)
MEMBER = Reporter(name="reporter", account="0x" + "0a" * 20, node=BeaconNode("http://unused"))
CONFIRMER = replace(MEMBER, confirms=True)


@given(states, moments, st.sampled_from([MEMBER, CONFIRMER]))
def test_decide__one_step_or_a_reason(state, now, keeper):
    decision = keeper.decide(state, now)
    assert len(decision.actions) <= 1
    assert bool(decision.actions) != bool(decision.idle)
    assert decision == keeper.decide(state, now)


@given(states, moments)
def test_decide__votes_for_its_own_report_once_and_only_before_a_quorum(state, now):
    for action in MEMBER.decide(state, now).actions:
        if action.function == "vote":
            assert action.arguments == (SLOT, DIGEST)
            assert action.contract == "oracle"
            assert not state.voted
            assert not state.submitted
            assert state.agreed == NONE


@given(states, moments)
def test_decide__submits_only_what_a_quorum_agreed_on_and_it_sees_too(state, now):
    for action in MEMBER.decide(state, now).actions:
        if action.function.startswith("submit"):
            assert state.agreed == DIGEST
            assert state.submitted == (action.function == "submitNews")
        if action.function == "submitForConfirmation":
            assert state.refusal == "LossNeedsConfirmation"
            assert not state.held


@given(states, moments)
def test_decide__confirms_only_what_needs_it_and_only_its_own_report(state, now):
    for action in CONFIRMER.decide(state, now).actions:
        assert (action.contract, action.function) == ("loss_confirmer", "vote")
        assert action.arguments == (SLOT, DIGEST)
        assert state.refusal == "LossNeedsConfirmation"
        assert not state.submitted


@given(states, moments)
def test_decide__half_the_frame_passed_without_a_report__raises_the_alarm(state, now):
    alerts = {alert.key for alert in MEMBER.decide(state, now).alerts}
    late = state.rank is not None and not state.submitted and now >= TIME + FRAME // 2
    assert ("late" in alerts) == late


@given(states)
def test_decide__somebody_steps_in_for_whoever_is_silent(state):
    """Three turns after the quorum, each member would submit."""
    state = replace(
        state, built=MINE, agreed=DIGEST, submitted=False, refusal="", rank=state.rank or 0
    )
    now = state.agreed_since + 3 * MEMBER.turn_seconds
    assert [a.function for a in MEMBER.decide(state, now).actions] == ["submitReport"]


@given(states)
def test_decide__exactly_one_submits_at_once(state):
    state = replace(state, built=MINE, agreed=DIGEST, submitted=False, refusal="")
    acting = [
        rank for rank in range(3)
        if MEMBER.decide(replace(state, rank=rank), state.agreed_since).actions
    ]  # fmt: skip
    assert len(acting) == 1


@given(states)
def test_decide__as_many_as_a_quorum_vote_at_once(state):
    state = replace(state, built=MINE, agreed=NONE, submitted=False, voted=False)
    acting = [
        rank for rank in range(3)
        if MEMBER.decide(replace(state, rank=rank), state.built_at).actions
    ]  # fmt: skip
    assert len(acting) == state.quorum
