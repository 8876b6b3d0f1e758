"""Allocation: least-filled first, as far as bond and cap reach; funding as confirmed."""

import pytest

from keel.models.staking.keys import Event
from keel.models.staking.registry import cap_of
from tests.fixtures.staking import ETHER, pubkeys, reverts


@pytest.fixture
def three(staking, who):
    """Three operators with four keys each, and ether for many validators."""
    staking.stake(who[0], 2_000 * ETHER)
    for manager in who:
        staking.add_operator(manager, keys=4)
    return staking


def allocated(staking, count):
    """Operator and index of each key that got a first deposit."""
    receipt = staking.deposit_validators(count)
    events = staking.stack.registry.events(receipt, "KeyStatusChanged")
    return [(event.values["operatorId"], event.values["index"]) for event in events]


def test_allocate__least_filled_first_lower_id_among_equals(three):
    assert allocated(three, 4) == [(0, 0), (1, 0), (2, 0), (0, 1)]
    assert allocated(three, 5) == [(1, 1), (2, 1), (0, 2), (1, 2), (2, 2)]
    assert tuple(three.stack.registry.call("getTotals")) == (9, 3)


def test_allocate__a_newcomer_catches_up(three, who):
    allocated(three, 9)
    three.add_operator(who[0], keys=4)
    assert allocated(three, 5) == [(3, 0), (3, 1), (3, 2), (0, 3), (1, 3)]


def test_allocate__more_than_there_are(three):
    assert len(allocated(three, 99)) == 12
    with reverts("NothingToDeposit"):
        three.deposit_validators(1)


def test_allocate__cap_with_few_operators(three, who):
    """Who has the only keys stops at the cap; another operator's keys let it go on."""
    allocated(three, 12)
    three.add_operator(who[0], keys=20)
    # Beside three operators with 4 validators each, a thirteenth makes 25: ceil(2 x 25 / 4) = 13.
    assert allocated(three, 20) == [(3, index) for index in range(13)]
    assert (cap_of(25, 4), cap_of(26, 4)) == (13, 13)
    with reverts("NothingToDeposit"):
        three.deposit_validators(1)
    three.add_operator(who[1], keys=1)
    # A fifth operator lowers the part of each; its own key comes first.
    assert allocated(three, 20) == [(4, 0)]


@pytest.mark.parametrize(
    ("validators", "operators", "cap"),
    [(0, 0, 2), (1, 1, 2), (2, 1, 4), (3, 4, 2), (50, 10, 10), (1_000, 500, 10), (1_001, 900, 11)],
)
def test_cap_of(staking, validators, operators, cap):
    assert staking.stack.registry.call("capOf", validators, operators) == cap
    assert cap_of(validators, operators) == cap


def test_allocate__only_the_vault(three, who):
    registry, vault = three.stack.registry, three.stack.withdrawal_vault.address
    for name in ("allocate", "fund"):
        with reverts("Unauthorized", who[0], vault):
            registry.call(name, 1, sender=who[0])
    with reverts("Unauthorized", who[0], three.stack.pool.address):
        three.stack.withdrawal_vault.call("deposit", 1, True, sender=who[0])


def test_fund__in_order_of_confirmation_split_over_calls(three, who):
    allocated(three, 6)
    three.tell(*[(1, index, Event.CONFIRMED) for index in (0, 1)])
    three.tell(*[(0, index, Event.CONFIRMED) for index in (1, 0)])
    pool, deposits = three.stack.pool, three.stack.deposit_contract
    order = []
    for count in (1, 2, 9):
        receipt = pool.transact("fundValidators", count, sender=who[2])
        order += [event.values["pubkey"] for event in deposits.events(receipt, "DepositEvent")]
    assert order == [pubkeys(1, 0, 1), pubkeys(1, 1, 1), pubkeys(1, 1, 0), pubkeys(1, 0, 0)]
    assert three.stack.registry.call("awaitingKeys") == 2
    assert [three.operator(one).active for one in range(3)] == [2, 2, 0]


def test_allocate__cost_does_not_grow_with_the_operators(staking, who):
    """A hundred operators wait in line; the deposit of one key costs what it did with three."""
    staking.stake(who[0], 2_000 * ETHER)
    costs = []
    for count in (3, 97):
        for _ in range(count):
            staking.add_operator(who[0], keys=1)
        staking.deposit_validators(1)
        costs.append(int(staking.deposit_validators(1)["gasUsed"], 16))
    assert costs[1] < costs[0] + 40_000
