import pytest

from tests.fixtures.staking import ETHER, reverts


@pytest.mark.parametrize("inflow", [ETHER, 10**6 * ETHER])
def test_set_inflow__within_bounds(redemption, inflow):
    receipt = redemption.transact("setInflow", inflow, sender=redemption.owner)
    assert redemption.event(receipt, "InflowSet")["inflowPerDay"] == inflow
    assert redemption.call("inflowPerDay") == inflow


@pytest.mark.parametrize("inflow", [0, ETHER - 1, 10**6 * ETHER + 1])
def test_set_inflow__out_of_bounds__reverts(redemption, inflow):
    with reverts("OutOfBounds", inflow, ETHER, 10**6 * ETHER):
        redemption.call("setInflow", inflow, sender=redemption.owner)


def test_set_inflow__is_the_owners(redemption):
    with reverts("OwnableUnauthorizedAccount", redemption.other):
        redemption.call("setInflow", ETHER, sender=redemption.other)


def test_set_inflow__changes_no_share_price(redemption):
    redemption.sell(100 * ETHER)
    redemption.report()
    redemption.wait(40_000)
    redemption.advance()
    for inflow in (ETHER, 10**6 * ETHER):
        before = redemption.price
        redemption.transact("setInflow", inflow, sender=redemption.owner)
        assert before <= redemption.price <= before * (1 + 10**-6)


def test_ownership__is_handed_over_in_two_steps(redemption):
    redemption.transact("transferOwnership", redemption.other, sender=redemption.owner)
    assert redemption.call("owner").lower() == redemption.owner.lower()
    redemption.transact("acceptOwnership", sender=redemption.other)
    assert redemption.call("owner").lower() == redemption.other.lower()
