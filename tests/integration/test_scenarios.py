"""Each scenario of the demo on the real contracts, against what it must come to."""

from datetime import UTC, datetime
from html import escape
from itertools import pairwise

import pytest

from keel.report import page
from keel.report.facts import CHECK_MEANINGS, headline
from keel.report.sections import sections
from keel.sim.catalogue import PLANS, UnknownScenario, plan_of

DISASTERS = [name for name, plan in PLANS.items() if not plan.is_history]


@pytest.mark.parametrize("name", DISASTERS)
def test_scenario__asserts_every_invariant(play_plan, name):
    record = play_plan(name)
    assert len(record.days) == plan_of(name).days
    assert record.checks.keys() == CHECK_MEANINGS.keys()
    assert record.checks["STAKE-1"] == len(record.days)
    assert record.checks["STAKE-7"] == 3 * len(record.days)


def test_slashing_1__is_within_bounds(play_plan):
    record = play_plan("slashing-1")
    # Two validators lose 3 % of 32 ether at the midpoint, beside a little at first: gross of gains.
    assert record.lost == pytest.approx(2 * 0.96, rel=0.03)
    assert record.borne["fromBonds"] == record.lost
    assert record.confirmations == 0
    assert all(after.rate > before.rate for before, after in pairwise(record.days))


def test_slashing_5__costs_the_correlated_penalty(play_plan):
    record = play_plan("slashing-5")
    # Nine of 173 validators lose 15 % of 32 ether, and what they miss while they leave.
    assert record.lost == pytest.approx(9 * 4.8, rel=0.15)
    assert record.confirmations == 0
    assert record.borne["fromBonds"] == record.lost
    assert record.days[-1].rate > 1


def test_slashing_50__asks_the_second_quorum_and_halves_the_rate(play_plan):
    record = play_plan("slashing-50")
    assert record.confirmations > 5
    assert record.reports == len(record.days)
    # Half is lost; bonds and fund, a ninth of that, spare the others a part.
    assert record.days[-1].rate == pytest.approx(0.55, abs=0.03)
    order = ("fromBonds", "fromInsurance", "fromNewGain", "fromRate")
    assert all(record.borne[name] > 0 for name in order)
    assert sum(record.borne.values()) == pytest.approx(record.lost)
    (patient,) = [o for o in record.outcomes if o.who == "Patient seller"]
    assert patient.ended < 0.6


def test_outage__rate_stands_still_and_tickets_wait(play_plan):
    record = play_plan("outage")
    assert record.reports == len(record.days) - 3
    rates = [day.rate for day in record.days]
    # The last gain before the silence is released during its first day.
    assert rates[2] < rates[3] == rates[4] == rates[5]
    assert rates[-1] > rates[6]
    struck = record.days[3].day
    asked = [
        ticket.wait_days
        for ticket in record.tickets.values()
        if datetime.fromtimestamp(ticket.requested_at, UTC).date() == struck
    ]
    assert asked
    assert min(asked) > 2.9
    assert record.lost == 0


def test_outage_10__pays_in_advance_and_in_full(play_plan):
    record = play_plan("outage-10")
    assert record.reports == len(record.days) - 10
    (advanced,) = [ticket for ticket in record.tickets.values() if ticket.advanced]
    assert advanced.advanced == pytest.approx(0.9 * advanced.nominal, rel=1e-9)
    # The last report was a day before the ticket.
    waited = (advanced.advanced_at - advanced.requested_at) / 86_400
    assert waited == pytest.approx(6, abs=0.01)
    assert advanced.wait_days == pytest.approx(10, abs=0.01)
    assert 0 <= advanced.nominal - advanced.paid <= 1
    (patient,) = [outcome for outcome in record.outcomes if outcome.who == "Patient seller"]
    assert "got 90% in advance after" in patient.what
    assert record.lost == 0


def test_outage_10__keeper_has_nothing_to_clear(play_plan):
    """The rate stood: the report netted the advance."""
    assert play_plan("outage-10").escape.cleared == 0


def test_outage__vault_buys_nothing_while_no_report_comes(play_plan):
    record = play_plan("outage-10")
    silent = [day for day in record.vault.days if 7 <= day.day.day <= 13]
    # Two days after the last report purchases stop; what waits is worth no less for it.
    assert len({day.tickets + day.idle + day.held_back for day in silent}) <= len(silent)
    assert all(day.after == day.before for day in silent)
    assert record.vault.sold_elsewhere >= len(silent)


def test_outage_50__keeper_clears_what_the_loss_left_open(play_plan):
    record = play_plan("outage-50")
    assert record.reports == len(record.days) - 19
    assert record.escape.cleared == 1
    (ticket,) = [ticket for ticket in record.tickets.values() if ticket.advanced]
    assert ticket.advanced == pytest.approx(0.9 * ticket.nominal, rel=1e-9)
    # Back came what the ticket was worth; nothing was left for the holder, who keeps the advance.
    back, lacking = record.escape.returned, record.escape.shortfall
    assert back + lacking == pytest.approx(ticket.advanced / 1e18)
    assert back == pytest.approx(record.days[22].rate, abs=0.02)
    assert ticket.paid == ticket.advanced
    assert record.confirmations >= 1
    titles = [table.title for section in sections(record) for table in section.tables]
    assert "The escape: advances brought back" in titles


def test_outage_50__holdbacks_bear_their_part_of_the_loss(play_plan):
    vault = play_plan("outage-50").vault
    assert 0 <= vault.refunded < vault.held_back
    assert vault.days[-1].share_price < 1


def test_run__all_are_paid_in_full(play_plan):
    record = play_plan("run")
    large = [ticket for ticket in record.tickets.values() if ticket.nominal > 100 * 10**18]
    assert sum(ticket.nominal for ticket in large) > 2_000 * 10**18
    assert all(ticket.paid in (None, ticket.nominal) for ticket in record.tickets.values())
    paid = sum(ticket.paid or 0 for ticket in large)
    assert paid == sum(ticket.nominal for ticket in large)
    assert record.days[-1].validators < 0.75 * max(day.validators for day in record.days)


@pytest.mark.parametrize("name", DISASTERS)
def test_scenario__page_tells_its_story(play_plan, name):
    record = play_plan(name)
    text = page.render(record)
    assert escape(record.story) in text
    assert "people and prices are made up" in text
    assert "real pool" not in text
    assert dict(headline(record))["Second quorum"].startswith("needed for")


def test_plan_of__unknown__reverts():
    with pytest.raises(UnknownScenario, match="no scenario 'boredom'"):
        plan_of("boredom")
