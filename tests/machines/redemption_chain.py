"""The redemption vault on a chain: what it sees, and its state beside the model's."""

from collections.abc import Iterable
from typing import Any

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.models.redemption.ledger import World
from keel.models.redemption.vault import Market, Vault
from tests.machines.predicted import PredictedChain


class RedemptionChain(PredictedChain):
    """A vault whose calls come with a prediction."""

    def __init__(self, stack: Stack, vault: Contract) -> None:
        known = (vault, stack.queue, stack.pool, stack.wketh, stack.weth, stack.swap)
        super().__init__(stack.rpc, *known)
        self.stack, self.vault = stack, vault

    def world(self, timestamp: int) -> World:
        """What an operation in the next block would see."""
        pool, queue = self.stack.pool, self.stack.queue

        def read(contract: Contract, name: str, *arguments: Any) -> Any:
            return self.read(contract, name, *arguments, timestamp=timestamp)

        ether, shares = read(pool, "exchangeRate")
        reference, applied = read(pool, "lastReport")
        finalized = read(queue, "getLastFinalizedRequestId")

        def ahead(request_id: int) -> int:
            if request_id <= finalized:
                return 0
            (status,) = read(queue, "getWithdrawalStatus", [request_id])
            return int(read(queue, "etherAhead", request_id) + status[0])

        return World(
            now=timestamp,
            rate_ray=ether * 10**36 // shares,
            ref_timestamp=reference,
            applied_at=applied,
            last_finalized=finalized,
            worth=lambda request_id: int(read(queue, "presentValue", request_id)),
            ahead=ahead,
            queued=read(queue, "unfinalizedStETH"),
            buffered=read(pool, "getBalances")[0],
        )

    def market(self, timestamp: int) -> Market:
        """What the swap pool says in the next block."""
        swap = self.stack.swap
        return Market(
            spot=self.read(swap, "get_p", 0, timestamp=timestamp),
            believed_rate=self.read(swap, "stored_rates", timestamp=timestamp)[1],
            live_rate=self.read(self.stack.wketh, "getRate", timestamp=timestamp),
            average_ratio=self.read(swap, "market_ratio", timestamp=timestamp),
        )

    def market_after(self, timestamp: int) -> Market:
        """The same once somebody has traded in the block: the average stays.

        Spot is not told; the rate is the one that the trade has brought up to date.
        """
        swap = self.stack.swap
        live = self.read(self.stack.wketh, "getRate", timestamp=timestamp)
        believed = self.read(swap, "stored_rates", timestamp=timestamp)[1]
        average = self.read(swap, "price_oracle", 0, timestamp=timestamp)
        ratio = average * believed // live
        return Market(spot=0, believed_rate=believed, live_rate=live, average_ratio=ratio)

    def nominal(self, shares: int, timestamp: int) -> int:
        """Redemption value of wkETH in the next block."""
        return int(self.read(self.stack.wketh, "convertToAssets", shares, timestamp=timestamp))

    def act(
        self, sender: str, function: str, arguments: tuple[Any, ...], timestamp: int, outcome: Any
    ) -> dict[str, Any] | None:
        """As `play`, on the vault."""
        return self.play(self.vault, sender, function, arguments, timestamp, outcome)

    def require_same_state(
        self, model: Vault, world: World, accounts: Iterable[str], holdings: int
    ) -> None:
        """Compare every view with a model that was advanced to `world`, and the WETH here."""
        position = (
            model.idle,
            model.reserved,
            model.covered(world),
            model.seasoned,
            model.unaccreted,
            model.owed,
        )
        expected: list[tuple[str, tuple[Any, ...], Any]] = [
            ("position", (), position),
            ("totalAssets", (), model.assets(world)),
            ("totalSupply", (), model.supply),
            ("pendingExits", (), model.pending),
            ("frameRoom", (), model.frame_room(world)),
            ("inflowPerDay", (), model.inflow),
            ("expectedWait", (10**18,), model.expected_wait(world, 10**18)),
            ("convertToAssets", (10**24,), model.to_assets_down(10**24, world)),
        ]
        expected += [("balanceOf", (account,), model.balances[account]) for account in accounts]
        expected += [
            ("exitStatus", (number,), model.exit_status(number))
            for number in range(len(model.exits))
        ]
        calls = [(self.vault, *view) for view in expected]
        calls.append((self.stack.weth, "balanceOf", (self.vault.address,), holdings))
        self.require_same(calls, world.now)
