import pytest

from tests.fixtures.option_vault import TERMS, WAD
from tests.fixtures.staking import ZERO, reverts

BOUNDS = {
    "managementFeeBps": (0, 500),
    "performanceFeeBps": (0, 3_000),
    "auctionDuration": (600, 86_400),
    "startMultiple": (WAD + 1, 10 * WAD),
}


def test_terms__are_what_was_given(puts):
    parts = (puts.token, puts.clearing, puts.pricer)
    told = puts.call("terms")
    assert [part.lower() for part in told[:3]] == [part.address.lower() for part in parts]
    assert told[3:] == (*TERMS.values(), puts.unit // 100)
    assert puts.call("feeReceiver").lower() == puts.fee_receiver.lower()
    assert puts.call("depositCap") == 10**7 * puts.unit
    assert puts.position["highWaterMark"] == WAD
    limits = (puts.call("MIN_LIFE"), puts.call("EXIT_DELAY"), puts.call("MIN_PRICE"))
    assert limits == (2 * 86_400, 3 * 86_400, WAD // 1_000)


def test_first_round__is_due_at_once(puts):
    """Nobody need wait for a Friday to begin; nor is it long overdue, since fees are for time."""
    vault = puts.new_vault()
    assert vault.call("position")[1] == puts.rpc.timestamp


@pytest.mark.parametrize("name", BOUNDS)
def test_terms__within_their_bounds(calls, name):
    least, most = BOUNDS[name]
    for value in (least, most):
        calls.new_vault(**{name: value})
    for value in (least - 1, most + 1):
        if value >= 0:
            with reverts("OutOfBounds", value, least, most):
                calls.new_vault(**{name: value})


@pytest.mark.parametrize("decimals", [5, 19])
def test_token__of_other_decimals__reverts(puts, decimals):
    token = puts.create("CollateralMock", decimals)
    with reverts("InvalidDecimals", decimals):
        puts.new_vault(asset=token)


def test_minimum_and_receiver(calls):
    with reverts("OutOfBounds", 0, 1, 2**96 - 1):
        calls.new_vault(min_deposit=0)
    with reverts("OutOfBounds", 2**96, 0, 2**96 - 1):
        calls.new_vault(cap=2**96)
    calls.fee_receiver, kept = ZERO, calls.fee_receiver
    with reverts("ZeroAddress"):
        calls.new_vault()
    calls.fee_receiver = kept


def test_clearing_house_of_another_oracle__reverts(calls):
    other = calls.create("SettlementOracle", calls.owner, WAD, calls.owner)
    settling, calls.clearing = (
        calls.clearing,
        calls.create("OptionClearing", other.address, calls.wketh.address, calls.owner),
    )
    with reverts("OracleMismatch", calls.oracle.address, other.address):
        calls.new_vault()
    calls.clearing = settling
