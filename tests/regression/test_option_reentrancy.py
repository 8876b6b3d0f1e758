"""Using the clearing house from within a collateral's transfer (ERC-777 and the like)."""

import pytest

from tests.fixtures.callback import Callback
from tests.fixtures.options import PRICE, WAD
from tests.fixtures.staking import reverts


@pytest.fixture
def armed(options):
    """The callback holds pairs, and is called by each transfer of the cash collateral."""
    options.id = options.put_series(cap=WAD)
    options.settled = options.put_series(cap=WAD // 2)
    options.callback = Callback(options.rpc, options.artifacts, options.other)
    callback = options.callback
    for series_id in (options.id, options.settled):
        options.mint(series_id, 4 * WAD, long=callback.address, short=callback.address)
        options.mint(series_id, 4 * WAD, long=options.writer, short=options.writer)
    options.open = options.put_series(cap=WAD // 4, expiry=options.expiry + 3 * 86_400)
    options.mint(options.open, 4 * WAD, long=callback.address, short=callback.address)
    options.mint(options.open, 4 * WAD, long=options.writer, short=options.writer)
    options.settle_at(options.settled, PRICE)
    options.usdc.transact("mint", callback.address, 10**12, sender=options.owner)
    callback.act(options.usdc, "approve", options.clearing.address, 10**12)
    options.usdc.transact("setHook", callback.address, sender=options.owner)
    return options


def operations(options, account):
    return {
        "mint": ("mint", options.open, WAD, account, account),
        "burn": ("burn", options.open, WAD, account),
        "redeem": ("redeem", options.settled | 1, WAD, account),
        "unwind": ("unwind", options.settled, WAD, 2 * WAD, account),
    }


def locked(options):
    account = options.callback.address
    return (
        *operations(options, account).values(),
        ("settle", options.id),
        ("listSeries", options.series(2, 10**21, expiry=options.expiry)),
        ("stateOf", options.open),
        ("statesOf", 0, 10),
        ("previewMint", options.open, WAD),
        ("previewRedeem", options.settled, WAD),
        ("room", options.open),
        ("totalSupply", options.open),
        ("openInterest", options.market.address, options.expiry),
    )


@pytest.mark.parametrize("operation", ["mint", "burn", "redeem", "unwind"])
def test_everything__refuses_within_an_operation(armed, operation):
    """The mock follows no calls that lead back to it, so that the writer is the caller."""
    outer = operations(armed, armed.writer)[operation]
    inner = locked(armed)
    armed.callback.arm(*(armed.clearing.prepare(*call) for call in inner))
    armed.transact(*outer, sender=armed.writer)
    assert armed.callback.outcomes == [(False, "Reentrancy")] * len(inner)


def test_claims__moved_before_they_are_paid__come_back(armed):
    """A payer who sends the new claims on from within the transfer, and then does not pay."""
    callback, series_id = armed.callback, armed.open
    callback.arm(armed.clearing.prepare("transfer", armed.other, series_id, 5 * WAD))
    armed.set_mode(armed.usdc, "take fee")
    before = armed.claims(armed.other, series_id)
    with reverts("CollateralNotReceived"):
        callback.act(armed.clearing, "mint", series_id, WAD, callback.address, callback.address)
    assert armed.claims(armed.other, series_id) == before
