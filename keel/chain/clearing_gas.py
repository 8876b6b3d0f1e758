"""Gas of clearing and settlement on a stack: each the second of two equal calls, in its block."""

from typing import Any

from keel.chain.contract import Contract
from keel.chain.deployer import Deployer
from keel.chain.stack import Stack
from keel.models.options.clearing import Kind
from keel.models.options.settlement import DAY, DISPUTE_WINDOW, Component, Source, expiry_after

_WAD = 10**18
_WINDOW = 3_600
_MAX_AGE = 2 * DAY
_PRICE = 2_000 * 10**8
_BOUNDS = (_WAD, _WAD, 90 * DAY)
_UNLIMITED = 2**256 - 1


class ClearingMeter:
    """Measures on an oracle and a clearing house of its own.

    Parameters
    ----------
    deployer : Deployer
        Its sender owns both, and writes the rounds of the stack's feed.
    stack : Stack
        With liquidity in its swap pool.
    user : str
        Has a few wkETH.
    """

    def __init__(self, deployer: Deployer, stack: Stack, user: str) -> None:
        assert stack.feed is not None
        self._rpc, self._user, self._owner = stack.rpc, user, deployer.sender.address
        self._price, self._wketh = stack.feed, stack.wketh
        self._oracle = deployer.create(
            "MeteredOracle", "SettlementOracle", self._owner, _WAD, self._owner
        )
        self._clearing = deployer.create(
            "MeteredClearing",
            "OptionClearing",
            self._oracle.address,
            stack.wketh.address,
            self._owner,
        )
        self._parts = (
            Component(stack.feed.address, Source.AGGREGATOR, _MAX_AGE),
            Component(stack.wketh.address, Source.REDEMPTION_RATE, _MAX_AGE),
            Component(stack.swap.address, Source.CAPPED_MARKET_RATIO, _MAX_AGE),
        )
        self.gas: dict[str, int] = {}

    def measure(self) -> dict[str, int]:
        """Gas by `Contract.function variant`."""
        self._push()
        plain, capped = self._list_feed(2), self._list_feed(3)
        self._act(self._wketh, "approve", self._clearing.address, _UNLIMITED)
        expiry = expiry_after(self._rpc.timestamp + DAY)
        ids = [self._list(plain, expiry, strike) for strike in (2_000, 2_100)]
        capped_id = self._list(capped, expiry, 2_000)
        for series_id in ids:
            self._mint("OptionClearing.mint", series_id)
        for _ in range(2):
            self._mint("OptionClearing.mint", ids[0])
        for _ in range(2):
            self._mint("OptionClearing.mint capped", capped_id)
        for _ in range(2):
            burn = (ids[0], _WAD // 4, self._user)
            self._note("OptionClearing.burn", self._act(self._clearing, "burn", *burn))
        self._settle((plain, capped), ids, expiry)
        return self.gas

    def _settle(self, feeds: tuple[bytes, ...], ids: list[int], expiry: int) -> None:
        self._rpc.mine_at(expiry - _WINDOW)
        for _ in range(3):
            receipt = self._act(self._oracle, "observe", feeds[1])
            self._note("SettlementOracle.observe", receipt)
        self._rpc.mine_at(expiry)
        self._push()
        self._rpc.mine_at(expiry + DISPUTE_WINDOW)
        for feed in feeds:
            hints = self._oracle.call("hintsFor", feed, expiry)
            receipt = self._act(self._oracle, "settle", feed, expiry, hints)
            self._note("SettlementOracle.settle", receipt)
        for series_id in ids:
            self._note("OptionClearing.settle", self._act(self._clearing, "settle", series_id))
        for _ in range(2):
            redeem = (ids[0] | 1, _WAD // 4, self._user)
            self._note("OptionClearing.redeem", self._act(self._clearing, "redeem", *redeem))

    def _push(self) -> None:
        now = self._rpc.timestamp
        self._price.transact("pushRound", _PRICE, now, sender=self._owner)

    def _list_feed(self, count: int) -> bytes:
        parts = [(part.target, int(part.source), part.max_age) for part in self._parts[:count]]
        self._act(self._oracle, "listFeed", parts, _WINDOW)
        feed: bytes = self._oracle.call("feedIdOf", parts, _WINDOW)
        terms = (feed, self._wketh.address, int(Kind.CALL_IN_KIND), *_BOUNDS)
        self._clearing.transact("openMarket", *terms, sender=self._owner)
        return feed

    def _list(self, feed: bytes, expiry: int, strike: int) -> int:
        terms = (feed, self._wketh.address, expiry, int(Kind.CALL_IN_KIND), strike * _WAD, 0)
        self._note("OptionClearing.listSeries", self._act(self._clearing, "listSeries", terms))
        return int(self._clearing.call("idOf", terms))

    def _mint(self, key: str, series_id: int) -> None:
        self._note(key, self._act(self._clearing, "mint", series_id, _WAD, *[self._user] * 2))

    def _act(self, contract: Contract, name: str, *args: Any) -> dict[str, Any]:
        return contract.transact(name, *args, sender=self._user)

    def _note(self, key: str, receipt: dict[str, Any]) -> None:
        self.gas[key] = int(receipt["gasUsed"], 16)
