import pytest

from tests.fixtures.options import DOLLAR, WAD
from tests.fixtures.staking import ZERO, reverts

CAP = WAD // 3
ANSWER = 1_899_777_777_77  # 1,899.77777777


@pytest.fixture
def priced(options):
    """The writer's seven pairs, of which the holder has three longs; the oracle has a price."""
    options.id = options.put_series(cap=CAP)
    options.mint(options.id, 7 * WAD, long=options.writer)
    options.transact("transfer", options.holder, options.id, 3 * WAD, sender=options.writer)
    options.due = options.state(options.id)["series"][2]
    options.go_to(options.due)
    options.push(ANSWER)
    options.settle_price("spot", options.due)
    options.payoff = 1_900 * WAD - ANSWER * 10**10
    return options


def unwind(options, longs, shorts, by=None):
    """What arrived, for pairs and for others, and the receipt."""
    by = by or options.writer
    amounts = (longs, shorts)
    collateral, payout = options.call("unwind", options.id, *amounts, by, sender=by)
    before = options.held(options.usdc, by)
    receipt = options.transact("unwind", options.id, *amounts, by, sender=by)
    assert options.held(options.usdc, by) - before == collateral + payout
    return collateral, payout, receipt


def attempt(options, longs, shorts, *, by=None, receiver=None, series_id=None):
    by = by or options.writer
    series_id = options.id if series_id is None else series_id
    return options.call("unwind", series_id, longs, shorts, receiver or by, sender=by)


def test_unwind__settles_burns_and_redeems_at_once(priced):
    collateral, payout, receipt = unwind(priced, 4 * WAD, 7 * WAD)
    assert collateral == 4 * CAP // 10**12
    assert payout == 3 * (CAP - priced.payoff) // 10**12
    (settled,) = priced.clearing.events(receipt, "Settled")
    assert settled.values["priceWad"] == ANSWER * 10**10
    (burned,) = priced.clearing.events(receipt, "Burned")
    assert (burned.values["amount"], burned.values["collateral"]) == (4 * WAD, collateral)
    (redeemed,) = priced.clearing.events(receipt, "Redeemed")
    assert redeemed.values["id"] == priced.id | 1
    assert (redeemed.values["amount"], redeemed.values["payout"]) == (3 * WAD, payout)
    assert len(priced.usdc.events(receipt, "Transfer")) == 1
    state = priced.state(priced.id)
    assert (state["longs"], state["shorts"]) == (3 * WAD, 0)
    assert priced.redeem(priced.id, 3 * WAD) == state["collateral"]
    assert priced.held(priced.usdc) == 0


def test_unwind__of_a_settled_series(priced):
    priced.transact("settle", priced.id, sender=priced.other)
    collateral, payout, receipt = unwind(priced, 4 * WAD, 7 * WAD)
    assert (collateral, payout) == (4 * CAP // 10**12, 3 * (CAP - priced.payoff) // 10**12)
    assert not priced.clearing.events(receipt, "Settled")


def test_unwind__pays_what_redeeming_pays__to_a_unit(priced):
    snapshot = priced.rpc.snapshot()
    at_once = sum(unwind(priced, 4 * WAD, 7 * WAD)[:2])
    priced.rpc.revert(snapshot)
    priced.transact("settle", priced.id, sender=priced.other)
    parts = priced.redeem(priced.id, 4 * WAD, by=priced.writer)
    parts += priced.redeem(priced.id | 1, 7 * WAD, by=priced.writer)
    assert 0 <= at_once - parts <= 1


@pytest.mark.parametrize(("longs", "shorts"), [(0, 5), (4, 0), (4, 1), (4, 4), (1, 7)])
def test_unwind__any_part(priced, longs, shorts):
    collateral, payout, receipt = unwind(priced, longs * WAD, shorts * WAD)
    pairs, rest = min(longs, shorts), CAP - priced.payoff
    assert collateral == pairs * CAP // 10**12
    per_unit = priced.payoff if longs > shorts else rest
    assert payout == abs(longs - shorts) * per_unit // 10**12
    assert len(priced.clearing.events(receipt, "Burned")) == (pairs > 0)
    redeemed = priced.clearing.events(receipt, "Redeemed")
    assert [event.values["id"] for event in redeemed] == [priced.id | (longs < shorts)] * (
        longs != shorts
    )
    state = priced.state(priced.id)
    assert (state["longs"], state["shorts"]) == ((7 - longs) * WAD, (7 - shorts) * WAD)


def test_unwind__the_last_claims_take_what_roundings_left(priced):
    priced.transact("transfer", priced.writer, priced.id, 3 * WAD, sender=priced.holder)
    held = priced.held(priced.usdc)
    paid = 0
    for _ in range(6):
        paid += sum(unwind(priced, WAD, WAD)[:2])
    collateral, payout, _ = unwind(priced, WAD, WAD)
    assert (paid + collateral, payout) == (held, 0)
    assert priced.held(priced.usdc) == priced.state(priced.id)["collateral"] == 0


def test_unwind__without_a_price__reverts(options):
    options.id = options.put_series(cap=CAP)
    options.mint(options.id, WAD, long=options.writer)
    with reverts("NotSettled", options.id):
        attempt(options, WAD, WAD)


def test_unwind__more_than_held__reverts(priced):
    with reverts("ERC6909InsufficientBalance", priced.writer, 4 * WAD, 4 * WAD + 1, priced.id):
        attempt(priced, 4 * WAD + 1, 7 * WAD)
    with reverts("ERC6909InsufficientBalance", priced.writer, 7 * WAD, 2**256 - 1, priced.id | 1):
        attempt(priced, 4 * WAD, 2**256 - 1)


def test_unwind__nothing__reverts(priced):
    with reverts("ZeroAmount"):
        attempt(priced, 0, 0)


def test_unwind__to_nobody_or_the_house__reverts(priced):
    for receiver in (ZERO, priced.clearing.address):
        with reverts("InvalidReceiver", receiver):
            attempt(priced, WAD, WAD, receiver=receiver)


def test_unwind__of_a_short_claims_id__reverts(priced):
    with reverts("UnknownSeries", priced.id | 1):
        attempt(priced, WAD, WAD, series_id=priced.id | 1)


def test_unwind__a_token_that_fails__reverts(priced):
    priced.set_mode(priced.usdc, "revert")
    with reverts("TransferFailed"):
        attempt(priced, 4 * WAD, 7 * WAD)
    assert priced.state(priced.id)["settlement_price"] == 0


def test_unwind__of_calls_in_kind(options):
    options.id = options.call_series()
    options.mint(options.id, 2 * WAD, long=options.writer)
    options.transact("transfer", options.holder, options.id, WAD, sender=options.writer)
    options.settle_at(options.id, 4_200 * DOLLAR)
    collateral, payout = attempt(options, WAD, 2 * WAD)
    assert (collateral, payout) == (WAD, WAD // 2)
