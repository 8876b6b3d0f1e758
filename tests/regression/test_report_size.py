"""Reports and news that fill a transaction: what each line costs, and how many fit."""

import pytest

from keel.models.staking.keys import Event
from tests.fixtures.staking import ETHER

MOST_GAS = 2**24
"""Of a transaction, by EIP-7825."""
OPERATORS = 24


@pytest.fixture
def fleet(staking, who):
    """Operators with a funded validator each."""
    staking.stake(who[0], 33 * OPERATORS * ETHER)
    for _ in range(OPERATORS):
        staking.add_operator(who[1], keys=1, spare=ETHER)
    staking.deposit_validators(OPERATORS)
    staking.tell(*[(one, 0, Event.CONFIRMED) for one in range(OPERATORS)])
    staking.stack.pool.transact("fundValidators", OPERATORS, sender=who[0])
    return staking


def gas(receipt):
    return int(receipt["gasUsed"], 16)


@pytest.mark.parametrize("each", [ETHER // 100, 3 * ETHER])
def test_losses__of_two_hundred_operators_fit(fleet, each, record_property):
    """With bonds that pay and with bonds that are exhausted; what doesn't fit is told later."""
    full = OPERATORS * 32 * ETHER
    seen = {"validators": OPERATORS, "seen": full}
    fleet.report(**seen, balance=full)
    costs = []
    for count in (1, OPERATORS):
        snapshot = fleet.rpc.snapshot()
        report = fleet.agree(
            fleet.next_frame()[0],
            **seen,
            balance=full - count * each,
            losses=[(one, each) for one in range(count)],
        )
        fleet.confirm(report)
        costs.append(gas(fleet.submit(report)))
        fleet.rpc.revert(snapshot)
    line = (costs[1] - costs[0]) // (OPERATORS - 1)
    record_property("measured", f"an operator's loss in a report: {line:,} gas")
    assert costs[0] + 199 * line < MOST_GAS


def test_losses__told_a_report_later_are_paid_by_bonds_all_the_same(fleet):
    """The holders bore them first: now they come back to them as a gain."""
    full = OPERATORS * 32 * ETHER
    seen = {"validators": OPERATORS, "seen": full}
    fleet.report(**seen, balance=full)
    fleet.report(**seen, balance=full - ETHER)
    bonds, pool = fleet.stack.bonds, fleet.stack.pool
    before = bonds.call("getBond", 3)[1]
    receipt = fleet.report(**seen, balance=full - ETHER, losses=[(3, ETHER)])
    # Less its part of the fee on what comes back.
    assert before - bonds.call("getBond", 3)[1] == pytest.approx(ETHER, rel=1e-2)
    (gain,) = pool.events(receipt, "GainReported")
    (loss,) = pool.events(receipt, "LossReported")
    assert gain.values["gain"] == loss.values["loss"] == loss.values["fromBonds"] == ETHER


@pytest.mark.parametrize(
    "story", [(Event.SETTLED,), (Event.EXITING, Event.SLASHED), (Event.UNDERPERFORMED,)]
)
def test_news__of_a_hundred_keys_fit(fleet, story, record_property):
    costs = []
    for count in (1, OPERATORS):
        snapshot = fleet.rpc.snapshot()
        news = [(one, 0, what) for one in range(count) for what in story]
        costs.append(gas(fleet.tell(*news)))
        fleet.rpc.revert(snapshot)
    key = (costs[1] - costs[0]) // (OPERATORS - 1)
    names = " and ".join(event.name.lower() for event in story)
    record_property("measured", f"news of a key, {names}: {key:,} gas")
    assert costs[0] + 99 * key < MOST_GAS


def test_deposits__of_a_hundred_keys_fit(staking, who, record_property):
    staking.stake(who[0], 40 * 30 * ETHER)
    staking.add_operator(who[1], keys=30)
    costs = [gas(staking.deposit_validators(count)) for count in (1, 1, 28)]
    key = (costs[2] - costs[1]) // 27
    staking.tell(*[(0, index, Event.CONFIRMED) for index in range(30)])
    pool = staking.stack.pool
    funding = [gas(pool.transact("fundValidators", count, sender=who[0])) for count in (1, 29)]
    record_property("measured", f"a first deposit: {key:,} gas; the rest: {funding[1] // 29:,} gas")
    assert max(costs[1] + 99 * key, 100 * funding[1] // 29) < MOST_GAS
