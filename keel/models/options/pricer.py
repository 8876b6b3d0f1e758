"""Twin of the option pricer: the strike that a vault writes, and the least price of its option."""

from dataclasses import dataclass, replace
from enum import IntEnum

from keel.models.options import depeg_cover, depeg_pricing
from keel.models.options.black_scholes import MAX_VOLATILITY, Terms
from keel.models.options.strike_selection import strike_for_delta
from keel.models.options.vault_errors import NoStrike
from keel.models.options.volatility import Values
from keel.models.rounding import mul_div_up

WAD = 10**18
TOLERANCE_DIVISOR = 10**12


class Style(IntEnum):
    """What a vault writes."""

    COVERED_CALL = 0
    SECURED_PUT = 1
    COVER = 2


@dataclass(frozen=True)
class Reserve:
    """The least price of an option, and by how much it may be wrong (WAD of the collateral)."""

    price: int
    error: int


@dataclass(frozen=True)
class Pricer:
    """What a pricer is fixed to: as the interface has it, without the oracles."""

    style: Style
    target: int
    min_moneyness: int
    max_moneyness: int
    grid: int
    min_reserve: int
    carry: int = 0

    def choose_strike(self, spot: int, risk: Values, time: int) -> int:
        """Return the strike for an option that lives ``time`` seconds (WAD of the quote)."""
        least = mul_div_up(spot, self.min_moneyness, WAD)
        most = spot * self.max_moneyness // WAD
        if self.style is Style.COVERED_CALL:
            wanted = strike_for_delta(self._terms(spot, 0, risk, time), self.target, True)
            strike = self._grid_up(max(least, min(wanted, most)))
            if strike > most:
                strike = self._grid_down(most)
        elif self.style is Style.SECURED_PUT:
            wanted = strike_for_delta(self._terms(spot, 0, risk, time), self.target, False)
            strike = self._grid_down(max(least, min(wanted, most)))
            if strike < least:
                strike = self._grid_up(least)
        else:
            strike = self._grid_down(min(self.target, most))
        if not least <= strike <= most or strike == 0:
            raise NoStrike(spot, strike)
        return strike

    def sale_spot(self, spot: int, price: int, average: int) -> int:
        """Return the spot of a sale: of cover, no higher than at the insured market's ``price``.

        ``spot`` is the feed's, from the market's ``average`` price.
        """
        if self.style is Style.COVER and price < average:
            return spot * price // average
        return spot

    def cap(self, strike: int) -> int:
        """Return what the series' payoff is capped at."""
        return 0 if self.style is Style.COVERED_CALL else strike

    def reserve(self, spot: int, strike: int, risk: Values, time: int) -> int:
        """Return the least price of an option (WAD of the collateral)."""
        price = self._price(spot, strike, risk, time)
        return max(self._in_collateral(price, spot), self.min_reserve)

    def reserve_bound(
        self, spot: int, strike: int, risk: Values, time: int, max_move: int
    ) -> Reserve:
        """As ``reserve``, with what a day's bound of the volatility is worth."""
        price = self._price(spot, strike, risk, time)
        move = mul_div_up(risk.volatility, max_move, WAD)
        if self.style is Style.COVER:
            moved = replace(risk, volatility=min(risk.volatility + move, MAX_VOLATILITY))
            doubt = max(self._price(spot, strike, moved, time) - price, 0)
        else:
            doubt = mul_div_up(self._quote(spot, strike, risk, time).vega, move, WAD)
        tolerance = -(-max(spot, strike) // TOLERANCE_DIVISOR)
        least = self.reserve(spot, strike, risk, time)
        return Reserve(least, self._in_collateral(tolerance + doubt, spot))

    def _price(self, spot: int, strike: int, risk: Values, time: int) -> int:
        if self.style is not Style.COVER:
            quote = self._quote(spot, strike, risk, time)
            return quote.call if self.style is Style.COVERED_CALL else quote.put
        return depeg_cover.put(
            depeg_cover.Cover(
                ratio=spot,
                barrier=strike,
                time=time,
                volatility=risk.volatility,
                rate=risk.rate,
                intensity=risk.intensity,
                loss=risk.loss,
            )
        )

    def _quote(self, spot: int, strike: int, risk: Values, time: int) -> depeg_pricing.DepegQuote:
        depeg = depeg_pricing.Depeg(risk.intensity, risk.loss)
        return depeg_pricing.quote(self._terms(spot, strike, risk, time), depeg)

    def _terms(self, spot: int, strike: int, risk: Values, time: int) -> Terms:
        return Terms(spot, strike, time, risk.volatility, risk.rate, self.carry)

    def _in_collateral(self, price: int, spot: int) -> int:
        """Rounded up, after a unit of the quote that the kernel may have rounded off."""
        in_kind = self.style is Style.COVERED_CALL
        return mul_div_up(price + 1, WAD, spot) if in_kind else price + 1

    def _grid_down(self, strike: int) -> int:
        return strike - strike % self.grid

    def _grid_up(self, strike: int) -> int:
        return -(-strike // self.grid) * self.grid
