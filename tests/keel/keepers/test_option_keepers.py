"""Settler, roller and bidder, in any state."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keel.keepers.bidder import CALL, COVER, WAD, AuctionState, Bidder, Claim, Lot
from keel.keepers.roller import Roller, Round
from keel.keepers.settings import ViewTerms
from keel.keepers.settler import Expiry, Observed, SettlementState, Settler
from keel.pricing.view import View

NOW, HOUR, DAY = 1_800_000_000, 3_600, 86_400
ME = "0x" + "b1" * 20
amounts = st.integers(0, 500 * WAD)
times = st.integers(NOW - 10 * DAY, NOW + 10 * DAY)

expiries = st.builds(
    Expiry, feed=st.binary(min_size=32, max_size=32), name=st.just("peg"), at=times,
    window=st.integers(300, DAY), settleable=times, price=st.integers(0, 10 * WAD),
    hints=st.lists(st.integers(0, 2**96), max_size=3).map(tuple),
    refusal=st.sampled_from(("", "", "TooEarly")),
    series=st.lists(st.integers(1, 2**256 - 1), min_size=1, max_size=4, unique=True).map(tuple),
)  # fmt: skip
settlements = st.builds(
    SettlementState, expiries=st.lists(expiries, max_size=3).map(tuple),
    volatilities=st.lists(
        st.builds(Observed, prefix=st.just("Cover"), observed_at=times, has_price=st.booleans(),
                  block_before=st.integers(NOW - DAY, NOW - 12)),
        max_size=2,
    ).map(tuple),
)  # fmt: skip
rounds = st.builds(
    Round, prefix=st.just("Cover"), number=st.integers(1, 99), due=times,
    series=st.integers(0, 3), price=st.integers(0, 2), shorts=st.integers(0, 3),
    unsold=st.integers(0, 3), supply=amounts, pending=amounts, queued=amounts,
    auction_ends=times, unwritten=amounts, room=amounts,
    opens=st.booleans(), refusal=st.sampled_from(("", "NothingToWrite")),
    exits_from=times,
    leavers=st.lists(st.tuples(st.just(ME), st.integers(1, WAD)), max_size=1).map(tuple),
).map(
    lambda each: replace(
        each, exits_from=max(each.exits_from, each.due), room=min(each.room, each.unwritten)
    )
)  # fmt: skip
lots = st.builds(
    Lot, prefix=st.sampled_from(("Cover", "CoveredCalls", "Puts")), vault=st.just(ME),
    series=st.integers(1, 9), style=st.sampled_from((CALL, 1, COVER)), unsold=amounts, ends=times,
    expiry=times, spot=st.integers(0, 3 * WAD), strike=st.integers(WAD // 2, 3 * WAD),
    ask=st.integers(0, WAD // 10), spent=st.integers(0, 6 * WAD), held=amounts,
    token_value=st.integers(WAD, 2 * WAD), approved=st.booleans(), token=st.just("WETH"),
    oracle=st.tuples(
        st.integers(WAD // 100, 2 * WAD), st.integers(0, 10 * WAD), st.integers(0, WAD // 2),
        st.integers(0, WAD // 10),
    ),
)  # fmt: skip
CHEAP = Lot(
    prefix="Cover", vault=ME, series=4, style=COVER, unsold=5 * WAD, ends=NOW + HOUR,
    expiry=NOW + 5 * DAY, spot=WAD, strike=WAD * 97 // 100, ask=WAD // 1_000, spent=0,
    held=10 * WAD, token_value=WAD, approved=True, token="WETH",
    oracle=(WAD // 20, 2 * WAD, WAD // 10, 0),
)  # fmt: skip


def by_kind(decision):
    return [(action.function, action.arguments) for action in decision.actions]


# Settler


@given(settlements)
def test_settler__observes_in_windows_alone(state):
    observed = [feed for name, args in by_kind(Settler().decide(state, NOW)) for feed in args
                if name == "observe"]  # fmt: skip
    assert observed == [e.feed for e in state.expiries if e.at - e.window <= NOW < e.at]
    again = [replace(each, looked=Settler().looks) for each in state.expiries]
    names = by_kind(Settler().decide(replace(state, expiries=tuple(again)), NOW))
    assert not any(name == "observe" and args for name, args in names)


@given(settlements)
def test_settler__fixes_each_price_once_it_can_and_settles_only_at_a_price(state):
    decision = by_kind(Settler().decide(state, NOW))
    for expiry in state.expiries:
        fixes = ("settle", (expiry.feed, expiry.at, list(expiry.hints))) in decision
        ready = not expiry.price and expiry.hints and not expiry.refusal
        assert fixes == bool(ready and expiry.settleable <= NOW)
        for series in expiry.series:
            others = [e for e in state.expiries if series in e.series and e.price]
            assert (("settle", (series,)) in decision) == bool(others)


@given(settlements)
def test_settler__notes_a_price_after_20_hours__and_leaves_members_a_block_to_do_it(state):
    alone = replace(state, expiries=())
    noted = [action.key for action in Settler().decide(alone, NOW).actions]
    assert noted == [
        f"volatility:Cover:{each.observed_at}"
        for each in state.volatilities
        if each.has_price and each.observed_at + 20 * HOUR <= each.block_before
    ]


@given(st.integers(300, DAY), st.integers(1, 12))
def test_settler__looks_as_often_as_it_should(window, looks):
    settler = Settler(looks=looks)
    expiry = Expiry(feed=b"f", name="peg", at=NOW + window, window=window, series=(2,))
    state = SettlementState(expiries=(expiry,), volatilities=())
    keys = {
        action.key
        for step in range(4 * looks)
        for action in settler.decide(state, NOW + window * step // (4 * looks)).actions
    }
    assert len(keys) == looks
    assert settler.decide(state, NOW + window).actions == ()


def test_settler__price_that_does_not_come__is_an_alarm():
    expiry = Expiry(
        feed=b"f", name="peg", at=NOW - DAY, window=HOUR, settleable=NOW - DAY + 1_800,
        hints=(1,), refusal="TooEarly", series=(2,),
    )  # fmt: skip
    decision = Settler().decide(SettlementState(expiries=(expiry,), volatilities=()), NOW)
    assert decision.actions == ()
    assert [alert.severity.name for alert in decision.alerts] == ["CRITICAL"]
    assert "TooEarly" in decision.idle


# Roller


@given(rounds)
def test_roller__does_one_thing_at_most_and_only_in_its_time(vault):
    actions = Roller().decide((vault,), NOW).actions
    names = [action.function for action in actions]
    if "roll" in names:
        assert names == ["roll"]
        assert vault.due <= NOW
        assert not vault.series or vault.price or vault.shorts == vault.unsold
        assert actions[0].least_gas >= 1_000_000
    if "startRound" in names:
        assert vault.due > NOW
        assert vault.opens
        assert not vault.series
    if "closeAuction" in names:
        assert vault.auction_ends <= NOW < vault.due
        assert vault.unsold


@given(rounds)
def test_roller__adds_to_a_lot_what_found_no_room_once_it_does(vault):
    roller = Roller()
    names = [action.function for action in roller.decide((vault,), NOW).actions]
    worth_it = vault.room >= max(vault.unwritten / 10, WAD // 10)
    sells = vault.series and min(vault.due, vault.auction_ends) > NOW
    assert ("extendLot" in names) == bool(sells and worth_it)
    assert not ("extendLot" in names and "closeAuction" in names)


def test_roller__room_that_comes_back_again__is_another_action():
    vault = Round(
        prefix="Cover", number=3, due=NOW + DAY, series=8, shorts=WAD, unsold=WAD,
        auction_ends=NOW + HOUR, unwritten=4 * WAD, room=WAD,
    )  # fmt: skip
    rest = replace(vault, unwritten=3 * WAD, room=3 * WAD)
    first, second = (Roller().decide((each,), NOW).actions[0] for each in (vault, rest))
    assert first.function == second.function == "extendLot"
    assert first.key != second.key
    assert first.arguments == ()
    crumbs = replace(vault, room=vault.unwritten // 11)
    assert Roller().decide((crumbs,), NOW).actions == ()


@given(rounds)
def test_roller__a_round_that_can_end_for_somebody__ends(vault):
    assume(vault.due <= NOW)
    names = [action.function for action in Roller().decide((vault,), NOW).actions]
    if vault.can_end:
        assert names == (["roll"] if vault.concerns_anybody else [])
    elif vault.exits_from <= NOW:
        assert names == ["exitInKind"] * len(vault.leavers)
    else:
        assert names == []


@given(rounds)
def test_roller__nobody_leaves_in_kind_while_the_round_can_end(vault):
    for action in Roller().decide((vault,), NOW).actions:
        if action.function == "exitInKind":
            assert not vault.can_end
            assert vault.exits_from <= NOW
            (shares, receiver, owner) = action.arguments
            assert (owner, shares) in vault.leavers
            assert receiver == owner


def test_roller__overdue_without_a_price__is_an_alarm():
    vault = Round(prefix="Cover", number=3, due=NOW - DAY, series=8, shorts=2, unsold=1)
    decision = Roller().decide((vault,), NOW)
    assert [alert.key for alert in decision.alerts] == ["overdue Cover"]
    assert decision.actions == ()


# Bidder


@given(lots)
def test_bidder__never_pays_more_than_its_price_less_the_margin_nor_than_its_budget(lot):
    bidder = Bidder(account=ME)
    for action in bidder.decide(AuctionState(lots=(lot,), claims=()), NOW).actions:
        if action.function == "approve":
            assert not lot.approved
            continue
        amount, least, most_price, receiver, deadline = action.arguments
        assert 0 < amount <= min(lot.unsold, bidder.most)
        assert amount <= 2 * least <= amount + 1
        assert lot.ask <= most_price <= bidder.worth(lot, NOW) * 9_500 // 10_000
        assert most_price <= lot.ask * 10_050 // 10_000
        assert amount * most_price // WAD + lot.spent <= bidder.budget
        assert amount * most_price // WAD <= lot.held
        assert receiver == ME
        assert NOW < deadline <= NOW + 120
        assert lot.ends > NOW
        assert 0 < action.profit <= bidder.worth(lot, NOW) * least * lot.token_value // WAD**2


def test_bidder__cheap__buys_all():
    (action,) = Bidder(account=ME).decide(AuctionState(lots=(CHEAP,), claims=()), NOW).actions
    assert action.function == "buy"
    assert action.arguments[0] == CHEAP.unsold


def test_bidder__two_vaults_of_one_token__spends_its_purse_once():
    purse = CHEAP.unsold * CHEAP.ask * 3 // 2 // WAD
    lots = tuple(replace(CHEAP, series=series, held=purse) for series in (4, 6, 8))
    lots += (replace(CHEAP, series=10, held=purse, token="wkETH"),)
    actions = Bidder(account=ME).decide(AuctionState(lots=lots, claims=()), NOW).actions
    amounts = {action.key: action.arguments[0] for action in actions}
    assert list(amounts) == ["buy:4:0", "buy:6:0", "buy:10:0"]
    assert amounts["buy:4:0"] == amounts["buy:10:0"] == CHEAP.unsold
    spent = sum(-(-action.arguments[0] * action.arguments[2] // WAD) for action in actions[:2])
    assert purse * 99 // 100 < spent <= purse


def test_bidder__dear_unknown_spent_or_refused__buys_nothing():
    worth = Bidder(account=ME).worth(CHEAP, NOW)
    for lot in (
        replace(CHEAP, ask=worth),
        replace(CHEAP, prefix="Puts"),
        replace(CHEAP, style=1),
        replace(CHEAP, spent=5 * WAD),
        replace(CHEAP, held=0),
        replace(CHEAP, ask=0, refusal="VolatilityStale"),
        replace(CHEAP, ends=NOW),
    ):
        decision = Bidder(account=ME).decide(AuctionState(lots=(lot,), claims=()), NOW)
        assert decision.actions == ()
        assert decision.idle


@given(*2 * [st.integers(WAD // 100, 2 * WAD)])
def test_bidder__worth_grows_with_its_view_of_the_volatility(one, other):
    low, high = (
        Bidder(account=ME, views={"Cover": ViewTerms(volatility=each)})
        for each in sorted((one, other))
    )
    assert low.worth(CHEAP, NOW) <= high.worth(CHEAP, NOW) + 10


@given(lots, st.integers(-WAD // 2, 2 * WAD))
def test_bidder__view__is_its_own_or_the_oracle_s_with_the_premium(lot, premium):
    assume(lot.prefix == "Cover")
    follows = Bidder(account=ME, views={"Cover": ViewTerms(premium=premium)}).view(lot)
    volatility, intensity, loss, rate = (part / WAD for part in lot.oracle)
    factor = 1 + premium / WAD
    assert follows == View(
        volatility=pytest.approx(volatility * factor), intensity=pytest.approx(intensity * factor),
        loss=loss, rate=rate,
    )  # fmt: skip
    own = ViewTerms(
        premium=premium, volatility=WAD // 3, intensity=WAD, loss=WAD // 7, drift=WAD // 11
    )
    believes = Bidder(account=ME, views={"Cover": own}).view(lot)
    assert believes == View(volatility=1 / 3, intensity=1, loss=1 / 7, rate=rate, drift=1 / 11)


def test_bidder__growth_it_expects__makes_calls_dearer_and_cover_cheaper():
    call = replace(CHEAP, prefix="CoveredCalls", style=CALL, strike=WAD * 105 // 100)
    for lot, sign in ((call, 1), (CHEAP, -1)):
        falls, none, grows = (
            Bidder(account=ME, views={lot.prefix: ViewTerms(drift=drift)}).worth(lot, NOW)
            for drift in (-WAD // 2, 0, WAD // 2)
        )
        assert sign * falls < sign * none < sign * grows


def test_bidder__tells_what_it_believes():
    views = {"Cover": ViewTerms(premium=WAD // 4, drift=-WAD // 50)}
    (action,) = Bidder(account=ME, views=views).decide(
        AuctionState(lots=(CHEAP,), claims=()), NOW
    ).actions  # fmt: skip
    assert action.why.endswith(
        "its own model: volatility 6.2%, 2.50 depegs a year of 10.0%, growth -2.0%"
    )


def test_bidder__redeems_what_pays_and_leaves_the_rest():
    claims = tuple(
        Claim(series=each, amount=WAD, payout=payout, token="WETH", token_value=WAD)
        for each, payout in ((2, 0), (4, WAD // 100), (6, 7))
    )
    (action,) = Bidder(account=ME).decide(AuctionState(lots=(), claims=claims), NOW).actions
    assert (action.function, action.arguments) == ("redeem", (4, WAD, ME))
    assert action.profit == WAD // 100
