"""Whoever gives a call too little gas, so that what it asks fails within it, changes no price."""

from keel.chain.abi import Reverted
from keel.chain.rpc import RpcError
from tests.fixtures.option_vault import DAY, WAD

GAS = [*range(30_000, 150_000, 2_500), *range(150_000, 1_500_000, 7_500)]
ENOUGH = 5_000_000


def answer(contract, name, *arguments, gas):
    """Of a dry run; None if it is refused or runs out of gas."""
    transaction = contract.prepare(name, *arguments).as_transaction("0x" + "11" * 20, gas)
    try:
        data = contract.rpc.call("eth_call", transaction, "latest")
    except (RpcError, Reverted):
        return None
    return contract.abi.decode_result(name, bytes.fromhex(data[2:]))


def answers(contract, name, *arguments):
    """All that calls with more or less gas are answered."""
    return {answer(contract, name, *arguments, gas=gas) for gas in GAS}


def test_roll__gas_moves_no_price(calls):
    """The lot is burned in a `try`, the series settled in another, the next round opened in one."""
    calls.open_round(30 * WAD)
    calls.buy(calls.position["unsoldLongs"] // 3)
    calls.settle_price(3_000 * WAD)
    calls.refresh()
    price = answer(calls.vault, "roll", gas=ENOUGH)
    assert price < WAD
    assert answers(calls.vault, "roll") == {None, price}


def test_settle__gas_hides_no_neighbour(calls):
    """The second round after the expiry, and the last before it, are not the expiry's."""
    calls.open_round(30 * WAD)
    due = calls.due
    calls.to(due - 3_600)
    calls.own(calls.oracle, "observe", calls.feed)
    calls.push_round(1_500 * WAD, due - 60)
    calls.to(due)
    calls.push_round(2_000 * WAD, due + 10)
    calls.push_round(2_500 * WAD, due + 20)
    calls.to(due + 3 * DAY)
    right, rate = calls.oracle.call("hintsFor", calls.feed, due)
    fixed = answer(calls.oracle, "settle", calls.feed, due, [right, rate], gas=ENOUGH)
    assert fixed == 2_000 * WAD
    assert answers(calls.oracle, "settle", calls.feed, due, [right, rate]) == {None, fixed}
    for wrong in (right - 1, right + 1):
        assert answers(calls.oracle, "settle", calls.feed, due, [wrong, rate]) == {None}
