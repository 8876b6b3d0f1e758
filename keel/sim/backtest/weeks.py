"""The weeks of a backtest, played on the models, by what is known each day at 08:00 UTC.

Of a day's figures the ether price and the volatility are of 08:00 or before; its market ratio is a
mean over the day, so that it is known the day after. Nothing that comes later is ever looked at:
strikes, reserves and purchases of a week don't change when its future does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from keel.models.options.volatility import Values
from keel.pricing.view import View, call_in_kind
from keel.sim.backtest.market import DAY, WAD
from keel.sim.backtest.parameters import BacktestParameters
from keel.sim.backtest.records import Friday, Vaulted, Written
from keel.sim.backtest.twin import Twin
from keel.sim.market import BadMarketData, MarketDay
from keel.sim.options.weeks import FRIDAY, ROLL_AFTER
from keel.sim.world import ETHER

DEPLOYED_BEFORE = 2 * DAY
"""Seconds before the first day by which the contracts are there."""
_EARLY = (2_400, 1_200)
"""Seconds before 08:00 at which somebody records what the feeds say."""
_LAST_LOOK = 60
"""Seconds before the end of an auction."""

Progress = Callable[[int, int], None]
"""Told what is done, of how much."""


@dataclass
class _Running:
    """A round that is on."""

    opened: int
    spot: int
    volatility: int
    amount: int
    sold: int = 0
    premium: int = 0


class Weeks:
    """Plays a window on a twin; what it found is in `vaults` and `fridays`."""

    def __init__(self, days: Sequence[MarketDay], parameters: BacktestParameters) -> None:
        require_playable(days)
        self.days, self.parameters = days, parameters
        deployed_at = days[0].timestamp - DEPLOYED_BEFORE + 1
        self.twin = Twin(deployed_at, parameters.apr, targets=parameters.targets)
        deposit = parameters.deposit * ETHER
        self.vaults = {each: Vaulted(each, deposit) for each in parameters.targets}
        self.fridays: list[Friday] = []
        self.gaps: list[float] = []
        self._running: dict[float, _Running] = {}
        self._view = View(volatility=0.0, intensity=0.0, loss=0.0)
        self._expiry_of_last = max(day.timestamp for day in days if day.day.weekday() == FRIDAY)

    def play(self, progress: Progress | None = None) -> None:
        """Day by day, to the last Friday."""
        before = self.days[0]
        for number, today in enumerate(self.days):
            if today.timestamp > self._expiry_of_last:
                break
            is_friday = today.day.weekday() == FRIDAY
            if number:
                if is_friday:
                    self._record_early(today)
                self._day(today, before)
            else:
                self._open(today)
            if is_friday and today.timestamp >= min(v.due for v in self.twin.vaults.values()):
                self._friday(today)
            before = today
            if progress is not None:
                progress(number + 1, len(self.days))

    # Each day

    def _open(self, today: MarketDay) -> None:
        """The first day: people come in, and the markets open."""
        twin, p = self.twin, self.parameters
        twin.at(today.timestamp)
        twin.push_price(today.ether_usd, today.timestamp)
        for who, ether in (
            ("makers", p.liquidity),
            ("seller", p.inventory),
            ("writer", p.deposit * len(p.targets)),
            ("trader", p.purse),
        ):
            twin.stake(who, ether)
        for who in ("makers", "seller"):
            twin.allow(who, "wketh", "swap")
            twin.allow(who, "weth", "swap")
        twin.provide("makers", p.liquidity)
        twin.deposit_weth("seller", p.inventory)
        twin.open_market()
        for target, vault in self.twin.vaults.items():
            twin.deposit("writer", target, p.deposit * ETHER)
            twin.allow("trader", "wketh", vault.address)
        self._submit(today)

    def _record_early(self, today: MarketDay) -> None:
        for seconds in _EARLY:
            self.twin.at(today.timestamp - seconds)
            self.twin.observe()

    def _day(self, today: MarketDay, before: MarketDay) -> None:
        """Price, report, trades, and the quorum.

        On Fridays the report comes before it speaks, so that what its members said the day before
        has lapsed. Otherwise the first of them would be heard together with yesterday's others, and
        the next, seconds later, could not move the values any more: calls would be struck and sold
        at the higher of two days' volatilities.
        """
        twin = self.twin
        twin.at(today.timestamp)
        twin.push_price(today.ether_usd, today.timestamp)
        if today.day.weekday() == FRIDAY:
            twin.report()
        twin.trade_towards("seller", before.ratio)
        self.gaps.append(abs(twin.price - before.ratio))
        self._submit(today)

    def _submit(self, today: MarketDay) -> None:
        """The market's view, and the quorum's: a little more cautious, within its bounds."""
        p, terms = self.parameters, self.twin.volatility.terms
        assert today.volatility is not None
        self._view = View(volatility=today.volatility, intensity=p.depegs_a_year, loss=p.depeg_loss)
        said = round(today.volatility * p.caution * WAD)
        self.twin.submit(
            Values(
                volatility=min(max(said, terms.min_volatility), terms.max_volatility),
                intensity=round(p.depegs_a_year * WAD),
                loss=round(p.depeg_loss * WAD),
            )
        )

    # Each Friday

    def _friday(self, today: MarketDay) -> None:
        """The price is fixed, the round ends, the next one's calls are sold."""
        twin = self.twin
        twin.at(today.timestamp + ROLL_AFTER)
        settled = twin.settle_price(today.timestamp)
        for vault in twin.vaults.values():
            series = vault.series
            if series is not None and vault.shorts and not series.price:
                twin.settle_series(series)
                if series.payoff and twin.claims.get(series.id):
                    twin.redeem("trader", series)
        for target in self.vaults:
            self._roll(target, settled)
        self.fridays.append(Friday(today.day, settled / WAD))
        twin.read_books()
        if today.timestamp < self._expiry_of_last:
            self._sell()
            twin.read_books()

    def _roll(self, target: float, settled: int) -> None:
        twin, found = self.twin, self.vaults[target]
        vault, running = twin.vaults[target], self._running.pop(target, None)
        series, locked, first = vault.series, vault.locked, not vault.ends
        expiry = vault.due
        twin.roll(target)
        end = vault.ends[-1]
        found.prices.append(end.price / WAD)
        found.idle += running is None and not first
        if running is not None and series is not None:
            found.rounds.append(
                Written(
                    opened=running.opened,
                    expiry=expiry,
                    spot=running.spot,
                    strike=series.strike,
                    volatility=running.volatility,
                    locked=locked,
                    amount=running.amount,
                    sold=running.sold,
                    premium=running.premium,
                    payoff=locked + running.premium - end.gross,
                    fees=end.management + end.performance,
                    settled=settled,
                    price=end.price,
                )
            )
        if vault.series is not None:
            self._running[target] = _Running(
                opened=twin.now,
                spot=twin.spot,
                volatility=twin.volatility.values.volatility,
                amount=vault.auction.unsold,
            )

    def _sell(self) -> None:
        """The trader looks, buys once the price is down to what it is worth, and the rest burns."""
        twin, looks = self.twin, self.parameters.looks
        lots = {target: twin.vaults[target].auction for target in self._running}
        if not lots:
            return
        start = max(lot.started_at for lot in lots.values())
        length = min(lot.ends_at for lot in lots.values()) - _LAST_LOOK - start
        for look in range(1, looks + 1):
            time = start + length * look // looks
            for target in [each for each, lot in lots.items() if lot.unsold]:
                self._look(target, max(time, twin.now + 12))
        left = [target for target, lot in lots.items() if lot.unsold]
        if left:
            twin.at(max(lot.ends_at for lot in lots.values()))
        for target in left:
            twin.close_auction(target)

    def _look(self, target: float, time: int) -> None:
        twin, running = self.twin, self._running[target]
        offer, vault = twin.offer(target, time), twin.vaults[target]
        if offer is None or vault.series is None:
            return
        (ask, spot), strike = offer, vault.series.strike
        worth = call_in_kind(self._view, spot / WAD, strike / WAD, vault.due - time)
        if ask > worth * WAD:
            return
        twin.at(time)
        sale = twin.buy("trader", target, ask)
        running.sold, running.premium = sale.bought, sale.premium


def require_playable(days: Sequence[MarketDay]) -> None:
    """Raise `BadMarketData` unless there is a volatility each day, and time for a round."""
    missing = next((day.day for day in days if day.volatility is None), None)
    if missing is not None:
        raise BadMarketData(
            f"no eth_vol on {missing}",
            "calls are priced by it: give one for each day, or choose another window",
        )
    if len(days) < 3 * 7:
        raise BadMarketData(
            f"{len(days)} days", "give three weeks or more: rounds go from Friday to Friday"
        )
