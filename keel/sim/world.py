"""The stack on a devnet, with its accounts and a clock; every transaction is a block."""

from dataclasses import dataclass
from typing import Any

from keel.chain.contract import Call, Contract
from keel.chain.rpc import Rpc
from keel.chain.stack import Stack
from keel.errors import KeelError
from keel.sim.beacon.constants import GWEI
from keel.sim.beacon.layer import BeaconLayer
from keel.sim.beacon.observation import Observation

ETHER = 10**18
ZERO = "0x" + "00" * 20
UNLIMITED = 2**256 - 1
BLOCK_SECONDS = 12
ACCOUNTS = 29
"""How many accounts the node must hold."""


@dataclass(frozen=True, kw_only=True)
class Cast:
    """Who plays whom."""

    owner: str
    members: tuple[str, ...]
    confirmer: str
    depositor: str
    operators: tuple[str, ...]
    crowd: str
    """All stakers and leavers that are not followed one by one."""
    makers: str
    """All other liquidity providers."""
    seller: str
    staker: str
    provider: str
    impatient: str
    patient: str
    backers: str
    """All depositors of the redemption vault but one."""
    backer: str
    hurried: str
    """All that sell at once, to whoever pays more, but one."""
    seller_at_once: str
    """Sells to the vault on the worst day."""
    keeper: str
    writers: str
    """All depositors of the vault of covered calls but one."""
    writer: str
    underwriter: str
    """Deposits into the vault that writes cover."""
    insured: str
    """Holds wkETH, and buys cover for it."""
    trader: str
    """Buys calls."""

    @property
    def people(self) -> tuple[str, ...]:
        """Who may hold kETH."""
        return (
            self.crowd,
            self.makers,
            self.seller,
            self.staker,
            self.provider,
            self.impatient,
            self.patient,
            self.hurried,
            self.seller_at_once,
            self.writers,
            self.writer,
            self.insured,
            self.trader,
        )

    @classmethod
    def of(cls, accounts: list[str]) -> "Cast":
        """From a node's accounts, at least `ACCOUNTS` of them."""
        return cls(
            owner=accounts[0],
            members=tuple(accounts[1:4]),
            confirmer=accounts[4],
            depositor=accounts[5],
            operators=tuple(accounts[6:9]),
            crowd=accounts[9],
            makers=accounts[10],
            seller=accounts[11],
            staker=accounts[12],
            provider=accounts[13],
            impatient=accounts[14],
            patient=accounts[15],
            backers=accounts[16],
            backer=accounts[17],
            hurried=accounts[18],
            seller_at_once=accounts[19],
            keeper=accounts[20],
            writers=accounts[21],
            writer=accounts[22],
            underwriter=accounts[23],
            insured=accounts[24],
            trader=accounts[25],
        )


@dataclass
class World:
    """Transactions by the cast, and the consensus layer's side of the chain."""

    stack: Stack
    cast: Cast
    layer: BeaconLayer
    transactions: int = 0
    is_open: bool = False
    """Whether the layer has begun; until then deposits are not its own."""
    _withdrawn: int = 0
    _tips: int = 0

    @property
    def rpc(self) -> Rpc:
        """The node."""
        return self.stack.rpc

    def go_to(self, timestamp: int) -> None:
        """Let the next block have this time; later ones follow 12 seconds apart."""
        self.rpc.call("evm_setNextBlockTimestamp", timestamp)

    def reach(self, timestamp: int) -> None:
        """Let the next block not be before this time."""
        if timestamp > self.rpc.timestamp:
            self.go_to(timestamp)

    def act(
        self, sender: str, contract: Contract, name: str, *args: Any, value: int = 0
    ) -> dict[str, Any]:
        """Receipt of a transaction."""
        self.transactions += 1
        return contract.transact(name, *args, sender=sender, value=value)

    def send(self, sender: str, call: Call) -> dict[str, Any]:
        """Receipt of a keeper's transaction."""
        self.transactions += 1
        receipt = self.rpc.receipt(
            self.rpc.call("eth_sendTransaction", call.as_transaction(sender))
        )
        if receipt["status"] != "0x1":
            raise KeelError(f"a keeper's call to {call.to} failed", "see the transaction's trace")
        return receipt

    # Staking

    def stake(self, who: str, wei: int) -> None:
        """Ether to kETH."""
        self.act(who, self.stack.pool, "submit", ZERO, value=wei)

    def wrap(self, who: str, wei: int) -> None:
        """The account's kETH to wkETH; the allowance must be there."""
        self.act(who, self.stack.wketh, "wrap", wei)

    def approve_all(self, who: str) -> None:
        """Standing allowances for wrapper, queue and swap pool."""
        stack = self.stack
        self.approve(
            who,
            (stack.pool, stack.wketh),
            (stack.pool, stack.queue),
            (stack.wketh, stack.swap),
            (stack.weth, stack.swap),
        )

    def approve(self, who: str, *pairs: tuple[Contract, Contract]) -> None:
        """Standing allowances: of each token, for each spender."""
        for token, spender in pairs:
            self.act(who, token, "approve", spender.address, UNLIMITED)

    def wketh_of(self, who: str) -> int:
        """Balance in units."""
        return int(self.stack.wketh.call("balanceOf", who))

    # Consensus layer

    def observe(self, ref_timestamp: int) -> Observation:
        """Let the consensus layer come to a reference time, and its credits into the vaults."""
        self.layer.advance(ref_timestamp)
        seen = self.layer.observe(ref_timestamp)
        self._credit(self.stack.withdrawal_vault, (seen.withdrawn - self._withdrawn) * GWEI)
        self._credit(self.stack.rewards_vault, (seen.tips - self._tips) * GWEI)
        self._withdrawn, self._tips = seen.withdrawn, seen.tips
        return seen

    def _credit(self, vault: Contract, wei: int) -> None:
        """Raise a balance as the consensus layer does: without a call."""
        if wei:
            self.rpc.set_balance(vault.address, self.rpc.balance(vault.address) + wei)
