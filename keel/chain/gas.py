"""Gas of the calls that users pay for: each the second of two equal ones, alone in its block."""

from collections.abc import Callable
from typing import Any

from keel.chain.anvil import Anvil
from keel.chain.artifacts import Artifacts
from keel.chain.clearing_gas import ClearingMeter
from keel.chain.config import StackConfig
from keel.chain.contract import Contract
from keel.chain.deploy import deploy_stack
from keel.chain.deployer import Deployer
from keel.chain.redemption_gas import RedemptionMeter
from keel.chain.report_gas import DailyReports
from keel.chain.rpc import Rpc
from keel.chain.sender import NodeSender
from keel.chain.stack import Stack
from keel.chain.vault_gas import CALLS, COVER, VaultMeter

ETHER = 10**18
_ZERO = "0x" + "00" * 20
_UNLIMITED = 2**256 - 1
_BASE = 21_000
_START = 1_700_000_000
_BLOCK_SECONDS = 12

ANCHORS: dict[str, tuple[int | None, int]] = {
    "StakingPool.submit": (76_754, 46_500),
    "StakingPool.transfer": (67_190, 41_500),
    "WrappedStakedEther.wrap": (91_782, 59_500),
    "WrappedStakedEther.unwrap": (91_194, 57_500),
    "WrappedStakedEther.receive": (100_662, 68_500),
    "WithdrawalQueue.requestWithdrawals x1": (198_046, 115_000),
    "WithdrawalQueue.requestWithdrawals x10 each": (123_044, 60_000),
    "WithdrawalQueue.claimWithdrawal hint": (85_278, 56_500),
    "WithdrawalQueue.finalize": (124_458, 92_000),
    "ConsensusOracle.vote middle": (69_324, 45_000),
    "ConsensusOracle.submitReport full": (617_180, 210_000),
    "StableSwapPool.exchange": (155_663, 105_000),
    "StableSwapPool.add_liquidity balanced": (188_734, 130_000),
    "StableSwapPool.add_liquidity one-sided": (151_818, 118_000),
    "StableSwapPool.remove_liquidity": (106_287, 88_000),
    "StableSwapPool.remove_liquidity_one_coin": (152_246, 118_000),
    "StableSwapPool.get_dy": (76_918, 42_000),
    "RedemptionVault.deposit": (None, 130_000),
    "RedemptionVault.sell": (None, 380_000),
    "RedemptionVault.advance x8 each": (None, 90_000),
    "RedemptionVault.redeem": (None, 155_000),
    "RedemptionVault.requestExit": (None, 230_000),
    "RedemptionVault.claimExit": (None, 150_000),
    "OptionClearing.listSeries": (None, 140_000),
    "OptionClearing.mint": (None, 80_000),
    "OptionClearing.mint capped": (None, 160_000),
    "OptionClearing.burn": (None, 75_000),
    "OptionClearing.settle": (None, 67_000),
    "OptionClearing.redeem": (None, 70_000),
    "SettlementOracle.observe": (None, 100_000),
    "SettlementOracle.settle": (None, 90_000),
    "NormalMath.cdf": (3_017, 1_000),
    "BlackScholes.quote": (51_883, 6_000),
    "BlackScholes.full": (51_883, 6_000),
    "DepegPricing.quote": (None, 12_500),
    "OptionVault.requestDeposit": (74_000, 60_000),
    "OptionVault.requestDeposit first": (91_000, 85_000),
    "OptionVault.requestRedeem": (119_000, 75_000),
    "OptionVault.redeem": (78_000, 60_000),
    "OptionVault.buy": (None, 150_000),
    "OptionVault.roll": (1_600_000, 450_000),
    "OptionVault.roll x200": (1_600_000, 450_000),
    "OptionVault.roll cover": (None, 450_000),
    "OptionVault.roll cover x200": (None, 450_000),
    "OptionVault.roll cover beyond depth": (None, 450_000),
}
"""By call: what the anchor (Lido, or Curve StableSwap-NG with a bounded rate where that was
measured) uses, and the most that ours may. `finalize` is what finalising one ticket adds to a
report, share burn and transfer of the ether included, plus a transaction's base cost; Lido's figure
leaves out the burn. A redemption vault's sale queues a ticket; each step of `advance` settles a
holdback and claims a paid ticket. Option prices are library calls inside a contract, beside
solstat's cdf and Lyra's BSM; `full` is all Greeks, and a price with the depeg in it nobody else
has. Option vaults' calls stand beside Ribbon's; a roll settles a week, serves its requests, writes
the next one and starts its auction, with one depositor or with 200."""


def measure(artifacts: Artifacts) -> dict[str, int]:
    """Gas by the keys of `ANCHORS`, on an Anvil of its own.

    Time starts at a fixed second and each block takes 12: rates and averages move with time, so
    that figures now depend on the code alone.
    """
    with Anvil(0, "--timestamp", str(_START)) as anvil:
        rpc = Rpc(anvil.url)
        rpc.call("anvil_setBlockTimestampInterval", _BLOCK_SECONDS)
        owner, user, other, *members = rpc.accounts[:8]
        config = StackConfig.single(
            owner,
            members=tuple(members),
            quorum=3,
            treasury="0x" + "f2" * 20,
        )
        deployer = Deployer(rpc, artifacts, NodeSender(rpc, owner))
        stack = deploy_stack(deployer, config)
        measured = GasMeter(stack, owner, user, other, tuple(members)).measure()
        people = (owner, user, tuple(members))
        measured |= VaultMeter(CALLS, stack, deployer, *people).measure()
        measured |= VaultMeter(COVER, stack, deployer, *people).measure_rolls(5_000 * ETHER)
        measured |= ClearingMeter(deployer, stack, user).measure()
        reports = DailyReports(stack, tuple(members), user)
        measured |= RedemptionMeter(stack, user, reports.make).measure()
        return measured | option_gas(deployer.create("OptionPricing", "OptionPricingHarness"))


def option_gas(harness: Contract) -> dict[str, int]:
    """Gas of option prices: a month, far enough from the money that the logarithm takes long."""
    terms = (2_000 * ETHER, 3_000 * ETHER, 30 * 86_400, 6 * 10**17, 4 * 10**16, 32 * 10**15)
    depeg = (10**17, 2 * 10**17)
    calls: dict[str, tuple[str, Any]] = {
        "NormalMath.cdf": ("gasOfCdf", -(10**18)),
        "BlackScholes.quote": ("gasOfQuote", terms),
        "BlackScholes.full": ("gasOfFull", terms),
        "DepegPricing.quote": ("gasOfDepeg", (terms, depeg)),
    }
    return {key: harness.call(*call)[0] for key, call in calls.items()}


class GasMeter:
    """Measures on a fresh stack whose node signs for every account.

    Parameters
    ----------
    stack : Stack
        Owned by `owner`.
    owner, user, other : str
        Accounts with ether.
    members : tuple of str
        The oracle's: five, with a quorum of three.
    """

    def __init__(
        self, stack: Stack, owner: str, user: str, other: str, members: tuple[str, ...]
    ) -> None:
        self.stack, self.owner, self.user, self.other = stack, owner, user, other
        self.members = members
        self.gas: dict[str, int] = {}

    @property
    def _rpc(self) -> Rpc:
        return self.stack.rpc

    def measure(self) -> dict[str, int]:
        """Gas by the keys of `ANCHORS`."""
        self._prepare()
        self._staking()
        self._queue()
        self._oracle()
        self._swap()
        return self.gas

    def _act(
        self, contract: Contract, name: str, *args: Any, sender: str = "", value: int = 0
    ) -> dict[str, Any]:
        return contract.transact(name, *args, sender=sender or self.user, value=value)

    def _twice(self, key: str, send: Callable[[], dict[str, Any]], per: int = 1) -> None:
        send()
        self.gas[key] = int(send()["gasUsed"], 16) // per

    def _prepare(self) -> None:
        stack = self.stack
        for token, spender in (
            (stack.pool, stack.wketh),
            (stack.pool, stack.queue),
            (stack.wketh, stack.swap),
            (stack.weth, stack.swap),
        ):
            self._act(token, "approve", spender.address, _UNLIMITED)
        self._act(stack.pool, "submit", _ZERO, value=2_000 * ETHER)
        self._act(stack.pool, "transfer", self.other, ETHER)
        self._act(stack.wketh, "wrap", 1_000 * ETHER)
        self._act(stack.weth, "deposit", value=1_000 * ETHER)

    def _staking(self) -> None:
        pool, wketh = self.stack.pool, self.stack.wketh
        self._twice("StakingPool.submit", lambda: self._act(pool, "submit", _ZERO, value=ETHER))
        self._twice("StakingPool.transfer", lambda: self._act(pool, "transfer", self.other, ETHER))
        self._twice("WrappedStakedEther.wrap", lambda: self._act(wketh, "wrap", ETHER))
        self._twice("WrappedStakedEther.unwrap", lambda: self._act(wketh, "unwrap", ETHER))
        sender = NodeSender(self._rpc, self.user)
        self._twice("WrappedStakedEther.receive", lambda: sender.send(wketh.address, b"", ETHER))

    def _queue(self) -> None:
        queue = self.stack.queue
        request = "requestWithdrawals(uint256[],address)"
        self._twice(
            "WithdrawalQueue.requestWithdrawals x1",
            lambda: self._act(queue, request, [ETHER], self.user),
        )
        self._twice(
            "WithdrawalQueue.requestWithdrawals x10 each",
            lambda: self._act(queue, request, [ETHER] * 10, self.user),
            per=10,
        )

    def _oracle(self) -> None:
        """Daily reports with rewards in both vaults; the second kind finalises a ticket each."""
        reports = DailyReports(self.stack, self.members, self.user)
        without = [reports.make(0) for _ in range(2)][-1]
        full = [reports.make(ticket) for ticket in (1, 2)][-1]
        self.gas["ConsensusOracle.vote middle"] = full.votes[1]
        self.gas["ConsensusOracle.submitReport full"] = full.report
        self.gas["WithdrawalQueue.finalize"] = full.report - without.report + _BASE
        queue = self.stack.queue
        ids = iter((1, 2))
        self._twice(
            "WithdrawalQueue.claimWithdrawal hint",
            lambda: self._act(queue, "claimWithdrawals", *[[next(ids)]] * 2),
        )

    def _swap(self) -> None:
        swap = self.stack.swap
        add = "add_liquidity(uint256[],uint256)"
        exchange = "exchange(int128,int128,uint256,uint256)"
        remove = "remove_liquidity(uint256,uint256[])"
        remove_one = "remove_liquidity_one_coin(uint256,int128,uint256)"
        self._act(swap, add, [300 * ETHER, 300 * ETHER], 0)
        self._twice("StableSwapPool.exchange", lambda: self._act(swap, exchange, 0, 1, ETHER, 0))
        self._twice(
            "StableSwapPool.add_liquidity balanced",
            lambda: self._act(swap, add, [ETHER, ETHER], 0),
        )
        self._twice(
            "StableSwapPool.add_liquidity one-sided", lambda: self._act(swap, add, [ETHER, 0], 0)
        )
        self._twice(
            "StableSwapPool.remove_liquidity", lambda: self._act(swap, remove, ETHER, [0, 0])
        )
        self._twice(
            "StableSwapPool.remove_liquidity_one_coin",
            lambda: self._act(swap, remove_one, ETHER, 0, 0),
        )
        quote = swap.prepare("get_dy", 0, 1, ETHER)
        self.gas["StableSwapPool.get_dy"] = int(
            self._rpc.call("eth_estimateGas", {"to": quote.to, "data": "0x" + quote.data.hex()}), 16
        )
