"""What a holder can read: status, place, worth, wait; and ERC-721 metadata."""

import pytest

from keel.models.staking.keys import Event
from tests.fixtures.staking import ETHER, reverts


@pytest.fixture
def tickets(queue, who):
    """1, 2 finalised, 2 claimed; 3, 4 wait. All of `who[0]` but 4."""
    queue.request(who[0], ETHER, 2 * ETHER)
    queue.finalize(2)
    queue.transact("claimWithdrawal", 2, sender=who[0])
    queue.request(who[0], 3 * ETHER)
    queue.request(who[1], 4 * ETHER)
    return queue


def test_get_withdrawal_requests__over_a_range(tickets, who):
    def ids(account, first, last):
        return list(tickets.call("getWithdrawalRequests", account, first, last))

    assert ids(who[0], 0, 2**255) == [1, 3]
    assert ids(who[0], 2, 3) == [3]
    assert ids(who[0], 2, 2) == []
    assert ids(who[1], 1, 4) == [4]
    assert ids(who[2], 1, 4) == []


def test_ether_ahead__counts_what_is_paid_before(tickets):
    assert [tickets.call("etherAhead", n) for n in (1, 2, 3, 4)] == [0, 0, 0, 3 * ETHER]


def test_present_value__of_each_kind(tickets):
    assert tickets.call("presentValue", 1) in (ETHER - 1, ETHER)
    assert tickets.call("presentValue", 2) == 0, "claimed"
    assert tickets.call("presentValue", 4) in (4 * ETHER - 1, 4 * ETHER)


def test_claimable__counts_finalised_and_unclaimed_alone(tickets):
    worth = tickets.call("presentValue", 1)
    assert tickets.call("claimableNow", [1, 2, 3, 4]) == worth
    assert list(tickets.call("getClaimableEther", [1, 2, 3], [1, 1, 0])) == [worth, 0, 0]
    with reverts("WrongHint", 1, 0):
        tickets.call("getClaimableEther", [1], [0])
    with reverts("LengthMismatch", 1, 2):
        tickets.call("getClaimableEther", [1], [1, 1])


def test_estimated_wait__is_what_the_buffer_lacks_over_the_inflow(tickets, who):
    assert tickets.call("estimatedWait", 1, 0) == 0
    assert tickets.call("estimatedWait", 4, 0) == 0, "the buffer covers it"
    staking = tickets.staking
    staking.stake(who[1], 700 * ETHER)
    staking.add_operator(keys=30)
    staking.deposit_validators(30)
    deposited = staking.operator(0).predeposited
    staking.tell(*[(0, index, Event.CONFIRMED) for index in range(deposited)])
    staking.stack.pool.transact("fundValidators", 30, sender=who[0])
    buffered = staking.stack.pool.call("getBalances")[0]
    tickets.request(who[1], 500 * ETHER)
    needed = 507 * ETHER
    assert buffered < needed
    missing = needed - buffered
    wait = tickets.call("estimatedWait", 5, 32 * ETHER)
    assert wait == -(-missing * 86_400 // (32 * ETHER))
    assert tickets.call("estimatedWait", 5, 0) == 2**256 - 1


@pytest.mark.parametrize("ticket", [0, 5])
def test_views__unknown_ticket__reverts(tickets, ticket):
    for view, arguments in (
        ("etherAhead", (ticket,)),
        ("presentValue", (ticket,)),
        ("estimatedWait", (ticket, 1)),
        ("getWithdrawalStatus", ([ticket],)),
        ("findCheckpointHints", ([ticket], 1, 1)),
        ("tokenURI", (ticket,)),
    ):
        with reverts("RequestNotFound", ticket):
            tickets.call(view, *arguments)


def test_find_checkpoint_hints__ranges_and_order(tickets):
    assert list(tickets.call("findCheckpointHints", [1, 2, 3], 1, 1)) == [1, 1, 0]
    with reverts("IdsNotSorted", 2, 1):
        tickets.call("findCheckpointHints", [2, 1], 1, 1)
    for first, last in ((0, 1), (1, 2)):
        with reverts("CheckpointRangeInvalid", first, last, 1):
            tickets.call("findCheckpointHints", [1], first, last)


@pytest.mark.parametrize("index", [0, 2])
def test_get_checkpoint__out_of_range__reverts(tickets, index):
    assert tickets.call("getCheckpoint", 1)[0] == 2
    with reverts("CheckpointRangeInvalid", index, index, 1):
        tickets.call("getCheckpoint", index)


def test_erc721__names_itself_and_its_tickets(tickets, who):
    assert (tickets.call("name"), tickets.call("symbol")) == ("Keel Withdrawal Ticket", "wdKEEL")
    assert '"name":"Keel withdrawal 1"' in tickets.call("tokenURI", 1)
    assert tickets.call("supportsInterface", bytes.fromhex("80ac58cd"))
    assert tickets.call("supportsInterface", bytes.fromhex("01ffc9a7"))
    assert not tickets.call("supportsInterface", bytes.fromhex("ffffffff"))
    assert tickets.call("balanceOf", who[0]) == 2


def test_erc721__transfer_by_stranger__reverts(tickets, who):
    with reverts("NotOwnerNorApproved"):
        tickets.call("transferFrom", who[0], who[2], 1, sender=who[2])
    tickets.transact("transferFrom", who[0], who[2], 1, sender=who[0])
    assert tickets.call("ownerOf", 1).lower() == who[2].lower()
