"""Gas of an option vault's calls: weekly covered calls on a stack's wkETH, told by a mock feed."""

from typing import Any

from keel.chain.contract import Contract
from keel.chain.deployer import Deployer
from keel.chain.stack import Stack

ETHER = 10**18
_WAD = 10**18
_DAY = 86_400
_WEEK = 7 * _DAY
_FIRST_FRIDAY = _DAY + 8 * 3_600
_WINDOW = 3_600
_UNLIMITED = 2**256 - 1
_AGGREGATOR, _REDEMPTION_RATE = 0, 1
_CALL_IN_KIND = 0
_PRICE = 2_000 * 10**8
_GRID = 50 * _WAD
_RISK = (8 * _WAD // 10, 0, 0, 4 * _WAD // 100)
_VOLATILITY = (
    2, _WAD, _WAD // 10, _WAD // 5, _WAD // 20, 3 * _WAD, _WAD // 2, _WAD // 10, _WAD // 100,
)  # fmt: skip
_PRICER = (_WAD // 10, _WAD, 2 * _WAD, _GRID, 10**12, 0)
_TERMS = (200, 2_000, 6 * 3_600, 2 * _WAD, ETHER // 100)


class VaultMeter:
    """Deploys a vault and plays three weeks.

    Parameters
    ----------
    deployer : Deployer
        Of `owner`, who signs for it.
    user : str
        Holds wkETH, and makes every deposit: for itself, and for 199 others.
    members : tuple of str
        Who submit volatilities: three, with a quorum of two.
    """

    def __init__(
        self, stack: Stack, deployer: Deployer, owner: str, user: str, members: tuple[str, ...]
    ) -> None:
        self.stack, self.owner, self.user, self.members = stack, owner, user, members[:3]
        self._rpc = stack.rpc
        self.aggregator = deployer.create("GasAggregator", "AggregatorMock", 8)
        self._rounds = 0
        self._push_round()
        self.oracle = deployer.create("GasSettlement", "SettlementOracle", owner, owner)
        wketh = stack.wketh.address
        self.clearing = deployer.create(
            "GasClearing", "OptionClearing", self.oracle.address, wketh, owner
        )
        components = [
            (self.aggregator.address, _AGGREGATOR, 2 * _DAY),
            (wketh, _REDEMPTION_RATE, _WEEK),
        ]
        self._own(self.oracle, "listFeed", components, _WINDOW)
        self.feed = self.oracle.call("feedIdOf", components, _WINDOW)
        market = (self.feed, wketh, _CALL_IN_KIND, _GRID, _GRID, 60 * _DAY)
        self._own(self.clearing, "openMarket", *market)
        self.volatility = deployer.create(
            "GasVolatility",
            "VolatilityOracle",
            (self.oracle.address, self.feed, *_VOLATILITY),
            list(self.members),
            _RISK,
            owner,
        )
        pricer = deployer.create(
            "GasPricer",
            "OptionPricer",
            (0, self.oracle.address, self.volatility.address, self.feed, *_PRICER),
        )
        self.vault = deployer.create(
            "GasVault",
            "OptionVault",
            (wketh, self.clearing.address, pricer.address, *_TERMS),
            "Keel covered calls",
            "kccETH",
            1_000_000 * ETHER,
            owner,
            owner,
        )
        stack.wketh.transact("approve", self.vault.address, _UNLIMITED, sender=user)

    def measure(self) -> dict[str, int]:
        """Gas by name of the call; each is the second of two equal ones."""
        gas: dict[str, int] = {}
        self._request_deposit()
        gas["OptionVault.requestDeposit"] = self._request_deposit()
        self._roll()
        self._claim()
        self._trade()
        gas["OptionVault.roll"] = self._roll()
        for number in range(199):
            gas["OptionVault.requestDeposit first"] = self._request_deposit(2**64 + number)
        self._request_redeem()
        gas["OptionVault.requestRedeem"] = self._request_redeem()
        gas["OptionVault.buy"] = self._trade()
        gas["OptionVault.roll x200"] = self._roll()
        self._act("redeem", ETHER // 10, self.user, self.user)
        gas["OptionVault.redeem"] = self._act("redeem", ETHER // 10, self.user, self.user)
        return gas

    # Calls

    def _act(self, name: str, *arguments: Any) -> int:
        receipt = self.vault.transact(name, *arguments, sender=self.user)
        return int(receipt["gasUsed"], 16)

    def _request_deposit(self, controller: int | None = None) -> int:
        """For the account of that number; by default for the user."""
        account = self.user if controller is None else f"0x{controller:040x}"
        return self._act("requestDeposit", ETHER // 10, account, self.user)

    def _request_redeem(self) -> int:
        return self._act("requestRedeem", ETHER // 10, self.user, self.user)

    def _claim(self) -> None:
        assets = self.vault.call("maxDeposit", self.user)
        self._act("deposit(uint256,address,address)", assets, self.user, self.user)

    def _trade(self) -> int:
        """Two purchases of a quarter each, and the auction's end."""
        _id, unsold, _started, ends_at = self.vault.call("lot")
        purchase = (unsold // 4, 0, _UNLIMITED, self.user, _UNLIMITED)
        self._act("buy", *purchase)
        gas = self._act("buy", *purchase)
        self._rpc.mine_at(ends_at)
        self._act("closeAuction")
        return gas

    def _roll(self) -> int:
        """End the round: its price is fixed, and inputs of the next one are fresh."""
        due = self.vault.call("position")[1]
        if due % _DAY == 8 * 3_600:
            self._rpc.mine_at(due - _WINDOW - 60)
            self._observe()
            self._rpc.mine_at(due)
            self._push_round()
            self._observe()
            self._rpc.mine_at(due + 1_800)
            hints = self.oracle.call("hintsFor", self.feed, due)
            self._own(self.oracle, "settle", self.feed, due, hints)
        else:
            now = self._rpc.timestamp
            self._rpc.mine_at(now + -(now - _FIRST_FRIDAY) % _WEEK)
        self._push_round()
        for member in self.members[:2]:
            self.volatility.transact("submit", _RISK, sender=member)
        return self._act("roll")

    def _observe(self) -> None:
        self._own(self.oracle, "observe", self.feed)

    def _push_round(self) -> None:
        self._rounds += 1
        round_ = (self._rounds, _PRICE, self._rpc.timestamp, True)
        self._own(self.aggregator, "setRound", *round_)

    def _own(self, contract: Contract, name: str, *arguments: Any) -> None:
        contract.transact(name, *arguments, sender=self.owner)
