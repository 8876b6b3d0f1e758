import pytest

from keel.models.options.settlement import BOND_PERIOD, DAY
from tests.fixtures.options import BOND
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def disputed(options):
    options.feed, options.due = options.feeds["ratio"], options.expiry
    options.at(options.due)
    arguments = ("dispute", options.feed, options.due)
    options.oracle.transact(*arguments, sender=options.disputer, value=BOND)
    return options


def give_back(options):
    return options.oracle.transact("returnBond", options.feed, options.due, sender=options.other)


def test_return_bond__by_anyone_to_who_posted_it(disputed):
    before = disputed.rpc.balance(disputed.disputer)
    disputed.at(disputed.due + BOND_PERIOD)
    receipt = give_back(disputed)
    (event,) = disputed.oracle.events(receipt, "BondReturned")
    assert (event.values["feed"], event.values["expiry"]) == (disputed.feed, disputed.due)
    assert event.values["poster"].lower() == disputed.disputer.lower()
    assert disputed.rpc.balance(disputed.disputer) == before + BOND
    assert disputed.rpc.balance(disputed.oracle.address) == 0
    assert disputed.oracle.call("posterOf", disputed.feed, disputed.due) == ZERO


def test_return_bond__before_its_time__reverts(disputed):
    earliest = disputed.due + BOND_PERIOD
    disputed.go_to(earliest - 1)
    with reverts("BondStillHeld", earliest - 1, earliest):
        disputed.oracle.call("returnBond", disputed.feed, disputed.due, sender=disputed.disputer)


def test_return_bond__settled_or_not(disputed):
    """Its time is the clock's, not the settlement's."""
    price = disputed.settle_price("ratio", disputed.due + DAY)
    assert price == disputed.oracle.call("settlementPrice", disputed.feed, disputed.due + DAY)
    assert disputed.oracle.call("settlementPrice", disputed.feed, disputed.due) == 0
    disputed.go_to(disputed.due + BOND_PERIOD)
    give_back(disputed)
    assert disputed.settle_price("ratio", disputed.due) != 0


def test_return_bond__never_posted__reverts(disputed):
    disputed.go_to(disputed.due + BOND_PERIOD)
    feed = disputed.feeds["lower"]
    with reverts("NoBond", feed, disputed.due):
        disputed.oracle.call("returnBond", feed, disputed.due, sender=disputed.other)
    with reverts("NoBond", disputed.feed, 2**256 - 1):
        disputed.oracle.call("returnBond", disputed.feed, 2**256 - 1, sender=disputed.other)


def test_return_bond__after_another_was_named__goes_to_who_posted_it(disputed):
    disputed.oracle.transact("setDisputer", disputed.writer, sender=disputed.owner)
    before = disputed.rpc.balance(disputed.disputer)
    disputed.go_to(disputed.due + BOND_PERIOD)
    give_back(disputed)
    assert disputed.rpc.balance(disputed.disputer) == before + BOND


def test_return_bond__leaves_the_delay_and_no_second_dispute(disputed):
    delayed = disputed.oracle.call("settleableFrom", disputed.feed, disputed.due)
    disputed.go_to(disputed.due + BOND_PERIOD)
    give_back(disputed)
    assert disputed.oracle.call("settleableFrom", disputed.feed, disputed.due) == delayed
