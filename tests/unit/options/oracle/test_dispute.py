import pytest

from keel.models.options.settlement import DISPUTE_DELAY, DISPUTE_WINDOW
from tests.fixtures.options import BOND, WAD, WINDOW
from tests.fixtures.staking import ZERO, reverts


def dispute(options, expiry):
    arguments = ("dispute", options.feeds["ratio"], expiry)
    return options.oracle.transact(*arguments, sender=options.disputer, value=BOND)


def attempt(options, expiry, by=None, value=BOND):
    arguments = ("dispute", options.feeds["ratio"], expiry)
    options.oracle.call(*arguments, sender=by or options.disputer, value=value)


@pytest.mark.parametrize("elapsed", [0, DISPUTE_WINDOW - 1])
def test_dispute__delays_and_changes_no_price(options, elapsed):
    expiry = options.expiry
    options.set_ratio(95 * WAD // 100)
    options.observe("ratio", at=expiry - WINDOW)
    options.at(expiry + elapsed)
    receipt = dispute(options, expiry)
    earliest = expiry + DISPUTE_WINDOW + DISPUTE_DELAY
    (event,) = options.oracle.events(receipt, "Disputed")
    assert event.values["settleableFrom"] == earliest
    assert options.oracle.call("settleableFrom", options.feeds["ratio"], expiry) == earliest
    options.set_ratio(WAD)
    options.observe("ratio")
    options.go_to(earliest - 1)
    with reverts("TooEarly", earliest - 1, earliest):
        options.try_price("ratio", expiry, [0])
    options.go_to(earliest)
    assert options.settle_price("ratio", expiry) == 95 * WAD // 100


@pytest.mark.parametrize("elapsed", [-1, DISPUTE_WINDOW])
def test_dispute__outside_its_time__reverts(options, elapsed):
    expiry = options.expiry
    options.at(expiry + elapsed)
    options.rpc.call("evm_mine")
    with reverts("NotDisputable"):
        attempt(options, expiry)


def test_dispute__twice__reverts(options):
    expiry = options.expiry
    options.at(expiry)
    dispute(options, expiry)
    with reverts("NotDisputable"):
        attempt(options, expiry)


def test_dispute__posts_the_bond(options):
    feed, expiry = options.feeds["ratio"], options.expiry
    options.at(expiry)
    before = options.rpc.balance(options.disputer)
    receipt = dispute(options, expiry)
    fee = int(receipt["gasUsed"], 16) * int(receipt["effectiveGasPrice"], 16)
    assert before - options.rpc.balance(options.disputer) == BOND + fee
    assert options.rpc.balance(options.oracle.address) == BOND
    assert options.oracle.call("posterOf", feed, expiry).lower() == options.disputer.lower()
    assert options.oracle.call("posterOf", options.feeds["lower"], expiry) == ZERO


def test_dispute__refused__leaves_no_poster(options):
    expiry = options.expiry
    options.at(expiry)
    options.rpc.call("evm_mine")
    for value in (0, BOND - 1, BOND + 1, 2 * BOND):
        with reverts("WrongBond", value, BOND):
            attempt(options, expiry, value=value)
    assert options.oracle.call("posterOf", options.feeds["ratio"], expiry) == ZERO


@pytest.mark.parametrize("bond", [WAD // 100 - 1, 100 * WAD + 1])
def test_constructor__bond_out_of_bounds__reverts(options, bond):
    with reverts("OutOfBounds", bond, WAD // 100, 100 * WAD):
        options.create("SettlementOracle", options.disputer, bond, options.owner)


@pytest.mark.parametrize("bond", [WAD // 100, 100 * WAD])
def test_constructor__bond_at_its_bounds(options, bond):
    oracle = options.create("SettlementOracle", options.disputer, bond, options.owner)
    assert oracle.call("disputeBond") == bond


def test_dispute__one_feed__delays_no_other(options):
    expiry = options.expiry
    options.at(expiry)
    dispute(options, expiry)
    earliest = options.oracle.call("settleableFrom", options.feeds["lower"], expiry)
    assert earliest == expiry + DISPUTE_WINDOW


def test_dispute__by_another__reverts(options):
    for account in (options.owner, options.other):
        with reverts("NotDisputer", account):
            attempt(options, options.expiry, by=account)


def test_dispute__not_an_expiry__reverts(options):
    with reverts("InvalidExpiry", options.expiry + 1):
        attempt(options, options.expiry + 1)


def test_set_disputer__by_the_owner(options):
    receipt = options.oracle.transact("setDisputer", options.writer, sender=options.owner)
    (event,) = options.oracle.events(receipt, "DisputerSet")
    assert event.values["disputer"].lower() == options.writer.lower()
    assert options.oracle.call("disputer").lower() == options.writer.lower()
    options.oracle.transact("setDisputer", ZERO, sender=options.owner)
    with reverts("NotDisputer", options.writer):
        attempt(options, options.expiry, by=options.writer)


def test_set_disputer__by_another__reverts(options):
    with reverts("OwnableUnauthorizedAccount", options.disputer):
        options.oracle.call("setDisputer", options.disputer, sender=options.disputer)
