"""The world around the option vaults of a devnet that lives: a price that moves, and people.

Ether's price in USD is a random walk, published as a Chainlink-style round a day; depositors come
and go. Keepers do the rest, what a quorum makes of the price included.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import exp, sqrt
from random import Random

from keel.chain.contract import Contract
from keel.chain.option_config import OptionsConfig
from keel.chain.options import OptionVault, open_market
from keel.sim.live import FINALITY_SECONDS, LiveDevnet
from keel.sim.world import BLOCK_SECONDS, ETHER, UNLIMITED

WAD = 10**18
DAY = 86_400
WEEK = 7 * DAY
_FIRST_FRIDAY = DAY + 8 * 3_600
"""08:00 UTC of the first Friday of unix time."""
_VOLATILITY = 0.6
_WRITTEN = 5 * ETHER
"""Of either token: more wouldn't find room beside the swap pool's depth."""
_LOOKS = 8
"""Visits of an auction, evenly."""
_AUCTION = 4 * 3_600
DISPUTE_SECONDS = 1_800
"""After an expiry, until its price can be fixed."""


@dataclass
class OptionMarket:
    """What happens around the vaults, day by day.

    Attributes
    ----------
    spot : float
        Ether in USD.
    """

    live: LiveDevnet
    spot: float = 2_000.0
    seed: int = 1
    _random: Random = field(init=False)

    def __post_init__(self) -> None:
        """A chance of its own: what happens here doesn't change what the crowd does."""
        self._random = Random(self.seed)

    # Before the first day

    def open(self, bidder: str, forecasters: Sequence[str]) -> None:
        """Prices, markets, seats for the quorum, depositors, and money for the bidder."""
        live, cast, stack = self.live, self.live.world.cast, self.live.stack
        self.publish()
        terms = OptionsConfig()
        for prefix, feed, market in (
            ("Cover", "peg", terms.cover), ("CoveredCalls", "wkETH", terms.covered_calls)
        ):  # fmt: skip
            open_market(
                lambda contract, name, *args: live.act(cast.owner, contract, name, *args),
                stack.vaults[prefix],
                stack.feeds[feed],
                market,
            )
        self._seat_quorum(forecasters)
        self._fund(cast.writers, stack.wketh, 4 * _WRITTEN)
        self._fund(cast.underwriter, stack.weth, 4 * _WRITTEN)
        for who, handle in self._writers():
            live.act(who, handle.asset, "approve", handle.vault.address, UNLIMITED)
            live.act(who, handle.vault, "requestDeposit", _WRITTEN, who, who)
        for token in (stack.wketh, stack.weth):
            self._fund(cast.makers, token, 20 * ETHER)
            live.act(cast.makers, token, "transfer", bidder, 20 * ETHER)

    def _writers(self) -> Iterable[tuple[str, OptionVault]]:
        cast, vaults = self.live.world.cast, self.live.stack.vaults
        return ((cast.writers, vaults["CoveredCalls"]), (cast.underwriter, vaults["Cover"]))

    def _seat_quorum(self, forecasters: Sequence[str]) -> None:
        """Members of their own: the oracle's members leave their keys to their reporters."""
        live, cast = self.live, self.live.world.cast
        for handle in live.stack.vaults.values():
            for member, seat in zip(cast.members, forecasters, strict=True):
                live.act(cast.owner, handle.volatility, "replaceMember", member, seat)

    def _fund(self, who: str, token: Contract, wei: int) -> None:
        """As much of a token."""
        live, stack = self.live, self.live.stack
        if token is stack.weth:
            live.act(who, token, "deposit", value=wei)
            return
        live.act(who, stack.pool, "submit", "0x" + "00" * 20, value=2 * wei)
        live.act(who, stack.pool, "approve", stack.wketh.address, UNLIMITED)
        live.act(who, stack.wketh, "wrap", 2 * wei)

    # Each day

    @property
    def next_expiry(self) -> int:
        """The next 08:00 UTC of a Friday."""
        now = self.live.now
        return _FIRST_FRIDAY + -(-(now - _FIRST_FRIDAY) // WEEK) * WEEK

    def dawn(self) -> None:
        """If options expire at the end of this frame, some blocks come in the last hour."""
        live = self.live
        expiry = self.next_expiry
        if expiry - live.now > DAY:
            return
        for seconds in (3_300, 2_400, 1_500, 600):
            live.go_to(expiry - seconds)
            live.mine()

    def publish(self) -> None:
        """A new round of the price, at the time of the next block."""
        live = self.live
        feed = live.stack.feed
        assert feed is not None, "a devnet has a feed of its own"
        step = self._random.gauss(0, _VOLATILITY / sqrt(365))
        self.spot *= exp(step)
        at = live.now + BLOCK_SECONDS
        live.act(live.world.cast.owner, feed, "pushRound", round(self.spot * 1e8), at)

    def people(self) -> None:
        """Now and then somebody asks in or out, and takes what was served."""
        live = self.live
        for who, handle in self._writers():
            vault = handle.vault
            if int(vault.call("maxDeposit", who)):
                assets = int(vault.call("maxDeposit", who))
                live.act(who, vault, "deposit(uint256,address,address)", assets, who, who)
            if int(vault.call("maxRedeem", who)):
                shares = int(vault.call("maxRedeem", who))
                live.act(who, vault, "redeem", shares, who, who)
            drawn = self._random.random()
            held = int(handle.asset.call("balanceOf", who))
            shares = int(vault.call("balanceOf", who))
            if drawn < 0.1 and held > ETHER:
                live.act(who, vault, "requestDeposit", ETHER // 2, who, who)
            elif drawn > 0.9 and shares > ETHER:
                live.act(who, vault, "requestRedeem", shares // 10, who, who)

    def overdue(self) -> dict[str, int]:
        """Vaults whose round is over, and since when."""
        positions = {
            prefix: handle.vault.struct("position")["due"]
            for prefix, handle in self.live.stack.vaults.items()
        }
        return {prefix: due for prefix, due in positions.items() if due <= self.live.now}

    def auction(self) -> None:
        """Blocks in the hours in which the vaults sell, and after."""
        live, began = self.live, self.live.now
        for look in range(1, _LOOKS + 1):
            live.go_to(began + _AUCTION * look // _LOOKS)
            live.mine(2)
        live.mine(3)

    def live_a_day(self) -> None:
        """One day as anybody may watch it: a report's time, people who come and go, two pushes.

        Where rounds are over, half an hour for disputes, the rolls, and hours of auction too.
        """
        live, random = self.live, self.live.random
        self.dawn()
        reference = live.next_reference()
        live.go_to(reference)
        self.publish()
        live.mine(2)
        live.go_to(reference + FINALITY_SECONDS)
        live.mine(20)
        if due := self.overdue():
            live.go_to(max(due.values()) + DISPUTE_SECONDS)
            live.mine(12)
            self.auction()
        self.people()
        live.claim()
        live.stake(int(random.uniform(5, 60) * ETHER))
        for _ in range(2):
            live.go_to(live.now + random.randrange(3_600, 6 * 3_600))
            live.push(int(random.uniform(10, 90) * ETHER))
            live.mine(20)
        live.leave(int(random.uniform(1, 100) * ETHER))
        live.mine(5)
