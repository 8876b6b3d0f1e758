"""Bonds: what comes in, what may leave, who shares the rewards, who pays for losses."""

import pytest

from keel.models.staking.keys import Event
from tests.fixtures.staking import ETHER, reverts

ALL = 2**256 - 1


@pytest.fixture
def bonded(staking, who):
    """An operator with two unused keys, their bond, and allowances of two holders."""
    for account in who[:2]:
        staking.stake(account, 100 * ETHER)
        staking.stack.pool.transact("approve", staking.stack.bonds.address, ALL, sender=account)
    staking.add_operator(who[0], keys=2)
    return staking


def worth(staking, operator_id):
    return staking.stack.bonds.call("getBond", operator_id)[1]


@pytest.mark.parametrize(
    ("keys", "bond"),
    [(0, 0), (1, 24 * ETHER // 10), (2, 37 * ETHER // 10), (11, 154 * ETHER // 10)],
)
def test_required_bond(staking, keys, bond):
    assert staking.stack.bonds.call("requiredBond", keys) == bond


def test_deposit_bond__by_anyone_moves_the_shares(bonded, who):
    pool, bonds = bonded.stack.pool, bonded.stack.bonds
    shares, before = bonds.call("getBond", 0)
    receipt = bonds.transact("depositBond", 0, ETHER, sender=who[1])
    (event,) = bonds.events(receipt, "BondDeposited")
    assert bonds.call("getBond", 0)[0] == shares + event.values["exactShares"]
    assert worth(bonded, 0) == pytest.approx(before + ETHER, abs=1)
    assert pool.call("exactSharesOf", bonds.address) == bonds.call("getBond", 0)[0]
    with reverts("ZeroAmount"):
        bonds.call("depositBond", 0, 0, sender=who[1])
    with reverts("OperatorNotFound", 1):
        bonds.call("depositBond", 1, ETHER, sender=who[1])


def test_deposit_bond__is_one_transfer(bonded, who):
    pool, bonds = bonded.stack.pool, bonded.stack.bonds
    receipt = bonds.transact("depositBond", 0, ETHER, sender=who[1])
    moved = [
        (event.values["from"], event.values["to"]) for event in pool.events(receipt, "Transfer")
    ]
    assert moved == [(who[1].lower(), bonds.address.lower())]


def test_stake_bond__by_anyone_with_ether(bonded, who):
    before = worth(bonded, 0)
    bonded.stack.bonds.transact("stakeBond", 0, sender=who[2], value=ETHER)
    assert worth(bonded, 0) == pytest.approx(before + ETHER, abs=1)
    with reverts("ZeroAmount"):
        bonded.stack.bonds.call("stakeBond", 0, sender=who[2])
    with reverts("OperatorNotFound", 1):
        bonded.stack.bonds.call("stakeBond", 1, sender=who[2], value=1)


def test_deposit_bond__puts_a_short_operator_in_line_again(bonded, who):
    """After a loss the bond covers one key of two; its worth comes back with ether."""
    bonded.deposit_validators(1)
    bonded.tell((0, 0, Event.CONFIRMED))
    bonded.stack.pool.transact("fundValidators", 1, sender=who[2])
    bonded.report(validators=1, balance=31 * ETHER, seen=32 * ETHER, losses=[(0, ETHER)])
    assert bonded.stack.bonds.call("coverable", 0) == 1
    assert not bonded.operator(0).offering
    assert bonded.operator(0).poor
    bonded.stack.bonds.transact("stakeBond", 0, sender=who[2], value=ETHER + 2)
    assert bonded.operator(0).offering
    assert not bonded.operator(0).poor


def test_withdraw_bond__all_that_is_free(bonded, who):
    bonds, pool = bonded.stack.bonds, bonded.stack.pool
    bonds.transact("stakeBond", 0, sender=who[0], value=ETHER)
    before = pool.call("balanceOf", who[2])
    bonds.transact("withdrawBond", 0, ALL, who[2], sender=who[0])
    assert pool.call("balanceOf", who[2]) - before == pytest.approx(ETHER, abs=2)
    assert worth(bonded, 0) >= bonds.call("requiredBond", 2)


def test_withdraw_bond__at_the_limit(bonded, who):
    bonds = bonded.stack.bonds
    bonds.transact("stakeBond", 0, sender=who[0], value=ETHER)
    free = bonds.call("withdrawBond", 0, ALL, who[0], sender=who[0])
    required = bonds.call("requiredBond", 2)
    bonds.call("withdrawBond", 0, free, who[0], sender=who[0])
    with reverts("BondTooSmall", 0, required - 1, required):
        bonds.call("withdrawBond", 0, free + 1, who[0], sender=who[0])
    with reverts("BondTooSmall"):
        bonds.call("withdrawBond", 0, 10**24, who[0], sender=who[0])
    with reverts("ZeroAmount"):
        bonds.call("withdrawBond", 0, 0, who[0], sender=who[0])


def test_withdraw_bond__manager_alone(bonded, who):
    for stranger in (who[1], bonded.owner):
        with reverts("Unauthorized", stranger, who[0]):
            bonded.stack.bonds.call("withdrawBond", 0, 1, stranger, sender=stranger)


def test_withdraw_bond__key_removed_rejected_settled_frees_its_part(bonded, who):
    bonds, registry = bonded.stack.bonds, bonded.stack.registry
    registry.transact("removeKeys", 0, 1, sender=who[0])
    assert bonds.call("withdrawBond", 0, ALL, who[0], sender=who[0]) > 0
    bonds.transact("withdrawBond", 0, ALL, who[0], sender=who[0])
    bonded.deposit_validators(1)
    with reverts("ZeroAmount"):
        bonds.call("withdrawBond", 0, ALL, who[0], sender=who[0])
    bonded.tell((0, 0, Event.CONFIRMED))
    bonded.stack.pool.transact("fundValidators", 1, sender=who[2])
    bonded.tell((0, 0, Event.EXITING))
    with reverts("ZeroAmount"):
        bonds.call("withdrawBond", 0, ALL, who[0], sender=who[0])
    bonded.tell((0, 0, Event.SETTLED))
    bonds.transact("withdrawBond", 0, ALL, who[0], sender=who[0])
    assert bonds.call("getBond", 0)[0] < 10**9, "all but the rest of a share"


def test_rewards__by_share_of_funded_validators(bonded, who):
    """Two operators with one and two validators share the operators' part of each gain."""
    bonds, pool = bonded.stack.bonds, bonded.stack.pool
    bonded.add_operator(who[1], keys=2)
    bonded.deposit_validators(3)
    bonded.tell((0, 0, Event.CONFIRMED), (1, 0, Event.CONFIRMED), (0, 1, Event.CONFIRMED))
    pool.transact("fundValidators", 3, sender=who[2])
    seen = {"validators": 3, "balance": 96 * ETHER, "seen": 96 * ETHER}
    before = [bonds.call("getBond", one)[0] for one in (0, 1)]
    held = pool.call("exactSharesOf", bonds.address)
    bonded.report(**seen, rewards=ETHER // 100)
    minted = pool.call("exactSharesOf", bonds.address) - held
    grown = [bonds.call("getBond", one)[0] - was for one, was in zip((0, 1), before, strict=True)]
    assert grown == [minted // 3 * 2, minted // 3]
    # What came before a validator was settled is still its operator's.
    bonded.tell((0, 0, Event.EXITING), (0, 0, Event.SETTLED))
    assert bonds.call("getBond", 0)[0] == pytest.approx(before[0] + grown[0], abs=1)
    bonded.report(**seen, rewards=ETHER // 100)
    again = [bonds.call("getBond", one)[0] - was for one, was in zip((0, 1), before, strict=True)]
    assert again[0] - grown[0] == pytest.approx(again[1] - grown[1], abs=2)
    assert again[0] > grown[0]


def test_cover_losses__bond_then_fund_then_gains_then_rate(bonded, who):
    """Each is asked for what is left by the one before it; the event's parts add up."""
    stack = bonded.stack
    bonded.deposit_validators(2)
    bonded.tell((0, 0, Event.CONFIRMED), (0, 1, Event.CONFIRMED))
    stack.pool.transact("fundValidators", 2, sender=who[2])
    bonded.report(validators=2, balance=64 * ETHER, seen=64 * ETHER, rewards=ETHER // 50)
    stack.pool.transact("transfer", stack.insurance.address, ETHER, sender=who[1])
    bond, fund = worth(bonded, 0), stack.insurance.call("available")
    lost = 7 * ETHER
    ether, shares = stack.pool.call("exchangeRate")
    slot, _reference = bonded.next_frame()
    report = bonded.agree(
        slot, validators=2, balance=64 * ETHER - lost, seen=64 * ETHER, losses=[(0, lost)]
    )
    with reverts("LossNeedsConfirmation"):
        bonded.submit(report)
    bonded.confirm(report)
    receipt = bonded.submit(report)
    (event,) = stack.pool.events(receipt, "LossReported")
    parts = {name: wei for name, wei in event.values.items() if name.startswith("from")}
    assert sum(parts.values()) == event.values["loss"] == lost
    # Both earn until the report.
    assert parts["fromBonds"] == pytest.approx(bond, rel=1e-3)
    assert parts["fromInsurance"] == pytest.approx(fund, rel=1e-3)
    assert parts["fromNewGain"] == 0
    assert parts["fromUnreleasedGain"] == pytest.approx(0, abs=ETHER // 1_000)
    assert parts["fromRate"] > ETHER
    (charged,) = stack.bonds.events(receipt, "LossCharged")
    assert charged.values["covered"] == parts["fromBonds"]
    assert stack.bonds.call("getBond", 0)[0] == stack.insurance.call("available") == 0
    after_ether, after_shares = stack.pool.call("exchangeRate")
    (paid,) = stack.insurance.events(receipt, "LossCovered")
    burnt = charged.values["exactShares"] + paid.values["exactShares"]
    assert after_shares == shares - burnt
    assert after_ether < ether - parts["fromBonds"] - parts["fromInsurance"]


def test_cover_losses__within_the_bond__holders_lose_nothing(bonded, who):
    stack = bonded.stack
    bonded.deposit_validators(1)
    bonded.tell((0, 0, Event.CONFIRMED))
    stack.pool.transact("fundValidators", 1, sender=who[2])
    bonded.report(validators=1, balance=32 * ETHER, seen=32 * ETHER)
    before = stack.pool.call("balanceOf", who[1])
    receipt = bonded.report(validators=1, balance=31 * ETHER, seen=32 * ETHER, losses=[(0, ETHER)])
    assert stack.pool.call("balanceOf", who[1]) == before
    assert stack.pool.call("confirmedLoss")[2] == 0
    (event,) = stack.pool.events(receipt, "LossReported")
    assert event.values["fromBonds"] == ETHER


def test_cover_losses__gross_of_gains(bonded, who):
    """Others' gains don't pay for an operator's fault: its bond does, and they are a gain."""
    stack = bonded.stack
    bonded.deposit_validators(1)
    bonded.report(validators=1, balance=ETHER, seen=ETHER)
    receipt = bonded.report(
        validators=1, balance=ETHER, seen=ETHER, rewards=ETHER // 50, losses=[(0, ETHER // 10)]
    )
    (gain,) = stack.pool.events(receipt, "GainReported")
    (loss,) = stack.pool.events(receipt, "LossReported")
    assert gain.values["gain"] == ETHER // 50 + ETHER // 10
    assert loss.values["fromBonds"] == loss.values["loss"] == ETHER // 10


def test_cover_losses__out_of_order_or_unknown__reverts(bonded, who):
    bonded.add_operator(who[1], keys=1)
    bonded.deposit_validators(1)
    truth = {"validators": 1, "balance": ETHER, "seen": ETHER}
    for losses in ([(0, 1), (0, 1)], [(1, 1), (0, 1)]):
        with reverts("LossesUnsorted", 1, 0):
            bonded.report(**truth, losses=losses)
    with reverts("OperatorNotFound", 2):
        bonded.report(**truth, losses=[(0, 1), (2, 1)])


def test_cover_losses__outsider__reverts(bonded, who):
    for contract, call in (
        (bonded.stack.bonds, ("coverLosses", [(0, 1)])),
        (bonded.stack.insurance, ("cover", 1)),
    ):
        with reverts("Unauthorized", who[0], bonded.stack.pool.address):
            contract.call(*call, sender=who[0])


@pytest.mark.parametrize("call", [("setEarning", 0, 9), ("charge", 0, 0, 0)])
def test_registry_alone(bonded, who, call):
    with reverts("Unauthorized", who[0], bonded.stack.registry.address):
        bonded.stack.bonds.call(*call, sender=who[0])


@pytest.mark.parametrize("field", [0, 1])
@pytest.mark.parametrize(("inside", "outside"), [(ETHER, ETHER - 1), (32 * ETHER, 32 * ETHER + 1)])
def test_set_bond_terms__bounds(bonded, who, field, inside, outside):
    bonds = bonded.stack.bonds
    terms = list(bonds.call("getBondTerms"))
    terms[field] = inside
    bonds.call("setBondTerms", terms, sender=bonded.owner)
    with reverts("OwnableUnauthorizedAccount", who[0]):
        bonds.call("setBondTerms", terms, sender=who[0])
    terms[field] = outside
    with reverts("OutOfBounds", outside, ETHER, 32 * ETHER):
        bonds.call("setBondTerms", terms, sender=bonded.owner)


@pytest.mark.parametrize("field", [0, 1, 2])
def test_set_penalty_terms__bounds(bonded, who, field):
    bonds = bonded.stack.bonds
    terms = list(bonds.call("getPenaltyTerms"))
    for inside in (0, ETHER):
        terms[field] = inside
        bonds.call("setPenaltyTerms", terms, sender=bonded.owner)
    with reverts("OwnableUnauthorizedAccount", who[0]):
        bonds.call("setPenaltyTerms", terms, sender=who[0])
    terms[field] = ETHER + 1
    with reverts("OutOfBounds", ETHER + 1, 0, ETHER):
        bonds.call("setPenaltyTerms", terms, sender=bonded.owner)


def test_higher_terms__lock_out_nobody_who_leaves(bonded, who):
    """A raise stops withdrawals and new deposits of whom it leaves short; keys can still go."""
    bonds, registry = bonded.stack.bonds, bonded.stack.registry
    bonds.transact("setBondTerms", (4 * ETHER, 4 * ETHER), sender=bonded.owner)
    with reverts("NothingToDeposit"):
        bonded.deposit_validators(1)
    registry.transact("removeKeys", 0, 2, sender=who[0])
    bonds.transact("withdrawBond", 0, ALL, who[0], sender=who[0])


def test_insurance__anyone_adds_nobody_takes(bonded, who):
    fund, pool = bonded.stack.insurance, bonded.stack.pool
    pool.transact("transfer", fund.address, ETHER, sender=who[0])
    assert fund.call("available") == pytest.approx(ETHER, abs=1)
    assert fund.call("pool").lower() == pool.address.lower()
    writers = [
        entry["name"]
        for entry in fund.abi.entries
        if entry["type"] == "function" and entry["stateMutability"] != "view"
    ]
    assert writers == ["cover"]
