import pytest

from keel.models.options.settlement import BOND_PERIOD
from tests.fixtures.options import BOND
from tests.fixtures.staking import ZERO, reverts

RECEIVER = "0x" + "fe" * 20


@pytest.fixture
def disputed(options):
    options.feed, options.due = options.feeds["ratio"], options.expiry
    options.at(options.due)
    arguments = ("dispute", options.feed, options.due)
    options.oracle.transact(*arguments, sender=options.disputer, value=BOND)
    options.terms = (options.feed, options.due, RECEIVER)
    return options


def test_forfeit_bond__to_the_owners_choice(disputed):
    disputed.at(disputed.due + BOND_PERIOD - 1)
    receipt = disputed.oracle.transact("forfeitBond", *disputed.terms, sender=disputed.owner)
    (event,) = disputed.oracle.events(receipt, "BondForfeited")
    assert (event.values["feed"], event.values["expiry"]) == (disputed.feed, disputed.due)
    assert event.values["poster"].lower() == disputed.disputer.lower()
    assert event.values["receiver"].lower() == RECEIVER
    assert disputed.rpc.balance(RECEIVER) == BOND
    assert disputed.rpc.balance(disputed.oracle.address) == 0
    assert disputed.oracle.call("posterOf", disputed.feed, disputed.due) == ZERO


def test_forfeit_bond__takes_one_and_no_other(disputed):
    other = disputed.feeds["lower"]
    arguments = ("dispute", other, disputed.due)
    disputed.oracle.transact(*arguments, sender=disputed.disputer, value=BOND)
    disputed.oracle.transact("forfeitBond", *disputed.terms, sender=disputed.owner)
    assert disputed.rpc.balance(disputed.oracle.address) == BOND
    assert disputed.oracle.call("posterOf", other, disputed.due) != ZERO


def test_forfeit_bond__changes_no_settlement(disputed):
    delayed = disputed.oracle.call("settleableFrom", disputed.feed, disputed.due)
    disputed.oracle.transact("forfeitBond", *disputed.terms, sender=disputed.owner)
    assert disputed.oracle.call("settleableFrom", disputed.feed, disputed.due) == delayed
    disputed.go_to(delayed)
    assert disputed.settle_price("ratio", disputed.due) != 0


def test_forfeit_bond__by_another__reverts(disputed):
    for account in (disputed.disputer, disputed.other):
        with reverts("OwnableUnauthorizedAccount", account):
            disputed.oracle.call("forfeitBond", *disputed.terms, sender=account)


def test_forfeit_bond__to_nobody__reverts(disputed):
    with reverts("ZeroAddress"):
        arguments = (disputed.feed, disputed.due, ZERO)
        disputed.oracle.call("forfeitBond", *arguments, sender=disputed.owner)


def test_forfeit_bond__twice__reverts(disputed):
    disputed.oracle.transact("forfeitBond", *disputed.terms, sender=disputed.owner)
    with reverts("NoBond", disputed.feed, disputed.due):
        disputed.oracle.call("forfeitBond", *disputed.terms, sender=disputed.owner)
    disputed.go_to(disputed.due + BOND_PERIOD)
    with reverts("NoBond", disputed.feed, disputed.due):
        disputed.oracle.call("returnBond", disputed.feed, disputed.due, sender=disputed.disputer)


def test_forfeit_bond__to_who_refuses__reverts(disputed):
    """The clearing house takes no ether; the bond stays."""
    arguments = (disputed.feed, disputed.due, disputed.clearing.address)
    with reverts("ETHTransferFailed"):
        disputed.oracle.call("forfeitBond", *arguments, sender=disputed.owner)
