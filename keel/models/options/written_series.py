"""One series as its writer meets it in the clearing house: pairs, price, payoffs."""

from dataclasses import dataclass

from keel.models.options.vault_errors import AlreadySettled, NotSettled

WAD = 10**18


@dataclass
class WrittenSeries:
    """Terms and what is outstanding; claims have 18 decimals.

    Attributes
    ----------
    in_kind : bool
        A call paid in the underlying; otherwise a put in cash.
    strike, cap : int
        WAD; the cap is not read in kind.
    longs, shorts, held : int
        Claims, and token units, of everybody.
    price : int
        Of settlement (WAD); zero before.
    """

    id: int
    in_kind: bool
    strike: int
    cap: int
    expiry: int
    decimals: int
    longs: int = 0
    shorts: int = 0
    price: int = 0
    held: int = 0

    @property
    def worst(self) -> int:
        """The worst payoff of a unit."""
        return WAD if self.in_kind else self.cap

    @property
    def payoff(self) -> int:
        """What a long is paid at the settlement price (WAD), rounded down."""
        if self.in_kind:
            return max(self.price - self.strike, 0) * WAD // self.price
        return min(max(self.strike - self.price, 0), self.cap)

    @property
    def scale(self) -> int:
        """Claims times WAD in a token unit."""
        return int(10 ** (36 - self.decimals))

    def need(self, pairs: int) -> int:
        """Token units that cover ``pairs``."""
        return -(-pairs * self.worst // self.scale)

    def pairs_for(self, collateral: int) -> int:
        """Return the most pairs that ``collateral`` covers."""
        return collateral * self.scale // self.worst

    def mint(self, amount: int) -> int:
        """Return the collateral taken."""
        before, self.longs = self.need(self.longs), self.longs + amount
        self.shorts += amount
        return self.need(self.longs) - before

    def burn(self, amount: int) -> int:
        """Return the collateral given back."""
        if self.price:
            raise AlreadySettled(self.id)
        before, self.longs = self.need(self.longs), self.longs - amount
        self.shorts -= amount
        return before - self.need(self.longs)

    def settle(self, price: int) -> None:
        """Fix the price; later ones change nothing, and zero is none."""
        if not self.price and price:
            self.price, self.held = price, self.need(self.longs)

    def redeem(self, amount: int, *, is_long: bool) -> int:
        """Return what claims are paid; the last ones take what roundings have left."""
        return self._take_out(amount, 0) if is_long else self._take_out(0, amount)

    def unwind(self, longs: int, shorts: int) -> int:
        """Return what longs and at least as many shorts are paid; pairs among them whole."""
        paid = self._take_out(longs, longs) if longs else 0
        return paid + (self._take_out(0, shorts - longs) if shorts > longs else 0)

    def _take_out(self, longs: int, shorts: int) -> int:
        if not self.price:
            raise NotSettled(self.id)
        last = (longs, shorts) == (self.longs, self.shorts)
        exact = longs * self.payoff + shorts * (self.worst - self.payoff)
        paid = self.held if last else exact // self.scale
        self.longs -= longs
        self.shorts -= shorts
        self.held -= paid
        return paid
