"""`extendLot`: what there was no room for when the round began."""

import pytest

from tests.fixtures.option_vault import WAD
from tests.fixtures.staking import reverts

SHALLOW = (50 * WAD, 50 * WAD, WAD, 200_000, 100 * WAD, WAD)
DEEP = (5_000 * WAD, 5_000 * WAD, WAD, 200_000, 10_000 * WAD, WAD)


@pytest.fixture
def short(covers):
    """A round with room for a part of what is deposited."""
    covers.own(covers.peg, "setState", SHALLOW)
    covers.open_round(10 * WAD)
    return covers


def test_extend_lot__writes_the_rest(short):
    before, missing = short.position, short.call("unwritten")
    assert 0 < before["shorts"] < missing
    short.own(short.peg, "setState", DEEP)
    receipt = short.transact("extendLot", sender=short.outsider)
    event = short.event(receipt, "LotExtended")
    after = short.position
    assert event == {"id": before["seriesId"], "amount": missing}
    assert after["shorts"] - before["shorts"] == missing
    assert after["unsoldLongs"] - before["unsoldLongs"] == missing
    state = short.clearing.call("stateOf", before["seriesId"])
    assert state[1] == after["shorts"]
    assert short.call("unwritten") == 0
    assert short.covered() == 0


def test_extend_lot__without_more_room__reverts(short):
    with reverts("NothingToWrite"):
        short.transact("extendLot", sender=short.outsider)


def test_extend_lot__all_written__writes_no_premium(covers):
    covers.open_round(10 * WAD)
    assert covers.call("unwritten") == 0
    covers.wait(3_600)
    covers.buy()
    with reverts("NothingToWrite"):
        covers.transact("extendLot", sender=covers.outsider)


def test_extend_lot__after_the_auction__reverts(short):
    short.own(short.peg, "setState", DEEP)
    ends_at = short.call("lot")[3]
    short.at(ends_at)
    with reverts("AuctionNotOpen", ends_at, ends_at):
        short.transact("extendLot", sender=short.outsider)


def test_extend_lot__without_a_round__reverts(covers):
    with reverts("AuctionNotOpen", 0, covers.now + 12):
        covers.transact("extendLot", sender=covers.outsider)
    assert covers.call("unwritten") == 0
