"""Gas of option vaults' calls: a stack's weekly covered calls, and cover against its depeg."""

from dataclasses import dataclass
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
_AGGREGATOR, _REDEMPTION_RATE, _MARKET_RATIO = 0, 1, 2
_PRICE = 2_000 * 10**8
_VOLATILITY = (
    2, _WAD, _WAD // 10, _WAD // 5, _WAD // 100, 3 * _WAD, _WAD // 2, _WAD // 10, _WAD // 100,
)  # fmt: skip
_TERMS = (200, 2_000, 6 * 3_600, 2 * _WAD, ETHER // 100)


@dataclass(frozen=True)
class Written:
    """What a vault writes: the clearing house's kind and the pricer's style and terms.

    Attributes
    ----------
    risk : tuple of int
        Volatility, intensity, loss and rate that members submit (WAD).
    pricer : tuple of int
        Target, least and most moneyness, grid of strikes, least reserve, carry.
    """

    style: int
    kind: int
    risk: tuple[int, int, int, int]
    pricer: tuple[int, int, int, int, int, int]


CALLS = Written(
    style=0,
    kind=0,
    risk=(8 * _WAD // 10, 0, 0, 4 * _WAD // 100),
    pricer=(_WAD // 10, _WAD, 2 * _WAD, 50 * _WAD, 10**12, 0),
)
COVER = Written(
    style=2,
    kind=2,
    risk=(_WAD // 20, _WAD // 4, _WAD // 20, 0),
    pricer=(97 * _WAD // 100, _WAD // 2, _WAD, _WAD // 200, 10**14, 0),
)


class VaultMeter:
    """Deploys a vault and plays its weeks.

    Parameters
    ----------
    written : Written
        Covered calls are on wkETH, in USD by a mock feed; cover is on the swap pool's ratio.
    deployer : Deployer
        Of `owner`, who signs for it.
    user : str
        Holds wkETH and WETH, and makes every deposit: for itself, and for 199 others.
    members : tuple of str
        Who submit volatilities: three, with a quorum of two.
    """

    def __init__(
        self,
        written: Written,
        stack: Stack,
        deployer: Deployer,
        owner: str,
        user: str,
        members: tuple[str, ...],
    ) -> None:
        self.stack, self.owner, self.user, self.members = stack, owner, user, members[:3]
        self._rpc, self._risk = stack.rpc, written.risk
        self._is_cover = written == COVER
        prefix = "GasCover" if self._is_cover else "GasCalls"
        self.token = stack.weth if self._is_cover else stack.wketh
        self.aggregator = deployer.create(f"{prefix}Aggregator", "AggregatorMock", 8)
        self._rounds = 0
        self._push_round()
        self.oracle = deployer.create(
            f"{prefix}Settlement", "SettlementOracle", owner, ETHER, owner
        )
        wketh = stack.wketh.address
        self.clearing = deployer.create(
            f"{prefix}Clearing", "OptionClearing", self.oracle.address, wketh, owner
        )
        components = [
            (self.aggregator.address, _AGGREGATOR, 2 * _DAY),
            (wketh, _REDEMPTION_RATE, _WEEK),
        ]
        if self._is_cover:
            components = [(stack.swap.address, _MARKET_RATIO, _DAY)]
        self._own(self.oracle, "listFeed", components, _WINDOW)
        self.feed = self.oracle.call("feedIdOf", components, _WINDOW)
        grid = written.pricer[3]
        market = (self.feed, self.token.address, written.kind, grid, grid, 60 * _DAY)
        self._own(self.clearing, "openMarket", *market)
        self.volatility = deployer.create(
            f"{prefix}Volatility",
            "VolatilityOracle",
            (self.oracle.address, self.feed, *_VOLATILITY),
            list(self.members),
            self._risk,
            owner,
        )
        pricer = deployer.create(
            f"{prefix}Pricer",
            "OptionPricer",
            (
                written.style,
                self.oracle.address,
                self.volatility.address,
                self.feed,
                *written.pricer,
            ),
        )
        self.vault = deployer.create(
            f"{prefix}Vault",
            "OptionVault",
            (self.token.address, self.clearing.address, pricer.address, *_TERMS),
            "Keel options",
            "kOPT",
            1_000_000 * ETHER,
            owner,
            owner,
        )
        self.token.transact("approve", self.vault.address, _UNLIMITED, sender=user)

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

    def measure_rolls(self, shallow: int) -> dict[str, int]:
        """Gas of a cover's rolls: below what the pool's depth has room for, and beyond it.

        Parameters
        ----------
        shallow : int
            Wei of a deposit that asks for more than there is room for.
        """
        gas: dict[str, int] = {}
        self._rpc.set_balance(self.user, 2 * shallow)
        self.token.transact("deposit", sender=self.user, value=shallow + 100 * ETHER)
        self._request_deposit()
        self._request_deposit()
        self._roll()
        self._claim()
        self._trade()
        gas["OptionVault.roll cover"] = self._roll()
        for number in range(199):
            self._request_deposit(2**64 + number)
        gas["OptionVault.roll cover x200"] = self._roll()
        self._act("requestDeposit", shallow, self.user, self.user)
        self._trade()
        gas["OptionVault.roll cover beyond depth"] = self._roll()
        written = self.vault.struct("position")["shorts"]
        assert written * self.vault.struct("position")["idle"], "there is room for all of it"
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
            self.volatility.transact("submit", self._risk, sender=member)
        return self._act("roll")

    def _observe(self) -> None:
        self._own(self.oracle, "observe", self.feed)

    def _push_round(self) -> None:
        self._rounds += 1
        round_ = (self._rounds, _PRICE, self._rpc.timestamp, True)
        self._own(self.aggregator, "setRound", *round_)

    def _own(self, contract: Contract, name: str, *arguments: Any) -> None:
        contract.transact(name, *arguments, sender=self.owner)
