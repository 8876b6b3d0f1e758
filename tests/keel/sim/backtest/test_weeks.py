"""The weeks on models: what a vault may know, and that every wei is accounted for."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest

from keel.sim import market
from keel.sim.backtest.journal import Deed
from keel.sim.backtest.parameters import BacktestParameters, BadBacktest
from keel.sim.backtest.weeks import Weeks
from keel.sim.market import BadMarketData

WAD = 10**18
DAYS = market.load()
PARAMETERS = BacktestParameters(targets=(0.10, 0.30))
EARLY = 40 * 60
"""Seconds before 08:00 at which a Friday's first deed is done."""


def play(days, parameters=PARAMETERS):
    weeks = Weeks(days, parameters)
    weeks.play()
    return weeks


@pytest.fixture(scope="module")
def weeks():
    return play(DAYS)


# Nothing is known before its time


def shuffled(days, last_known, seed):
    """The same days to `last_known`, whose ratio is not known yet; later figures in any order."""
    known = [day for day in days if day.day <= last_known]
    future = [day for day in days if day.day > last_known]
    figures = list(future)
    Random(seed).shuffle(figures)
    mixed = [
        replace(day, ether_usd=other.ether_usd, ratio=other.ratio, volatility=other.volatility)
        for day, other in zip(future, figures, strict=True)
    ]
    return [*known[:-1], replace(known[-1], ratio=known[-1].ratio * 0.97), *mixed]


def deeds_before(weeks, time):
    return [each for each in weeks.twin.journal if isinstance(each, Deed) and each.time < time]


@pytest.mark.parametrize("last_known", [date(2022, 5, 20), date(2022, 6, 16), date(2022, 6, 24)])
@pytest.mark.parametrize("seed", range(3))
def test_decisions__future_shuffled__are_the_same(weeks, last_known, seed):
    other = play(shuffled(DAYS, last_known, seed))
    tomorrow = next(day.timestamp for day in DAYS if day.day > last_known) - EARLY
    expected = deeds_before(weeks, tomorrow)
    assert deeds_before(other, tomorrow) == expected
    assert len(expected) > 50
    assert other.twin.journal != weeks.twin.journal


@pytest.mark.parametrize("last_known", [date(2022, 5, 20), date(2022, 6, 24)])
def test_rounds__future_shuffled__are_struck_and_sold_the_same(weeks, last_known):
    other = play(shuffled(DAYS, last_known, 1))
    until = next(day.timestamp for day in DAYS if day.day > last_known)
    for target, vault in weeks.vaults.items():
        for mine, theirs in zip(vault.rounds, other.vaults[target].rounds, strict=True):
            if mine.opened < until:
                assert chosen(mine) == chosen(theirs)
    running = [each.rounds for each in weeks.vaults.values()]
    assert any(each.opened < until < each.expiry for rounds in running for each in rounds)


def chosen(each):
    """What was decided when the round began, and in its auction."""
    return (
        each.opened, each.spot, each.volatility, each.strike, each.amount, each.sold, each.premium
    )  # fmt: skip


def test_decisions__of_a_friday__are_by_its_price_and_volatility(weeks):
    """What is known does count: a vault that looked at nothing would pass the tests above."""
    friday = date(2022, 6, 24)
    for change in ({"ether_usd": 1_000.0}, {"volatility": 2.0}):
        other = play([replace(d, **change) if d.day == friday else d for d in DAYS])
        mine, theirs = (
            next(each for each in played.vaults[0.10].rounds if each.opened >= opened(friday))
            for played in (weeks, other)
        )
        assert mine.strike != theirs.strike


def opened(friday):
    return next(day.timestamp for day in DAYS if day.day == friday)


# Accounts


def test_rounds__add_up_to_the_wei(weeks):
    for target, vault in weeks.vaults.items():
        held = vault.deposit
        for each in vault.rounds:
            assert each.locked == held
            held += each.premium - each.payoff - each.fees
            assert each.price == held * WAD // vault.deposit
        assert weeks.twin.vaults[target].idle in (held, 0)
        assert weeks.twin.vaults[target].locked == held


def test_rounds__payoffs_are_what_the_terms_say(weeks):
    for vault in weeks.vaults.values():
        assert len(vault.rounds) == 12
        for each in vault.rounds:
            per_call = max(0, each.settled - each.strike) * WAD // each.settled
            assert 0 <= each.payoff - each.sold * per_call // WAD <= 1
        assert vault.exercised >= 1


def test_rounds__unsold__cost_the_management_fee_alone(weeks):
    unsold = [each for vault in weeks.vaults.values() for each in vault.rounds if not each.sold]
    assert unsold
    for each in unsold:
        assert each.premium == each.payoff == 0
        assert each.fees == each.locked * 2 * (each.expiry - each.opened) // (100 * 365 * 86_400)


def test_rounds__sold_between_the_reserve_and_the_first_price(weeks):
    """The trader pays no more than what the implied volatility says, which is above the reserve."""
    for vault in weeks.vaults.values():
        for each in vault.rounds:
            if each.sold:
                assert each.sold == each.amount
                assert 0 < each.premium < each.sold // 10


def test_strikes__lower_delta__is_farther(weeks):
    far, near = (weeks.vaults[target].rounds for target in PARAMETERS.targets)
    assert all(low.strike < high.strike for high, low in zip(far, near, strict=True))
    assert all(each.strike % (5 * WAD) == 0 for each in (*far, *near))


def test_market__follows_the_table(weeks):
    """The pool stands at the day before's ratio, the rate has grown by the APR less the fee.

    The last report's gain is still to be released: 82 of 89 days are in the rate.
    """
    twin = weeks.twin
    assert max(weeks.gaps) < 1e-4
    assert twin.ratio / WAD == pytest.approx(DAYS[-3].ratio, abs=0.001)
    assert twin.rate / WAD == pytest.approx(1 + 0.04 * 0.9 * 82 / 365, abs=1e-4)


def test_friday__two_vaults_on_one_strike__share_a_series():
    """Prices low beside the grid: both write the same call, and both pay for it."""
    days = [
        replace(day, ether_usd=103.0 if day.day < date(2022, 5, 23) else 140.0, volatility=0.7)
        for day in DAYS[:30]
    ]
    both = play(days, BacktestParameters(targets=(0.10, 0.11)))
    first, second = (vault.rounds[-1] for vault in both.vaults.values())
    assert first.strike == second.strike
    for each in (first, second):
        per_call = (each.settled - each.strike) * WAD // each.settled
        assert abs(each.payoff - each.sold * per_call // WAD) <= 1  # who is last takes what is left
        assert each.payoff > 0


def test_friday__volatility__is_what_the_quorum_says_that_day(weeks):
    """Or what the price has realised; the day before's would leave calls unsold when it falls."""
    by_day = {day.timestamp: day for day in DAYS}
    realised = 0
    for each in weeks.vaults[0.10].rounds[1:]:  # the first begins at the oracle's own
        today = by_day[each.opened - each.opened % 86_400 + 8 * 3_600]
        said = round(today.volatility * PARAMETERS.caution * WAD)
        assert each.volatility >= said
        realised += each.volatility > said
        if each.volatility < today.volatility * WAD:
            assert each.sold
    assert 0 < realised < len(weeks.vaults[0.10].rounds) // 2


def test_idle__strike_below_the_markets_least__writes_nothing():
    dear = [replace(day, ether_usd=50.0) for day in DAYS[:30]]
    vault = play(dear).vaults[0.10]
    assert vault.rounds == []
    assert vault.idle == 3
    assert vault.prices == [1.0] * 4


# What can't be played


def test_weeks__without_a_volatility__reverts():
    days = [replace(d, volatility=None) if d.day == date(2022, 6, 1) else d for d in DAYS]
    with pytest.raises(BadMarketData, match="no eth_vol on 2022-06-01"):
        Weeks(days, PARAMETERS)


def test_weeks__too_short__reverts():
    with pytest.raises(BadMarketData, match="20 days"):
        Weeks(DAYS[:20], PARAMETERS)
    assert play(DAYS[:21]).fridays


@pytest.mark.parametrize(
    "targets",
    [
        (),
        (0.1, 0.1),
        (0.1, 0.2, 0.3, 0.4, 0.5),
        (0.0,),
        (0.009,),
        (0.51,),
        (0.125,),
        (float("nan"),),
    ],
)
def test_parameters__targets_that_no_vault_can_have__reverts(targets):
    with pytest.raises(BadBacktest, match="delta target"):
        BacktestParameters(targets=targets)
