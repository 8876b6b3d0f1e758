"""A backtest from prices to figures: the models first, then a fresh Anvil that must agree."""

from collections.abc import Callable, Mapping, Sequence
from time import perf_counter

from keel.chain.artifacts import Artifact
from keel.sim.backtest.chain import Chain
from keel.sim.backtest.parameters import BacktestParameters
from keel.sim.backtest.records import Backtest
from keel.sim.backtest.weeks import Weeks
from keel.sim.market import MarketDay
from keel.sim.replay import fresh_stack

_LEAN = ("--prune-history", "--transaction-block-keeper", "10")
"""Anvil's: it keeps the latest state alone, as it would copy all of it in each of many blocks."""

Progress = Callable[[str, int, int], None]
"""Told where the run is, what is done there, and of how much."""


def backtest(
    artifacts: Mapping[str, Artifact],
    days: Sequence[MarketDay],
    parameters: BacktestParameters,
    *,
    source: str,
    commit: str,
    progress: Progress | None = None,
) -> Backtest:
    """Play a window; raises `InvariantBroken` where contracts and models differ by a wei."""
    tell = progress or (lambda _where, _done, _total: None)
    began = perf_counter()
    weeks = Weeks(days, parameters)
    weeks.play(lambda done, total: tell("on the models", done, total))
    found = Backtest(
        source=source,
        commit=commit,
        apr=parameters.apr,
        vaults=list(weeks.vaults.values()),
        fridays=weeks.fridays,
        gaps=weeks.gaps,
        twin_seconds=perf_counter() - began,
    )
    journal, began = weeks.twin.journal, perf_counter()
    with fresh_stack(artifacts, days[0], options=_LEAN) as stack:
        chain = Chain(stack, artifacts, parameters.targets)
        for number, entry in enumerate(journal, start=1):
            chain.play(entry)
            tell("on the contracts", number, len(journal))
    found.checks, found.transactions = chain.counts, chain.transactions
    found.chain_seconds = perf_counter() - began
    return found
