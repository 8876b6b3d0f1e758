"""Keys: offered by thieves and crowds, confirmed and not yet funded, of operators in disgrace."""

import pytest

from keel.models.staking.keys import Event, Status
from keel.models.staking.registry import DAY, cap_of
from keel.models.staking.shares import UNIT
from tests.fixtures.staking import ETHER, pubkeys, reverts

ALL = 2**256 - 1


@pytest.fixture
def rich(staking, who):
    """Ether for a dozen validators."""
    staking.stake(who[0], 400 * ETHER)
    return staking


def test_stolen_key__the_thiefs_bond_answers_and_the_victim_offers_another(rich, who):
    """Copied with its signature from the mempool: it can be used for the pool alone."""
    registry, (victim, thief) = rich.stack.registry, who[:2]
    for manager in (victim, thief):
        rich.add_operator(manager, spare=6 * ETHER)
    copied = pubkeys(2, 70)
    registry.transact("addKeys", 1, copied, copied * 2, sender=thief)
    with reverts("DuplicateKey", copied[:48]):
        registry.call("addKeys", 0, copied, copied * 2, sender=victim)
    fresh = pubkeys(2, 80)
    registry.transact("addKeys", 0, fresh, fresh * 2, sender=victim)
    receipt = rich.deposit_validators(4)
    deposits = rich.stack.deposit_contract.events(receipt, "DepositEvent")
    credentials = rich.stack.pool.call("withdrawalCredentials")
    assert len(deposits) == 4
    assert {event.values["withdrawal_credentials"] for event in deposits} == {credentials}
    with reverts("BondTooSmall"):
        rich.stack.bonds.call("withdrawBond", 1, 6 * ETHER, thief, sender=thief)
    # Used, it stays taken; unused ones come free with the bond.
    with reverts("TooFewUnusedKeys", 1, 0):
        registry.call("removeKeys", 1, 1, sender=thief)


def test_between_confirmation_and_funding__nothing_of_the_key_can_change(rich, who):
    """Neither the key nor its bond; a new manager inherits both."""
    registry, bonds = rich.stack.registry, rich.stack.bonds
    rich.add_operator(who[1], keys=2)
    rich.deposit_validators(1)
    key = registry.call("getKey", 0, 0)[:2]
    rich.tell((0, 0, Event.CONFIRMED))
    registry.transact("removeKeys", 0, 1, sender=who[1])
    with reverts("TooFewUnusedKeys", 1, 0):
        registry.call("removeKeys", 0, 1, sender=who[1])
    bonds.transact("withdrawBond", 0, ALL, who[1], sender=who[1])
    registry.transact("setManager", 0, who[2], sender=who[1])
    for manager, error in ((who[1], "Unauthorized"), (who[2], "BondTooSmall")):
        with reverts(error):
            bonds.call("withdrawBond", 0, ETHER, manager, sender=manager)
    used = pubkeys(1, 0)
    with reverts("DuplicateKey", used):
        registry.call("addKeys", 0, used, used * 2, sender=who[2])
    receipt = rich.stack.pool.transact("fundValidators", 1, sender=who[2])
    (event,) = rich.stack.deposit_contract.events(receipt, "DepositEvent")
    assert event.values["pubkey"] == key[0]
    assert event.values["amount"] == (31 * 10**9).to_bytes(8, "little")
    assert registry.call("getKey", 0, 0)[:2] == key


@pytest.mark.parametrize("fall", ["stopped", "slashed", "short"])
def test_operator_out_of_grace__first_deposits_end_and_begun_ones_are_finished(rich, who, fall):
    """A key with one ether can't even exit: the other 31 make it a validator that can."""
    registry, pool = rich.stack.registry, rich.stack.pool
    rich.add_operator(who[1], keys=4)
    rich.deposit_validators(2)
    rich.tell((0, 0, Event.CONFIRMED))
    pool.transact("fundValidators", 1, sender=who[2])
    rich.tell((0, 1, Event.CONFIRMED))
    if fall == "stopped":
        registry.transact("stopOperator", 0, True, sender=rich.owner)
    elif fall == "slashed":
        rich.tell((0, 0, Event.SLASHED))
    else:
        truth = {"validators": 2, "seen": 33 * ETHER}
        rich.report(**truth, balance=31 * ETHER, losses=[(0, 2 * ETHER)])
    assert not rich.operator(0).offering
    with reverts("NothingToDeposit"):
        rich.deposit_validators(1)
    pool.transact("fundValidators", 9, sender=who[2])
    assert rich.status(0, 1) is Status.FUNDED
    assert rich.status(0, 2) is Status.UNUSED
    receipt = registry.transact("requestExits", 9, sender=rich.owner)
    assert len(registry.events(receipt, "ExitRequested")) == 2


def test_exits_not_obeyed__make_room_under_the_cap_for_bonded_keys_alone(rich, who):
    """Asked validators count for the cap no more, but each key it gets instead has its own bond."""
    registry = rich.stack.registry
    rich.add_operator(who[0], keys=1)
    rich.add_operator(who[1], keys=4)
    rich.deposit_validators(9)
    assert [rich.operator(one).validators for one in (0, 1)] == [1, 4]
    rich.tell(*[(1, index, Event.CONFIRMED) for index in range(4)])
    rich.stack.pool.transact("fundValidators", 4, sender=who[2])
    registry.transact("requestExits", 3, sender=rich.owner)
    assert rich.operator(1).validators == 1
    key = pubkeys(1, 60, 1)
    with reverts("BondTooSmall", 1, 4, 5):
        registry.call("addKeys", 1, key, key * 2, sender=who[1])
    bond = rich.stack.bonds.call("getBond", 1)[1]
    assert bond >= rich.stack.bonds.call("requiredBond", 4)


def test_crowd_in_line_whose_bonds_fell_short__is_passed_over_once(rich, who):
    """Each costs the depositor one look; anybody may take it out of the line beforehand."""
    registry, crowd = rich.stack.registry, 12
    rich.add_operator(who[1], keys=2, spare=5 * ETHER)
    rich.fund_validators(2)
    rich.report(validators=2, balance=64 * ETHER, seen=64 * ETHER)
    for _ in range(crowd):
        rich.add_operator(who[2], keys=1)
    rich.add_keys(2, manager=who[1])
    snapshot = rich.rpc.snapshot()

    def cost():
        receipt = rich.deposit_validators(1)
        (event,) = registry.events(receipt, "KeyStatusChanged")
        return int(receipt["gasUsed"], 16), event.values["operatorId"]

    honest, chosen = cost()
    assert chosen != 0, "the crowd comes first while its bonds are whole"
    rich.rpc.revert(snapshot)
    rich.report(validators=2, balance=63 * ETHER, seen=64 * ETHER)
    assert all(rich.operator(one).offering for one in range(1, crowd + 1))
    refreshed = rich.rpc.snapshot()
    crowded, chosen = cost()
    assert chosen == 0
    assert (crowded - honest) / crowd < 60_000
    assert not any(rich.operator(one).offering for one in range(1, crowd + 1))
    rich.rpc.revert(refreshed)
    for one in range(1, crowd + 1):
        registry.transact("refresh", one, sender=who[0])
    assert cost()[0] < honest + 20_000


def test_crowd_of_single_keys__lowers_the_cap_and_never_below_two(rich, who):
    """Many small operators make the cap of the great one smaller: that is what it is for."""
    for _ in range(8):
        rich.add_operator(who[2], keys=1)
    rich.add_operator(who[1], keys=8)
    rich.deposit_validators(11)
    fills = [rich.operator(one).validators for one in range(9)]
    assert fills == [1] * 8 + [3]
    assert cap_of(12, 9) == 3
    rich.stake(who[0], 100 * ETHER)
    with reverts("NothingToDeposit"):
        rich.deposit_validators(1)
    # Whoever is at the cap waits for one more validator anywhere.
    rich.add_operator(who[0], keys=2)
    rich.deposit_validators(2)
    assert rich.operator(9).validators == 2


def test_late_exit_charged_while_its_bond_is_empty__takes_what_there_is(rich, who):
    """Penalties beyond a bond end at nothing: no debt, no revert, news go on."""
    registry, bonds = rich.stack.registry, rich.stack.bonds
    rich.add_operator(who[1], keys=1)
    rich.fund_validators(1)
    truth = {"validators": 1, "seen": 32 * ETHER}
    rich.report(**truth, balance=32 * ETHER)
    registry.transact("requestExits", 1, sender=rich.owner)
    report = rich.agree(rich.next_frame()[0], **truth, balance=29 * ETHER, losses=[(0, 3 * ETHER)])
    rich.confirm(report)
    rich.submit(report)
    assert bonds.call("getBond", 0)[0] == 0
    rich.rpc.mine_at(rich.rpc.timestamp + 5 * DAY)
    rich.tell()
    receipt = registry.transact("chargeLateExit", 0, 0, sender=who[2])
    (event,) = bonds.events(receipt, "PenaltyCharged")
    assert (event.values["etherAmount"], event.values["exactShares"]) == (ETHER // 10, 0)
    rich.tell((0, 0, Event.SLASHED), (0, 0, Event.EXITING), (0, 0, Event.SETTLED))
    assert rich.status(0, 0) is Status.SETTLED


def test_late_exit_charged_to_a_bond_that_is_nearly_empty__takes_all_whole_shares(rich, who):
    """A bond has more decimals than what can be transferred; no penalty founders on it."""
    registry, bonds = rich.stack.registry, rich.stack.bonds
    rich.add_operator(who[1], keys=1)
    rich.fund_validators(1)
    truth = {"validators": 1, "seen": 32 * ETHER}
    rich.report(**truth, balance=32 * ETHER, rewards=7_654_321_987_654_321)
    rich.rpc.mine_at(rich.rpc.timestamp + DAY)
    registry.transact("requestExits", 1, sender=rich.owner)
    lost = bonds.call("getBond", 0)[1] - ETHER // 20
    report = rich.agree(
        rich.next_frame()[0], **truth, balance=32 * ETHER - lost, losses=[(0, lost)]
    )
    rich.confirm(report)
    rich.submit(report)
    held = bonds.call("getBond", 0)[0]
    assert held % UNIT, "a part of a share that can be transferred"
    rich.rpc.mine_at(rich.rpc.timestamp + 5 * DAY)
    rich.tell()
    receipt = registry.transact("chargeLateExit", 0, 0, sender=who[2])
    (event,) = bonds.events(receipt, "PenaltyCharged")
    assert event.values["exactShares"] == held - held % UNIT
    assert bonds.call("getBond", 0)[0] == held % UNIT
