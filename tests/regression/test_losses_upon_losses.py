"""Losses that exceed what is to bear them, one upon another, and amid the stale-oracle escape."""

import pytest

from keel.chain.reports import report_data
from tests.fixtures.staking import ETHER, reverts

SEEN = {"validators": 20, "seen": 640 * ETHER}
FULL = 640 * ETHER
PARTS = ("fromBonds", "fromInsurance", "fromNewGain", "fromUnreleasedGain", "fromRate")


@pytest.fixture
def fleet(queue, who):
    """Twenty validators of an operator with the least bond; ten ether in the buffer."""
    staking = queue.staking
    staking.add_operator(who[1], keys=20)
    staking.stake(who[1], 650 * ETHER - staking.stack.pool.call("getBalances")[0])
    staking.fund_validators(20)
    staking.report(**SEEN, balance=FULL)
    return queue


def report(queue, balance, **figures):
    """Agreed, confirmed and submitted; what bore the loss, by name."""
    staking = queue.staking
    agreed = staking.agree(staking.next_frame()[0], **SEEN, balance=balance, **figures)
    staking.confirm(agreed)
    receipt = staking.submit(agreed)
    return borne(queue, receipt)


def borne(queue, receipt):
    events = queue.staking.stack.pool.events(receipt, "LossReported")
    if not events:
        return dict.fromkeys(("loss", *PARTS), 0)
    (event,) = events
    assert sum(event.values[part] for part in PARTS) == event.values["loss"]
    return event.values


def price(queue):
    ether, shares = queue.staking.stack.pool.call("exchangeRate")
    return ether / shares


def test_loss_beyond_bond_fund_and_gains__each_is_emptied_then_the_rate_falls(fleet, who):
    staking, stack = fleet.staking, fleet.staking.stack
    slot, _reference = staking.next_frame()
    staking.rpc.mine_at(staking.rpc.timestamp + 43_200)
    staking.report_at(slot, **SEEN, balance=FULL, rewards=5 * ETHER)
    carried, unreleased = stack.pool.call("getBalances")[3:]
    assert min(carried, unreleased) > 0
    bond, fund = stack.bonds.call("getBond", 0)[1], stack.insurance.call("available")
    values = report(fleet, FULL - 100 * ETHER, losses=[(0, 100 * ETHER)])
    assert values["loss"] == 100 * ETHER
    assert values["fromBonds"] == pytest.approx(bond, rel=1e-3)
    assert values["fromInsurance"] == pytest.approx(fund, rel=1e-2)
    assert values["fromNewGain"] == carried
    assert 0 < values["fromUnreleasedGain"] <= unreleased
    assert values["fromRate"] > 60 * ETHER
    assert stack.bonds.call("getBond", 0)[0] == stack.insurance.call("available") == 0
    assert stack.pool.call("getBalances")[3] == 0
    assert stack.pool.call("getUnreleasedGain") == 0
    again = report(fleet, FULL - 101 * ETHER, losses=[(0, ETHER)])
    assert (again["fromBonds"], again["fromInsurance"]) == (0, 0), "there is nothing left"
    assert again["fromRate"] == again["loss"] == ETHER


def test_loss_of_nearly_everything__tickets_and_transfers_work_on(fleet, who):
    """At a sixtieth of the rate all goes on, and who holds a ticket gets its part."""
    staking, pool = fleet.staking, fleet.staking.stack.pool
    fleet.request(who[0], 10 * ETHER)
    staking.next_frame()
    before = price(fleet)
    # All validators lose all; the buffer's ten ether stay.
    report(fleet, 0)
    assert price(fleet) == pytest.approx(before * 10 / 650, rel=0.01)
    worth = fleet.call("presentValue", 1)
    assert worth == pytest.approx(10 * ETHER * 10 / 650, rel=0.01)
    pool.transact("transfer", who[2], 1_000, sender=who[1])
    assert pool.call("balanceOf", who[2]) in (1_000, 1_001)
    staking.next_frame()
    report(fleet, 0, last=1)
    fleet.transact("claimWithdrawal", 1, sender=who[0])
    staking.stake(who[2], ETHER)
    assert pool.call("balanceOf", who[2]) == pytest.approx(ETHER, abs=2_000)


def test_loss_of_all_assets__waits_for_a_wei_and_stops_nothing_else(queue, who):
    """There would be no rate: the report is refused. Whoever stakes anything lets it through."""
    staking, pool = queue.staking, queue.staking.stack.pool
    staking.add_operator(who[2], keys=20)
    staking.stake(who[1], FULL - pool.call("getBalances")[0])
    staking.fund_validators(20)
    staking.report(**SEEN, balance=FULL)
    assert pool.call("getBalances")[0] == 0
    assets = pool.call("totalSupply") + pool.call("getUnreleasedGain")
    agreed = staking.agree(staking.next_frame()[0], **SEEN, balance=0)
    staking.confirm(agreed)
    submit = ("submitReport", *report_data(agreed), [])
    fund = staking.stack.insurance.call("available")
    with reverts("LossExceedsAssets", FULL, assets - fund):
        staking.stack.oracle.call(*submit, sender=who[2])
    (ticket,) = queue.request(who[0], ETHER)
    pool.transact("transfer", who[2], ETHER, sender=who[1])
    staking.stake(who[2], 1)
    staking.stack.oracle.transact(*submit, sender=who[2])
    assert pool.call("totalSupply") == 1
    assert queue.call("presentValue", ticket) == 0
    pool.transact("transfer", who[1], pool.call("balanceOf", who[2]), sender=who[2])


def test_second_loss_before_the_first_is_cleared__each_is_borne_once(fleet, who):
    """Advances beyond the haircut, a loss, another loss, then clearing: all adds up."""
    staking, pool = fleet.staking, fleet.staking.stack.pool
    fleet.request(who[0], 4 * ETHER)
    fleet.request(who[1], 3 * ETHER)
    fleet.stay_silent()
    paid = fleet.advance(who[0], 1) + fleet.advance(who[1], 2)
    staking.next_frame()
    first = report(fleet, FULL - 130 * ETHER)
    second = report(fleet, FULL - 230 * ETHER, withdrawals=10 * ETHER, last=2)
    assert (first["loss"], second["loss"]) == (130 * ETHER, 90 * ETHER)
    assert fleet.call("etherLent") == sum(paid), "worth less than their advances: nothing is netted"
    receipt = fleet.transact("clearAdvances", [1, 2], fleet.hints(1, 2), sender=who[2])
    cleared = [event.values for event in fleet.contract.events(receipt, "AdvanceCleared")]
    assert [each["returned"] + each["shortfall"] for each in cleared] == paid
    third = report(fleet, FULL - 230 * ETHER)
    assert third["loss"] == sum(each["shortfall"] for each in cleared) > 0
    assert report(fleet, FULL - 230 * ETHER)["loss"] == 0
    buffered, layer, _, carried, unreleased = pool.call("getBalances")
    assert buffered + layer - carried - unreleased == pool.call("totalSupply")
    assert staking.rpc.balance(pool.address) == buffered


@pytest.mark.parametrize("fall", [0, 5, 30])
def test_escape_used_twice__a_ticket_gets_nine_tenths_at_most(fleet, who, fall):
    """Two silences with a report between them that finalises nothing, at any rate."""
    staking = fleet.staking
    fleet.request(who[0], 4 * ETHER)
    fleet.stay_silent()
    (first,) = fleet.advance(who[0], 1)
    staking.next_frame()
    balance = FULL - FULL * fall // 100
    report(fleet, balance)
    fleet.stay_silent()
    assert fleet.call("claimableAdvance", 1) == 0
    with reverts("NothingToAdvance", 1):
        fleet.call("claimInAdvance", 1, who[0], sender=who[0])
    assert fleet.call("getAdvance", 1) == first <= 4 * ETHER * 9 // 10
    staking.next_frame()
    report(fleet, balance, last=1)
    receipt = fleet.transact("claimWithdrawal", 1, sender=who[0])
    (claim,) = fleet.contract.events(receipt, "WithdrawalClaimed")
    worth = fleet.staking.stack.pool.call("toEtherDown", 4 * 10**27)
    assert claim.values["amountOfETH"] + first == pytest.approx(
        max(first, min(4 * ETHER, worth)), rel=2e-3
    )


def test_ticket_sold_amid_the_escape__the_buyer_sees_what_is_left(fleet, who):
    """The seller drew nine tenths in the block before: views say so, and nobody draws again."""
    seller, buyer = who[0], who[2]
    fleet.request(seller, 4 * ETHER)
    fleet.stay_silent()
    before = fleet.call("presentValue", 1)
    (drawn,) = fleet.advance(seller, 1)
    fleet.transact("transferFrom", seller, buyer, 1, sender=seller)
    assert fleet.call("presentValue", 1) == before - drawn
    with reverts("NotOwnerOrApproved", seller, 1):
        fleet.call("claimInAdvance", 1, seller, sender=seller)
    with reverts("NothingToAdvance", 1):
        fleet.call("claimInAdvance", 1, buyer, sender=buyer)
    fleet.finalize(1, **SEEN, balance=FULL)
    held = fleet.staking.rpc.balance(buyer)
    fleet.transact("claimWithdrawalsTo", [1], fleet.hints(1), buyer, sender=buyer)
    assert fleet.staking.rpc.balance(buyer) - held <= before - drawn


def test_whale_at_the_end_of_the_line__draws_what_nobody_before_it_can_ask_for(fleet, who):
    """It asks first, for all there is: the others still get theirs, the last wei of it."""
    queue, staking = fleet, fleet.staking
    queue.request(who[0], 2 * ETHER, 3 * ETHER)
    queue.request(who[1], *[100 * ETHER] * 4)
    queue.stay_silent()
    whale = [queue.call("claimableAdvance", ticket) for ticket in (3, 4, 5, 6)]
    assert whale == [5 * ETHER, 0, 0, 0], "ten in the buffer, five of them for the first two"
    assert queue.advance(who[1], 3) == [5 * ETHER]
    paid = queue.advance(who[0], 1, 2)
    assert paid == [pytest.approx(2 * ETHER * 0.9, abs=2), pytest.approx(3 * ETHER * 0.9, abs=2)]
    staking.stake(who[2], 20 * ETHER)
    assert queue.call("claimableAdvance", 4) == 0, "the third waits for 75 more before it"
    assert queue.call("claimableAdvance", 3) == 20 * ETHER
