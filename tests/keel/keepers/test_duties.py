"""Depositor, finaliser, poker and watchdog, in any state."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.depositor import Depositor, DepositState
from keel.keepers.finaliser import Finaliser, QueueState
from keel.keepers.poker import Poker, UpkeepState
from keel.keepers.selling import Stream, Writer
from keel.keepers.watchdog import Watchdog, Watched

ETHER, NOW = 10**18, 1_800_000_000
HOUR, DAY = 3_600, 86_400
wei = st.integers(0, 5_000 * ETHER)
counts = st.integers(0, 60)

deposits = st.builds(
    DepositState, block=counts, depositable=wei, awaiting=counts, confirmed=counts, unused=counts,
    root=st.binary(min_size=32, max_size=32), nonce=counts, paused=st.booleans(),
)  # fmt: skip
queues = st.builds(
    QueueState, ref_slot=st.integers(1, 10**6), queued=wei, lent=wei, tickets=counts, buffered=wei,
    collected=wei, leaving=counts, active=counts,
)  # fmt: skip
upkeeps = st.builds(
    UpkeepState, settled=counts, paid=counts, holdbacks_due=st.integers(0, 1), tickets_due=counts,
    line=wei, idle=wei, open_advances=wei,
    clearable=st.lists(counts, unique=True, max_size=40).map(tuple),
)  # fmt: skip
moments = st.just(0) | st.integers(NOW - 2 * DAY, NOW)
writers = st.builds(
    Writer, prefix=st.just("Cover"), concerns_anybody=st.booleans(), agreed_at=moments,
    observed_at=moments, unsold=st.just(0) | wei, sale_ends=st.integers(NOW - HOUR, NOW + HOUR),
    refusal=st.sampled_from(("", "VolatilityStale", "StaleRound")), sold=st.just(0) | wei,
    expiry=st.integers(NOW - HOUR, NOW + 2 * HOUR), window=st.integers(300, 2 * HOUR),
    recorded_at=moments,
)  # fmt: skip
streams = st.builds(
    Stream, token=st.just("token"), left=st.just(0) | st.integers(0, 2 * DAY), ran_at=moments
)
WRITER = Writer(
    prefix="Cover", concerns_anybody=True, agreed_at=NOW - HOUR, observed_at=NOW - HOUR,
    unsold=ETHER, sale_ends=NOW + HOUR, sold=ETHER, expiry=NOW + DAY, window=HOUR,
)  # fmt: skip
STREAM = Stream(token="token", left=7 * DAY, ran_at=NOW)
HEALTHY = Watched(
    rate=(11, 10), rate_before=(11, 10), losses=1, losses_before=1, wrapped=5, wrapper_shares=5,
    booked=(("STAKE-5", "ether locked", 7, 7),), refreshed=NOW - 3_600, escape_opens=NOW + 1,
    held_since=0, spot=ETHER, average=ETHER, queued=1, buffered=1, vault_assets=100,
    vault_idle=100, purses=(("poker", ETHER),),
    writers=(WRITER,), streams=(STREAM,),
)  # fmt: skip


@given(deposits)
def test_depositor__spends_no_more_than_the_queue_leaves(state):
    for action in Depositor().decide(state, NOW).actions:
        (count, *guards) = action.arguments
        assert not state.paused
        assert 0 < count <= Depositor().most_keys
        if action.function == "fundValidators":
            assert count * 31 * ETHER <= state.depositable
            assert count <= state.confirmed
        else:
            assert count * 32 * ETHER + state.awaiting * 31 * ETHER <= state.depositable
            assert count <= state.unused
            assert guards == [state.root, state.nonce]


@given(queues)
def test_finaliser__asks_for_what_is_short_and_no_validator_more(state):
    decision = Finaliser().decide(state, NOW)
    short = (
        state.queued - state.lent - state.buffered - state.collected - state.leaving * 32 * ETHER
    )
    assert bool(decision.actions) == (short > 0 and state.active > 0)
    for action in decision.actions:
        (count,) = action.arguments
        assert (count - 1) * 32 * ETHER < short
        assert count <= min(state.active, Finaliser().most_exits)
        assert action.key == f"exits:{state.ref_slot}"


@given(upkeeps)
def test_poker__acts_exactly_when_something_waits(state):
    state = replace(state, hints=tuple(range(len(state.clearable[:25]))))
    actions = {action.function: action for action in Poker().decide(state, NOW).actions}
    due = state.holdbacks_due or state.tickets_due or (state.line and state.idle)
    assert ("advance" in actions) == bool(due)
    assert ("clearAdvances" in actions) == bool(state.open_advances and state.clearable)
    if "clearAdvances" in actions:
        ids, hints = actions["clearAdvances"].arguments
        assert len(ids) == len(hints) <= 25
        assert tuple(ids) == state.clearable[:25]


def _alarms(**changes):
    decision = Watchdog().decide(replace(HEALTHY, **changes), NOW)
    assert decision.actions == ()
    return {alert.key: alert.severity.name for alert in decision.alerts}


def test_watchdog__all_well__says_nothing():
    assert _alarms() == {}


def test_watchdog__each_condition__has_its_alarm():
    assert _alarms(booked=(("STAKE-5", "ether locked", 8, 7),)) == {
        "STAKE-5 ether locked": "CRITICAL"
    }
    assert _alarms(wrapped=6) == {"STAKE-4": "CRITICAL"}
    assert _alarms(rate=(10, 10)) == {"STAKE-3": "CRITICAL"}
    assert _alarms(rate=(10, 10), losses=2) == {"rate": "CRITICAL"}
    assert _alarms(refreshed=NOW - 30 * 3_600) == {}
    assert _alarms(refreshed=NOW - 30 * 3_600 - 1) == {"report": "CRITICAL"}
    assert _alarms(escape_opens=NOW) == {"escape": "CRITICAL"}
    assert _alarms(held_since=NOW) == {"loss": "CRITICAL"}
    assert _alarms(average=ETHER * 98 // 100) == {}
    assert _alarms(average=ETHER * 98 // 100 - 1) == {"peg": "WARNING"}
    assert _alarms(queued=2) == {"queue": "WARNING"}
    assert _alarms(vault_idle=4) == {"vault": "WARNING"}
    assert _alarms(purses=(("poker", ETHER // 10 - 1),)) == {"purse poker": "WARNING"}


def _alarms_of_writer(**changes):
    return _alarms(writers=(replace(WRITER, **changes),))


@pytest.mark.parametrize("part", ["agreed_at", "observed_at"])
def test_watchdog__volatility_of_a_vault__is_told_before_it_is_stale(part):
    for age, alarms in (
        (21 * HOUR, {}),
        (21 * HOUR + 1, {"ageing Cover": "WARNING"}),
        (DAY, {"ageing Cover": "WARNING"}),
        (DAY + 1, {"stale Cover": "WARNING"}),
        (NOW, {"stale Cover": "WARNING"}),
    ):
        assert _alarms_of_writer(**{part: NOW - age}) == alarms
        assert _alarms_of_writer(**{part: NOW - age}, concerns_anybody=False) == {}


def test_watchdog__volatility_of_a_vault__says_which_part_is_missing():
    def said(**changes):
        state = replace(HEALTHY, writers=(replace(WRITER, **changes),))
        (alert,) = Watchdog().decide(state, NOW).alerts
        return alert.what

    assert "no quorum spoke" in said(agreed_at=NOW - 22 * HOUR)
    assert "no price was recorded" in said(observed_at=NOW - 22 * HOUR)


def test_watchdog__auction_without_a_price__is_told_while_it_lasts():
    refused = {"refusal": "VolatilityStale"}
    assert _alarms_of_writer(**refused) == {"auction Cover": "WARNING"}
    assert _alarms_of_writer(**refused, sale_ends=NOW + 1) == {"auction Cover": "WARNING"}
    assert _alarms_of_writer(**refused, sale_ends=NOW) == {}
    assert _alarms_of_writer(**refused, unsold=0) == {}


def test_watchdog__nothing_recorded_before_an_expiry__is_told_in_time():
    opened = NOW - HOUR // 2
    halfway = {"expiry": opened + HOUR, "recorded_at": opened - 1}
    assert _alarms_of_writer(**halfway) == {"records Cover": "CRITICAL"}
    assert _alarms_of_writer(**halfway, sold=0) == {}
    assert _alarms_of_writer(**halfway | {"recorded_at": opened}) == {}
    assert _alarms_of_writer(expiry=opened + HOUR + 1) == {}
    assert _alarms_of_writer(expiry=NOW + 1) == {"records Cover": "CRITICAL"}
    assert _alarms_of_writer(expiry=NOW) == {}


def test_watchdog__stream_of_the_gauge__is_told_before_and_after_its_end():
    def alarms(**changes):
        return _alarms(streams=(replace(STREAM, **changes),))

    assert alarms(left=DAY) == {}
    assert alarms(left=DAY - 1) == alarms(left=1) == {"stream token": "WARNING"}
    assert alarms(left=0, ran_at=NOW - 7 * DAY + 1) == {"ended token": "WARNING"}
    assert alarms(left=0, ran_at=NOW - 7 * DAY) == {}
    assert alarms(left=0, ran_at=0) == {}, "it was never funded"


@given(writers, streams)
def test_watchdog__any_writer_and_stream__are_told_what_is_missing_and_nothing_else(writer, stream):
    decision = Watchdog().decide(replace(HEALTHY, writers=(writer,), streams=(stream,)), NOW)
    assert decision.actions == ()
    keys = [alert.key for alert in decision.alerts]
    assert len(set(keys)) == len(keys)
    age = NOW - min(writer.agreed_at, writer.observed_at)
    opens = writer.expiry - writer.window
    missing = {
        "stale Cover": writer.concerns_anybody and age > DAY,
        "ageing Cover": writer.concerns_anybody and 21 * HOUR < age <= DAY,
        "auction Cover": writer.unsold and writer.sale_ends > NOW and writer.refusal,
        "records Cover": writer.sold
        and writer.expiry > NOW
        and NOW - opens >= writer.window // 2
        and writer.recorded_at < opens,
        "stream token": 0 < stream.left < DAY,
        "ended token": stream.left == 0 and stream.ran_at > 0 and NOW - stream.ran_at < 7 * DAY,
    }
    assert set(keys) == {key for key, is_missing in missing.items() if is_missing}
    assert decision.figures["unsold_options_Cover"] == writer.unsold / ETHER
    assert decision.figures["stream_seconds_token"] == stream.left
    if min(writer.agreed_at, writer.observed_at):
        assert decision.figures["volatility_age_seconds_Cover"] == age
    else:
        assert "volatility_age_seconds_Cover" not in decision.figures
