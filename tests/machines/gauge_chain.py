"""The gauge on a chain: its whole storage, and what its views say, beside the model's."""

from collections.abc import Iterable, Mapping
from typing import Any

from keel.chain.contract import Contract
from keel.models.gauge.gauge import Gauge
from keel.models.gauge.streams import Checkpoint
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain
from tests.machines.predicted import PredictedChain
from tests.machines.slots import Comparison, Section
from tests.machines.views import Key


class GaugeChain(PredictedChain):
    """A gauge whose calls come with a prediction."""

    def __init__(
        self, chain: Chain, gauge: Contract, lp: Contract, tokens: Mapping[str, Contract]
    ) -> None:
        super().__init__(chain, gauge, gauge=gauge, lp=lp, **tokens)
        self.gauge, self.tokens = gauge, tokens
        self._slots = GaugeSlots(gauge.address, lp.address)
        self._comparison = Comparison(chain)

    def require_same_state(
        self, model: Gauge, accounts: Iterable[str], held: Mapping[str, int], timestamp: int
    ) -> None:
        """Compare all storage, what the gauge holds of each token, and what follows with time."""
        accounts = list(accounts)
        self._comparison.require(self._slots.sections(model, accounts, held))
        expected: dict[Key, Any] = {("gauge.clock",): model.clock}
        for token in model.rewards:
            expected["gauge.streamOf", token] = model.stream_of(token)
            for account in accounts:
                expected["gauge.earned", account, token] = model.earned(account, token)
        self.views.require(expected, timestamp)

    def require_same_getters(self, model: Gauge, accounts: Iterable[str], timestamp: int) -> None:
        """Compare what only tells of storage."""
        expected: dict[Key, Any] = {
            ("gauge.totalStaked",): model.total_staked,
            ("gauge.rewardTokens",): list(model.rewards),
        }
        for account in accounts:
            expected["gauge.stakeOf", account] = model.stakes[account]
        self.views.require(expected, timestamp)


class GaugeSlots:
    """The gauge's storage as the model has it, and the gauge's balances."""

    def __init__(self, gauge: str, lp: str) -> None:
        layout = slots.Layout("LiquidityGauge")
        self._gauge, self._lp = gauge, lp
        names = ("_ledger", "_stakes", "_rewards", "_streams", "_checkpoints", "_numbers")
        self._at = {name: layout.slot(name) for name in names}
        self._ledger = layout.packer("Ledger", "staked", "clock", "time", "rewardCount")
        self._reward = layout.packer("Reward", "token", "funded")
        self._stream = layout.packer("Stream", "integral", "updated", "end")
        self._checkpoint = layout.packer("Checkpoint", "integral", "owed")
        self._known: dict[Any, tuple[list[str], list[Slot]]] = {}

    def sections(self, model: Gauge, accounts: list[str], held: Mapping[str, int]) -> list[Section]:
        names, places = self._places(tuple(accounts), tuple(model.rewards), tuple(held))
        counted = model.total_staked, *model.counted, len(model.rewards)
        words = [self._ledger(*counted), *[model.stakes[account] for account in accounts]]
        for number, (token, reward) in enumerate(model.rewards.items(), start=1):
            stream = reward.stream
            words += [
                self._reward(int(token, 16), reward.funded),
                int(reward.distributor, 16),
                self._stream(stream.integral, stream.updated, stream.end),
                stream.remaining,
                number,
            ]
            for account in accounts:
                checkpoint = reward.checkpoints.get(account, Checkpoint())
                words.append(self._checkpoint(checkpoint.integral, checkpoint.owed))
        return [Section("gauge's", names, places, [*words, model.total_staked, *held.values()])]

    def _places(
        self, accounts: tuple[str, ...], rewards: tuple[str, ...], held: tuple[str, ...]
    ) -> tuple[list[str], list[Slot]]:
        if (accounts, rewards, held) in self._known:
            return self._known[accounts, rewards, held]
        numbers, at = {"ledger": self._at["_ledger"]}, self._at
        for account in accounts:
            numbers[f"stake of {account}"] = slots.of_mapping(at["_stakes"], account)
        for i, token in enumerate(rewards):
            reward = slots.of_mapping(at["_rewards"], i)
            stream = slots.of_mapping(at["_streams"], i)
            numbers |= {
                f"reward {i}": reward,
                f"distributor {i}": reward + 1,
                f"stream {i}": stream,
                f"remaining {i}": stream + 1,
                f"number {i}": slots.of_mapping(at["_numbers"], token),
            }
            for account in accounts:
                own = slots.of_mapping(at["_checkpoints"], account)
                numbers[f"checkpoint {i} of {account}"] = slots.of_mapping(own, i)
        places = [(self._gauge, number) for number in numbers.values()]
        balance = slots.solady_balance(self._gauge)
        places += [(token, balance) for token in (self._lp, *held)]
        names = [*numbers, *[f"balance of {token}" for token in ("LP token", *held)]]
        self._known[accounts, rewards, held] = names, places
        return names, places
