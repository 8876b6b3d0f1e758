"""The demo's quick window on the real contracts."""

from dataclasses import replace

import pytest

from keel.report.facts import (
    CHECK_MEANINGS,
    OPTION_CHECK_MEANINGS,
    check_rows,
    headline,
    outcome_rows,
)
from keel.sim.checks import Checks, Ledger
from keel.sim.records import InvariantBroken


def test_demo__plays_every_day_and_checks_every_invariant(week):
    assert len(week.days) == 7
    assert week.reports == 7
    # No round of options ends within it.
    options = OPTION_CHECK_MEANINGS.keys() - {"VAULT-3"}
    assert week.checks.keys() == CHECK_MEANINGS.keys() | options
    assert all(count > 0 for count in week.checks.values())


def test_demo__pool_follows_the_market(week):
    for day in week.days:
        assert day.pool_price == pytest.approx(day.market_ratio, abs=0.002)


def test_demo__composition_is_near_the_real_pool(week):
    for day in week.days:
        assert day.pool_share == pytest.approx(day.real_share, abs=0.06)


def test_demo__impatience_costs_the_discount(week):
    outcome = {outcome.who: outcome for outcome in week.outcomes}
    worst = min(day.market_ratio for day in week.days)
    assert worst - 0.01 < outcome["Impatient seller"].ended < 1
    assert outcome["Patient seller"].ended >= 1


def test_demo__same_seed_same_run(week, play_week):
    again = play_week(week.seed)
    assert replace(again, seconds=week.seconds) == week
    assert play_week(week.seed + 1).days != week.days


def test_demo__tables_name_every_check_and_outcome(week):
    assert len(check_rows(week)) == len(week.checks)
    assert len(outcome_rows(week)) == len(week.outcomes) == 10
    assert ("Oracle reports", "7, one a day") in headline(week)


def test_checks__a_wei_out_of_place__reverts(chain, stack):
    """The run's ledger is no echo of the contracts: a wrong one is noticed."""

    class World:
        pass

    world = World()
    world.stack, world.rpc = stack, stack.rpc
    ledger = Ledger(bootstrap=stack.pool.call("totalSupply") + 1)
    checks = Checks(world, ledger, ())
    with pytest.raises(InvariantBroken, match="STAKE-7 broken: gross assets"):
        checks._ether(0)
