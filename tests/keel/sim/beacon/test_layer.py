"""The rules together: queues, exits, slashings, foreign credentials, and the books."""

import sys
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keel.sim.beacon.constants import EPOCHS_PER_YEAR, FAR_FUTURE_EPOCH
from keel.sim.beacon.observation import EpochNotKept
from keel.sim.beacon.sweep import epochs_to_come_round
from tests.fixtures.speed import in_all
from tests.keel.sim.beacon.helpers import (
    BASE,
    ETHER,
    STRANGER,
    assert_conserved,
    key,
    make_layer,
    run,
    run_until,
)

SMALL = 320_000 * ETHER
"""10,000 validators: the sweep comes round every 20 epochs."""
PARTS = 20
"""Of a quarter, each with the reference beside it."""


def total_losses(layer):
    return sum(layer.observe().operator_losses)


# Rewards


def test_process_epoch__perfect_validator_earns_the_base_reward():
    layer = make_layer(1)
    run(layer, 10)
    assert layer.books.rewards == 10 * BASE
    assert layer.books.penalties == 0
    assert_conserved(layer)


def test_process_epoch__offline_validator_loses_and_its_operator_is_named():
    layer = make_layer(2, offline=1_000_000)
    run(layer, 10)
    assert layer.books.rewards == 0
    assert layer.observe().operator_losses == (84_840, 84_840, 0)
    assert_conserved(layer)


def test_process_epoch__tips_are_paid_to_those_online():
    layer = make_layer(3, tips=1_000)
    run(layer, 5)
    assert layer.observe().tips == 15_000


# Finality


def test_leak__begins_after_four_epochs_and_grows():
    layer = make_layer(1)
    layer.process_epoch()
    layer.set_network_online(False)
    run_until(layer, lambda: layer.in_leak)
    assert layer.epoch - 1 - layer.finalized_epoch == 5
    layer.validators.online[1] = False
    layer._stale = True
    losses = []
    for _ in range(4):
        before = total_losses(layer)
        layer.process_epoch()
        losses.append(total_losses(layer) - before)
    # Scores of 4, 8, 12, 16 cost 32e9 * score / 2**26 on top of source, target and sync.
    assert losses == [8_484 + part for part in (1_907, 3_814, 5_722, 7_629)]


def test_leak__ends_with_finality():
    layer = make_layer(1)
    layer.set_network_online(False)
    run(layer, 20)
    assert layer.in_leak
    layer.set_network_online(True)
    run(layer, 3)
    assert not layer.in_leak


# Entry


def test_deposit__waits_for_finality_then_activates():
    layer = make_layer()
    layer.deposit(key(1), 32 * ETHER, operator=1)
    assert layer.observe().deposits_seen == 0  # seen at the next epoch boundary
    layer.process_epoch()
    assert layer.observe().balance == layer.observe().deposits_seen == 32 * ETHER
    run_until(layer, lambda: layer.active_keys())
    row = layer.validators
    # Credited at the end of epoch 1, eligible from 3, final at the end of 4, active 5 later.
    assert (row.eligibility_epoch[1], row.activation_epoch[1]) == (3, 9)


def test_deposit__without_finality_waits():
    layer = make_layer()
    layer.set_network_online(False)
    layer.process_epoch()
    layer.deposit(key(1), 32 * ETHER)
    run(layer, 50)
    assert layer.balance_of(key(1)) == 0
    assert layer.observe().balance == 32 * ETHER  # pending deposits count


@pytest.mark.parametrize(("backlog", "wait"), [(0, 2), (256, 3), (2_560, 12), (25_600, 102)])
def test_deposit__queues_behind_strangers(backlog, wait):
    layer = make_layer(entry_backlog=backlog * ETHER)
    layer.deposit(key(1), 32 * ETHER)
    assert run_until(layer, lambda: layer.balance_of(key(1))) == wait


def test_deposit__predeposit_and_top_up_make_one_validator():
    layer = make_layer()
    layer.deposit(key(1), ETHER)
    run(layer, 20)
    assert layer.active_keys() == []
    layer.deposit(key(1), 31 * ETHER)
    run(layer, 20)
    assert layer.active_keys() == [key(1)]
    assert layer.observe().validators == 1
    assert_conserved(layer)


def test_deposit__twice_the_same_is_a_top_up_and_swept():
    layer = make_layer(network=SMALL)
    for _ in range(2):
        layer.deposit(key(1), 32 * ETHER)
    run(layer, 60)
    assert layer.books.withdrawn >= 32 * ETHER
    assert layer.observe().validators == 1
    assert_conserved(layer)


def test_deposit__to_a_strangers_validator_is_lost():
    layer = make_layer()
    layer.deposit(key(1), ETHER, credentials=STRANGER, from_pool=False)
    layer.deposit(key(1), 32 * ETHER)
    run(layer, 10)
    assert layer.balance_of(key(1)) >= 33 * ETHER
    assert (layer.observe().balance, layer.observe().deposits_seen) == (0, 32 * ETHER)
    assert layer.books.diverted == 32 * ETHER
    assert_conserved(layer)


def test_deposit__from_a_stranger_is_a_gift():
    layer = make_layer(1)
    layer.deposit(key(0), ETHER, credentials=STRANGER, from_pool=False)
    run(layer, 5)
    assert layer.books.given == ETHER
    assert_conserved(layer)


def test_deposit__to_an_exiting_validator_waits_and_is_swept_after():
    layer = make_layer(1, network=SMALL)
    assert layer.request_exit(key(0))
    layer.deposit(key(0), ETHER)
    run(layer, 100)
    assert len(layer.deposits.pending) == 1
    run(layer, 250)
    assert not layer.deposits.pending
    assert layer.observe().balance == 0
    assert_conserved(layer)


# Exit


def test_request_exit__takes_the_protocols_time():
    layer = make_layer(1, network=SMALL)
    assert layer.request_exit(key(0))
    assert not layer.request_exit(key(0))
    assert layer.exit_epoch_of(key(0)) == 5
    assert layer.validators.withdrawable_epoch[1] == 261
    assert layer.leaving() == 32 * ETHER
    run(layer, 5)
    assert layer.observe().exited == 1
    run(layer, 255)
    assert layer.balance_of(key(0)) >= 32 * ETHER
    run(layer, epochs_to_come_round(layer.set_size) + 1)
    assert layer.observe().balance == layer.leaving() == 0
    assert layer.books.withdrawn == 32 * ETHER + layer.books.rewards
    assert_conserved(layer)


def test_request_exit__before_256_epochs_of_duty_is_refused():
    layer = make_layer()
    layer.deposit(key(1), 32 * ETHER)
    run_until(layer, lambda: layer.active_keys())
    run(layer, 255)
    assert not layer.request_exit(key(1))
    layer.process_epoch()
    assert layer.request_exit(key(1))
    assert not layer.request_exit(key(2))


def test_request_exit__waits_behind_strangers():
    layer = make_layer(1, exit_backlog=25_600 * ETHER)
    layer.request_exit(key(0))
    assert layer.exit_epoch_of(key(0)) == 5 + 100


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_request_exit__churn_is_never_exceeded(batches):
    layer = make_layer(250)
    waiting = [key(n) for n in range(250)]
    for count in batches:
        for _ in range(count):
            assert layer.request_exit(waiting.pop())
        layer.process_epoch()
    exits = [layer.exit_epoch_of(key(n)) for n in range(250)]
    for epoch in set(exits) - {FAR_FUTURE_EPOCH}:
        assert exits.count(epoch) * 32 * ETHER <= layer.churn


@given(st.lists(st.integers(0, 20), min_size=1, max_size=12))
@settings(max_examples=30, deadline=None)
def test_deposit__churn_is_never_exceeded(batches):
    layer = make_layer()
    count = 0
    for batch in batches:
        for _ in range(batch):
            layer.deposit(key(count), 32 * ETHER)
            count += 1
        before = int(layer.validators.balance[1:].sum())
        layer.process_epoch()
        assert int(layer.validators.balance[1:].sum()) - before <= layer.churn + 2 * BASE * count
        assert_conserved(layer)


# Slashing


@pytest.mark.parametrize("percent", [1, 5])
def test_slash__costs_the_correlated_penalty_at_the_midpoint(percent):
    layer = make_layer(100)
    slashed = [key(n) for n in range(percent)]
    layer.slash_network(percent * 10_000)
    assert layer.slash(slashed) == percent
    assert layer.slash(slashed) == 0
    assert layer.books.penalties == percent * 7_812_500
    assert layer.validators.withdrawable_epoch[1] == 8_192
    run(layer, 4_096)
    before = total_losses(layer)
    layer.process_epoch()
    fell = (total_losses(layer) - before) / percent
    # 3 * share * 32 ether, less what penalties have taken from the effective balance.
    assert fell == pytest.approx(3 * percent / 100 * 32 * ETHER, rel=0.04)
    assert not layer.in_leak
    assert_conserved(layer)


def test_slash__half_of_the_network_stops_finality_and_loses_all():
    layer = make_layer(100)
    assert layer.slash([key(n) for n in range(50)]) == 50
    layer.slash_network(500_000)
    run(layer, 20)
    assert layer.in_leak
    run(layer, 4_080)
    left = [layer.balance_of(key(n)) for n in range(50)]
    assert max(left) < ETHER  # the penalty takes the effective balance, whole ether
    assert all(layer.balance_of(key(n)) > 32 * ETHER for n in range(50, 100))
    assert total_losses(layer) == 50 * 32 * ETHER - sum(left)
    assert_conserved(layer)


def test_slash__behind_a_long_exit_queue_the_midpoint_comes_too_late():
    """Who is withdrawable 12,288 epochs on or later is judged when the slashings are forgotten."""
    layer = make_layer(1)
    layer.slash_network(500_000)
    layer.slash([key(0)])
    # Half the stake leaves at 190 ether an epoch.
    assert layer.validators.withdrawable_epoch[1] > 8_192 + 4_096
    run(layer, 4_100)
    assert layer.balance_of(key(0)) > 16 * ETHER  # the leak alone


# Reports


def test_observe__any_reference_time_that_was_reached():
    layer = make_layer(1)
    layer.advance(10 * 384)
    balances = [layer.observe(epoch * 384).balance for epoch in range(11)]
    assert balances == [32 * ETHER + epoch * BASE for epoch in range(11)]
    assert layer.observe(384 * 4 - 1).epoch == 3
    with pytest.raises(EpochNotKept, match="epoch 11 isn't kept"):
        layer.observe(11 * 384)
    with pytest.raises(EpochNotKept, match="epoch -1 isn't kept"):
        layer.observe(-1)


@given(seed=st.integers(0, 2**32), moves=st.lists(st.integers(0, 5), min_size=1, max_size=40))
@settings(max_examples=40, deadline=None)
def test_process_epoch__every_gwei_is_accounted_for(seed, moves):
    layer = make_layer(20, seed=seed, network=SMALL, offline=100_000)
    for number, move in enumerate(moves):
        chosen = key(number % 25)
        if move == 0:
            layer.deposit(chosen, 32 * ETHER, operator=number % 3)
        elif move == 1:
            layer.deposit(chosen, ETHER, credentials=STRANGER, from_pool=number % 2 == 0)
        elif move == 2:
            layer.request_exit(chosen)
        elif move == 3:
            layer.slash([chosen])
        elif move == 4:
            layer.set_network_online(number % 3 != 0)
        run(layer, 1 + 40 * (move == 5))
        assert_conserved(layer)


def test_process_epoch__same_seed_same_history():
    def history(seed):
        layer = make_layer(50, seed=seed, offline=100_000)
        run(layer, 900)
        return list(layer._history)

    assert history(1) == history(1)
    assert history(1) != history(2)


def test_process_epoch__ten_thousand_validators_over_a_quarter_are_fast(capsys, integer_work):
    """Half a minute of one core for a year of epochs, where the reference takes 0.045 s."""
    layer = make_layer(10_000, offline=10_000)
    layer.slash([key(0)])
    each, rest = divmod(EPOCHS_PER_YEAR // 4, PARTS)
    run(layer, rest)
    taken, references = in_all([partial(run, layer, each)] * PARTS, integer_work)
    with capsys.disabled():
        sys.stdout.write(
            f"\n10,000 validators, {EPOCHS_PER_YEAR // 4:,} epochs: {taken:.1f} s of one core\n"
        )
    assert_conserved(layer)
    assert taken < 200 * references / PARTS
    assert layer.books.rewards / (10_000 * 32 * ETHER) * 4 == pytest.approx(0.0332 * 0.99, rel=0.01)
