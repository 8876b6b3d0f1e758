"""The invariants that a run asserts every day, against a ledger kept apart from the contracts."""

from dataclasses import dataclass, field

from keel.chain.contract import read_all
from keel.sim.records import InvariantBroken
from keel.sim.world import World

_EXACT_PER_SHARE = 10**9


@dataclass
class Ledger:
    """What the run itself saw go in and out, in wei."""

    bootstrap: int
    submitted: int = 0
    gained: int = 0
    lost: int = 0
    borne: int = 0
    """Of what was lost: the parts that the events name, together."""
    locked: int = 0
    claimed: int = 0

    @property
    def net(self) -> int:
        """Ether that must still be the pool's."""
        return self.bootstrap + self.submitted + self.gained - self.lost - self.locked


@dataclass
class Checks:
    """Asserts, and counts what was asserted."""

    world: World
    ledger: Ledger
    holders: tuple[str, ...]
    """Every account that may hold kETH."""
    counts: dict[str, int] = field(default_factory=dict)
    _rate: tuple[int, int] | None = None
    _virtual_price: int = 0
    _swap_rate: int = 0

    def require(self, invariant: str, holds: bool, detail: str) -> None:
        """Count, and raise unless it holds."""
        self.counts[invariant] = self.counts.get(invariant, 0) + 1
        if not holds:
            raise InvariantBroken(invariant, detail)

    def expect_equal(self, invariant: str, name: str, found: int, expected: int) -> None:
        """Compare to the wei."""
        self.require(invariant, found == expected, f"{name} is {found}, expected {expected}")

    def after_day(self, *, loss: bool, open_claims: int) -> None:
        """All daily checks; `open_claims` is what finalised, unclaimed tickets are due."""
        self._shares(loss=loss)
        self._ether(open_claims)
        self._swap(loss=loss)

    def _shares(self, *, loss: bool) -> None:
        stack = self.world.stack
        wketh = stack.wketh
        (ether, total), wrapped, held, *shares = read_all(
            [
                stack.pool.view("exchangeRate"),
                wketh.view("totalSupply"),
                stack.pool.view("exactSharesOf", wketh.address),
                *(stack.pool.view("exactSharesOf", who) for who in self.holders),
            ]
        )
        self.expect_equal("STAKE-1", "sum of shares", sum(shares), total)
        balances = sum(share * ether // total for share in shares)
        self.require(
            "STAKE-2",
            0 <= ether - balances <= len(shares),
            f"balances sum to {balances} of {ether} wei",
        )
        if self._rate is not None and not loss:
            before_ether, before_total = self._rate
            self.require(
                "STAKE-3",
                ether * before_total >= before_ether * total,
                f"the rate fell without a loss: {before_ether}/{before_total} to {ether}/{total}",
            )
        self._rate = (ether, total)
        wrapped *= _EXACT_PER_SHARE
        self.require("STAKE-4", wrapped <= held, f"{wrapped} shares wrapped, {held} held")

    def _ether(self, open_claims: int) -> None:
        world, stack = self.world, self.world.stack
        queue, pool = stack.queue, stack.pool
        locked, finalised, balances, pooled, lent = read_all(
            [
                queue.view("getLockedEtherAmount"),
                queue.view("getLastFinalizedRequestId"),
                pool.view("getBalances"),
                pool.view("totalSupply"),
                queue.view("etherLent"),
            ]
        )
        self.require(
            "STAKE-5",
            open_claims <= locked <= open_claims + finalised,
            f"{locked} wei locked for claims of {open_claims}",
        )
        self.expect_equal("STAKE-5", "ether of the queue", world.rpc.balance(queue.address), locked)
        buffered, layer, in_flight, carried, unreleased = balances
        self.expect_equal("STAKE-7", "gross assets", pooled + unreleased + carried, self.ledger.net)
        self.expect_equal(
            "STAKE-7", "parts of the assets", buffered + layer + in_flight + lent, self.ledger.net
        )
        self.expect_equal("STAKE-7", "ether of the pool", world.rpc.balance(pool.address), buffered)

        self.expect_equal("STAKE-10", "losses borne", self.ledger.borne, self.ledger.lost)

    def _swap(self, *, loss: bool) -> None:
        stack = self.world.stack
        swap = stack.swap
        virtual_price, (_, rate) = read_all(
            [swap.view("get_virtual_price"), swap.view("stored_rates")]
        )
        for index, token in enumerate((stack.weth, stack.wketh)):
            balance, fees, held = read_all(
                [
                    swap.view("balances", index),
                    swap.view("admin_balances", index),
                    token.view("balanceOf", swap.address),
                ]
            )
            internal = balance + fees
            self.require("SWAP-4", internal <= held, f"coin {index}: {internal} of {held} held")
        # The pool follows a large loss in bounded steps, on later days too.
        fell, self._swap_rate = rate < self._swap_rate, rate
        if not loss and not fell:
            # A step of a wei is rounding of the division by the supply.
            self.require(
                "SWAP-7",
                virtual_price >= self._virtual_price - 1,
                f"the virtual price fell from {self._virtual_price} to {virtual_price}",
            )
        self._virtual_price = virtual_price
