from itertools import permutations

import pytest

from tests.fixtures.options import DOLLAR, WAD
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def settled(options):
    """Seven pairs at a price that divides badly: the holder's longs, the writer's shorts."""
    options.id = options.put_series(cap=WAD // 3)
    options.mint(options.id, 7 * WAD)
    options.settle_at(options.id, 1_899_777_777_77)  # 1,899.77777777
    options.payoff = 1_900 * WAD - 1_899_777_777_77 * 10**10
    return options


def attempt(options, claim_id, amount=WAD, by=None, receiver=None):
    by = by or options.holder
    return options.call("redeem", claim_id, amount, receiver or by, sender=by)


def test_redeem__longs_and_shorts(settled):
    assert 0 < settled.payoff < WAD // 3
    assert settled.redeem(settled.id, WAD) == settled.payoff // 10**12
    short = settled.redeem(settled.id | 1, WAD, by=settled.writer)
    assert short == (WAD // 3 - settled.payoff) // 10**12


def test_redeem__pays_all_that_is_held(settled):
    """And who comes last gets what roundings have left."""
    held = settled.held(settled.usdc)
    parts = [settled.redeem(settled.id, WAD) for _ in range(7)]
    parts += [settled.redeem(settled.id | 1, WAD, by=settled.writer) for _ in range(7)]
    assert sum(parts) == held
    assert settled.held(settled.usdc) == settled.state(settled.id)["collateral"] == 0
    assert len(set(parts[:7])) == len(set(parts[7:13])) == 1
    assert 0 <= parts[13] - parts[12] <= 14


def test_redeem__in_any_order__the_same_to_a_unit(settled):
    """Four parties, each order: only the last one's rounding differs."""
    settled.transact("transfer", settled.other, settled.id, 3 * WAD, sender=settled.holder)
    settled.transact("transfer", settled.other, settled.id | 1, 2 * WAD, sender=settled.writer)
    parties = [
        (settled.holder, settled.id, 4 * WAD),
        (settled.other, settled.id, 3 * WAD),
        (settled.writer, settled.id | 1, 5 * WAD),
        (settled.other, settled.id | 1, 2 * WAD),
    ]
    seen = {}
    for order in permutations(parties):
        snapshot = settled.rpc.snapshot()
        for party in order:
            by, claim_id, amount = party
            seen.setdefault(party, set()).add(settled.redeem(claim_id, amount, by=by))
        assert settled.held(settled.usdc) == 0
        settled.rpc.revert(snapshot)
    for amounts in seen.values():
        assert len(amounts) <= 2
        assert max(amounts) - min(amounts) <= len(parties)


def test_redeem__to_another__emits(settled):
    held = settled.held(settled.usdc, settled.other)
    receipt = settled.transact("redeem", settled.id, WAD, settled.other, sender=settled.holder)
    (event,) = settled.clearing.events(receipt, "Redeemed")
    assert settled.held(settled.usdc, settled.other) - held == event.values["payout"]
    assert event.values["id"] == settled.id


def test_redeem__preview(settled):
    for claim_id, amount in ((settled.id, 1), (settled.id | 1, WAD), (settled.id, 7 * WAD)):
        by = settled.writer if claim_id & 1 else settled.holder
        preview = settled.call("previewRedeem", claim_id, amount)
        assert preview == attempt(settled, claim_id, amount, by=by)


def test_redeem__worthless_longs(options):
    series_id = options.call_series()
    options.mint(series_id)
    options.settle_at(series_id, 2_000 * DOLLAR)
    assert options.redeem(series_id | 1, WAD, by=options.writer) == WAD
    assert options.redeem(series_id, WAD) == 0


def test_redeem__not_settled__reverts(options):
    series_id = options.put_series()
    options.mint(series_id)
    for claim_id in (series_id, series_id | 1):
        with reverts("NotSettled", series_id):
            attempt(options, claim_id)
        with reverts("NotSettled", series_id):
            options.call("previewRedeem", claim_id, WAD)


def test_redeem__more_than_held__reverts(settled):
    for claim_id in (settled.id, settled.id | 1):
        with reverts("ERC6909InsufficientBalance", settled.other, 0, 1, claim_id):
            attempt(settled, claim_id, 1, by=settled.other)
    with reverts("ERC6909InsufficientBalance"):
        attempt(settled, settled.id, 7 * WAD + 1)


def test_redeem__nothing__reverts(settled):
    with reverts("ZeroAmount"):
        attempt(settled, settled.id, 0)


def test_redeem__to_nobody_or_the_house__reverts(settled):
    for receiver in (ZERO, settled.clearing.address):
        with reverts("InvalidReceiver", receiver):
            attempt(settled, settled.id, receiver=receiver)


def test_redeem__not_listed__reverts(settled):
    with reverts("UnknownSeries", 4):
        attempt(settled, 5)


def test_redeem__a_token_that_fails__others_go_on(settled):
    series_id = settled.call_series()
    settled.mint(series_id)
    settled.settle_at(series_id, 4_200 * DOLLAR)
    settled.set_mode(settled.usdc, "revert")
    with reverts("TransferFailed"):
        attempt(settled, settled.id)
    assert settled.redeem(series_id, WAD) == WAD // 2
    settled.set_mode(settled.usdc, "plain")
    assert settled.redeem(settled.id, WAD) == settled.payoff // 10**12


def test_redeem__gifts_go_to_nobody(settled):
    settled.usdc.transact("transfer", settled.clearing.address, 777, sender=settled.other)
    settled.redeem(settled.id, 7 * WAD)
    settled.redeem(settled.id | 1, 7 * WAD, by=settled.writer)
    assert settled.held(settled.usdc) == 777
