"""Vaults of covered calls on models, over the market's twins: all that the contracts will do."""

from dataclasses import dataclass

from keel.chain.option_config import OptionsConfig
from keel.models.evm import Revert
from keel.models.options.auction import Sale
from keel.models.options.clearing_errors import InvalidStrike
from keel.models.options.peg_depth import capacity
from keel.models.options.pricer import Pricer, Style
from keel.models.options.vault import Vault, next_due
from keel.models.options.vault_world import VaultTerms
from keel.models.options.vault_world import World as Seen
from keel.models.options.written_series import WrittenSeries
from keel.sim.backtest.journal import Account, Answer, SeriesId, Told
from keel.sim.backtest.market import FEED, WAD, Market
from keel.sim.backtest.parameters import BacktestParameters

CALLS = OptionsConfig().covered_calls
_DECIMALS = 18


def vault_name(target: float) -> str:
    """What the vault of a delta target is called."""
    return f"vault {target:.2f}"


@dataclass
class Twin(Market):
    """The market, and a vault for each delta target.

    Attributes
    ----------
    vaults : dict
        By target.
    """

    targets: tuple[float, ...] = BacktestParameters.targets

    def __post_init__(self) -> None:
        """Deploy the vaults too."""
        super().__post_init__()
        self.vaults = {target: self._vault(target) for target in self.targets}
        self.claims: dict[int, int] = {}
        self._book: dict[tuple[int, int], WrittenSeries] = {}

    def _vault(self, target: float) -> Vault:
        terms = CALLS
        return Vault(
            address=vault_name(target),
            clearing="clearing",
            terms=VaultTerms(
                decimals=_DECIMALS,
                management_fee_bps=terms.management_fee_bps,
                performance_fee_bps=terms.performance_fee_bps,
                auction_duration=terms.auction_duration,
                start_multiple=terms.start_multiple,
                min_deposit=terms.min_deposit,
            ),
            pricer=Pricer(
                style=Style.COVERED_CALL,
                target=round(target * WAD),
                min_moneyness=terms.min_moneyness,
                max_moneyness=terms.max_moneyness,
                grid=terms.grid,
                min_reserve=terms.min_reserve,
            ),
            asset=self.wketh,
            owner="owner",
            fee_receiver="treasury",
            cap=terms.deposit_cap,
            due=next_due(self.deployed_at),
        )

    # What a vault sees

    @property
    def seen(self) -> Seen:
        """The market as a call in the latest block sees it."""
        return Seen(
            now=self.now,
            spot=lambda: self.spot,
            risk=lambda: self.volatility.current(self.now),
            peg=lambda: (WAD, WAD),
            settlement=lambda expiry: self.oracle.prices.get((FEED, expiry), 0),
            series=self._series,
            room=self._room,
        )

    def _series(self, strike: int, cap: int, expiry: int) -> WrittenSeries:
        """As listed: the same for all who write it."""
        if strike < CALLS.min_strike or strike % CALLS.grid:
            raise InvalidStrike(strike, CALLS.min_strike, CALLS.grid)
        number = 2 * len(self._book) + 2
        fresh = WrittenSeries(number, True, strike, cap, expiry, _DECIMALS)
        return self._book.setdefault((strike, expiry), fresh)

    def _room(self, series: WrittenSeries) -> int:
        """What the swap pool's depth leaves, of all that expires then."""
        swap, block = self.swap, self.block
        most = capacity(
            swap.balances,
            rate=swap.rate_at(block),
            amp=swap.ramp.amp_at(self.now),
            average_d=swap.d_oracle(block),
            average_price=swap.price_oracle(block),
        )
        open_interest = sum(
            each.longs for each in self._book.values() if each.expiry == series.expiry
        )
        return max(0, most - open_interest)

    # Depositors

    def deposit(self, who: str, target: float, assets: int) -> None:
        """Queue wkETH for the vault's next round."""
        self.allow(who, "wketh", vault_name(target))
        self.tick()
        self.vaults[target].request_deposit(who, assets, who, who)
        name = vault_name(target)
        self.enter(who, name, "requestDeposit", assets, Account(who), Account(who))

    # Rounds

    def settle_series(self, series: WrittenSeries) -> None:
        """Fix a series' payoff by the price of its expiry."""
        self.tick()
        series.settle(self.oracle.prices[FEED, series.expiry])
        told = Told("Settled", {"priceWad": series.price})
        self.enter("keeper", "clearing", "settle", SeriesId(series.id), told=(told,))

    def redeem(self, who: str, series: WrittenSeries) -> int:
        """All that the buyer's claims are paid."""
        self.tick()
        amount = self.claims.pop(series.id)
        paid = series.redeem(amount, is_long=True)
        self.wketh.transfer("clearing", who, paid)
        told = Told("Redeemed", {"amount": amount, "payout": paid})
        self.enter(
            who, "clearing", "redeem", SeriesId(series.id), amount, Account(who), told=(told,)
        )
        return paid

    def roll(self, target: float) -> None:
        """End the vault's round, and open the next."""
        self.tick()
        vault = self.vaults[target]
        vault.roll(self.seen)
        end, series = vault.ends[-1], vault.series
        rolled = {
            "round": end.round,
            "pricePerShare": end.price,
            "gross": end.gross,
            "managementFee": end.management,
            "performanceFee": end.performance,
            "deposited": end.deposited,
            "redeemed": end.redeemed,
        }
        if series is None:
            next_round = Told("RoundNotStarted", {"round": vault.round})
        else:
            started = {
                "round": vault.round,
                "seriesId": SeriesId(series.id),
                "strikeWad": series.strike,
                "expiry": series.expiry,
                "amount": vault.auction.unsold,
            }
            next_round = Told("RoundStarted", started)
        told = (Told("Rolled", rolled), next_round)
        self.enter("keeper", vault_name(target), "roll", told=told)

    def offer(self, target: float, time: int) -> tuple[int, int] | None:
        """What 1e18 calls would cost in a block at this time, and the spot then.

        None where nothing is sold.
        """
        now, self.clock.timestamp = self.now, time
        try:
            return self.vaults[target].ask_price(self.seen), self.spot
        except Revert:
            return None
        finally:
            self.clock.timestamp = now

    def buy(self, who: str, target: float, limit: int) -> Sale:
        """Buy all that is left."""
        self.tick()
        vault = self.vaults[target]
        assert vault.series is not None
        amount, deadline = vault.auction.unsold, self.now
        sale = vault.buy(self.seen, who, amount, minimum=amount, limit=limit, deadline=deadline)
        self.claims[vault.series.id] = self.claims.get(vault.series.id, 0) + sale.bought
        told = {"amount": sale.bought, "premium": sale.premium, "priceWad": sale.price}
        self.enter(
            who, vault_name(target), "buy", amount, amount, limit, Account(who), deadline,
            told=(Told("Bought", told),),
        )  # fmt: skip
        return sale

    def close_auction(self, target: float) -> None:
        """Burn what nobody bought."""
        self.tick()
        vault = self.vaults[target]
        amount = vault.auction.unsold
        told = {"amount": amount, "collateral": vault.close_auction(self.seen)}
        self.enter(
            "keeper", vault_name(target), "closeAuction", told=(Told("AuctionClosed", told),)
        )

    # Books

    def read_books(self) -> None:
        """Write down all that vaults, clearing house, buyer and market must have now."""
        for target, vault in self.vaults.items():
            name = vault_name(target)
            self.read(
                Answer(name, "position", (), _position(vault)),
                Answer(name, "totalSupply", (), vault.shares.total_supply),
                Answer("wketh", "balanceOf", (Account(name),), self.wketh.balance_of(name)),
            )
        people = ("clearing", "trader", "swap")
        self.read(
            *(
                Answer("wketh", "balanceOf", (Account(who),), self.wketh.balance_of(who))
                for who in people
            ),
            Answer("wketh", "getRate", (), self.rate),
            Answer("pool", "totalSupply", (), self.staking.pool.get_total_pooled_ether()),
            Answer("settlement", "latestPrice", (FEED,), (self.spot, None)),
        )


def _position(vault: Vault) -> tuple[int | None, ...]:
    """As the contract tells it; the series has another number there."""
    auction = vault.auction
    return (
        vault.round, vault.due, None, auction.started_at, vault.shorts, auction.unsold,
        vault.idle, vault.fees, vault.pending_deposits, vault.reserved, vault.queued_shares,
        vault.locked, vault.high_water_mark,
    )  # fmt: skip
