"""One option vault in a run: its depositors, its rounds, and the buyer of what it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from keel.chain.abi import Reverted
from keel.chain.contract import Contract
from keel.chain.options import OptionVault
from keel.sim.checks import Checks
from keel.sim.options.records import Round, VaultRounds
from keel.sim.world import UNLIMITED, World

WAD = 10**18
_LOOKS = 8
"""How often the buyer looks at an auction, evenly."""

Worth = Callable[[float, float, float], float]
"""Of an option, in tokens, for spot, strike and seconds left."""


@dataclass(kw_only=True)
class _Running:
    """The round that is on."""

    opened: date
    expiry: date
    series: int
    spot: float
    strike: float
    volatility: float
    written: float
    price: int
    sold: int = 0
    premium: int = 0


@dataclass
class Desk:
    """A vault and its people.

    Attributes
    ----------
    unit : int
        Units of the token in one.
    worth : callable
        What the buyer would pay at most.
    appetite : int or None
        Options that the buyer wants each round; None takes all there are.
    """

    world: World
    checks: Checks
    handle: OptionVault
    buyer: str
    record: VaultRounds
    worth: Worth
    unit: int = WAD
    appetite: int | None = None
    _running: _Running | None = None

    @property
    def vault(self) -> Contract:
        """The vault's handle."""
        return self.handle.vault

    @property
    def series(self) -> int:
        """Long claim's id of what is running; zero without."""
        return self._running.series if self._running else 0

    # Depositors

    def request_deposit(self, who: str, assets: int) -> None:
        """Queue tokens for the next round; the allowance is given too."""
        self.world.act(who, self.handle.asset, "approve", self.vault.address, assets)
        self.world.act(who, self.vault, "requestDeposit", assets, who, who)

    def request_redeem(self, who: str, shares: int) -> None:
        """Queue shares for the end of this round."""
        self.world.act(who, self.vault, "requestRedeem", shares, who, who)

    def allow_buyer(self) -> None:
        """The buyer's standing allowance for premiums."""
        self.world.act(self.buyer, self.handle.asset, "approve", self.vault.address, UNLIMITED)

    # Rounds

    def roll(self, today: date) -> None:
        """End the round and open the next; the running series must have its price."""
        running, redeemed = self._running, 0
        if running is not None:
            redeemed = self._exercise(running)
        shares = int(self.vault.call("totalSupply"))
        receipt = self.world.act(self.buyer, self.vault, "roll")
        (rolled,) = self.vault.events(receipt, "Rolled")
        if running is not None:
            self._close(running, rolled.values, redeemed, shares)
        self._running = None
        for event in self.vault.events(receipt, "RoundStarted"):
            self._running = self._begin(today, event.values, rolled.values["pricePerShare"])
        self.record.idle_rounds += self._running is None

    def _begin(self, today: date, values: dict[str, Any], price: int) -> _Running:
        spot, _ = self.handle.settlement.call("latestPrice", self.handle.feed)
        volatility, *_ = self.handle.volatility.call("values")
        return _Running(
            opened=today,
            expiry=datetime.fromtimestamp(values["expiry"], UTC).date(),
            series=values["seriesId"],
            spot=spot / WAD,
            strike=values["strikeWad"] / WAD,
            volatility=volatility / WAD,
            written=values["amount"] / WAD,
            price=price,
        )

    def _exercise(self, running: _Running) -> int:
        """The buyer takes what his options pay; returns tokens."""
        clearing = self.handle.clearing
        longs = int(clearing.call("balanceOf", self.buyer, running.series))
        if not longs:
            return 0
        receipt = self.world.act(self.buyer, clearing, "redeem", running.series, longs, self.buyer)
        (event,) = clearing.events(receipt, "Redeemed")
        return int(event.values["payout"])

    def _close(self, running: _Running, values: dict[str, Any], payoff: int, shares: int) -> None:
        settled = self.handle.clearing.struct("stateOf", running.series)["settlementPrice"]
        fees = values["managementFee"] + values["performanceFee"]
        self.record.rounds.append(
            Round(
                opened=running.opened,
                expiry=running.expiry,
                spot=running.spot,
                strike=running.strike,
                volatility=running.volatility,
                written=running.written,
                sold=running.sold / WAD,
                premium=running.premium / self.unit,
                settled=settled / WAD,
                payoff=payoff / self.unit,
                fees=fees / self.unit,
                price_before=running.price / WAD,
                price_after=values["pricePerShare"] / WAD,
            )
        )
        # What is paid for longs, for shorts and for what was burned, each in whole units.
        lost = payoff + fees - running.premium + 3
        self.checks.require(
            "VAULT-3",
            (values["pricePerShare"] + 1) * shares >= running.price * shares - lost * WAD,
            f"a share fell from {running.price} to {values['pricePerShare']}, {lost} lost in all",
        )

    # The auction

    def looks(self) -> list[int]:
        """Times at which the buyer looks at the auction, its last minute among them."""
        lot = self.vault.struct("lot")
        if not self._running or not lot["unsold"]:
            return []
        start, end = lot["startedAt"], lot["endsAt"] - 60
        return [start + (end - start) * step // _LOOKS for step in range(1, _LOOKS + 1)]

    def look(self) -> None:
        """Buy all that is left, if the price has come down to what it is worth to the buyer."""
        running = self._running
        if running is None or running.sold:
            return
        try:
            ask = int(self.vault.call("askPrice"))
        except Reverted:  # no fresh spot or volatility: nothing is sold
            return
        now = self.world.rpc.timestamp
        spot, _ = self.handle.settlement.call("latestPrice", self.handle.feed)
        due = self.vault.struct("position")["due"]
        if ask > self.worth(spot / WAD, running.strike, due - now) * WAD:
            return
        wanted = self.vault.struct("lot")["unsold"]
        if self.appetite is not None:
            wanted = min(wanted, self.appetite)
        receipt = self.world.act(
            self.buyer, self.vault, "buy", wanted, wanted, ask, self.buyer, now + 600
        )
        (event,) = self.vault.events(receipt, "Bought")
        running.sold += event.values["amount"]
        running.premium += event.values["premium"]

    def price(self) -> float:
        """Of a share, at the end of the last round."""
        last = self.vault.struct("position")["round"] - 1
        return float(self.vault.call("priceOfRound", last) / WAD)

    def close_auction(self) -> None:
        """Burn what nobody bought."""
        if self._running is not None and self.vault.struct("lot")["unsold"]:
            self.world.act(self.buyer, self.vault, "closeAuction")

    # Books

    def check(self) -> None:
        """VAULT-1 and OPT-1 of what is running, against the tokens that are there."""
        position = self.vault.struct("position")
        booked = sum(position[part] for part in ("idle", "fees", "pendingDeposits", "reserved"))
        held = self.handle.asset.call("balanceOf", self.vault.address)
        self.checks.require("VAULT-1", booked <= held, f"{booked} booked, {held} held")
        if self._running is None:
            return
        state = self.handle.clearing.struct("stateOf", self._running.series)
        longs, shorts = state["longs"], state["shorts"]
        self.checks.expect_equal("OPT-1", "shorts", shorts, longs)
        pledged = self.handle.asset.call("balanceOf", self.handle.clearing.address)
        needed = state["collateral"]
        self.checks.require("OPT-1", pledged >= needed, f"{needed} needed, {pledged} held")
