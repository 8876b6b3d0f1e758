"""The stale-oracle escape against others: overtaking, draining, starving, re-entering, spam."""

from itertools import permutations

import pytest

from keel.chain.rpc import RpcError
from keel.models.staking.advances import ESCAPE_DELAY
from tests.fixtures.staking import ETHER, ZERO, Queue, reverts

# Code that answers any call, put where the oracle is.
BROKEN = {
    "reverts": "0x5f5ffd",
    "reverts with a megabyte": "0x62100000" + "5ffd",
    "returns a megabyte": "0x62100000" + "5ff3",
    "burns all gas": "0x5b5f56",
    "is an invalid instruction": "0xfe",
    "returns nothing": "0x00",
    "returns half a word": "0x5f1960105ff3",
    "says the end of time": "0x5f195f5260205ff3",
    "says tomorrow": "0x426201518001" + "5f5260205ff3",
    "is gone": "0x",
}

HOLD = "submitForConfirmation"


@pytest.fixture
def short(queue, who):
    """A buffer of 12 ether; tickets of 4, 2, 5 and 3 ether, the second of `who[0]`."""
    staking = queue.staking
    pool = staking.stack.pool
    count = 4
    staking.add_operator(keys=count)
    staking.stake(who[1], (32 * count + 12) * ETHER - pool.call("getBalances")[0])
    staking.fund_validators(count)
    assert pool.call("getBalances")[0] == 12 * ETHER
    queue.validators = {"validators": count, "seen": count * 32 * ETHER}
    queue.validators["balance"] = count * 32 * ETHER
    for account, wei in ((who[1], 4), (who[0], 2), (who[1], 5), (who[1], 3)):
        queue.request(account, wei * ETHER)
    queue.stay_silent()
    return queue


def owner_of(queue, ticket):
    return queue.call("ownerOf", ticket)


@pytest.mark.parametrize("order", permutations((1, 3, 4)))
def test_haste__takes_nothing_from_who_waits(short, order):
    """Whatever the others do, the second ticket can have as much, as if nobody had asked."""
    rpc, alone = short.staking.rpc, short.call("claimableAdvance", 2)
    assert 0 <= 2 * ETHER * 9 // 10 - alone <= 1
    snapshot = rpc.snapshot()
    for ticket in order:
        if short.call("claimableAdvance", ticket):
            short.advance(owner_of(short, ticket), ticket)
    assert short.call("claimableAdvance", 2) == alone
    assert short.call("getAdvance", 4) <= ETHER, "12 ether less the 11 asked for ahead of it"
    # The first report settles as many tickets as it could have without any advance.
    short.finalize(3, **short.validators)
    assert short.call("getLastFinalizedRequestId") == 3
    rpc.revert(snapshot)
    short.finalize(3, **short.validators)
    short.staking.next_frame()
    with reverts("BufferShort"):
        short.staking.report(last=4, **short.validators)


def test_drained_buffer__all_are_paid_in_full_once_reports_resume(short, who):
    """What they got and what they claim together is what each ticket is worth."""
    pool = short.staking.stack.pool
    worth = [short.call("presentValue", ticket) for ticket in (1, 2, 3, 4)]
    got = dict.fromkeys((1, 2, 3, 4), 0)
    for ticket in (4, 3, 2, 1):
        got[ticket] = sum(short.advance(owner_of(short, ticket), ticket))
    assert pool.call("getBalances")[0] < 1.2 * ETHER
    rate = pool.call("exchangeRate")
    short.staking.stake(who[2], 3 * ETHER)
    short.finalize(4, **short.validators)
    for ticket in (1, 2, 3, 4):
        receipt = short.transact("claimWithdrawal", ticket, sender=owner_of(short, ticket))
        (event,) = short.contract.events(receipt, "WithdrawalClaimed")
        assert abs(got[ticket] + event.values["amountOfETH"] - worth[ticket - 1]) <= 1
    after = pool.call("exchangeRate")
    assert after[0] * rate[1] >= rate[0] * after[1], "nobody else paid for it"
    assert short.balance() == short.call("getLockedEtherAmount") < 4
    assert short.call("etherLent") == 0


def test_deposits__leave_the_buffer_to_tickets_and_their_advances(short, who):
    staking, pool = short.staking, short.staking.stack.pool
    short.advance(who[1], 1, 3)
    assert pool.call("getDepositableEther") == 0
    with reverts("NothingToDeposit"):
        staking.deposit_validators(1)
    staking.stake(who[2], 45 * ETHER)
    waiting = short.call("unfinalizedStETH")
    staking.add_operator(keys=9)
    staking.deposit_validators(1)
    assert pool.call("getBalances")[0] >= waiting
    for ticket in (2, 4):
        assert (
            0
            <= short.call("getWithdrawalStatus", [ticket])[0][0] * 9 // 10
            - short.call("claimableAdvance", ticket)
            <= 1
        )


def test_stake_request_advance__round_and_round_only_shrinks(queue, who):
    """Fresh ether draws nine tenths of itself, so a loop drains nothing but the actor."""
    staking, pool = queue.staking, queue.staking.stack.pool
    queue.stay_silent()
    before, wei = pool.call("getBalances")[0], 10 * ETHER
    for _ in range(5):
        staking.stake(who[0], wei)
        (ticket,) = queue.request(who[0], wei - 1)
        (advance,) = queue.advance(who[0], ticket)
        assert advance <= wei * 9 // 10
        wei = advance
    assert pool.call("getBalances")[0] >= before


@pytest.mark.parametrize("fault", BROKEN)
def test_broken_oracle__keeps_no_exit_closed(short, who, fault):
    """Whatever is at the oracle's address, at little cost: it gets 30,000 gas and one word."""
    oracle = short.staking.stack.oracle.address
    short.staking.rpc.call("anvil_setCode", oracle, BROKEN[fault])
    receipt = short.transact("claimInAdvance", 2, who[0], sender=who[0])
    assert int(receipt["gasUsed"], 16) < 500_000
    assert short.call("getAdvance", 2) > 0


def test_starved_oracle_query__never_opens_a_closed_escape(short, who):
    """With little gas the oracle can't say that a loss is on hold: nor can the advance be paid."""
    staking, queue = short.staking, short.contract
    loss = short.validators | {"balance": short.validators["balance"] - 20 * ETHER}
    report = staking.agree(staking.next_frame()[0], **loss)
    staking.submit(report, function=HOLD, sender=who[2])
    with reverts("EscapeClosed"):
        queue.call("claimInAdvance", 2, who[0], sender=who[0])
    call = queue.prepare("claimInAdvance", 2, who[0]).as_transaction(who[0])
    for gas in [*range(30_000, 130_000, 400), 200_000, 400_000]:
        with pytest.raises(RpcError):
            staking.rpc.call("eth_call", call | {"gas": hex(gas)}, "latest")


def test_reentrant_recipient__gets_no_more(pinned, callback, who):
    queue = Queue(pinned)
    pool = pinned.stack.pool
    callback.act(pool, "submit", ZERO, value=10 * ETHER)
    callback.act(pool, "approve", queue.contract.address, 2**256 - 1)
    callback.act(queue.contract, Queue.REQUEST, [ETHER, 2 * ETHER], ZERO)
    queue.stay_silent()
    first, second = (queue.call("claimableAdvance", ticket) for ticket in (1, 2))
    prepare = queue.contract.prepare
    callback.arm(
        prepare("claimInAdvance", 1, callback.address),
        prepare("claimWithdrawal", 1),
        prepare("clearAdvances", [1], [0]),
        prepare("claimInAdvance", 2, who[2]),
        prepare("transferFrom", callback.address, who[1], 1),
        prepare("receiveFinalizedEther"),
        pool.prepare("exchangeRate"),
    )
    rate, held = pool.call("exchangeRate"), pinned.rpc.balance(callback.address)
    callback.act(queue.contract, "claimInAdvance", 1, callback.address)
    assert callback.outcomes == [
        (False, "NothingToAdvance"),
        (False, "RequestNotFinalized"),
        (False, "RequestNotFinalized"),
        (True, ""),
        (True, ""),
        (False, "Unauthorized"),
        (True, ""),
    ]
    assert pinned.rpc.balance(callback.address) - held == first
    assert queue.call("etherLent") == first + second
    assert pool.call("exchangeRate") == rate
    assert queue.balance() == 0


def test_spam_of_advances__makes_neither_finalisation_nor_claims_dear(queue, who):
    """A sum over advances costs as many reads as an id has bits, whatever the number of tickets."""

    def finalisation(last):
        return int(queue.finalize(last)["gasUsed"], 16)

    queue.request(who[0], ETHER)
    finalisation(1)
    ids = [queue.request(who[0], *[100] * 40) for _ in range(2)]
    (own,) = queue.request(who[1], ETHER)
    queue.stay_silent()
    queue.advance(who[0], ids[0][0])
    snapshot = queue.staking.rpc.snapshot()
    one = finalisation(own)
    alone = int(queue.transact("claimWithdrawals", [own], [2], sender=who[1])["gasUsed"], 16)
    queue.staking.rpc.revert(snapshot)
    queue.advance(who[0], *ids[0][1:], *ids[1])
    assert finalisation(own) < one + 30_000
    claim = int(queue.transact("claimWithdrawals", [own], [2], sender=who[1])["gasUsed"], 16)
    assert claim <= alone


def test_loss_beyond_the_haircut__costs_others_no_more_than_it_must(queue, who):
    """Who got 90 % keeps it through a loss of 20 %: the others bear the difference, not more."""
    staking, pool = queue.staking, queue.staking.stack.pool
    staking.stake(who[1], 700 * ETHER)
    staking.fund_validators(20)
    seen = {"validators": 20, "seen": 640 * ETHER}
    staking.report(**seen, balance=640 * ETHER)
    queue.request(who[0], 10 * ETHER)
    queue.stay_silent()
    (advance,) = queue.advance(who[0], 1)
    staking.next_frame()
    loss = pool.call("totalSupply") // 5
    report = staking.agree(staking.next_frame()[0], **seen, balance=640 * ETHER - loss, last=1)
    staking.confirm(report)
    staking.submit(report)
    receipt = queue.transact("claimWithdrawal", 1, sender=who[0])
    (claimed,) = queue.contract.events(receipt, "WithdrawalClaimed")
    (cleared,) = queue.contract.events(receipt, "AdvanceCleared")
    assert claimed.values["amountOfETH"] == 0
    shortfall = cleared.values["shortfall"]
    assert shortfall == pytest.approx(advance / 9, rel=1e-6)
    report = staking.agree(staking.next_frame()[0], **seen, balance=640 * ETHER - loss)
    staking.confirm(report)
    receipt = staking.submit(report)
    (event,) = pool.events(receipt, "LossReported")
    assert event.values["loss"] == shortfall


def test_advance_around_a_report__is_netted_or_refused(queue, who):
    """An advance just before the report is netted by it; just after it is refused."""
    queue.request(who[0], 2 * ETHER)
    queue.stay_silent(ESCAPE_DELAY + 60)
    slot, _reference = queue.staking.next_frame()
    (advance,) = queue.advance(who[0], 1)
    queue.staking.report_at(slot, last=1)
    with reverts("RequestIsFinalized", 1):
        queue.call("claimInAdvance", 1, who[0], sender=who[0])
    left = queue.call("claimableNow", [1])
    assert 2 * ETHER - 1 <= left + advance <= 2 * ETHER
