"""The bidder: buys options in the vaults' auctions when they are cheaper than its own model says.

The ask falls from a multiple of the vault's reserve to the reserve. The bidder waits until it is
below what `keel.pricing` makes of the bidder's own view by a margin, and buys within a budget for
each series, which it takes from what the chain says it has bought, whatever was lost of its own
records. What it bought it redeems once the series is settled.

A purchase takes half of what it asks for too, and its gain is reckoned on that: whoever buys a
little before it spoils nothing.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from keel.chain.abi import Reverted
from keel.chain.contract import Contract
from keel.chain.options import OptionVault
from keel.chain.stack import Stack
from keel.chain.views import read
from keel.keepers.action import Action, Decision, moment
from keel.keepers.journal import Journal
from keel.keepers.settings import BidderTerms, ViewTerms
from keel.pricing.view import View, call_in_kind, cover

WAD = 10**18
_BPS = 10_000
_LATEST = 120
"""Seconds that a purchase may take."""
UNLIMITED = 2**256 - 1
CALL, COVER = 0, 2
"""Styles, as `IOptionPricer` numbers them."""
_MODELS: Mapping[int, Callable[[View, float, float, float], float]] = {
    CALL: call_in_kind,
    COVER: cover,
}


@dataclass(frozen=True, kw_only=True)
class Lot:
    """An auction, and what the bidder has for it; prices WAD of the vault's token, amounts 1e-18.

    Attributes
    ----------
    style : int
        `CALL` or `COVER`; of others the bidder thinks nothing.
    spot, strike : int
        WAD of the feed's quote.
    ask : int
        For one option, now; zero where nothing is sold.
    spent : int
        On this series so far.
    held : int
        Tokens of the bidder.
    token_value : int
        Wei of one token, WAD.
    oracle : tuple of int
        Volatility, intensity, loss and interest as the vault's oracle has them: WAD, a year's.
    """

    prefix: str
    vault: str
    series: int
    style: int
    unsold: int
    ends: int
    expiry: int
    spot: int
    strike: int
    ask: int
    spent: int
    held: int
    token_value: int
    approved: bool
    token: str
    oracle: tuple[int, int, int, int]
    refusal: str = ""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """Options that it holds of a settled series, and what they pay."""

    series: int
    amount: int
    payout: int
    token: str
    token_value: int

    @property
    def value(self) -> int:
        """Wei."""
        return self.payout * self.token_value // WAD


@dataclass(frozen=True, kw_only=True)
class AuctionState:
    """All auctions, and claims to redeem."""

    lots: tuple[Lot, ...]
    claims: tuple[Claim, ...]


@dataclass(frozen=True, kw_only=True)
class Bidder:
    """Settings.

    Attributes
    ----------
    views : mapping
        By vault; where there is none nothing is bought.
    margin_bps : int
        How far below its own price it buys.
    slippage_bps : int
        How much more than the ask a purchase may cost; never more than its own price less margin.
    budget : int
        Tokens spent on one series.
    most : int
        Options bought at once.
    least : int
        Options below which it leaves the rest to others.
    least_payout : int
        Wei; claims that pay less aren't worth the gas.
    """

    name: str = "bidder"
    account: str
    views: Mapping[str, ViewTerms] = field(default_factory=lambda: BidderTerms().vaults)
    margin_bps: int = 500
    slippage_bps: int = 50
    budget: int = 5 * WAD
    most: int = 100 * WAD
    least: int = WAD // 100
    least_payout: int = WAD // 500

    def watches(self, stack: Stack) -> list[tuple[Contract, tuple[str, ...]]]:
        """Purchases."""
        return [(handle.vault, ("Bought",)) for handle in stack.vaults.values()]

    # Reading

    def read(self, stack: Stack, journal: Journal, block: int) -> AuctionState:
        """Views of vaults, and its own purchases."""
        bought: dict[int, int] = {}
        for event in journal.events("Bought"):
            if event.values["buyer"].lower() == self.account.lower():
                series = event.values["id"]
                bought[series] = bought.get(series, 0) + event.values["premium"]
        rate = int(stack.wketh.call("getRate", block=hex(block)))
        lots = [
            lot
            for prefix, handle in stack.vaults.items()
            if (lot := self._lot(stack, prefix, handle, bought, rate, block)) is not None
        ]
        return AuctionState(
            lots=tuple(lots), claims=tuple(self._claims(stack, bought, rate, block))
        )

    def _lot(
        self, stack: Stack, prefix: str, handle: OptionVault, bought: Mapping[int, int], rate: int,
        block: int,
    ) -> Lot | None:  # fmt: skip
        tag, vault = hex(block), handle.vault
        lot = vault.struct("lot", block=tag)
        if not lot["id"] or not lot["unsold"]:
            return None
        (_feed, _token, expiry, _kind, strike, _cap), *_ = handle.clearing.call(
            "stateOf", lot["id"], block=tag
        )
        seen = read(
            {
                "held": (handle.asset, "balanceOf", self.account),
                "allowance": (handle.asset, "allowance", self.account, vault.address),
                "terms": (handle.pricer, "terms"),
                "volatility": (handle.volatility, "lastValues"),
            },
            block,
        )
        ask = spot = 0
        refusal = ""
        try:
            ask = int(vault.call("askPrice", block=tag))
            spot, _ = handle.settlement.call("latestPrice", handle.feed, block=tag)
        except Reverted as reverted:
            refusal = reverted.name
        is_wketh = handle.asset.address.lower() == stack.wketh.address.lower()
        return Lot(
            prefix=prefix,
            vault=vault.address,
            series=lot["id"],
            style=seen["terms"][0],
            unsold=lot["unsold"],
            ends=lot["endsAt"],
            expiry=expiry,
            spot=spot,
            strike=strike,
            ask=0 if refusal else ask,
            spent=bought.get(lot["id"], 0),
            held=seen["held"],
            token_value=rate if is_wketh else WAD,
            approved=seen["allowance"] > UNLIMITED // 2,
            token="wkETH" if is_wketh else "WETH",
            oracle=seen["volatility"][0],
            refusal=refusal,
        )

    def _claims(
        self, stack: Stack, bought: Mapping[int, int], rate: int, block: int
    ) -> Iterable[Claim]:
        clearing = stack.clearing
        balances = read(
            {str(each): (clearing, "balanceOf", self.account, each) for each in bought},
            block,
        )
        for series in (each for each in bought if balances[str(each)]):
            terms, _longs, _shorts, _held, price, *_ = clearing.call(
                "stateOf", series, block=hex(block)
            )
            if not price:
                continue
            amount = balances[str(series)]
            payout = int(clearing.call("previewRedeem", series, amount, block=hex(block)))
            is_wketh = terms[1].lower() == stack.wketh.address.lower()
            yield Claim(
                series=series,
                amount=amount,
                payout=payout,
                token="wkETH" if is_wketh else "WETH",
                token_value=rate if is_wketh else WAD,
            )

    # Deciding

    def view(self, lot: Lot) -> View | None:
        """What it believes: its own figures, and where it has none the oracle's with a premium."""
        terms = self.views.get(lot.prefix)
        if terms is None:
            return None
        volatility, intensity, loss, rate = lot.oracle
        above = (WAD + terms.premium) / WAD

        def own(figure: int | None, otherwise: float) -> float:
            return (otherwise if figure is None else figure) / WAD

        return View(
            volatility=own(terms.volatility, volatility * above),
            intensity=own(terms.intensity, intensity * above),
            loss=own(terms.loss, loss),
            rate=rate / WAD,
            drift=terms.drift / WAD,
        )

    def worth(self, lot: Lot, now: int) -> int:
        """Of one option by its own view: WAD of the token, rounded down."""
        view, price = self.view(lot), _MODELS.get(lot.style)
        if view is None or price is None or not lot.spot or now >= lot.expiry:
            return 0
        return int(price(view, lot.spot / WAD, lot.strike / WAD, lot.expiry - now) * WAD)

    def decide(self, state: AuctionState, now: int) -> Decision:
        """Allowances where something is sold, claims, and what is cheap enough."""
        actions = [
            *(self._redeem(each) for each in state.claims if each.value >= self.least_payout),
            *self._bids(state.lots, now),
        ]
        figures = {f"ask_{lot.prefix}": lot.ask / WAD for lot in state.lots}
        figures |= {f"worth_{lot.prefix}": self.worth(lot, now) / WAD for lot in state.lots}
        idle = "" if actions else self._why_idle(state, now)
        return Decision(actions=tuple(actions), figures=figures, idle=idle)

    def _limit(self, lot: Lot, now: int) -> int:
        return self.worth(lot, now) * (_BPS - self.margin_bps) // _BPS

    def _bids(self, lots: Iterable[Lot], now: int) -> Iterable[Action]:
        """One after the other, each with what those before it leave of its token."""
        promised: Counter[str] = Counter()
        for lot in lots:
            for action in self._bid(replace(lot, held=lot.held - promised[lot.token]), now):
                if action.function == "buy":
                    amount, _least, most_price, *_ = action.arguments
                    promised[lot.token] += -(-amount * most_price // WAD)
                yield action

    def _bid(self, lot: Lot, now: int) -> Iterable[Action]:
        limit = self._limit(lot, now)
        if not lot.ask or lot.ask > limit or now >= lot.ends:
            return
        if not lot.approved:
            yield Action(
                key=f"approve:{lot.prefix}:{self.account}",
                contract=f"vaults.{lot.prefix}.asset",
                function="approve",
                arguments=(lot.vault, UNLIMITED),
                what=f"lets the vault {lot.prefix} take its {lot.token}",
                why="premiums are paid in it",
            )
            return
        most_price = min(lot.ask * (_BPS + self.slippage_bps) // _BPS, limit)
        money = min(lot.held, self.budget - lot.spent)
        amount = min(lot.unsold, self.most, max(0, money) * WAD // most_price)
        if amount < min(self.least, lot.unsold) or amount == 0:
            return
        half = -(-amount // 2)
        worth = self.worth(lot, now)
        gain = (worth - most_price) * half // WAD * lot.token_value // WAD
        yield Action(
            key=f"buy:{lot.series}:{lot.spent}",
            contract=f"vaults.{lot.prefix}.vault",
            function="buy",
            arguments=(amount, half, most_price, self.account, now + _LATEST),
            what=(
                f"buys {amount / WAD:,.4f} options of {lot.prefix}, strike "
                f"{lot.strike / WAD:,.4f}, until {moment(lot.expiry)}"
            ),
            why=(
                f"one costs {lot.ask / WAD:.6f} {lot.token}, and is worth {worth / WAD:.6f} by "
                f"its own model: {self._believed(lot)}"
            ),
            profit=gain,
            valid_blocks=_LATEST // 12,
            benign=("TooFewLeft", "AuctionNotOpen", "PriceTooHigh"),
        )

    def _believed(self, lot: Lot) -> str:
        view = self.view(lot)
        assert view is not None, "nothing is bought without one"
        drift = f", growth {view.drift:.1%}" if view.drift else ""
        return (
            f"volatility {view.volatility:.1%}, {view.intensity:.2f} depegs a year of "
            f"{view.loss:.1%}{drift}"
        )

    def _redeem(self, claim: Claim) -> Action:
        return Action(
            key=f"redeem:{claim.series}",
            contract="clearing",
            function="redeem",
            arguments=(claim.series, claim.amount, self.account),
            what=f"takes {claim.payout / WAD:,.6f} {claim.token} for {claim.amount / WAD:,.4f} "
            "options",
            why="their series is settled in the money",
            profit=claim.value,
        )

    def _why_idle(self, state: AuctionState, now: int) -> str:
        texts = []
        for lot in state.lots:
            if lot.refusal:
                texts.append(f"{lot.prefix} sells nothing now: {lot.refusal}")
            elif lot.spent >= self.budget or not lot.held:
                texts.append(f"what it may spend on {lot.prefix} is spent")
            elif lot.ask > self._limit(lot, now):
                texts.append(f"options of {lot.prefix} cost more than they are worth to it")
            else:
                texts.append(f"too little of {lot.prefix} is left")
        return "; ".join(texts) or "nothing is sold"
