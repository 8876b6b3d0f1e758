"""Each formula against numbers computed by hand from the specification."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keel.sim.beacon import churn, rewards, slashing, sweep
from keel.sim.beacon.churn import ExitQueue
from keel.sim.beacon.rewards import Stake
from keel.sim.beacon.validators import Validators
from tests.keel.sim.beacon.helpers import BASE, ETHER, STAKE

ONE = np.array([32 * ETHER])


@pytest.mark.parametrize(
    ("active", "limit"),
    [
        (0, 128),
        (128 * 65_536, 128),
        (129 * 65_536 - 1, 128),
        (129 * 65_536, 129),
        (255 * 65_536, 255),
        (256 * 65_536, 256),
        (257 * 65_536, 256),
        (34_000_000, 256),
    ],
)
def test_activation_exit_churn_limit__between_128_and_256_ether(active, limit):
    assert churn.activation_exit_churn_limit(active * ETHER) == limit * ETHER


def test_balance_churn_limit__has_no_ceiling():
    assert churn.balance_churn_limit(34_000_000 * ETHER) == 518 * ETHER


def test_schedule__eight_of_32_fill_an_epoch():
    queue = ExitQueue()
    exits = [queue.schedule(32 * ETHER, epoch=10, churn=256 * ETHER) for _ in range(17)]
    assert exits == [15] * 8 + [16] * 8 + [17]


def test_schedule__unused_churn_is_not_saved():
    queue = ExitQueue()
    queue.schedule(32 * ETHER, epoch=10, churn=256 * ETHER)
    assert queue.schedule(256 * ETHER, epoch=100, churn=256 * ETHER) == 105
    assert queue.schedule(1, epoch=100, churn=256 * ETHER) == 106


@given(st.lists(st.tuples(st.integers(1, 2_048), st.integers(0, 3)), min_size=1, max_size=60))
def test_schedule__churn_is_never_exceeded(moves):
    """Between any two epochs no more leaves than they allow, the first one's rest included."""
    queue, now, limit, leaving = ExitQueue(), 0, 150 * ETHER, []
    for ether, pause in moves:
        now += pause
        exit_epoch = queue.schedule(ether * ETHER, epoch=now, churn=limit)
        assert exit_epoch >= now + 5
        leaving.append((exit_epoch, ether * ETHER))
    assert [epoch for epoch, _ in leaving] == sorted(epoch for epoch, _ in leaving)
    first = leaving[0][0] - (leaving[0][1] - 1) // limit
    for last, _ in leaving:
        gone = sum(amount for epoch, amount in leaving if epoch <= last)
        assert gone <= limit * (last - first + 1)


def test_rewards__perfect_epoch_pays_the_base_reward():
    # 12,928 = 2,828 + 5,252 + 2,828 for the flags and 2,020 for proposals and sync.
    assert rewards.base_reward_per_increment(STAKE) == 404
    stake = Stake(active=STAKE, participating=STAKE)
    assert rewards.rewards(ONE, stake, performance=1_000_000, leak=False) == [BASE]
    assert rewards.rewards(ONE, stake, performance=990_000, leak=False) == [12_798]


def test_rewards__pay_for_flags_by_the_share_that_attests():
    stake = Stake(active=STAKE, participating=STAKE * 3 // 4)
    earned = rewards.rewards(ONE, stake, performance=1_000_000, leak=False)
    assert earned == [2_121 + 3_939 + 2_121 + 2_020]


def test_rewards__leak_leaves_proposals_and_sync():
    stake = Stake(active=STAKE, participating=STAKE // 2)
    assert rewards.rewards(ONE, stake, performance=1_000_000, leak=True) == [2_020]


def test_absence_penalties__source_target_and_sync():
    stake = Stake(active=STAKE, participating=STAKE)
    assert rewards.absence_penalties(ONE, stake, sync=np.array([False])) == [2_828 + 5_252]
    assert rewards.absence_penalties(ONE, stake, sync=np.array([True])) == [2_828 + 5_252 + 404]


@pytest.mark.parametrize(("active", "apr"), [(25_000_000, 0.0332), (34_000_000, 0.0285)])
def test_perfect_apr__falls_with_the_root_of_the_stake(active, apr):
    assert rewards.perfect_apr(active * ETHER) == pytest.approx(apr, abs=5e-5)


def test_stake_that_pays__is_the_inverse():
    assert rewards.perfect_apr(rewards.stake_that_pays(0.032)) == pytest.approx(0.032, rel=3e-3)


@pytest.mark.parametrize(
    ("score", "attests", "leak", "after"),
    [
        (0, False, True, 4),
        (40, False, True, 44),
        (40, True, True, 39),
        (0, True, True, 0),
        (40, True, False, 23),
        (40, False, False, 28),
        (0, False, False, 0),
        (17, True, False, 0),
        (18, True, False, 1),
    ],
)
def test_inactivity_scores__move(score, attests, leak, after):
    moved = rewards.inactivity_scores(
        np.array([score]), participating=np.array([attests]), leak=leak
    )
    assert moved == [after]


def test_inactivity_penalties__grow_with_the_score():
    # 32e9 * 16 / (4 * 2**24) = 7,629.4
    assert rewards.inactivity_penalties(ONE, np.array([16])) == [7_629]


def test_initial_penalty__is_a_4096th():
    assert slashing.initial_penalty(32 * ETHER) == 7_812_500
    assert slashing.initial_penalty(2_048 * ETHER) == ETHER // 2


@pytest.mark.parametrize(
    ("percent", "lost"),
    [(0, 0), (1, 960_000_000), (5, 4_800_000_000), (33, 31_680_000_000), (34, 32 * ETHER)],
)
def test_correlated_penalty__is_three_times_the_share(percent, lost):
    slashed = STAKE * percent // 100
    assert slashing.correlated_penalty(32 * ETHER, slashed=slashed, total_active=STAKE) == lost


def test_correlated_penalty__half_of_the_network_loses_all():
    lost = slashing.correlated_penalty(32 * ETHER, slashed=STAKE // 2, total_active=STAKE)
    assert lost == 32 * ETHER


def test_correlated_penalty__a_lone_slashing_is_not_rounded_away():
    # 96e9 // 25e6 = 3,840 gwei for each ether; before Electra this was zero.
    assert (
        slashing.correlated_penalty(32 * ETHER, slashed=32 * ETHER, total_active=STAKE) == 122_880
    )


def test_slashed_stake__forgets_after_the_vector():
    stake = slashing.SlashedStake()
    stake.add(10, 5)
    assert stake.total(10 + 8_191) == 5
    assert stake.total(10 + 8_192) == 0


@pytest.mark.parametrize(
    ("credentials", "effective", "balance", "after"),
    [
        (b"\x01", 32, 31_750_000_000, 32),
        (b"\x01", 32, 31_749_999_999, 31),
        (b"\x01", 31, 32_250_000_000, 31),
        (b"\x01", 31, 32_250_000_001, 32),
        (b"\x01", 32, 40_000_000_000, 32),
        (b"\x02", 32, 33_250_000_001, 33),
        (b"\x02", 2_048, 2_100_000_000_000, 2_048),
    ],
)
def test_new_effective__has_hysteresis(credentials, effective, balance, after):
    validators = Validators.empty()
    column = np.array([0])
    validators.append(
        effective * ETHER, credentials=credentials, positions=column, operators=column, ours=True
    )
    validators.balance[0] = balance
    assert validators.new_effective() == [after * ETHER]


def test_sweep__comes_round_once():
    total = 2_000
    assert sweep.epochs_to_come_round(total) == 4
    round_trip = sweep.Sweep(pointer=1_900)
    positions = np.array([-1, 0, 411, 412, 1_899, 1_900])
    round_trip.place(positions)
    assert sorted(round_trip.next_epoch(total)) == [1, 2, 5]
    assert round_trip.pointer == 412
    rest = [row for _ in range(3) for row in round_trip.next_epoch(total)]
    assert rest == [3, 4, 5]  # the last of four epochs is already the next round's


def test_sweep__small_set_is_passed_once_an_epoch():
    small = sweep.Sweep()
    small.place(np.array([0, 1, 2]))
    assert sorted(small.next_epoch(3)) == [0, 1, 2]
    assert sweep.epochs_to_come_round(1_000_000) / 225 == pytest.approx(8.7, abs=0.05)
