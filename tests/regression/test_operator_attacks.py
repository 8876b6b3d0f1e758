"""Operators against the pool, and strangers against operators."""

import pytest

from keel.models.staking.keys import Event, Status
from keel.models.staking.registry import DAY
from tests.fixtures.staking import ETHER, pubkeys, reverts

ALL = 2**256 - 1


@pytest.fixture
def harbour(staking, who):
    """200 ether staked by `who[0]`; `who[1]` runs two validators with the least bond."""
    staking.stake(who[0], 200 * ETHER)
    staking.add_operator(who[1], keys=2)
    staking.fund_validators(2)
    staking.report(validators=2, balance=64 * ETHER, seen=64 * ETHER)
    return staking


def test_exit_to_escape_a_penalty__the_bond_waits_for_the_last_loss(harbour, who):
    """Slashed, it exits at once and asks for its bond before the report knows."""
    bonds = harbour.stack.bonds
    seen = {"validators": 2, "seen": 64 * ETHER}
    harbour.tell((0, 0, Event.EXITING))
    with reverts("BondTooSmall"):
        bonds.call("withdrawBond", 0, ETHER, who[1], sender=who[1])
    holder = harbour.stack.pool.call("balanceOf", who[0])
    harbour.report(
        **seen,
        balance=63 * ETHER,
        losses=[(0, ETHER)],
        news=[(0, 0, Event.SLASHED)],
    )
    harbour.report(**seen, balance=32 * ETHER, withdrawals=31 * ETHER, news=[(0, 0, Event.SETTLED)])
    assert harbour.stack.pool.call("balanceOf", who[0]) >= holder
    worth = bonds.call("getBond", 0)[1]
    paid = ETHER + ETHER // 2
    assert worth == pytest.approx(37 * ETHER // 10 - paid, abs=10), "loss and penalty are paid"
    with reverts("ZeroAmount"):
        bonds.call("withdrawBond", 0, ALL, who[1], sender=who[1])


def test_news_before_their_report__can_not_free_a_bond(harbour, who):
    """`submitNews` waits until the losses of its report are charged."""
    oracle = harbour.stack.oracle
    slot, _reference = harbour.next_frame()
    with reverts("ReportNotSubmitted", slot):
        oracle.call("submitNews", (slot, *(0,) * 7, b"\0" * 32, b"\0" * 32), [], sender=who[1])


def test_foreign_credentials__cost_the_operator_not_the_holders(staking, who):
    """The key was registered before with credentials of its own: the first ether is gone."""
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[1], keys=1)
    staking.deposit_validators(1)
    holder = staking.stack.pool.call("balanceOf", who[0])
    staking.report(validators=1, seen=ETHER, losses=[(0, ETHER)], news=[(0, 0, Event.REJECTED)])
    assert staking.stack.pool.call("balanceOf", who[0]) >= holder
    assert staking.status(0, 0) is Status.REJECTED
    with reverts("NothingToDeposit"):
        staking.stack.pool.call("fundValidators", 1, sender=who[0])
    assert staking.stack.bonds.call("getBond", 0)[1] == pytest.approx(14 * ETHER // 10, abs=2)


def test_duplicate_key__of_another_or_of_oneself_after_use(harbour, who):
    registry = harbour.stack.registry
    harbour.add_operator(who[2], spare=20 * ETHER)
    used = pubkeys(1, 0, 0)
    for operator_id, manager in ((1, who[2]), (0, who[1])):
        with reverts("DuplicateKey", used):
            registry.call("addKeys", operator_id, used, used * 2, sender=manager)
    harbour.tell((0, 0, Event.EXITING), (0, 0, Event.SETTLED))
    with reverts("DuplicateKey", used):
        registry.call("addKeys", 1, used, used * 2, sender=who[2])


def test_bond_undercollateralised_after_a_loss__no_deposits_first_to_exit(harbour, who):
    harbour.add_operator(who[2], keys=4)
    harbour.deposit_validators(1)
    harbour.report(validators=3, balance=63 * ETHER, seen=65 * ETHER, losses=[(0, 2 * ETHER)])
    short = harbour.operator(0)
    assert short.poor
    assert not short.offering
    receipt = harbour.stack.registry.transact("requestExits", 1, sender=harbour.owner)
    (event,) = harbour.stack.registry.events(receipt, "ExitRequested")
    assert event.values["operatorId"] == 0
    key = pubkeys(1, 9)
    with reverts("BondTooSmall", 0, 0, 3):
        harbour.stack.registry.call("addKeys", 0, key, key * 2, sender=who[1])


def test_a_falling_rate__leaves_no_key_uncovered_in_line(harbour, who):
    """Bonds are shares: a loss of the pool is a loss of every bond; allocation looks anew."""
    harbour.add_operator(who[2], keys=2)
    assert harbour.operator(1).offering
    harbour.report(validators=2, balance=62 * ETHER, seen=64 * ETHER)
    assert harbour.operator(1).offering, "nobody told the registry"
    receipt = harbour.deposit_validators(2)
    taken = harbour.stack.registry.events(receipt, "KeyStatusChanged")
    assert [event.values["index"] for event in taken] == [0], "the bond covers one key now"
    assert not harbour.operator(1).offering


def test_fewer_than_ten_operators_and_a_full_cap__somebody_else_opens_it(staking, who):
    staking.stake(who[0], 600 * ETHER)
    staking.add_operator(who[0], keys=1)
    staking.add_operator(who[1], keys=1)
    staking.add_operator(who[2], keys=12)
    staking.deposit_validators(12)
    # One validator each of two operators; of nine the third might have six.
    assert [staking.operator(one).validators for one in range(3)] == [1, 1, 6]
    with reverts("NothingToDeposit"):
        staking.deposit_validators(1)
    assert staking.stack.pool.call("getDepositableEther") > 32 * ETHER, "it serves exits"
    staking.add_operator(who[0], keys=4)
    staking.deposit_validators(12)
    assert staking.operator(3).validators == 4
    assert staking.operator(2).validators > 6


def test_nonce_pushed_by_a_stranger__deposits_go_on(staking, who):
    """Each block somebody adds or removes a key; the depositor names no nonce: bonds answer."""
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[1], keys=1)
    root = staking.stack.deposit_contract.call("get_deposit_root")
    looked = staking.stack.registry.call("nonce")
    staking.add_operator(who[2], keys=1)
    pool = staking.stack.pool
    with reverts("NonceChanged", looked, staking.stack.registry.call("nonce")):
        pool.call("depositValidators", 2, root, looked, sender=staking.owner)
    assert pool.call("depositValidators", 2, root, ALL, sender=staking.owner) == 2


def test_dust_bonds_of_strangers__move_no_nonce(staking, who):
    staking.add_operator(who[1], keys=1)
    before = staking.stack.registry.call("nonce")
    for _ in range(3):
        staking.stack.bonds.transact("stakeBond", 0, sender=who[2], value=1_000)
        staking.stack.registry.transact("refresh", 0, sender=who[2])
    assert staking.stack.registry.call("nonce") == before


def test_reward_sniping__a_validator_earns_from_its_funding_on(harbour, who):
    """Rewards that came before are shared out before the newcomer counts."""
    bonds = harbour.stack.bonds
    harbour.add_operator(who[2], keys=1)
    harbour.deposit_validators(1)
    harbour.tell((1, 0, Event.CONFIRMED))
    harbour.report(validators=3, balance=65 * ETHER, seen=65 * ETHER, rewards=ETHER // 100)
    before = [bonds.call("getBond", one)[0] for one in (0, 1)]
    harbour.stack.pool.transact("fundValidators", 1, sender=who[2])
    assert [bonds.call("getBond", one)[0] for one in (0, 1)] == before


def test_gift_to_the_bonds__is_a_reward_and_moves_no_bond_of_others(harbour, who):
    pool, bonds = harbour.stack.pool, harbour.stack.bonds
    rate = pool.call("exchangeRate")
    before = bonds.call("getBond", 0)[0]
    pool.transact("transfer", bonds.address, ETHER, sender=who[0])
    assert pool.call("exchangeRate") == rate
    grown = bonds.call("getBond", 0)[0] - before
    assert pool.call("toEtherDown", grown) == pytest.approx(ETHER, abs=2)


def test_late_exit__news_of_it_do_not_wash_it_clean(harbour, who):
    """It was due, news from after that didn't tell of it, and now it exits: it pays."""
    fund = harbour.stack.insurance
    harbour.stack.registry.transact("requestExits", 1, sender=harbour.owner)
    harbour.rpc.mine_at(harbour.rpc.timestamp + 5 * DAY)
    harbour.tell()
    before = fund.call("available")
    harbour.tell((0, 0, Event.EXITING))
    assert fund.call("available") - before == pytest.approx(ETHER // 10, abs=1)


def test_losses_beyond_a_bond__take_no_bond_of_others(harbour, who):
    harbour.add_operator(who[2], keys=1)
    before = harbour.stack.bonds.call("getBond", 1)[0]
    held = harbour.stack.pool.call("exactSharesOf", harbour.stack.bonds.address)
    slot, _reference = harbour.next_frame()
    report = harbour.agree(
        slot, validators=2, balance=44 * ETHER, seen=64 * ETHER, losses=[(0, 20 * ETHER)]
    )
    with reverts("LossNeedsConfirmation"):
        harbour.submit(report)
    harbour.confirm(report)
    harbour.submit(report)
    assert harbour.stack.bonds.call("getBond", 0)[0] == 0
    assert harbour.stack.bonds.call("getBond", 1)[0] == before
    assert harbour.stack.pool.call("exactSharesOf", harbour.stack.bonds.address) == before
    assert held > before
