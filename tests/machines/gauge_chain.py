"""The gauge on a chain: its whole state beside the model's."""

from collections.abc import Iterable, Mapping
from typing import Any

from keel.chain.contract import Contract
from keel.models.gauge.gauge import Gauge
from tests.machines.predicted import PredictedChain


class GaugeChain(PredictedChain):
    """A gauge whose calls come with a prediction."""

    def __init__(self, gauge: Contract, lp: Contract, tokens: Mapping[str, Contract]) -> None:
        super().__init__(gauge.rpc, gauge, lp, *tokens.values())
        self.gauge, self.lp, self.tokens = gauge, lp, tokens

    def require_same_state(
        self,
        model: Gauge,
        accounts: Iterable[str],
        held: Mapping[str, int],
        timestamp: int,
    ) -> None:
        """Compare every view, and what the gauge holds of each token."""
        expected: dict[tuple[str, tuple[Any, ...]], Any] = {
            ("totalStaked", ()): model.total_staked,
            ("clock", ()): model.clock,
            ("rewardTokens", ()): tuple(model.rewards),
        }
        for account in accounts:
            expected["stakeOf", (account,)] = model.stakes[account]
            for token in model.rewards:
                expected["earned", (account, token)] = model.earned(account, token)
        for token in model.rewards:
            expected["streamOf", (token,)] = model.stream_of(token)
        calls = [(self.gauge, *key, value) for key, value in expected.items()]
        where = (self.gauge.address,)
        calls.append((self.lp, "balanceOf", where, model.total_staked))
        calls += [(self.tokens[token], "balanceOf", where, held[token]) for token in held]
        self.require_same(calls, timestamp)
