import pytest

from tests.fixtures.redemption import DAY, TERMS, WAD
from tests.fixtures.staking import ETHER, ZERO, reverts

BOUNDS = {
    "minFee": (WAD // 10**6, WAD // 20),
    "yearlyFee": (0, WAD),
    "holdback": (0, WAD // 5),
    "frameCap": (0, WAD),
    "baseWait": (3_600, 30 * DAY),
    "maxReportAge": (3_600, 30 * DAY),
}


def test_constructor__terms_and_metadata(redemption):
    pricer = type(redemption.vault)(
        redemption.rpc, redemption.call("pricer"), redemption.pricer_abi
    )
    terms = pricer.call("terms")
    stack = redemption.stack
    parts = (stack.weth, stack.pool, stack.wketh, stack.queue, stack.swap)
    assert [part.lower() for part in terms[:5]] == [part.address.lower() for part in parts]
    assert terms[5:] == tuple(TERMS.values())
    assert redemption.call("asset").lower() == stack.weth.address.lower()
    assert redemption.call("decimals") == 24
    assert (redemption.call("name"), redemption.call("symbol")) == (
        "Keel Redemption Vault",
        "krvETH",
    )


@pytest.mark.parametrize("term", BOUNDS)
def test_constructor__bounds_of_terms(redemption, term):
    least, most = BOUNDS[term]
    for value in (least, most):
        redemption.new_vault(**{term: value})
    for value in (least - 1, most + 1):
        if value >= 0:
            with reverts("OutOfBounds", value, least, most):
                redemption.new_vault(**{term: value})


@pytest.mark.parametrize("inflow", [ETHER - 1, 10**6 * ETHER + 1])
def test_constructor__bounds_of_the_inflow(redemption, inflow):
    with reverts("OutOfBounds", inflow, ETHER, 10**6 * ETHER):
        redemption.new_vault(inflow=inflow)


@pytest.mark.parametrize("part", ["weth", "pool", "wketh", "queue", "swap"])
def test_constructor__without_a_part__reverts(redemption, part):
    with reverts("ZeroAddress"):
        redemption.new_vault(**{part: ZERO})
