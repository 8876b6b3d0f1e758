"""Four weeks of covered calls, on the models and on the real contracts."""

from dataclasses import replace
from datetime import date

import pytest

from keel.sim import market
from keel.sim.backtest.chain import BOOKS, EVENTS, HELD, Chain
from keel.sim.backtest.journal import Account, Answer, Deed, Reading, Told
from keel.sim.backtest.market import FEED
from keel.sim.backtest.parameters import BacktestParameters
from keel.sim.backtest.run import backtest
from keel.sim.backtest.weeks import Weeks
from keel.sim.records import InvariantBroken
from keel.sim.replay import fresh_stack

FIRST, LAST = date(2022, 6, 24), date(2022, 7, 24)
"""Three rounds; in the last of them ether rose by a third."""
PARAMETERS = BacktestParameters(targets=(0.10, 0.30))


@pytest.fixture(scope="module")
def days():
    return market.window(market.load(), FIRST, LAST)


def test_backtest__chain_and_models_agree_to_the_wei(artifacts, days):
    seen = []
    found = backtest(
        artifacts, days, PARAMETERS, source="summer2022.csv", commit="none",
        progress=lambda where, done, total: seen.append((where, done, total)),
    )  # fmt: skip
    assert found.weeks == 3
    for vault in found.vaults:
        assert [each.sold > 0 for each in vault.rounds] == [True] * 3
        assert vault.rounds[-1].payoff > vault.rounds[-1].premium > 0
        assert vault.against_holding < 0
    assert found.checks[EVENTS] > 200
    assert found.checks[BOOKS] > 200
    assert found.checks[HELD] == 2 * (2 * found.weeks + 1)
    assert found.transactions > 150
    (models, contracts) = dict.fromkeys(where for where, _, _ in seen)
    assert (models, contracts) == ("on the models", "on the contracts")
    assert seen[-1][1] == seen[-1][2]


def test_chain__that_differs_by_a_wei__ends_the_run(artifacts, days):
    """The comparison does compare: events, answers, and tokens that a vault lacks."""
    weeks = Weeks(days, PARAMETERS)
    weeks.play()
    journal = weeks.twin.journal
    opening = next(n for n, each in enumerate(journal) if is_deed(each, "open market"))
    trade = next(n for n, each in enumerate(journal) if is_deed(each, "exchange"))
    with fresh_stack(artifacts, days[0]) as stack:
        chain = Chain(stack, artifacts, PARAMETERS.targets)
        for entry in journal[: opening + 1]:
            chain.play(entry)
        for wrong in (
            Answer("wketh", "totalSupply", (), 0),
            Answer("settlement", "latestPrice", (FEED,), (1, None)),
        ):
            with pytest.raises(InvariantBroken, match=r"TWIN-2 broken: .* by the twin"):
                chain.play(Reading((wrong,)))
        for entry in journal[opening + 1 : trade]:
            chain.play(entry)
        (told,) = journal[trade].told
        (got,) = told.values.values()
        wrong_event = Told(told.event, {"tokens_bought": got + 1})
        with pytest.raises(InvariantBroken, match=f"is {got} on the chain, {got + 1} by the twin"):
            chain.play(replace(journal[trade], told=(wrong_event,)))
        missing = Deed(
            time=journal[trade].time + 12, who="seller", what="weth", name="approve",
            args=(Account("swap"), 1), told=(Told("Transfer", {}),),
        )  # fmt: skip
        with pytest.raises(InvariantBroken, match="emits 0 Transfer, one expected"):
            chain.play(missing)


def is_deed(entry, name):
    return isinstance(entry, Deed) and entry.name.startswith(name)
