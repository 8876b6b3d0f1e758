import pytest

from tests.fixtures.options import WAD
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def pair(options):
    """The writer holds both claims of 5 pairs."""
    options.id = options.put_series(cap=WAD // 3)
    options.mint(options.id, 5 * WAD, long=options.writer)
    return options


def attempt(options, amount=WAD, receiver=None, by=None):
    by = by or options.writer
    return options.call("burn", options.id, amount, receiver or by, sender=by)


def test_burn__gives_back_what_the_rest_does_not_need(pair):
    held = pair.held(pair.usdc)
    receipt = pair.burn(pair.id, 2 * WAD)
    needed = -(-3 * (WAD // 3) // 10**12)
    assert pair.held(pair.usdc) == pair.state(pair.id)["collateral"] == needed
    (event,) = pair.clearing.events(receipt, "Burned")
    assert event.values["collateral"] == held - needed
    assert pair.claims(pair.writer, pair.id) == pair.claims(pair.writer, pair.id | 1) == 3 * WAD


def test_burn__all__gives_all_back(pair):
    pair.burn(pair.id, 2 * WAD + 1)
    pair.burn(pair.id, 3 * WAD - 1)
    assert pair.held(pair.usdc) == 0


def test_burn__after_the_expiry__until_settled(pair):
    pair.go_to(pair.expiry)
    pair.burn(pair.id)
    pair.go_to(pair.now + 10**6)
    pair.burn(pair.id)
    assert pair.state(pair.id)["longs"] == 3 * WAD


def test_burn__settled__reverts(pair):
    pair.settle_at(pair.id)
    with reverts("AlreadySettled", pair.id):
        attempt(pair)


def test_burn__to_another(pair):
    held = pair.held(pair.usdc, pair.other)
    pair.transact("burn", pair.id, 3 * WAD, pair.other, sender=pair.writer)
    assert pair.held(pair.usdc, pair.other) - held == 10**6


@pytest.mark.parametrize("claim", [0, 1])
def test_burn__half_a_pair__reverts(pair, claim):
    pair.transact("transfer", pair.other, pair.id | claim, 5 * WAD, sender=pair.writer)
    missing = pair.id | claim
    with reverts("ERC6909InsufficientBalance", pair.writer, 0, WAD, missing):
        attempt(pair)
    lacking = pair.id | (1 - claim)
    with reverts("ERC6909InsufficientBalance", pair.other, 0, WAD, lacking):
        attempt(pair, by=pair.other)


def test_burn__more_than_held__reverts(pair):
    with reverts("ERC6909InsufficientBalance", pair.writer, 5 * WAD, 5 * WAD + 1, pair.id):
        attempt(pair, 5 * WAD + 1)


def test_burn__nothing__reverts(pair):
    with reverts("ZeroAmount"):
        attempt(pair, 0)


def test_burn__to_nobody_or_the_house__reverts(pair):
    for receiver in (ZERO, pair.clearing.address):
        with reverts("InvalidReceiver", receiver):
            attempt(pair, receiver=receiver)


def test_burn__not_listed__reverts(pair):
    with reverts("UnknownSeries", 2):
        pair.call("burn", 2, WAD, pair.writer, sender=pair.writer)


def test_burn__a_token_that_fails__reverts_and_keeps_the_pair(pair):
    pair.set_mode(pair.usdc, "revert")
    with reverts("TransferFailed"):
        attempt(pair)
    assert pair.claims(pair.writer, pair.id) == 5 * WAD
