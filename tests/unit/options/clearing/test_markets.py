import pytest

from keel.models.options.clearing import MAX_TERM, Kind
from keel.models.options.settlement import DAY
from tests.fixtures.options import LOOSE, WAD
from tests.fixtures.staking import ZERO, reverts

BOUNDS = (1_000 * WAD, 50 * WAD, 90 * DAY)
CALL, CASH_CALL, PUT = Kind.CALL_IN_KIND, Kind.CASH_CALL, Kind.CASH_PUT


def attempt(options, feed, token, kind, bounds=BOUNDS, by=None):
    arguments = (options.feeds[feed], token.address, int(kind), *bounds)
    return options.call("openMarket", *arguments, sender=by or options.owner)


def test_open_market__is_told(options):
    count = options.call("marketCount")
    receipt = options.open_market("spot", options.weth, PUT, BOUNDS)
    assert options.call("marketCount") == count + 1
    feed, collateral, *rest = options.call("marketAt", count)
    assert (feed, collateral.lower()) == (options.feeds["spot"], options.weth.address.lower())
    assert rest == [int(PUT), True, *BOUNDS]
    (event,) = options.clearing.events(receipt, "MarketOpened")
    assert event.values["market"][4:] == BOUNDS


def test_open_market__anew__sets_its_bounds(options):
    options.open_market("spot", options.usdc, PUT, BOUNDS)
    with reverts("InvalidStrike", 999 * WAD, 1_000 * WAD, 50 * WAD):
        options.call("listSeries", options.series(PUT, 999 * WAD), sender=options.other)


@pytest.mark.parametrize(
    ("position", "bad", "minimum", "maximum"),
    [
        (0, 0, 1, MAX_TERM),
        (1, 0, 1, MAX_TERM),
        (2, DAY - 1, DAY, 730 * DAY),
        (2, 730 * DAY + 1, DAY, 730 * DAY),
    ],
)
def test_open_market__bounds__reverts(options, position, bad, minimum, maximum):
    bounds = (*BOUNDS[:position], bad, *BOUNDS[position + 1 :])
    with reverts("OutOfBounds", bad, minimum, maximum):
        attempt(options, "spot", options.usdc, PUT, bounds)


def test_open_market__by_another__reverts(options):
    with reverts("OwnableUnauthorizedAccount", options.other):
        attempt(options, "spot", options.usdc, PUT, by=options.other)


def test_open_market__the_staked_token_insures_nothing(options):
    """Neither kETH nor wkETH as cash, kETH not in kind either."""
    for kind in (CASH_CALL, PUT):
        for token in (options.wketh, options.keth):
            with reverts("InvalidCollateral", token.address):
                attempt(options, "ratio", token, kind)
    with reverts("InvalidCollateral", options.keth.address):
        attempt(options, "spot", options.keth, CALL)


def test_open_market__in_kind__wketh_alone(options):
    for token in (options.usdc, options.weth):
        with reverts("InvalidCollateral", token.address):
            attempt(options, "spot", token, CALL)


def test_open_market__in_kind__on_a_price_of_wketh_alone(options):
    with reverts("InvalidFeed", options.feeds["ratio"]):
        attempt(options, "ratio", options.wketh, CALL)


@pytest.mark.parametrize(("decimals", "allowed"), [(5, 0), (6, 1), (18, 1), (19, 0)])
def test_open_market__decimals(options, decimals, allowed):
    token = options.create("CollateralMock", decimals)
    if allowed:
        attempt(options, "spot", token, PUT)
    else:
        with reverts("InvalidCollateral", token.address):
            attempt(options, "spot", token, PUT)


def test_open_market__no_token__reverts(options):
    arguments = (options.feeds["spot"], options.writer, int(PUT), *BOUNDS)
    with reverts("InvalidCollateral", options.writer):
        options.call("openMarket", *arguments, sender=options.owner)


def test_open_market__unknown_feed__reverts(options):
    arguments = (b"\1" * 32, options.usdc.address, int(PUT), *BOUNDS)
    with reverts("UnknownFeed"):
        options.call("openMarket", *arguments, sender=options.owner)


def close(options, feed="spot", token=None, kind=PUT):
    token = token or options.usdc
    arguments = (options.feeds[feed], token.address, int(kind))
    return options.transact("closeMarket", *arguments, sender=options.owner)


def test_close_market__stops_series_and_mints(options):
    series_id = options.put_series()
    close(options)
    named = (options.feeds["spot"], options.usdc.address)
    with reverts("MarketIsClosed"):
        options.call("listSeries", options.series(PUT, 1_000 * WAD, cap=1), sender=options.other)
    with reverts("MarketIsClosed"):
        options.call("mint", series_id, WAD, options.holder, options.writer, sender=options.writer)
    assert options.call("room", series_id) == 0
    assert named


def test_close_market__burn_settlement_and_redemption_go_on(options):
    series_id = options.put_series()
    options.mint(series_id, 3 * WAD, long=options.writer)
    close(options)
    options.burn(series_id, WAD)
    options.settle_at(series_id, 1_500 * 10**8)
    assert options.redeem(series_id, 2 * WAD, by=options.writer) == 800 * 10**6
    assert options.redeem(series_id | 1, 2 * WAD, by=options.writer) == 3_000 * 10**6


def test_close_market__can_be_opened_anew(options):
    series_id = options.put_series()
    close(options)
    options.open_market("spot", options.usdc, PUT, LOOSE)
    options.mint(series_id)
    assert options.state(series_id)["longs"] == WAD


def test_close_market__by_another_or_unknown__reverts(options):
    arguments = (options.feeds["spot"], options.usdc.address, int(PUT))
    with reverts("OwnableUnauthorizedAccount", options.other):
        options.call("closeMarket", *arguments, sender=options.other)
    with reverts("UnknownMarket"):
        options.call("closeMarket", options.feeds["rate"], *arguments[1:], sender=options.owner)


def test_ownership__moves_in_two_steps(options):
    for contract in (options.clearing, options.oracle):
        contract.transact("transferOwnership", options.other, sender=options.owner)
        assert contract.call("owner").lower() == options.owner.lower()
        contract.transact("acceptOwnership", sender=options.other)
        assert contract.call("owner").lower() == options.other.lower()


def test_constructor__keeps_oracle_and_token(options):
    assert options.call("oracle").lower() == options.oracle.address.lower()
    assert options.call("wketh").lower() == options.wketh.address.lower()
    for contract, arguments in (
        ("OptionClearing", (options.oracle.address, options.wketh.address, ZERO)),
        ("SettlementOracle", (options.disputer, WAD, ZERO)),
    ):
        with reverts("OwnableInvalidOwner", ZERO):
            options.create(contract, *arguments)


def test_close_market__is_told(options):
    arguments = (options.feeds["spot"], options.usdc.address, int(PUT))
    receipt = options.transact("closeMarket", *arguments, sender=options.owner)
    (event,) = options.clearing.events(receipt, "MarketClosed")
    assert event.values["feed"] == options.feeds["spot"]
    assert event.values["collateral"].lower() == options.usdc.address.lower()
    assert event.values["kind"] == int(PUT)
