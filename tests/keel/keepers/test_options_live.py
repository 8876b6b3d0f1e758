"""The options' keepers on a devnet: rounds that end and begin, auctions, prices, exits in kind."""

import pytest

from keel.keepers.action import Limits
from keel.keepers.settings import BidderTerms, KeeperSettings, ViewTerms
from keel.keepers.supervisor import devnet_key
from tests.keel.keepers.living import living_devnet

ETHER = WAD = 10**18
KEEPERS = ("settler", "roller", "bidder")
QUORUM = ("forecaster-1", "forecaster-3")
HALF_HOUR = 1_800


@pytest.fixture
def living(tmp_path):
    with living_devnet(tmp_path) as living:
        yield living


def positions(living):
    vaults = living.stack.vaults
    return {prefix: handle.vault.struct("position") for prefix, handle in vaults.items()}


def to_friday(living):
    """Day by day; in the last hour some blocks come."""
    expiry = living.options.next_expiry
    while living.live.now < expiry:
        living.options.dawn()
        living.to_report(blocks=1)
    return expiry


def test_week__is_sold_settled_and_rolled(living):
    living.hire("settler", *QUORUM, "roller", "bidder")
    live = living.live
    live.mine(4)
    opened = positions(living)
    assert all(each["seriesId"] for each in opened.values())
    living.options.auction()
    sold = {p: each["shorts"] - each["unsoldLongs"] for p, each in positions(living).items()}
    assert all(sold.values())
    expiry = to_friday(living)
    assert {each["due"] for each in opened.values()} == {expiry}
    live.go_to(expiry + HALF_HOUR)
    live.mine(8)
    for prefix, each in positions(living).items():
        assert each["round"] == opened[prefix]["round"] + 1
        assert each["due"] == expiry + 7 * 86_400
        assert each["seriesId"] not in (0, opened[prefix]["seriesId"])
        state = living.stack.clearing.struct("stateOf", opened[prefix]["seriesId"])
        assert state["settlementPrice"]
    bidder = devnet_key("bidder")[0]
    left = [
        living.stack.clearing.call("balanceOf", bidder, each["seriesId"])
        for each in opened.values()
    ]
    paid = [living.stack.clearing.struct("stateOf", e["seriesId"]) for e in opened.values()]
    assert all(state["longPayout"] == 0 or not held for held, state in zip(left, paid, strict=True))
    log = [line for name in KEEPERS for line in living.log(name)]
    for words in ("records what the sources", "fixes the price", "settles a series", "ends round",
                  "buys "):  # fmt: skip
        assert any(words in line and "because" in line for line in log), words


def test_bidder__all_records_lost__still_knows_what_it_has_spent(living):
    terms = BidderTerms(budget=ETHER // 100, cover=ViewTerms(volatility=WAD // 100, intensity=0))
    poor = KeeperSettings(bidder=terms)
    handle, me = living.stack.vaults["CoveredCalls"], devnet_key("bidder")[0]
    living.hire(*QUORUM, "roller")
    living.hire("bidder", settings=poor, limits=Limits(profit_floor=0))
    held = handle.asset.call("balanceOf", me)
    living.live.mine(4)
    living.live.go_to(living.live.now + 3 * 3_600)
    living.live.mine(4)
    spent = held - handle.asset.call("balanceOf", me)
    assert terms.budget * 9 // 10 < spent <= terms.budget
    del living.runners["bidder"]
    elsewhere = living.folder / "elsewhere"
    living.hire("bidder", settings=poor, limits=Limits(profit_floor=0), state=elsewhere)
    living.live.go_to(living.live.now + 1_800)
    living.live.mine(4)
    assert held - handle.asset.call("balanceOf", me) == spent
    assert positions(living)["CoveredCalls"]["unsoldLongs"] > 0
    (path,) = elsewhere.glob("*/bidder.log")
    assert "catches   up with" in path.read_text()
    assert " sends " not in path.read_text()


def test_roller__writes_the_rest_once_the_pool_has_room(living):
    live, stack = living.live, living.stack
    cast, handle = live.world.cast, stack.vaults["Cover"]
    writer, makers = cast.underwriter, cast.makers
    live.act(writer, stack.weth, "deposit", value=25 * ETHER)
    live.act(writer, handle.vault, "requestDeposit", 25 * ETHER, writer, writer)
    living.hire(*QUORUM, "roller")
    live.mine(4)
    before, unwritten = positions(living)["Cover"], handle.vault.call("unwritten")
    assert 0 < before["shorts"] < unwritten
    live.act(makers, stack.pool, "submit", "0x" + "00" * 20, value=1_200 * ETHER)
    live.act(makers, stack.pool, "approve", stack.wketh.address, 2**256 - 1)
    live.act(makers, stack.wketh, "wrap", 1_000 * ETHER)
    live.act(makers, stack.weth, "deposit", value=1_000 * ETHER)
    amounts = [1_000 * ETHER, int(stack.wketh.call("balanceOf", makers))]
    for token in (stack.weth, stack.wketh):
        live.act(makers, token, "approve", stack.swap.address, 2**256 - 1)
    live.act(makers, stack.swap, "add_liquidity(uint256[],uint256)", amounts, 0)
    live.go_to(live.now + 3 * 3_600)  # the depth is an average
    live.mine(4)
    after = positions(living)["Cover"]
    assert after["shorts"] - before["shorts"] == unwritten - handle.vault.call("unwritten") > 0
    assert after["unsoldLongs"] == after["shorts"]
    assert any("found no room" in line for line in living.log("roller"))


def test_roller__no_price_for_three_days__takes_people_out_in_kind(living):
    live, vaults = living.live, living.stack.vaults
    writer, other = live.world.cast.underwriter, live.world.cast.writers
    living.hire(*QUORUM, "roller", "bidder", leaving=(writer, other))
    live.mine(4)
    living.options.auction()
    roller, handle = devnet_key("roller")[0], vaults["Cover"]
    for who, vault in ((writer, handle.vault), (other, vaults["CoveredCalls"].vault)):
        assets = vault.call("maxDeposit", who)
        live.act(who, vault, "deposit(uint256,address,address)", assets, who, who)
    live.act(writer, handle.vault, "setOperator", roller, True)
    series = positions(living)["Cover"]["seriesId"]
    due = positions(living)["Cover"]["due"]
    assert handle.vault.call("balanceOf", writer)
    live.go_to(due + 3 * 86_400 - 60)
    live.mine(2)
    assert handle.vault.call("balanceOf", writer), "not yet"
    assert "overdue Cover" in living.runners["roller"].alarm.lasting
    live.mine(6)
    assert handle.vault.call("balanceOf", writer) == 0
    assert living.stack.clearing.call("balanceOf", writer, series | 1) > 0, "short claims"
    assert vaults["CoveredCalls"].vault.call("balanceOf", other), "who named no operator stays"


def test_watchdog__nobody_speaks_for_volatility__tells_before_and_while_nothing_is_sold(living):
    live = living.live
    living.hire(*QUORUM)
    live.mine(4)
    quorum = {name: living.runners.pop(name) for name in QUORUM}
    living.hire("watchdog")
    live.mine(1)
    lasting = living.runners["watchdog"].alarm.lasting
    assert not {"ageing Cover", "stale Cover"} & set(lasting)
    live.go_to(live.now + 22 * 3_600)
    living.options.publish()
    living.hire("roller")
    live.mine(4)
    lasting = set(living.runners["watchdog"].alarm.lasting)
    assert {f"ageing {vault}" for vault in living.stack.vaults} <= lasting
    assert not {f"auction {vault}" for vault in living.stack.vaults} & lasting
    assert all(each["unsoldLongs"] for each in positions(living).values()), "on sale, at 22 hours"
    live.go_to(live.now + 3 * 3_600)
    live.mine(1)
    lasting = living.runners["watchdog"].alarm.lasting
    for vault in living.stack.vaults:
        assert f"stale {vault}" in lasting
        assert lasting[f"auction {vault}"].what.endswith("VolatilityStale")
    living.runners |= quorum
    live.mine(3)
    assert not [key for key in living.runners["watchdog"].alarm.lasting if "Cover" in key]


def test_watchdog__nobody_records_prices_before_an_expiry__raises_the_alarm(living):
    live = living.live
    living.hire(*QUORUM, "roller", "bidder", "watchdog")
    live.mine(4)
    living.options.auction()
    assert all(each["shorts"] > each["unsoldLongs"] for each in positions(living).values())
    expiry, alarm = living.options.next_expiry, living.runners["watchdog"].alarm
    records = {f"records {vault}" for vault in living.stack.vaults}
    live.go_to(expiry - HALF_HOUR - 60)
    live.mine(1)
    assert not records & set(alarm.lasting)
    live.go_to(expiry - HALF_HOUR)
    live.mine(1)
    assert records <= set(alarm.lasting)
    living.hire("settler")
    live.mine(3)
    assert not records & set(alarm.lasting)


def test_watchdog__stream_of_the_gauge_ends__is_told(living):
    live, stack = living.live, living.stack
    cast, gauge = live.world.cast, stack.gauge
    token, makers, day = stack.wketh, cast.makers, 86_400
    living.hire("watchdog")

    def told():
        lasting = living.runners["watchdog"].alarm.lasting.values()
        ours = [alert.key for alert in lasting if token.address.lower() in alert.key.lower()]
        return [key.split()[0] for key in ours]

    live.act(cast.owner, gauge, "addReward", token.address, makers)
    live.mine(1)
    assert told() == [], "it was never funded"
    assert gauge.call("totalStaked"), "its clock stands still without"
    live.act(makers, stack.pool, "submit", "0x" + "00" * 20, value=3 * ETHER)
    live.act(makers, stack.pool, "approve", token.address, 2 * ETHER)
    live.act(makers, token, "wrap", 2 * ETHER)
    live.act(makers, token, "approve", gauge.address, ETHER)
    live.act(makers, gauge, "fund", token.address, ETHER, 2 * day)
    live.mine(1)
    assert told() == [], "two days are left"
    for key, wait in (("stream", day + 60), ("ended", day)):
        live.go_to(live.now + wait)
        live.mine(1)
        assert told() == [key]
