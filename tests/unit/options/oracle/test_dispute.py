import pytest

from keel.models.options.settlement import DISPUTE_DELAY, DISPUTE_WINDOW
from tests.fixtures.options import WAD, WINDOW
from tests.fixtures.staking import ZERO, reverts


def dispute(options, expiry, by=None):
    by = by or options.disputer
    return options.oracle.transact("dispute", options.feeds["ratio"], expiry, sender=by)


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
        options.oracle.call("dispute", options.feeds["ratio"], expiry, sender=options.disputer)


def test_dispute__twice__reverts(options):
    expiry = options.expiry
    options.at(expiry)
    dispute(options, expiry)
    with reverts("NotDisputable"):
        options.oracle.call("dispute", options.feeds["ratio"], expiry, sender=options.disputer)


def test_dispute__one_feed__delays_no_other(options):
    expiry = options.expiry
    options.at(expiry)
    dispute(options, expiry)
    earliest = options.oracle.call("settleableFrom", options.feeds["lower"], expiry)
    assert earliest == expiry + DISPUTE_WINDOW


def test_dispute__by_another__reverts(options):
    for account in (options.owner, options.other):
        with reverts("NotDisputer", account):
            options.oracle.call("dispute", options.feeds["ratio"], options.expiry, sender=account)


def test_dispute__not_an_expiry__reverts(options):
    with reverts("InvalidExpiry", options.expiry + 1):
        options.oracle.call(
            "dispute", options.feeds["ratio"], options.expiry + 1, sender=options.disputer
        )


def test_set_disputer__by_the_owner(options):
    receipt = options.oracle.transact("setDisputer", options.writer, sender=options.owner)
    (event,) = options.oracle.events(receipt, "DisputerSet")
    assert event.values["disputer"].lower() == options.writer.lower()
    assert options.oracle.call("disputer").lower() == options.writer.lower()
    options.oracle.transact("setDisputer", ZERO, sender=options.owner)
    with reverts("NotDisputer", options.writer):
        options.oracle.call(
            "dispute", options.feeds["ratio"], options.expiry, sender=options.writer
        )


def test_set_disputer__by_another__reverts(options):
    with reverts("OwnableUnauthorizedAccount", options.disputer):
        options.oracle.call("setDisputer", options.disputer, sender=options.disputer)
