"""Gauge, redemption vault and keepers in a week of the demo, and what a broken book would raise."""

from types import SimpleNamespace

import pytest

from keel.sim.checks import Checks, Ledger
from keel.sim.gauge import GaugeDays
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import InvariantBroken
from keel.sim.redemption import VaultDays
from tests.fixtures.staking import ETHER


def outcome(record, who):
    return next(each for each in record.outcomes if each.who == who)


def test_gauge__what_came_in_is_paid_owed_or_still_to_be_streamed(week):
    gauge = week.gauge
    assert len(gauge.days) == len(week.days)
    assert gauge.fundings == 1
    for day in gauge.days:
        assert day.paid + day.owed + day.to_stream == pytest.approx(day.received, abs=1e-15)
    assert gauge.days[-1].paid > 0.8 * gauge.days[-1].received
    assert 0 <= gauge.left_behind < 10


def test_gauge__fear_takes_a_third_of_the_makers_out(week):
    p = ScenarioParameters()
    assert week.gauge.days[0].staked_share == 1
    afraid = [d.staked_share for d, m in zip(week.gauge.days, week.days, strict=True)
              if 1 - m.market_ratio > p.fear_at]  # fmt: skip
    assert afraid
    assert max(afraid) == pytest.approx(1 - p.afraid, abs=0.01)


def test_gauge__provider_earns_beside_the_fees(week):
    first, *_, last = [each for each in week.outcomes if each.who == "Liquidity provider"]
    assert last.ended == pytest.approx(first.ended + week.gauge.provider)
    # A week of 2 % a year on 2 ether, and a part of what the afraid left.
    assert 2 * 0.02 * 7 / 365 * 0.95 < week.gauge.provider < 2 * 0.02 * 7 / 365 * 1.5


def test_vault__buys_from_sellers_and_from_the_pool(week):
    vault = week.vault
    assert vault.from_sellers.count > 0
    assert vault.from_pool.count > 0
    assert vault.from_sellers.discount > 0
    assert vault.from_pool.discount > 0
    assert vault.settled > 0
    assert vault.tickets_paid > 0
    assert vault.refunded == pytest.approx(vault.held_back)


def test_vault__share_price_never_falls(week):
    prices = [day.share_price for day in week.vault.days]
    assert prices == sorted(prices)
    assert outcome(week, "Vault's backer").ended > 1


def test_vault__purchases_lift_the_price(week):
    assert all(day.after >= day.before for day in week.vault.days)
    assert any(day.after > day.before + 1e-4 for day in week.vault.days)


def test_vault__holds_what_its_share_says(week):
    for day in week.vault.days:
        assert day.idle >= 0
        assert day.tickets >= 0
        assert day.held_back >= 0


def test_vault__line_is_paid(week):
    vault = week.vault
    assert vault.waited is not None
    assert vault.paid_out >= vault.asked_out * (1 - 1e-9)


def test_vault__pays_no_worse_than_the_pool(week):
    assert outcome(week, "Seller at once").ended >= outcome(week, "Impatient seller").ended - 0.001


def test_vault__study_of_forced_sellers_covers_the_window(week):
    assert len(week.vault.forced) == len(week.days)
    assert max(week.vault.forced) < max(1 - day.market_ratio for day in week.days)


@pytest.fixture
def tools(stack):
    """What a product needs to check itself against contracts that nobody has used."""
    weth = stack.weth.address
    cast = SimpleNamespace(makers=weth, provider=weth, owner="", keeper=weth)
    world = SimpleNamespace(stack=stack, rpc=stack.rpc, cast=cast)
    checks = Checks(world, Ledger(bootstrap=0), ())
    return SimpleNamespace(
        world=world, checks=checks, record=SimpleNamespace(), parameters=ScenarioParameters()
    )


def test_gauge__a_wei_too_much_received__is_noticed(stack, tools):
    days = GaugeDays(tools)
    stack.gauge.transact(
        "addReward",
        stack.weth.address,
        stack.gauge.call("owner"),
        sender=stack.gauge.call("owner"),
    )
    days.check(loss=False)
    assert tools.checks.counts == {"GAUGE-1": 2, "GAUGE-3": 1}
    days._funded += 1
    with pytest.raises(InvariantBroken, match="GAUGE-1 broken: WETH held is 0, expected 1"):
        days.check(loss=False)
    days._funded += 2
    with pytest.raises(InvariantBroken, match="GAUGE-1 broken: 3 wei left behind"):
        days.check(loss=False)


def test_vault__a_fall_without_a_loss__is_noticed(tools):
    days = VaultDays(tools)
    days.check(loss=False)
    days.check(loss=False)
    assert tools.checks.counts == {"REDEEM-1": 1, "REDEEM-2": 2}
    days._price += ETHER * 10**18
    days.check(loss=True)  # a loss may do that
    days._price += ETHER * 10**24
    with pytest.raises(InvariantBroken, match="REDEEM-1 broken: the vault's shares fell"):
        days.check(loss=False)
