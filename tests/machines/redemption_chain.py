"""The redemption vault on a chain: what it sees, and its state beside the model's."""

from collections.abc import Iterable
from typing import Any

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.models.redemption.ledger import World
from keel.models.redemption.vault import Market, Vault
from tests.machines.chain import Chain
from tests.machines.predicted import PredictedChain
from tests.machines.views import Key

WORLD: tuple[Key, ...] = (
    ("pool.exchangeRate",),
    ("pool.lastReport",),
    ("queue.getLastFinalizedRequestId",),
    ("queue.getLastCheckpointIndex",),
    ("queue.unfinalizedStETH",),
    ("pool.getBalances",),
)


class RedemptionChain(PredictedChain):
    """A vault whose calls come with a prediction."""

    def __init__(self, chain: Chain, stack: Stack, vault: Contract) -> None:
        super().__init__(
            chain, vault,
            vault=vault, queue=stack.queue, pool=stack.pool, wketh=stack.wketh, weth=stack.weth,
            swap=stack.swap,
        )  # fmt: skip
        self.stack = stack

    def world(self, timestamp: int) -> World:
        """What an operation in the next block would see."""
        known = self.views.numbers(WORLD, timestamp, self._next)
        ether, shares, reference, applied, finalized, last, queued, buffered, *_ = known

        def ahead(request_id: int) -> int:
            if request_id <= finalized:
                return 0
            keys = ("queue.etherAhead", request_id), ("queue.getWithdrawalStatus", (request_id,))
            before, _offset, _length, nominal, *_ = self.views.numbers(keys, timestamp, self._next)
            return before + nominal

        def checkpoint(index: int) -> tuple[int, int]:
            keys = (("queue.getCheckpoint", index),)
            last_id, _boundary, rate_ray = self.views.numbers(keys, timestamp, self._next)
            return last_id, rate_ray

        return World(
            now=timestamp,
            rate_ray=ether * 10**36 // shares,
            ref_timestamp=reference,
            applied_at=applied,
            last_finalized=finalized,
            last_checkpoint=last,
            checkpoint=checkpoint,
            worth=lambda request_id: self.read("queue.presentValue", request_id, at=timestamp),
            ahead=ahead,
            queued=queued,
            buffered=buffered,
        )

    @property
    def _next(self) -> int:
        return self.chain.block_number + 1

    def read(self, view: str, *arguments: Any, at: int) -> int:
        """A view that returns one number, in the next block."""
        (number,) = self.views.numbers(((view, *arguments),), at, self._next)
        return number

    def market(self, timestamp: int) -> Market:
        """What the swap pool says in the next block."""
        keys = ("swap.get_p", 0), ("swap.stored_rates",), ("wketh.getRate",), ("swap.market_ratio",)
        spot, *rates, live, ratio = self.views.numbers(keys, timestamp, self._next)
        return Market(spot=spot, believed_rate=rates[-1], live_rate=live, average_ratio=ratio)

    def market_after(self, timestamp: int) -> Market:
        """The same once somebody has traded in the block: the average stays.

        Spot is not told; the rate is the one that the trade has brought up to date.
        """
        keys = ("swap.price_oracle", 0), ("swap.stored_rates",), ("wketh.getRate",)
        average, *rates, live = self.views.numbers(keys, timestamp, self._next)
        believed = rates[-1]
        ratio = average * believed // live
        return Market(spot=0, believed_rate=believed, live_rate=live, average_ratio=ratio)

    def nominal(self, shares: int, timestamp: int) -> int:
        """Redemption value of wkETH in the next block."""
        return self.read("wketh.convertToAssets", shares, at=timestamp)

    def require_same_state(
        self, model: Vault, world: World, accounts: Iterable[str], holdings: int, *, thorough: bool
    ) -> None:
        """Compare views with a model that was advanced to `world`, and the WETH here.

        Where not `thorough`, what is paid or follows from the rest is left out.
        """
        position = (
            model.idle,
            model.reserved,
            model.carried,
            model.seasoned.total + model.ripe,
            model.unaccreted,
            model.owed,
        )
        expected: dict[Key, Any] = {
            ("vault.position",): position,
            ("vault.totalAssets",): model.assets,
            ("vault.totalSupply",): model.supply,
            ("vault.frameRoom",): model.frame_room,
            ("weth.balanceOf", self.subject.address): holdings,
        }
        for account in accounts:
            expected["vault.balanceOf", account] = model.balances[account]
        for number, leaving in enumerate(model.exits):
            if thorough or leaving.receiver is not None:
                expected["vault.exitStatus", number] = model.exit_status(number)
        if thorough:
            expected |= {
                ("vault.pendingExits",): model.pending,
                ("vault.inflowPerDay",): model.inflow,
                ("vault.expectedWait", 10**18): model.expected_wait(world, 10**18),
                ("vault.convertToAssets", 10**24): model.to_assets_down(10**24),
            }
        self.views.require(expected, world.now, self._next)
