"""`transfer`, `transferFrom`, `transferFromBatch`: amounts in ether, shares rounded up."""

import pytest

from tests.fixtures.staking import ETHER, ZERO, reverts

UNLIMITED = 2**256 - 1


def balances(pool, *accounts):
    return [pool.call("balanceOf", account) for account in accounts]


@pytest.mark.parametrize("amount", [1, 2, 10**9 + 1, ETHER, 7 * ETHER + 3])
def test_transfer__recipient_gets_the_amount(pinned, who, amount):
    pool = pinned.stack.pool
    sent_before, got_before = balances(pool, who[0], who[2])
    receipt = pool.transact("transfer", who[2], amount, sender=who[0])
    sent, got = balances(pool, who[0], who[2])
    assert got - got_before in (amount, amount + 1)
    assert amount - 1 <= sent_before - sent <= amount + 1
    transfer, shares = pool.events(receipt)
    assert (transfer.name, transfer.values["value"]) == ("Transfer", amount)
    assert (transfer.values["from"], transfer.values["to"]) == (who[0].lower(), who[2].lower())
    assert shares.name == "TransferShares"


def test_erc20__answers_true(pinned, who):
    """Wrappers of ERC-20 take anything else for a failure."""
    pool = pinned.stack.pool
    assert pool.call("transfer", who[2], ETHER, sender=who[0]) is True
    assert pool.call("approve", who[1], ETHER, sender=who[0]) is True
    pool.transact("approve", who[1], ETHER, sender=who[0])
    assert pool.call("transferFrom", who[0], who[2], ETHER, sender=who[1]) is True


def test_transfer__nothing(pinned, who):
    pool = pinned.stack.pool
    before = pool.call("exactSharesOf", who[0])
    pool.transact("transfer", who[2], 0, sender=who[0])
    assert pool.call("exactSharesOf", who[0]) == before
    assert pool.call("exactSharesOf", who[2]) == 0


def test_transfer__whole_balance_and_one_wei_more(pinned, who):
    pool = pinned.stack.pool
    (whole,) = balances(pool, who[0])
    held = pool.call("exactSharesOf", who[0])
    pool.call("transfer", who[2], whole - 1, sender=who[0])
    needed = pool.call("toSharesUp", whole + 1)
    with reverts("BalanceExceeded", who[0], needed, held):
        pool.call("transfer", who[2], whole + 1, sender=who[0])
    pool.transact("transfer", who[2], whole, sender=who[0])
    assert balances(pool, who[0], who[2]) == [0, whole]


def test_transfer__to_oneself_changes_nothing(pinned, who):
    pool = pinned.stack.pool
    before = pool.call("exactSharesOf", who[0])
    pool.transact("transfer", who[0], ETHER, sender=who[0])
    assert pool.call("exactSharesOf", who[0]) == before


@pytest.mark.parametrize("function", ["transfer", "transferShares"])
def test_transfer__to_nobody_or_the_token__reverts(pinned, who, function):
    pool = pinned.stack.pool
    for recipient in (ZERO, pool.address):
        with reverts("InvalidRecipient", recipient):
            pool.call(function, recipient, 1, sender=who[0])


def test_transfer__beyond_any_ledger__reverts(pinned, who):
    with reverts("AmountTooLarge", 2**128, 2**128 - 1):
        pinned.stack.pool.call("transfer", who[2], 2**128, sender=who[0])


def test_transfer_from__spends_the_allowance(pinned, who):
    pool = pinned.stack.pool
    pool.transact("approve", who[1], ETHER, sender=who[0])
    with reverts("AllowanceExceeded", who[0], who[1], ETHER + 1, ETHER):
        pool.call("transferFrom", who[0], who[2], ETHER + 1, sender=who[1])
    pool.transact("transferFrom", who[0], who[2], ETHER - 1, sender=who[1])
    assert pool.call("allowance", who[0], who[1]) == 1
    assert pool.call("balanceOf", who[2]) in (ETHER - 1, ETHER)


def test_transfer_from__unlimited_allowance_stays(pinned, who):
    pool = pinned.stack.pool
    pool.transact("approve", who[1], UNLIMITED, sender=who[0])
    pool.transact("transferFrom", who[0], who[2], ETHER, sender=who[1])
    assert pool.call("allowance", who[0], who[1]) == UNLIMITED


def test_transfer_from__without_allowance__reverts(pinned, who):
    with reverts("AllowanceExceeded", who[0], who[1], 1, 0):
        pinned.stack.pool.call("transferFrom", who[0], who[2], 1, sender=who[1])


def test_approve__sets_and_replaces(pinned, who):
    pool = pinned.stack.pool
    for value in (5, 3, 0):
        receipt = pool.transact("approve", who[1], value, sender=who[0])
        assert pool.call("allowance", who[0], who[1]) == value
        (event,) = pool.events(receipt, "Approval")
        assert event.values["value"] == value


def test_transfer_from_batch__moves_the_sum_of_the_single_transfers(pinned, who):
    pool = pinned.stack.pool
    amounts = [1, ETHER, 3 * ETHER + 1]
    pool.transact("approve", who[1], sum(amounts), sender=who[0])
    shares = [pool.call("toSharesUp", amount) for amount in amounts]
    exact, *rate = pool.call("transferFromBatch", who[0], who[2], amounts, sender=who[1])
    assert list(exact) == shares
    assert tuple(rate) == tuple(pool.call("exchangeRate"))
    pool.transact("transferFromBatch", who[0], who[2], amounts, sender=who[1])
    assert pool.call("exactSharesOf", who[2]) == sum(shares)
    assert pool.call("allowance", who[0], who[1]) == 0


def test_transfer_from_batch__over_the_allowance__reverts(pinned, who):
    pool = pinned.stack.pool
    pool.transact("approve", who[1], 2 * ETHER, sender=who[0])
    with reverts("AllowanceExceeded", who[0], who[1], 2 * ETHER + 1, 2 * ETHER):
        pool.call("transferFromBatch", who[0], who[2], [ETHER, ETHER + 1], sender=who[1])
