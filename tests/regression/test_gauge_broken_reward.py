"""A reward token that fails, lies, burns gas or shrinks harms itself alone."""

import pytest

from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import reverts

BROKEN = ("revert", "return false", "burn gas", "bomb")


@pytest.fixture
def earning(gauge):
    gauge.stake()
    gauge.fund(ETHER)
    gauge.fund(ETHER, token=1)
    gauge.wait(WEEK // 2)
    return gauge


@pytest.mark.parametrize("mode", BROKEN)
def test_broken_reward__holds_up_neither_exit_nor_entry(earning, mode):
    earning.set_mode(mode)
    earning.stake(ETHER, earning.other)
    earning.unstake(ETHER, earning.other)
    earning.unstake()
    assert earning.lp.call("balanceOf", earning.gauge.address) == 0


@pytest.mark.parametrize("mode", BROKEN)
def test_broken_reward__holds_up_no_other_token(earning, mode):
    earning.set_mode(mode)
    earning.claim(token=1)
    assert earning.held(token=1) >= ETHER // 2


@pytest.mark.parametrize("mode", BROKEN)
@pytest.mark.parametrize("broken", [0, 1])
def test_broken_reward__claim_all_goes_on_without_it(earning, mode, broken):
    earning.set_mode(mode, token=broken)
    earning.wait(WEEK)
    owed = [earning.earned(token=token) for token in range(2)]
    receipt = earning.transact("claimAll", earning.staker, sender=earning.staker)
    assert earning.held(token=1 - broken) == owed[1 - broken]
    assert earning.held(token=broken) == 0
    (event,) = earning.gauge.events(receipt, "RewardHeldBack")
    assert event.values["token"].lower() == earning.tokens[broken].address.lower()
    assert event.values["amount"] == owed[broken] == earning.earned(token=broken)
    earning.set_mode("plain", token=broken)
    earning.transact("claimAll", earning.staker, sender=earning.staker)
    assert earning.held(token=broken) == owed[broken]


def test_eight_gas_burners__claim_all_and_exit_still_go_through(gauge):
    for _ in range(8 - len(gauge.tokens)):
        token = gauge.new_token()
        gauge.tokens.append(token)
        gauge.add_reward(token)
    gauge.stake()
    for token in range(8):
        gauge.fund(token=token)
    gauge.wait(WEEK)
    for token in range(8):
        gauge.set_mode("burn gas", token=token)
    receipt = gauge.transact("claimAll", gauge.staker, sender=gauge.staker)
    assert len(gauge.gauge.events(receipt, "RewardHeldBack")) == 8
    gauge.unstake()


def test_lying_reward__costs_only_those_who_claim_it(earning):
    earning.set_mode("lie")
    earning.transact("claimAll", earning.staker, sender=earning.staker)
    assert earning.held(token=0) == 0
    assert earning.held(token=1) >= ETHER // 2


def test_shrunk_reward__fails_its_last_claimants_alone(earning):
    """As a rebasing token after a loss: the gauge holds less than it owes."""
    token = earning.tokens[0]
    earning.wait(WEEK)
    token.transact("shrink", earning.gauge.address, ETHER // 2, sender=earning.owner)
    with reverts("TransferFailed"):
        earning.claim()
    owed = earning.earned()
    earning.transact("claimAll", earning.staker, sender=earning.staker)
    assert (earning.held(token=0), earning.earned(token=0)) == (0, owed)
    assert earning.held(token=1) > 0
    earning.unstake()


def test_fee_on_transfer_reward__never_owes_more_than_arrived(gauge):
    gauge.stake()
    gauge.stake(account=gauge.other)
    gauge.set_mode("take fee")
    gauge.fund(ETHER)
    gauge.wait(2 * WEEK)
    gauge.claim()
    gauge.claim(gauge.other)
    assert gauge.tokens[0].call("balanceOf", gauge.gauge.address) <= 2
