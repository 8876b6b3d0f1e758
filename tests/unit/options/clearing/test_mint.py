import pytest

from keel.models.options.clearing import MAX_PAIRS, Kind
from keel.models.options.settlement import DAY
from tests.fixtures.options import WAD
from tests.fixtures.staking import ZERO, reverts


def attempt(options, series_id, amount=WAD, long=None, short=None):
    arguments = (series_id, amount, long or options.holder, short or options.writer)
    return options.call("mint", *arguments, sender=options.writer)


def test_mint__a_call_takes_the_token_itself(options):
    series_id = options.call_series()
    receipt = options.mint(series_id, 3 * WAD)
    assert options.held(options.wketh) == 3 * WAD
    assert options.claims(options.holder, series_id) == 3 * WAD
    assert options.claims(options.writer, series_id | 1) == 3 * WAD
    (event,) = options.clearing.events(receipt, "Minted")
    assert (event.values["amount"], event.values["collateral"]) == (3 * WAD, 3 * WAD)


def test_mint__a_put_takes_its_cap(options):
    for cap, needed in ((1_900 * WAD, 1_900 * 10**6), (100 * WAD, 100 * 10**6)):
        series_id = options.put_series(cap=cap)
        held = options.held(options.usdc)
        options.mint(series_id)
        assert options.held(options.usdc) - held == needed


def test_mint__cover_of_18_decimals(options):
    series_id = options.cover_series(cap=WAD // 10)
    options.mint(series_id, 7 * WAD)
    assert options.held(options.weth) == 7 * WAD // 10


def test_mint__rounds_the_whole_up_once(options):
    """A third of a dollar each: 333333.3 units."""
    series_id = options.put_series(cap=WAD // 3)
    taken = [attempt_and_mint(options, series_id) for _ in range(6)]
    assert taken[0] == 333_334
    assert sum(taken) == -(-6 * (WAD // 3) // 10**12)
    assert options.state(series_id)["collateral"] == sum(taken)


def attempt_and_mint(options, series_id):
    preview = options.call("previewMint", series_id, WAD)
    held = options.held(options.usdc)
    options.mint(series_id)
    assert options.held(options.usdc) - held == preview
    return preview


@pytest.mark.parametrize("amount", [1, 10**11])
def test_mint__less_than_a_unit_costs_one(options, amount):
    series_id = options.put_series(cap=WAD)
    assert attempt(options, series_id, amount) == 1


def test_mint__nothing__reverts(options):
    with reverts("ZeroAmount"):
        attempt(options, options.put_series(), 0)


def test_mint__up_to_the_bound(options):
    series_id = options.put_series(cap=1)
    options.mint(series_id)
    room = MAX_PAIRS - WAD
    assert options.call("room", series_id) == room
    with reverts("AmountTooLarge", room + 1, room):
        attempt(options, series_id, room + 1)
    with reverts("AmountTooLarge", 2**255, room):
        attempt(options, series_id, 2**255)
    options.mint(series_id, room)
    assert options.call("room", series_id) == 0


def test_mint__until_the_expiry(options):
    series_id, expiry = options.put_series(), options.expiry
    options.at(expiry - 1)
    options.mint(series_id)
    options.go_to(expiry)
    with reverts("SeriesExpired", series_id, expiry):
        attempt(options, series_id)
    assert options.call("room", series_id) == 0


@pytest.mark.parametrize("wrong", [0, 1, 2**256 - 2])
def test_mint__not_listed__reverts(options, wrong):
    with reverts("UnknownSeries", wrong):
        attempt(options, wrong)


def test_mint__by_the_short_claims_id__reverts(options):
    series_id = options.put_series()
    with reverts("UnknownSeries", series_id | 1):
        attempt(options, series_id | 1)


def test_mint__to_nobody_or_the_house__reverts(options):
    series_id = options.put_series()
    house = options.clearing.address
    for receivers in ({"long": ZERO}, {"short": ZERO}):
        with reverts("ERC6909InvalidReceiver", ZERO):
            attempt(options, series_id, **receivers)
    for receivers in ({"long": house}, {"short": house}):
        with reverts("InvalidReceiver", house):
            attempt(options, series_id, **receivers)


def test_mint__fee_on_transfer__reverts(options):
    series_id = options.put_series(cap=WAD)
    options.set_mode(options.usdc, "take fee")
    with reverts("CollateralNotReceived", 900_000, 10**6):
        attempt(options, series_id)


def test_mint__a_token_that_lies__reverts(options):
    series_id = options.put_series(cap=WAD)
    options.set_mode(options.usdc, "lie")
    with reverts("CollateralNotReceived", 0, 10**6):
        attempt(options, series_id)


@pytest.mark.parametrize("mode", ["revert", "return false"])
def test_mint__a_token_that_fails__reverts(options, mode):
    series_id = options.put_series()
    options.set_mode(options.usdc, mode)
    with reverts("TransferFromFailed"):
        attempt(options, series_id)


def test_mint__a_silent_token(options):
    series_id = options.put_series(cap=WAD)
    options.set_mode(options.usdc, "silent")
    options.mint(series_id)
    assert options.held(options.usdc) == 10**6


def test_mint__gifts_count_for_nothing(options):
    series_id = options.put_series(cap=WAD)
    options.usdc.transact("transfer", options.clearing.address, 10**9, sender=options.other)
    assert options.state(series_id)["collateral"] == 0
    options.mint(series_id)
    assert options.held(options.usdc) == 10**9 + 10**6
    assert options.state(series_id)["collateral"] == 10**6


def test_mint__within_what_moving_the_feed_costs(options):
    series_id = options.cover_series()
    capacity = options.oracle.call("capacity", options.feeds["ratio"])
    assert options.call("room", series_id) == capacity
    with reverts("CapacityExceeded", capacity + 1, capacity):
        attempt(options, series_id, capacity + 1)
    options.mint(series_id, capacity)
    with reverts("CapacityExceeded", capacity + 1, capacity):
        attempt(options, series_id, 1)
    options.burn_all = options.transact(
        "transfer", options.writer, series_id, capacity, sender=options.holder
    )
    options.burn(series_id, 5)
    assert options.call("room", series_id) == 5


def test_mint__feeds_of_one_market_share_its_capacity(options):
    cover = options.cover_series()
    call = options.call_series(feed="lower")
    later = options.cover_series(expiry=options.expiry + DAY)
    capacity = options.oracle.call("capacity", options.feeds["ratio"])
    options.mint(cover, capacity - 10)
    with reverts("CapacityExceeded", capacity + 1, capacity):
        attempt(options, call, 11)
    attempt(options, later, capacity)
    options.mint(call, 10)
    pool = options.market.address
    assert options.call("openInterest", pool, options.expiry) == capacity
    assert options.call("room", cover) == 0


def test_mint__without_a_market_ratio__no_limit(options):
    options.set_market(balance0=0)
    options.mint(options.call_series(), 10**8 * WAD)
    with reverts("CapacityExceeded", 1, 0):
        attempt(options, options.cover_series(), 1)


def test_mint__for_others(options):
    series_id = options.list(options.series(Kind.CASH_CALL, 10**21, cap=WAD))
    options.mint(series_id, long=options.holder, short=options.other)
    assert options.claims(options.other, series_id | 1) == WAD
    assert options.claims(options.writer, series_id | 1) == 0


def mint_up_to(options, series_id, most):
    receipt = options.transact(
        "mintUpTo", series_id, most, options.holder, options.writer, sender=options.writer
    )
    return options.clearing.events(receipt, "Minted")


def test_mint_up_to__what_there_is_room_for(options):
    cover = options.cover_series()
    capacity = options.oracle.call("capacity", options.feeds["ratio"])
    options.mint(cover, capacity - 10)
    (minted,) = mint_up_to(options, cover, 7)
    assert (minted.values["amount"], options.call("room", cover)) == (7, 3)
    (minted,) = mint_up_to(options, cover, 2**256 - 1)
    assert (minted.values["amount"], options.call("room", cover)) == (3, 0)
    assert options.call("openInterest", options.market.address, options.expiry) == capacity
    assert mint_up_to(options, cover, 1) == []


def test_mint_up_to__takes_what_mint_would(options):
    series_id = options.put_series(cap=WAD)
    for most in (1, WAD, 3 * WAD + 1):
        owed, held = options.call("previewMint", series_id, most), options.held(options.usdc)
        (minted,) = mint_up_to(options, series_id, most)
        assert minted.values["collateral"] == owed
        assert options.held(options.usdc) - held == owed


def test_mint_up_to__up_to_the_bound(options):
    series_id = options.put_series(cap=1)
    (minted,) = mint_up_to(options, series_id, 2**256 - 1)
    assert minted.values["amount"] == MAX_PAIRS


def test_mint_up_to__closed_or_expired__reverts(options):
    series_id, expiry = options.put_series(), options.expiry
    market = (options.feeds["spot"], options.usdc.address, int(Kind.CASH_PUT))
    options.transact("closeMarket", *market, sender=options.owner)
    with reverts("MarketIsClosed", *market):
        mint_up_to(options, series_id, WAD)
    cover = options.cover_series()
    options.go_to(expiry)
    with reverts("SeriesExpired", cover, expiry):
        mint_up_to(options, cover, WAD)
