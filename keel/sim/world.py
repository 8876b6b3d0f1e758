"""The stack on a devnet, with its accounts and a clock; every transaction is a block."""

from dataclasses import dataclass, field
from typing import Any

from keel.chain.contract import Contract
from keel.chain.rpc import Rpc
from keel.chain.stack import Stack
from keel.sim.consensus import ETHER, ConsensusLayer

ZERO = "0x" + "00" * 20
UNLIMITED = 2**256 - 1
BLOCK_SECONDS = 12
ACCOUNTS = 16
"""How many accounts the node must hold."""
_KEYS_PER_CALL = 40


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
        )


@dataclass
class World:
    """Transactions by the cast, and the consensus layer's side of the chain."""

    stack: Stack
    cast: Cast
    layer: ConsensusLayer
    transactions: int = 0
    _log_block: int = field(default=0)

    @property
    def rpc(self) -> Rpc:
        """The node."""
        return self.stack.rpc

    def go_to(self, timestamp: int) -> None:
        """Let the next block have this time; later ones follow 12 seconds apart."""
        self.rpc.call("evm_setNextBlockTimestamp", timestamp)

    def act(
        self, sender: str, contract: Contract, name: str, *args: Any, value: int = 0
    ) -> dict[str, Any]:
        """Receipt of a transaction."""
        self.transactions += 1
        return contract.transact(name, *args, sender=sender, value=value)

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
        for token, spender in (
            (stack.pool, stack.wketh),
            (stack.pool, stack.queue),
            (stack.wketh, stack.swap),
            (stack.weth, stack.swap),
        ):
            self.act(who, token, "approve", spender.address, UNLIMITED)

    def wketh_of(self, who: str) -> int:
        """Balance in units."""
        return int(self.stack.wketh.call("balanceOf", who))

    # Consensus layer

    def add_keys(self, operator_id: int, count: int) -> None:
        """Offer made-up keys; the devnet's consensus layer doesn't verify signatures."""
        registry, manager = self.stack.registry, self.cast.operators[operator_id]
        first = registry.call("getOperator", operator_id)[3]
        for start in range(first, first + count, _KEYS_PER_CALL):
            indices = range(start, min(start + _KEYS_PER_CALL, first + count))
            pubkeys = b"".join(_pubkey(operator_id, index) for index in indices)
            self.act(manager, registry, "addKeys", operator_id, pubkeys, pubkeys * 2)

    def deposit_validators(self, most: int, *, active_at: int | None = None) -> int:
        """Stake the buffer, and tell the consensus layer; returns how many validators."""
        stack = self.stack
        affordable = stack.pool.call("getDepositableEther") // (32 * ETHER)
        count = min(most, affordable, stack.registry.call("allocatableKeys"))
        if count == 0:
            return 0
        receipt = self.act(
            self.cast.depositor,
            stack.pool,
            "depositValidators",
            count,
            stack.deposit_contract.call("get_deposit_root"),
            stack.registry.call("nonce"),
        )
        for event in stack.deposit_contract.events(receipt, "DepositEvent"):
            gwei = int.from_bytes(event.values["amount"], "little")
            self.layer.deposit(event.values["pubkey"], gwei * 10**9, active_at=active_at)
        return int(count)

    def request_exits(self, count: int) -> None:
        """Ask operators for exits; they obey at once."""
        receipt = self.act(self.cast.depositor, self.stack.registry, "requestExits", count)
        for event in self.stack.registry.events(receipt, "ExitRequested"):
            self.layer.request_exit(event.values["pubkey"])

    def credit(self, vault: Contract, wei: int) -> None:
        """Raise a balance as the consensus layer does: without a call."""
        if wei:
            self.rpc.set_balance(vault.address, self.rpc.balance(vault.address) + wei)


def _pubkey(operator_id: int, index: int) -> bytes:
    return bytes([0xA0 + operator_id]) + index.to_bytes(47, "big")
