"""The redemption vault's keeper: upkeep, and purchases that the swap pool's discount pays for.

`decide` is pure; `Desk` reads the vault and sends. The vault's money is spent at the vault's terms
alone, so that the keeper needs no trust, and nothing but gas.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from keel.chain.abi import Reverted
from keel.chain.contract import Call, read_all
from keel.chain.stack import Stack

_HALVINGS = 4
_SAFE = 995
"""Thousandths of what fits into the frame: a smaller purchase is cheaper, its nominal larger."""
_LEAST = 10**15
_REFUSALS = frozenset({"DiscountTooSmall", "FrameCapExceeded", "ReportTooOld"})


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What the swap pool would sell to the vault now, at the vault's terms.

    Attributes
    ----------
    weth_amount : int
        Wei that it costs.
    nominal : int
        Wei that the ticket promises.
    """

    weth_amount: int
    nominal: int

    @property
    def gain(self) -> int:
        """Wei above the cost, once the queue has paid."""
        return self.nominal - self.weth_amount


@dataclass(frozen=True, kw_only=True)
class VaultState:
    """What a keeper has to know.

    Attributes
    ----------
    due : int
        Tickets that the queue has paid, or whose holdback a report has covered.
    line : int
        Shares in line for their WETH.
    idle : int
        WETH of the vault, in wei.
    offers : sequence of Offer
        Purchases that the vault would accept.
    """

    due: int
    line: int
    idle: int
    offers: Sequence[Offer] = ()


@dataclass(frozen=True, kw_only=True)
class Advance:
    """Call `advance`."""


@dataclass(frozen=True, kw_only=True)
class Buy:
    """Call `buyFromPool`."""

    weth_amount: int


def decide(state: VaultState, *, least_gain: int) -> Advance | Buy | None:
    """The next call, if one is worth it: upkeep first, for what it brings in may be spent.

    Parameters
    ----------
    least_gain : int
        Wei that a purchase must bring the vault; less isn't worth the keeper's gas.
    """
    if state.due or (state.line and state.idle):
        return Advance()
    if state.line or not state.offers:
        return None
    best = max(state.offers, key=lambda offer: offer.gain)
    return Buy(weth_amount=best.weth_amount) if best.gain >= least_gain else None


@dataclass
class Desk:
    """Reads the vault's state from the chain, and makes a call of what was decided."""

    stack: Stack
    _first: int = field(default=1, init=False)
    """No ticket of the vault before this one is open."""

    def state(self, *, buy: bool = True) -> VaultState:
        """As of the latest block; without offers unless it is to `buy`."""
        vault = self.stack.redemption
        position, line, room = read_all(
            [vault.view("position"), vault.view("pendingExits"), vault.view("frameRoom")]
        )
        due, idle = self._due(), position[0]
        offers = self._offers(min(idle, room)) if buy and not (due or line) else ()
        return VaultState(due=due, line=line, idle=idle, offers=offers)

    def call(self, action: Advance | Buy) -> Call:
        """The transaction."""
        vault = self.stack.redemption
        if isinstance(action, Advance):
            return vault.prepare("advance")
        return vault.prepare("buyFromPool", action.weth_amount)

    def _due(self) -> int:
        """Tickets paid, and one if the first holdback that isn't settled can be."""
        stack = self.stack
        vault, queue = stack.redemption, stack.queue
        (bought, settled, paid), (reported, _), finalised, last = read_all(
            [
                vault.view("ticketCounts"),
                stack.pool.view("lastReport"),
                queue.view("getLastFinalizedRequestId"),
                queue.view("getLastRequestId"),
            ]
        )
        if paid == bought:
            return 0
        tickets = queue.call("getWithdrawalRequests", vault.address, self._first, last)
        self._first = tickets[0]
        due = sum(ticket <= finalised for ticket in tickets)
        if settled < bought:
            ((_, _, _, asked_at, _, _),) = queue.call(
                "getWithdrawalStatus", [tickets[settled - paid]]
            )
            due += asked_at <= reported
        return int(due)

    def _offers(self, most: int) -> list[Offer]:
        """The largest purchase that the vault accepts: all that it can pay, or half, and so on.

        The frame's room is one of nominals, and a nominal is above its cost.
        """
        stack = self.stack
        if not most:
            return []
        bought = stack.swap.call("get_dy", 0, 1, most)
        nominal = stack.wketh.call("convertToAssets", bought)
        amount = most * most // max(most, nominal) * _SAFE // 1_000
        for _ in range(_HALVINGS):
            if amount < _LEAST:
                break
            try:
                nominal = stack.redemption.call("buyFromPool", amount)
            except Reverted as refusal:
                if refusal.name not in _REFUSALS:
                    raise
                amount //= 2
                continue
            return [Offer(weth_amount=amount, nominal=int(nominal))]
        return []
