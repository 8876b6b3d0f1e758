"""The peg arbitrageur: buys wkETH where it is cheaper than waiting, and waits.

Three places meet here. The swap pool sells at a discount after somebody was in a hurry. The queue
pays redemption value, after a wait that costs interest. The redemption vault pays at once, for
less, and can also buy from the pool with its own money. It never counts on a price to come: each
purchase is worth it if the queue alone takes the units.
"""

from dataclasses import dataclass, replace

from keel.chain.contract import Contract
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers import peg
from keel.keepers.action import Action, Decision, ether
from keel.keepers.journal import Journal
from keel.models.stableswap.trades import Market, Rules

WAD = 10**18
ETHER = 10**18
UNLIMITED = 2**256 - 1
_BPS = 10_000
_MOST_PER_TICKET = 1_000 * ETHER
_LEAST_TICKET = ETHER // 100
_MAX_SKEW = 10_000
_SAFE = 995
"""Thousandths of what fits into the frame: a smaller purchase is cheaper, its nominal larger."""
_CLAIMS_PER_CALL = 20
_SECONDS_PER_BLOCK = 12
_NEEDED = ((0, "weth", "swap"), (1, "wketh", "swap"), (2, "wketh", "queue"),
           (3, "wketh", "redemption"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class VaultState:
    """The redemption vault; wei, and WAD for `fee`.

    Attributes
    ----------
    open : bool
        Nobody waits in line, and the last report is young enough.
    price, nominal : int
        What it pays now, the holdback included, for the keeper's whole inventory, and its value.
    fee : int
        Of its own purchases: interest for its wait, or half the average discount, or its least.
    """

    open: bool
    idle: int
    room: int
    nominal: int = 0
    price: int = 0
    fee: int = 0


@dataclass(frozen=True, kw_only=True)
class PegState:
    """One block of the markets, and what the keeper holds; wei.

    Attributes
    ----------
    live_rate : int
        Ether per wkETH at redemption, WAD.
    approved, spenders : tuple
        Allowances that stand, and whose they are, in the order of `_NEEDED`.
    claimable : tuple
        The keeper's paid tickets as (id, hint, wei).
    in_queue : int
        Nominal of its tickets that wait.
    gas_price : int
        Wei per gas.
    """

    block: int
    account: str
    market: Market
    live_rate: int
    queue: peg.Waiting
    vault: VaultState
    ether: int
    weth: int
    wketh: int
    approved: tuple[bool, ...]
    spenders: tuple[str, ...]
    claimable: tuple[tuple[int, int, int], ...]
    in_queue: int
    gas_price: int


@dataclass(frozen=True, kw_only=True)
class Arbitrageur:
    """Settings.

    Attributes
    ----------
    yearly : int
        What money costs, WAD.
    scarce_yearly : int
        What it costs once less than `low_water` of WETH is left.
    most : int
        WETH spent in one purchase.
    most_wrapped : int
        Ether wrapped in one transaction.
    reserve : int
        Ether kept for gas.
    slippage_bps : int
        How much less than quoted a trade may bring.
    trade_gas : int
        Gas of a purchase with all that follows: ticket, claim, wrapping.
    least_gain : int
        Ether that a purchase must bring beyond that.
    least_for_vault : int
        WETH of the smallest purchase for the redemption vault.
    """

    name: str = "arbitrageur"
    account: str
    yearly: int = WAD // 20
    scarce_yearly: int = WAD // 4
    low_water: int = 20 * ETHER
    most: int = 200 * ETHER
    most_wrapped: int = 100 * ETHER
    reserve: int = 5 * ETHER
    slippage_bps: int = 5
    trade_gas: int = 500_000
    least_gain: int = ETHER // 1_000
    least_for_vault: int = ETHER

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Its tickets."""
        return [(stack.queue, ("WithdrawalRequested", "WithdrawalClaimed"))]

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> PegState:
        """Views of pool, queue and vault."""
        me, swap, vault, queue = self.account, stack.swap, stack.redemption, stack.queue
        seen = read(
            {
                "balances": (swap, "get_balances"),
                "rates": (swap, "stored_rates"),
                "amp": (swap, "amplification_unrounded"),
                "fee": (swap, "fee"),
                "offpeg": (swap, "offpeg_fee_multiplier"),
                "admin_fee": (swap, "admin_fee"),
                "directional": (swap, "directional"),
                "supply": (swap, "totalSupply"),
                "ratio": (swap, "market_ratio"),
                "live": (stack.wketh, "getRate"),
                "queued": (queue, "unfinalizedStETH"),
                "finalised": (queue, "getLastFinalizedRequestId"),
                "checkpoint": (queue, "getLastCheckpointIndex"),
                "buffer": (stack.pool, "getBalances"),
                "report": (stack.pool, "lastReport"),
                "weth": (stack.weth, "balanceOf", me),
                "wketh": (stack.wketh, "balanceOf", me),
                "inflow": (vault, "inflowPerDay"),
                "position": (vault, "position"),
                "pending": (vault, "pendingExits"),
                "room": (vault, "frameRoom"),
                "terms": (stack.pricer, "terms"),
            }
            | {
                f"allowance {number}": (
                    getattr(stack, token), "allowance", me, getattr(stack, spender).address
                )
                for number, token, spender in _NEEDED
            },
            block,
        )  # fmt: skip
        header = stack.rpc.block(hex(block))
        now = int(header["timestamp"], 16)
        terms = seen["terms"]
        waiting = peg.Waiting(
            base=terms[9],
            queued=seen["queued"],
            buffered=seen["buffer"][0],
            inflow_per_day=seen["inflow"],
        )
        nominal = price = 0
        if seen["wketh"] * seen["live"] // WAD >= _LEAST_TICKET:
            nominal, price, _held = vault.call("quoteSale", seen["wketh"], block=hex(block))
        wait = waiting.seconds(_LEAST_TICKET)
        claimable, in_queue = self._tickets(stack, journal, seen, block)
        return PegState(
            block=block,
            account=me,
            market=Market(
                balances=(seen["balances"][0], seen["balances"][1]),
                rates=(seen["rates"][0], seen["rates"][1]),
                amp=seen["amp"],
                fee=seen["fee"],
                offpeg_fee_multiplier=seen["offpeg"],
                total_supply=seen["supply"],
                rules=Rules(
                    admin_fee=seen["admin_fee"],
                    directional=seen["directional"],
                    fees_round_up=True,
                    max_skew=_MAX_SKEW,
                ),
            ),
            live_rate=seen["live"],
            queue=waiting,
            vault=VaultState(
                open=seen["pending"] == 0 and seen["report"][0] + terms[10] > now,
                idle=seen["position"][0],
                room=seen["room"],
                nominal=nominal,
                price=price,
                fee=max(terms[5], peg.interest(WAD, terms[6], wait), (WAD - seen["ratio"]) // 2),
            ),
            ether=stack.rpc.balance(me),
            weth=seen["weth"],
            wketh=seen["wketh"],
            approved=tuple(seen[f"allowance {number}"] > UNLIMITED // 2 for number in range(4)),
            spenders=tuple(getattr(stack, spender).address for _n, _t, spender in _NEEDED),
            claimable=claimable,
            in_queue=in_queue,
            gas_price=int(header.get("baseFeePerGas", "0x0"), 16),
        )

    def _tickets(
        self, stack: Stack, journal: Journal, seen: dict[str, int], block: int
    ) -> tuple[tuple[tuple[int, int, int], ...], int]:
        """Its tickets: those to claim, and the nominal of those that wait."""
        mine = {
            event.values["requestId"]: event.values["amountOfStETH"]
            for event in journal.events("WithdrawalRequested")
            if event.values["owner"].lower() == self.account.lower()
        }
        claimed = {event.values["requestId"] for event in journal.events("WithdrawalClaimed")}
        left = sorted(mine.keys() - claimed)
        paid = [each for each in left if each <= seen["finalised"]][:_CLAIMS_PER_CALL]
        waiting = sum(mine[each] for each in left if each > seen["finalised"])
        if not paid:
            return (), waiting
        at = hex(block)
        hints = stack.queue.call("findCheckpointHints", paid, 1, seen["checkpoint"], block=at)
        amounts = stack.queue.call("getClaimableEther", paid, hints, block=at)
        return tuple(zip(paid, hints, amounts, strict=True)), waiting

    # Deciding

    def decide(self, state: PegState, now: int) -> Decision:
        """Allowances first; then bring money home, put the inventory to use, and buy."""
        approvals = self._approvals(state)
        actions = approvals or (*self._home(state), *self._part(state, now), *self._buy(state, now))
        below = peg.discount(state.market, state.live_rate)
        figures = {
            "discount": below / WAD,
            "weth": state.weth / WAD,
            "wketh": state.wketh / WAD,
            "in_queue_ether": state.in_queue / WAD,
        }
        idle = "" if actions else "the pool's discount pays neither fees nor the wait"
        return Decision(actions=actions, idle=idle, figures=figures)

    def _approvals(self, state: PegState) -> tuple[Action, ...]:
        return tuple(
            Action(
                key=f"approve:{token}:{spender}:{state.account}",
                contract=token,
                function="approve",
                arguments=(state.spenders[number], UNLIMITED),
                what=f"lets {spender} take its {token}",
                why="it can't trade without",
            )
            for number, token, spender in _NEEDED
            if not state.approved[number]
        )

    def _home(self, state: PegState) -> tuple[Action, ...]:
        """Claim what is paid; wrap ether beyond the reserve."""
        actions = []
        if state.claimable:
            ids, hints, amounts = (list(column) for column in zip(*state.claimable, strict=True))
            actions.append(
                Action(
                    key=f"claim:{','.join(map(str, ids))}",
                    contract="queue",
                    function="claimWithdrawals",
                    arguments=(ids, hints),
                    what=f"claims {len(ids)} tickets: {ether(sum(amounts))}",
                    why="a report has paid them",
                )
            )
        spare = state.ether - self.reserve
        if spare > ETHER:
            actions.append(
                Action(
                    key=f"wrap:{state.block}",
                    contract="weth",
                    function="deposit",
                    value=min(spare, self.most_wrapped),
                    what=f"wraps {ether(min(spare, self.most_wrapped))}",
                    why="the pool takes WETH, and the reserve for gas is full",
                )
            )
        return tuple(actions)

    def _part(self, state: PegState, now: int) -> tuple[Action, ...]:
        """Send the inventory where it is worth most: queue, vault, or back to the pool."""
        nominal = state.wketh * state.live_rate // WAD
        if nominal < _LEAST_TICKET:
            return ()
        scarce = state.weth < self.low_water
        yearly = self.scarce_yearly if scarce else self.yearly
        wait = state.queue.seconds(nominal)
        by_queue = nominal - peg.interest(nominal, yearly, wait)
        vault = state.vault
        can_sell = (
            vault.open and vault.price <= vault.idle and nominal <= vault.room
            and nominal <= _MOST_PER_TICKET
        )  # fmt: skip
        by_vault = vault.price if can_sell else 0
        by_pool = peg.bought(state.market, peg.WKETH, state.wketh)
        days = f"{wait / peg.DAY:.1f} days"
        if by_pool > max(by_queue, by_vault):
            return (self._sell_to_pool(state, by_pool, by_queue, now),)
        if by_vault > by_queue:
            return (self._sell_to_vault(state, by_vault, days, now),)
        return (self._queue(state, nominal, days),)

    def _queue(self, state: PegState, nominal: int, days: str) -> Action:
        count = -(-nominal // (_MOST_PER_TICKET - ETHER))
        each, rest = divmod(state.wketh, count)
        amounts = [each + (number < rest) for number in range(count)]
        return Action(
            key=f"queue:{state.block}",
            contract="queue",
            function="requestWithdrawalsWstETH(uint256[],address)",
            arguments=(amounts, state.account),
            what=f"queues {ether(state.wketh).replace('ether', 'wkETH')} worth {ether(nominal)}",
            why=f"the queue pays in full in about {days}, and nobody offers more now",
        )

    def _sell_to_vault(self, state: PegState, price: int, days: str, now: int) -> Action:
        return Action(
            key=f"redeem:{state.block}",
            contract="redemption",
            function="sell",
            arguments=(state.wketh, self._least(price), state.account, self._deadline(now)),
            what=f"sells {ether(state.wketh).replace('ether', 'wkETH')} to the redemption vault "
            f"for {ether(price)}",
            why=f"its money is scarce, and waiting {days} would cost more than the vault's fee",
        )

    def _sell_to_pool(self, state: PegState, brings: int, by_queue: int, now: int) -> Action:
        return Action(
            key=f"sell:{state.block}",
            contract="swap",
            function="exchange_before",
            arguments=(
                self._deadline(now), peg.WKETH, peg.WETH, state.wketh, self._least(brings),
                state.account,
            ),
            what=f"sells {ether(state.wketh).replace('ether', 'wkETH')} for {ether(brings)}",
            why="the pool pays more than the queue will, the wait counted",
            profit=brings - by_queue,
            valid_blocks=5,
        )  # fmt: skip

    def _buy(self, state: PegState, now: int) -> tuple[Action, ...]:
        """With its own money first; with the vault's, where its own doesn't reach."""

        def worth(units: int, yearly: int) -> int:
            nominal = units * state.live_rate // WAD
            return nominal - peg.interest(nominal, yearly, state.queue.seconds(nominal))

        def profit(spent: int) -> int:
            return worth(peg.bought(state.market, peg.WETH, spent), self.yearly) - spent

        gas = self.trade_gas * state.gas_price
        spent = peg.best(profit, min(state.weth, self.most))
        if spent >= _LEAST_TICKET and profit(spent) > gas + self.least_gain:
            units = peg.bought(state.market, peg.WETH, spent)
            own = self._buy_own(state, spent, units, profit(spent), now)
            if spent < state.weth * 99 // 100:
                return (own,)  # its money reaches as far as it pays
            after = _after(state.market, spent, units)
            return (own, *self.buy_for_vault(replace(state, market=after)))
        return self.buy_for_vault(state) if state.weth < self.low_water else ()

    def _buy_own(self, state: PegState, spent: int, units: int, gain: int, now: int) -> Action:
        below = peg.discount(state.market, state.live_rate)
        after = peg.discount(_after(state.market, spent, units), state.live_rate)
        return Action(
            key=f"buy:{state.block}",
            contract="swap",
            function="exchange_before",
            arguments=(
                self._deadline(now), peg.WETH, peg.WKETH, spent, self._least(units), state.account,
            ),
            what=f"buys {ether(units).replace('ether', 'wkETH')} in the pool for {ether(spent)}",
            why=(
                f"the discount is {below / WAD:.3%} and falls to {after / WAD:.3%}; "
                f"{ether(gain)} stay after the pool's fee and interest for the wait"
            ),
            profit=gain,
            valid_blocks=5,
        )  # fmt: skip

    def buy_for_vault(self, state: PegState) -> tuple[Action, ...]:
        """With the redemption vault's money, at the vault's terms: it takes no trust."""
        vault = state.vault
        if not vault.open:
            return ()

        def nominal(spent: int) -> int:
            return peg.bought(state.market, peg.WETH, spent) * state.live_rate // WAD

        def gain(spent: int) -> int:
            promised = nominal(spent)
            return promised - promised * vault.fee // WAD - spent

        # Frame and ticket are bounded in nominal, which is above its cost.
        room = min(vault.room, _MOST_PER_TICKET)
        most = min(vault.idle, room)
        promised = nominal(most)
        if promised > room:
            most = room * most // promised * _SAFE // 1_000
        spent = peg.best(gain, most)
        least = max(self.trade_gas * state.gas_price, self.least_gain)
        if spent < self.least_for_vault or gain(spent) <= least:
            return ()
        action = Action(
            key=f"vault:{state.block}",
            contract="redemption",
            function="buyFromPool",
            arguments=(spent,),
            what=f"lets the redemption vault buy in the pool for {ether(spent)}",
            why=f"its own money doesn't reach, and the vault gains {ether(gain(spent))}",
            valid_blocks=5,
            benign=("DiscountTooSmall", "FrameCapExceeded", "InsufficientIdle", "ExitsPending"),
        )
        return (action,)

    def _least(self, quoted: int) -> int:
        return quoted * (_BPS - self.slippage_bps) // _BPS

    def _deadline(self, now: int) -> int:
        return now + 10 * _SECONDS_PER_BLOCK


def _after(market: Market, spent: int, units: int) -> Market:
    """The pool once WETH was spent there; fees aside, which the next block tells."""
    weth, wketh = market.balances
    return replace(market, balances=(weth + spent, wketh - units))
