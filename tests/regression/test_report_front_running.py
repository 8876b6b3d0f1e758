"""What strangers can do between the members' vote and the submission, and the way on after it."""

import pytest

from keel.chain.reports import report_data
from keel.models.staking.keys import Event, Status
from keel.models.staking.registry import DAY
from tests.fixtures.staking import ETHER, reverts

SEEN = {"validators": 20, "seen": 640 * ETHER}
FALLEN = 508 * ETHER  # of 640, a fifth of the pool


@pytest.fixture
def silent(queue, who):
    """A buffer of 20 ether, tickets of 10 of `who[0]` and 8 of `who[1]`, and a week of silence."""
    staking = queue.staking
    staking.add_operator(keys=20)
    staking.stake(who[1], 660 * ETHER - staking.stack.pool.call("getBalances")[0])
    staking.fund_validators(20)
    staking.report(**SEEN, balance=640 * ETHER)
    queue.request(who[0], 10 * ETHER)
    queue.request(who[1], 8 * ETHER)
    queue.stay_silent()
    staking.next_frame()
    return queue


def voted(queue, balance, *, confirmed=True, **figures):
    staking = queue.staking
    report = staking.agree(staking.next_frame()[0], **SEEN, balance=balance, **figures)
    if confirmed:
        staking.confirm(report)
    return report


def losses(queue, receipt):
    return [e.values["loss"] for e in queue.staking.stack.pool.events(receipt, "LossReported")]


def test_advances_before_a_great_loss__cost_a_frame_and_are_settled_bit_by_bit(silent, who):
    """Tickets worth less than their advances are paid in full first and cleared after.

    Members that counted on the buffer of the reference slot are refused, and finalise less.
    """
    staking, pool = silent.staking, silent.staking.stack.pool
    oracle = staking.stack.oracle
    report = voted(silent, FALLEN, last=2)
    oracle.call("submitReport", *report_data(report), [], sender=who[2])
    silent.advance(who[0], 1)
    silent.advance(who[1], 2)
    with reverts("BufferShort"):
        oracle.call("submitReport", *report_data(report), [], sender=who[2])
    (loss,) = losses(silent, staking.submit(voted(silent, FALLEN)))
    assert loss == 640 * ETHER - FALLEN

    # Exits bring five ether: enough for the first ticket, whose advance then pays the second.
    left = FALLEN - 5 * ETHER
    staking.submit(voted(silent, left, withdrawals=5 * ETHER, last=1))
    silent.transact("clearAdvances", [1], silent.hints(1), sender=who[2])
    receipt = staking.submit(voted(silent, left, last=2))
    first = losses(silent, receipt)
    silent.transact("clearAdvances", [2], silent.hints(2), sender=who[2])
    second = losses(silent, staking.submit(voted(silent, left)))
    assert first + second == [pytest.approx(ETHER, rel=0.02), pytest.approx(ETHER * 0.8, rel=0.03)]
    assert silent.call("etherLent") == 0
    assert silent.call("claimableNow", [1, 2]) == 0
    assert silent.balance() == silent.call("getLockedEtherAmount") < 2
    assert pool.call("getBalances")[0] == staking.rpc.balance(pool.address)


def test_clearing_before_a_report__waits_for_a_word_of_the_second_quorum(silent, who):
    """The shortfall is a loss that the members saw no need to have confirmed: once per ticket."""
    staking, oracle = silent.staking, silent.staking.stack.oracle
    silent.advance(who[0], 1)
    left = FALLEN - 5 * ETHER
    staking.submit(voted(silent, left, withdrawals=5 * ETHER, last=1))
    report = voted(silent, left, confirmed=False)
    oracle.call("submitReport", *report_data(report), [], sender=who[2])
    silent.transact("clearAdvances", [1], silent.hints(1), sender=who[2])
    with reverts("LossNeedsConfirmation"):
        oracle.call("submitReport", *report_data(report), [], sender=who[2])
    staking.confirm(report)
    assert losses(silent, staking.submit(report)) == [pytest.approx(ETHER, rel=0.02)]
    staking.submit(voted(silent, left, confirmed=False))


def test_whatever_strangers_do_to_keys__the_news_that_were_voted_on_are_told(queue, who):
    """They fund, charge, add, remove, refresh: no news depend on a status that these change."""
    staking, stack = queue.staking, queue.staking.stack
    registry, pool = stack.registry, stack.pool
    staking.stake(who[0], 200 * ETHER)
    staking.add_operator(who[1], keys=5, spare=9 * ETHER)
    staking.deposit_validators(4)
    staking.tell((0, 0, Event.CONFIRMED), (0, 1, Event.CONFIRMED))
    pool.transact("fundValidators", 1, sender=who[2])
    registry.transact("requestExits", 1, sender=staking.owner)
    staking.rpc.mine_at(staking.rpc.timestamp + 5 * DAY)
    staking.tell()
    news = [
        (0, 0, Event.EXITING), (0, 0, Event.SLASHED), (0, 0, Event.SETTLED),
        (0, 2, Event.CONFIRMED), (0, 3, Event.REJECTED),
    ]  # fmt: skip
    seen = {"validators": 4, "balance": 34 * ETHER, "seen": 35 * ETHER, "losses": [(0, ETHER)]}
    report = staking.agree(staking.next_frame()[0], **seen, news=news)
    staking.submit(report)
    before = stack.insurance.call("available")
    registry.transact("chargeLateExit", 0, 0, sender=who[2])
    registry.transact("refresh", 0, sender=who[2])
    pool.transact("fundValidators", 9, sender=who[2])
    registry.transact("removeKeys", 0, 1, sender=who[1])
    staking.add_keys(2, manager=who[1], first=60)
    staking.submit_news(report, news)
    statuses = [Status.SETTLED, Status.FUNDED, Status.CONFIRMED, Status.REJECTED, Status.UNUSED]
    assert [staking.status(0, index) for index in range(5)] == statuses
    charged = stack.insurance.call("available") - before
    assert charged == pytest.approx(6 * ETHER // 10, abs=3), "late once, slashed once"


@pytest.mark.parametrize("wei", [0, ETHER // 10])
def test_bond_taken_out_before_the_loss__only_what_is_free(queue, who, wei):
    """What its keys need stays, whatever the operator sees coming; the rest was never pledged."""
    staking, bonds = queue.staking, queue.staking.stack.bonds
    staking.stake(who[0], 100 * ETHER)
    staking.add_operator(who[1], keys=2, spare=ETHER)
    staking.fund_validators(2)
    seen = {"validators": 2, "seen": 64 * ETHER}
    staking.report(**seen, balance=64 * ETHER)
    report = staking.agree(
        staking.next_frame()[0], **seen, balance=62 * ETHER, losses=[(0, 2 * ETHER)]
    )
    bonds.transact("withdrawBond", 0, 2**256 - 1, who[1], sender=who[1])
    required = bonds.call("requiredBond", 2)
    assert required <= bonds.call("getBond", 0)[1] <= required + 3
    for shares in (1, ETHER + wei):
        with reverts("BondTooSmall"):
            bonds.call("withdrawBond", 0, shares, who[1], sender=who[1])
    receipt = staking.submit(report)
    (event,) = staking.stack.pool.events(receipt, "LossReported")
    assert event.values["fromBonds"] == event.values["loss"] == 2 * ETHER
