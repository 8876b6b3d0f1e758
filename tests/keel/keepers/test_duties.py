"""Depositor, finaliser, poker and watchdog, in any state."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from keel.keepers.depositor import Depositor, DepositState
from keel.keepers.finaliser import Finaliser, QueueState
from keel.keepers.poker import Poker, UpkeepState
from keel.keepers.watchdog import Watchdog, Watched

ETHER, NOW = 10**18, 1_800_000_000
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
HEALTHY = Watched(
    rate=(11, 10), rate_before=(11, 10), losses=1, losses_before=1, wrapped=5, wrapper_shares=5,
    booked=(("STAKE-5", "ether locked", 7, 7),), refreshed=NOW - 3_600, escape_opens=NOW + 1,
    held_since=0, spot=ETHER, average=ETHER, queued=1, buffered=1, vault_assets=100,
    vault_idle=100, purses=(("poker", ETHER),),
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
