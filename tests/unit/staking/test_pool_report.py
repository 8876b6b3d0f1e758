"""Reports as the pool applies them, through the real oracle and checker."""

import pytest

from keel.chain.reports import hash_report, report_data
from tests.fixtures.staking import ETHER, report_of, reverts

DAY = 86_400


@pytest.fixture
def staked(staking, who):
    """999 ether of one staker beside the bootstrap of 1."""
    staking.stake(who[0], 999 * ETHER)
    return staking


def rate(pool):
    ether, shares = pool.call("exchangeRate")
    return ether * 10**27 // shares


def test_report__gain_is_released_over_a_day(staked):
    pool = staked.stack.pool
    receipt = staked.report(rewards=ETHER // 10)
    (event,) = pool.events(receipt, "GainReported")
    assert event.values["gain"] == event.values["recognised"] == ETHER // 10
    assert event.values["fee"] == ETHER // 100
    applied = int(staked.rpc.block(receipt["blockNumber"])["timestamp"], 16)
    assert pool.call("getUnreleasedGain") == ETHER // 10 * 9 // 10
    assert pool.call("totalSupply") == 1_000 * ETHER + ETHER // 100
    staked.rpc.mine_at(applied + DAY // 2)
    assert pool.call("getUnreleasedGain") == ETHER // 10 * 9 // 20
    staked.rpc.mine_at(applied + DAY)
    assert pool.call("totalSupply") == 1_000 * ETHER + ETHER // 10


def test_report__fee_is_split_and_leaves_the_rate(staked, stack_config):
    pool = staked.stack.pool
    before = rate(pool)
    staked.report(rewards=ETHER // 10)
    assert before <= rate(pool) <= before + 1
    stack = staked.stack
    recipients = (stack.bonds.address, stack_config.treasury, stack.insurance.address)
    for recipient, bps in zip(recipients, stack_config.fee_bps, strict=True):
        assert pool.call("balanceOf", recipient) == pytest.approx(
            ETHER // 10 * bps // 10_000, abs=1
        )


def test_report__gain_above_the_bound_is_carried(staked):
    pool = staked.stack.pool
    receipt = staked.report(rewards=10 * ETHER)
    (first,) = pool.events(receipt, "GainReported")
    # 10 % a year for the time since deployment, of 1,000 ether, or 0.5 % at most
    assert 0 < first.values["recognised"] <= 5 * ETHER
    assert first.values["carriedGain"] == 10 * ETHER - first.values["recognised"]
    staked.rpc.mine_at(staked.rpc.timestamp + DAY - 1)  # all of the first is released by then
    held = pool.call("totalSupply")
    (second,) = pool.events(staked.report(), "GainReported")
    assert second.values["gain"] == 0
    days = second.values["recognised"] * 365 * 10 / held
    assert days == pytest.approx(round(days), rel=1e-3)
    assert round(days) in (1, 2)
    left = first.values["carriedGain"] - second.values["recognised"]
    assert second.values["carriedGain"] == pool.call("getBalances")[3] == left


def test_report__loss_eats_unreleased_gain_first(staked):
    pool = staked.stack.pool
    staked.fund_validators(20)
    staked.report(validators=20, balance=640 * ETHER, seen=640 * ETHER, rewards=ETHER // 10)
    unreleased = pool.call("getUnreleasedGain")
    before = rate(pool)
    receipt = staked.report(validators=20, balance=639 * ETHER, seen=640 * ETHER)
    (event,) = pool.events(receipt, "LossReported")
    assert event.values["loss"] == ETHER
    assert sum(wei for name, wei in event.values.items() if name.startswith("from")) == ETHER
    assert event.values["fromInsurance"] == pytest.approx(ETHER // 1_000, rel=1e-3), "its premium"
    assert event.values["fromUnreleasedGain"] <= unreleased
    assert event.values["fromRate"] > 0
    assert rate(pool) < before
    wketh = staked.stack.wketh
    assert tuple(pool.call("confirmedLoss")) == (*wketh.call("confirmedLoss"), 1)
    assert tuple(wketh.call("confirmedLoss")) == (wketh.call("getRate"), pool.call("lastReport")[1])


def test_report__loss_beyond_the_window_needs_the_second_quorum(staked):
    stack = staked.stack
    staked.fund_validators(2)
    seen = {"validators": 2, "seen": 64 * ETHER}
    staked.report(**seen, balance=64 * ETHER)
    bound = 2 * 1_101 * 10**15
    staked.report(**seen, balance=64 * ETHER - bound)
    with reverts("LossNeedsConfirmation", bound + 1, bound):
        staked.report(**seen, balance=64 * ETHER - bound - 1)
    slot, _reference, _deadline = stack.oracle.call("getCurrentFrame")
    (voted,), _support = stack.oracle.call("getVariants")
    stack.loss_confirmer.transact("vote", slot, voted, sender=staked.owner)
    balance = 64 * ETHER - bound - 1
    report = report_of(slot, validators=2, cl_balance=balance, deposits_seen=64 * ETHER)
    stack.oracle.transact("submitReport", *report_data(report), [], sender=staked.owner)
    assert stack.checker.call("lossInWindow", staked.rpc.timestamp) == bound + 1


def test_report__losses_leave_the_window(staked):
    staked.fund_validators(2)
    seen = {"validators": 2, "seen": 64 * ETHER}
    staked.report(**seen, balance=64 * ETHER)
    bound = 2 * 1_101 * 10**15
    staked.report(**seen, balance=64 * ETHER - bound)
    staked.rpc.mine_at(staked.rpc.timestamp + 18 * DAY)
    staked.report(**seen, balance=64 * ETHER - 2 * bound)
    assert staked.stack.checker.call("lossInWindow", staked.rpc.timestamp) == bound


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"validators": 1}, "ValidatorCountInvalid"),
        ({"validators": 3}, "ValidatorCountInvalid"),
        ({"exited": 3}, "ExitedCountInvalid"),
        ({"seen": 64 * ETHER + 1, "balance": 64 * ETHER + 1}, "DepositsSeenInvalid"),
        ({"seen": 64 * ETHER - 1, "balance": 64 * ETHER - 1}, "DepositsSeenInvalid"),
    ],
)
def test_report__counts_out_of_order__reverts(staked, change, error):
    staked.fund_validators(2)
    truth = {"validators": 2, "seen": 64 * ETHER, "balance": 64 * ETHER}
    staked.report(**truth)
    with reverts(error):
        staked.report(**{**truth, **change})


def test_report__vault_named_beyond_its_balance__reverts(staked):
    slot, _reference = staked.next_frame()
    report = report_of(slot, rewards_vault_balance=ETHER)
    staked.vote(slot, hash_report(report))
    with reverts("Insufficient", ETHER, 0):
        staked.stack.oracle.call("submitReport", *report_data(report), [], sender=staked.owner)


def test_handle_report__outsider__reverts(staked, who):
    pool = staked.stack.pool
    with reverts("Unauthorized", who[0], staked.stack.oracle.address):
        pool.call("handleReport", *report_data(report_of(0)), b"\0" * 32, 0, [], sender=who[0])


def test_receive_vault_ether__outsider__reverts(staked, who):
    with reverts("Unauthorized"):
        staked.stack.pool.call("receiveVaultEther", sender=who[0], value=1)


def test_collect__outsider__reverts(staked, who):
    vault = staked.stack.withdrawal_vault
    with reverts("Unauthorized", who[0], staked.stack.pool.address):
        vault.call("collect", 0, sender=who[0])
