"""Claims as ERC-6909 tokens."""

import pytest

from tests.fixtures.options import UNLIMITED, WAD
from tests.fixtures.staking import ZERO, reverts


@pytest.fixture
def claims(options):
    options.id = options.put_series()
    options.mint(options.id, 5 * WAD)
    return options


def take(options, amount, by=None, receiver=None):
    by = by or options.other
    arguments = (options.holder, receiver or options.other, options.id, amount)
    return options.transact("transferFrom", *arguments, sender=by)


def test_transfer__moves_and_emits(claims):
    receipt = claims.transact("transfer", claims.other, claims.id, WAD, sender=claims.holder)
    assert claims.claims(claims.other, claims.id) == WAD
    (event,) = claims.clearing.events(receipt, "Transfer")
    assert event.values["caller"].lower() == claims.holder.lower()
    assert event.values["amount"] == WAD


def test_transfer__longs_and_shorts_of_an_account_are_apart(claims):
    """Though they are one slot; also to oneself."""
    long, short, account = claims.id, claims.id | 1, claims.other
    claims.mint(claims.id, 3 * WAD, long=account, short=account)
    claims.transact("transfer", claims.holder, short, WAD, sender=account)
    claims.transact("transfer", account, long, 2 * WAD, sender=account)
    assert (claims.claims(account, long), claims.claims(account, short)) == (3 * WAD, 2 * WAD)
    claims.transact("transfer", claims.holder, long, 3 * WAD, sender=account)
    assert (claims.claims(account, long), claims.claims(account, short)) == (0, 2 * WAD)
    assert claims.claims(claims.holder, long) == 8 * WAD
    assert claims.claims(claims.holder, short) == WAD
    with reverts("ERC6909InsufficientBalance", account, 0, 1, long):
        claims.call("transfer", claims.holder, long, 1, sender=account)


def test_transfer__more_than_held__reverts(claims):
    with reverts("ERC6909InsufficientBalance", claims.holder, 5 * WAD, 5 * WAD + 1, claims.id):
        claims.call("transfer", claims.other, claims.id, 5 * WAD + 1, sender=claims.holder)


def test_transfer__where_claims_would_be_lost__reverts(claims):
    with reverts("ERC6909InvalidReceiver", ZERO):
        claims.call("transfer", ZERO, claims.id, WAD, sender=claims.holder)
    house = claims.clearing.address
    with reverts("InvalidReceiver", house):
        claims.call("transfer", house, claims.id, WAD, sender=claims.holder)


def test_transfer_from__by_allowance_of_that_claim(claims):
    claims.transact("approve", claims.other, claims.id, 2 * WAD, sender=claims.holder)
    take(claims, WAD)
    assert claims.call("allowance", claims.holder, claims.other, claims.id) == WAD
    with reverts("ERC6909InsufficientAllowance", claims.other, WAD, WAD + 1, claims.id):
        take(claims, WAD + 1)
    with reverts("ERC6909InsufficientAllowance", claims.other, 0, 1, claims.id | 1):
        claims.call(
            "transferFrom", claims.writer, claims.other, claims.id | 1, 1, sender=claims.other
        )


def test_transfer_from__unlimited_allowance__stays(claims):
    claims.transact("approve", claims.other, claims.id, UNLIMITED, sender=claims.holder)
    take(claims, 2 * WAD)
    assert claims.call("allowance", claims.holder, claims.other, claims.id) == UNLIMITED


def test_transfer_from__by_an_operator__of_all_claims(claims):
    claims.transact("setOperator", claims.other, True, sender=claims.holder)
    assert claims.call("isOperator", claims.holder, claims.other)
    take(claims, 2 * WAD)
    assert claims.call("allowance", claims.holder, claims.other, claims.id) == 0
    claims.transact("setOperator", claims.other, False, sender=claims.holder)
    with reverts("ERC6909InsufficientAllowance", claims.other, 0, 1, claims.id):
        take(claims, 1)


def test_operators__can_not_burn_or_redeem_for_others(claims):
    """Only by moving the claims to themselves first."""
    claims.transact("setOperator", claims.other, True, sender=claims.holder)
    claims.settle_at(claims.id)
    with reverts("ERC6909InsufficientBalance", claims.other, 0, WAD, claims.id):
        claims.call("redeem", claims.id, WAD, claims.other, sender=claims.other)


def test_claims__metadata(claims):
    for interface in ("0x01ffc9a7", "0x0f632fb3"):
        assert claims.call("supportsInterface", bytes.fromhex(interface[2:]))
    assert not claims.call("supportsInterface", b"\xff" * 4)
    assert claims.call("decimals", claims.id) == 18


def test_total_supply__of_each_claim(claims):
    claims.mint(claims.id)
    claims.settle_at(claims.id)
    claims.redeem(claims.id, WAD)
    assert claims.call("totalSupply", claims.id) == 5 * WAD
    assert claims.call("totalSupply", claims.id | 1) == 6 * WAD


def test_states_of__pages(claims):
    ids = [claims.id, *(claims.put_series(strike * WAD) for strike in (1_000, 1_100))]
    assert claims.call("seriesCount") == 3
    strikes = [state[0][4] // WAD for state in claims.call("statesOf", 0, 10)]
    assert strikes == [1_900, 1_000, 1_100]
    assert [state[0][4] // WAD for state in claims.call("statesOf", 1, 1)] == [1_000]
    assert claims.call("statesOf", 3, 1) == claims.call("statesOf", 0, 0) == ()
    assert claims.call("statesOf", 0, 1)[0] == claims.call("stateOf", ids[0])


def test_pairs_for__most_that_collateral_pays(claims):
    series_id = claims.put_series(cap=WAD // 3)
    for collateral in (0, 1, 333_333, 10**6, 10**12):
        pairs = claims.call("pairsFor", series_id, collateral)
        assert claims.call("previewMint", series_id, pairs) <= collateral
        assert claims.call("previewMint", series_id, pairs + 1) > collateral


def test_views__not_listed__reverts(claims):
    for name, arguments in (
        ("stateOf", ()), ("previewMint", (1,)), ("pairsFor", (1,)), ("payoffAt", (1,)),
        ("room", ()), ("previewRedeem", (1,)),
    ):  # fmt: skip
        with reverts("UnknownSeries", 2):
            claims.call(name, 2, *arguments)


@pytest.mark.parametrize("price", [0, 2**128])
def test_payoff_at__no_price__reverts(claims, price):
    with reverts("OutOfBounds", price, 1, 2**128 - 1):
        claims.call("payoffAt", claims.id, price)
