"""Option vaults on the stack, through the fortnight in which staked ether lost six percent."""

import pytest

from keel.report import options, sections
from keel.sim import market
from keel.sim.catalogue import REPLAY, plan_of
from keel.sim.parameters import ScenarioParameters
from keel.sim.replay import replay

FIRST, LAST = "2022-06-02", "2022-06-18"
TOKEN = 1e-12
"""Far above what units of tokens can round."""


@pytest.fixture(scope="module", params=[REPLAY, "depeg-cover"])
def played(request, artifacts):
    days = [day for day in market.load() if FIRST <= day.day.isoformat() <= LAST]
    plan = plan_of(request.param)
    record = replay(
        artifacts,
        days,
        ScenarioParameters(),
        title=plan.title,
        commit="none",
        story=plan.story,
        options=plan.options,
    )
    return request.param, record


def payoff_of(name, each):
    """What the terms say that one option pays, in tokens."""
    if name == REPLAY:
        return max(0.0, 1 - each.strike / each.settled)
    return max(0.0, each.strike - each.settled)


def test_rounds__pay_what_their_terms_say(played):
    name, record = played
    (vault,) = record.options
    assert [each.expiry.isoformat() for each in vault.rounds] == ["2022-06-10", "2022-06-17"]
    for each in vault.rounds:
        assert 0 < each.sold <= each.written
        assert each.premium > 0
        assert each.payoff == pytest.approx(each.sold * payoff_of(name, each), abs=TOKEN)
    if name != REPLAY:
        assert vault.rounds[-1].exercised, "the buyer of cover is paid in the worst week"


def test_rounds__a_share_gains_premiums_and_bears_payoffs_and_fees(played):
    _name, record = played
    (vault,) = record.options
    assets = ScenarioParameters().underwritten if vault.token == "WETH" else None
    for each in vault.rounds:
        gain = each.premium - each.payoff - each.fees
        assert (each.price_after > each.price_before) == (gain > 0)
        if assets is not None:
            shares = assets / vault.rounds[0].price_before
            moved = (each.price_after - each.price_before) * shares
            assert moved == pytest.approx(gain, abs=TOKEN)


def test_books__are_checked_every_night(played):
    _name, record = played
    assert record.checks["VAULT-1"] == len(record.days)
    assert record.checks["VAULT-3"] == 2
    assert record.checks["OPT-1"] >= 14


def test_report__names_each_round(played):
    _name, record = played
    (vault,) = record.options
    table = options.rounds_table(vault)
    assert [row[0] for row in table.rows] == ["03.06.22", "10.06.22"]
    assert vault.name in [part.title for part in sections.sections(record)]


def test_outcomes__of_those_who_are_followed(played):
    name, record = played
    ended = {outcome.who: outcome.ended for outcome in record.outcomes}
    if name == REPLAY:
        assert ended["Call writer"] > ended["Staker"] > 0
    else:
        (vault,) = record.options
        assert ended["Insured"] - ended["Uninsured"] == pytest.approx(vault.payoff - vault.premium)
