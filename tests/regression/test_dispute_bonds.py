"""Taking a dispute's bond twice, late, with another's ether, or keeping others from theirs."""

import pytest

from keel.models.options.settlement import BOND_PERIOD, DISPUTE_DELAY, DISPUTE_WINDOW
from tests.fixtures.callback import Callback
from tests.fixtures.options import BOND
from tests.fixtures.staking import reverts

FEEDS = ("ratio", "lower")


@pytest.fixture
def disputed(options):
    """A disputer of code has disputed one feed, and another after him a second one."""
    options.due = options.expiry
    options.callback = Callback(options.rpc, options.artifacts, options.disputer)
    options.oracle.transact("setDisputer", options.callback.address, sender=options.owner)
    options.at(options.due)
    options.callback.act(options.oracle, "dispute", *terms(options, "ratio"), value=BOND)
    options.oracle.transact("setDisputer", options.disputer, sender=options.owner)
    arguments = ("dispute", *terms(options, "lower"))
    options.oracle.transact(*arguments, sender=options.disputer, value=BOND)
    return options


def terms(options, feed):
    return options.feeds[feed], options.due


def end(options):
    options.go_to(options.due + BOND_PERIOD)


def give_back(options, feed):
    return options.oracle.transact("returnBond", *terms(options, feed), sender=options.other)


def test_double_return__takes_nothing_of_the_others(disputed):
    end(disputed)
    give_back(disputed, "ratio")
    with reverts("NoBond", *terms(disputed, "ratio")):
        give_back(disputed, "ratio")
    assert disputed.rpc.balance(disputed.oracle.address) == BOND
    give_back(disputed, "lower")
    assert disputed.rpc.balance(disputed.oracle.address) == 0


def test_reentrant_poster__gets_one_bond(disputed):
    """While he is paid, he asks for his own again, and for the other's."""
    oracle, callback = disputed.oracle, disputed.callback
    calls = [oracle.prepare("returnBond", *terms(disputed, "ratio")) for _ in range(3)]
    callback.arm(*calls)
    end(disputed)
    give_back(disputed, "ratio")
    assert [done for done, _ in callback.contract.call("outcomes")] == [False] * 3
    assert disputed.rpc.balance(callback.address) == BOND
    assert disputed.rpc.balance(oracle.address) == BOND


def test_reentrant_poster__who_returns_anothers__pays_that_other(disputed):
    oracle, callback = disputed.oracle, disputed.callback
    callback.arm(oracle.prepare("returnBond", *terms(disputed, "lower")))
    before = disputed.rpc.balance(disputed.disputer)
    end(disputed)
    give_back(disputed, "ratio")
    assert disputed.rpc.balance(callback.address) == BOND
    assert disputed.rpc.balance(disputed.disputer) == before + BOND
    assert disputed.rpc.balance(oracle.address) == 0


def test_refusing_poster__keeps_nobody_but_himself_waiting(disputed):
    callback = disputed.callback
    callback.contract.transact("setRefuses", True, sender=callback.sender)
    delayed = disputed.due + DISPUTE_WINDOW + DISPUTE_DELAY
    disputed.go_to(delayed)
    assert disputed.settle_price("ratio", disputed.due) != 0
    end(disputed)
    with reverts("ETHTransferFailed"):
        give_back(disputed, "ratio")
    give_back(disputed, "lower")
    assert disputed.rpc.balance(disputed.oracle.address) == BOND
    callback.contract.transact("setRefuses", False, sender=callback.sender)
    give_back(disputed, "ratio")
    assert disputed.rpc.balance(callback.address) == BOND


def test_late_forfeit__is_refused_whatever_the_owner_waits_for(disputed):
    """Also of a bond that nobody has fetched yet."""
    end(disputed)
    deadline = disputed.due + BOND_PERIOD
    arguments = (*terms(disputed, "ratio"), disputed.owner)
    with reverts("ForfeitTooLate", disputed.now, deadline):
        disputed.oracle.call("forfeitBond", *arguments, sender=disputed.owner)
    disputed.go_to(deadline + 10 * BOND_PERIOD)
    with reverts("ForfeitTooLate", disputed.now, deadline):
        disputed.oracle.call("forfeitBond", *arguments, sender=disputed.owner)


def test_bond_of_an_earlier_dispute__pays_for_no_second(disputed):
    """What a contract holds already is no payment: each dispute brings its own."""
    expiry = disputed.due + 86_400
    disputed.go_to(expiry)
    for value in (0, BOND - 1, 2 * BOND):
        with reverts("WrongBond", value, BOND):
            arguments = ("dispute", disputed.feeds["ratio"], expiry)
            disputed.oracle.call(*arguments, sender=disputed.disputer, value=value)


def test_forced_ether__neither_pays_a_bond_nor_leaves_with_one(disputed):
    oracle, gift = disputed.oracle, 7 * BOND
    disputed.rpc.set_balance(oracle.address, 2 * BOND + gift)
    end(disputed)
    for feed in FEEDS:
        give_back(disputed, feed)
        with reverts("NoBond"):
            give_back(disputed, feed)
    assert disputed.rpc.balance(oracle.address) == gift


def test_ether__sent_without_a_dispute__is_refused(options):
    feed, hints = options.feeds["ratio"], [0]
    for call in (
        ("observe", feed), ("settle", feed, options.expiry, hints),
        ("returnBond", feed, options.expiry), ("setDisputer", options.other),
        ("forfeitBond", feed, options.expiry, options.other),
    ):  # fmt: skip
        with reverts(""):
            options.oracle.call(*call, sender=options.owner, value=1)
