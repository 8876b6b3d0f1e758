from tests.fixtures.gauge import ETHER, WEEK
from tests.fixtures.staking import ZERO, reverts


def test_set_distributor__by_the_distributor_or_the_owner(gauge):
    token = gauge.tokens[0].address
    receipt = gauge.transact("setDistributor", token, gauge.other, sender=gauge.distributor)
    (event,) = gauge.gauge.events(receipt, "DistributorSet")
    assert event.values["distributor"].lower() == gauge.other.lower()
    assert gauge.stream()[0].lower() == gauge.other.lower()
    with reverts("NotDistributor", gauge.distributor, gauge.other):
        gauge.call("fund", token, ETHER, WEEK, sender=gauge.distributor)
    gauge.transact("setDistributor", token, gauge.distributor, sender=gauge.owner)
    assert gauge.stream()[0].lower() == gauge.distributor.lower()
    gauge.fund()


def test_set_distributor__anybody_else__reverts(gauge):
    with reverts("NotDistributor", gauge.staker, gauge.distributor):
        token = gauge.tokens[0].address
        gauge.call("setDistributor", token, gauge.staker, sender=gauge.staker)


def test_set_distributor__nobody__reverts(gauge):
    with reverts("ZeroAddress"):
        gauge.call("setDistributor", gauge.tokens[0].address, ZERO, sender=gauge.owner)


def test_set_distributor__token_not_on_the_list__reverts(gauge):
    with reverts("UnknownReward", gauge.lp.address):
        gauge.call("setDistributor", gauge.lp.address, gauge.other, sender=gauge.owner)
