"""A devnet that lives on: slots pass, validators earn and leave, people stake, sell and queue.

It is the world around the keepers, and none of their work: it makes blocks, 12 seconds apart or,
where nothing is due, hours apart; it is the consensus layer, and answers as a beacon node; and it
plays the crowd and a seller who pushes the pool off its peg.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from keel.chain.contract import Contract
from keel.chain.rpc import Rpc
from keel.chain.stack import Stack
from keel.sim.beacon.api import BeaconApi
from keel.sim.beacon.layer import BeaconLayer
from keel.sim.market import MarketDay
from keel.sim.parameters import ScenarioParameters
from keel.sim.records import RunRecord
from keel.sim.scenario import Scenario
from keel.sim.world import BLOCK_SECONDS, ETHER, UNLIMITED, World

FINALITY_SECONDS = 800
"""Until the consensus layer is final at a slot."""


def open_world(stack: Stack, first: MarketDay, parameters: ScenarioParameters) -> World:
    """Open as the demo does, with the pool's own credentials on the consensus layer."""
    record = RunRecord(title="devnet", seed=parameters.seed, commit="", apr=0.0, amplification=0)
    scenario = Scenario(stack, [first, first], parameters, record)
    layer = scenario.world.layer
    credentials = bytes(stack.pool.call("withdrawalCredentials"))
    scenario.world.layer = BeaconLayer(
        replace(layer.parameters, credentials=credentials),
        parameters.seed,
        genesis_time=layer.genesis_time,
    )
    scenario.open()
    return scenario.world


@dataclass
class LiveDevnet:
    """Blocks, the consensus layer, and the people of a devnet.

    Attributes
    ----------
    pace : float
        Seconds of real time before each block, for the keepers to act in.
    before_block, on_block : callable
        Called before each block, and with each new one's number and time.
    """

    world: World
    pace: float = 0.1
    seed: int = 1
    port: int = 0
    before_block: Callable[[], None] | None = None
    on_block: Callable[[int, int], None] | None = None
    api: BeaconApi = field(init=False)
    _asked: set[bytes] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Take over the making of blocks from the node."""
        self.random = Random(self.seed)
        oracle = self.stack.oracle
        self._frame = int(oracle.call("SLOTS_PER_FRAME")) * BLOCK_SECONDS
        genesis = int(oracle.call("GENESIS_TIME"))
        self.api = BeaconApi(self.world.layer, genesis, port=self.port)
        self.api.start()
        self._seen = int(self.rpc.block()["number"], 16)
        self.api.now = self.now
        # The history's only report: what is blamed in the next one is measured against it.
        self.api.keep(int(oracle.call("lastSubmittedRefSlot")), self._seen)
        self.take_over()

    @property
    def stack(self) -> Stack:
        """The contracts."""
        return self.world.stack

    @property
    def rpc(self) -> Rpc:
        """The node."""
        return self.world.rpc

    @property
    def now(self) -> int:
        """Time of the newest block."""
        return self.rpc.timestamp

    def take_over(self) -> None:
        """The node mines nothing by itself; also after it was started again.

        What it simulates it takes to be in the next block, 12 seconds later.
        """
        self.rpc.call("evm_setAutomine", False)
        self.rpc.call("anvil_setBlockTimestampInterval", BLOCK_SECONDS)

    # Blocks

    def next_reference(self) -> int:
        """Time of the next reference slot."""
        passed = self.now - self.api.genesis_time + BLOCK_SECONDS
        return self.api.genesis_time + (passed // self._frame + 1) * self._frame - BLOCK_SECONDS

    def mine(self, count: int = 1) -> None:
        """Blocks 12 seconds apart."""
        for _ in range(count):
            self.go_to(self.now + BLOCK_SECONDS)

    def go_to(self, timestamp: int) -> None:
        """Let a block come at this time, and one at each reference slot on the way."""
        while (reference := self.next_reference()) <= timestamp:
            self._cross(reference)
        if timestamp > self.now:
            self._block(timestamp)

    def _block(self, timestamp: int) -> None:
        if self.before_block is not None:
            self.before_block()
        time.sleep(self.pace)
        self.rpc.mine_at(timestamp)
        self.api.now = timestamp
        number = self._deliver(timestamp)
        if self.on_block is not None:
            self.on_block(number, timestamp)

    def _cross(self, reference: int) -> None:
        """The consensus layer comes to the slot, pays into the vaults, and the block is made."""
        self.world.observe(reference)
        self._block(reference)
        self._asked = {key for key in self._asked if not self._leaves(key)}
        self.api.keep(self.api.slot_at(reference), self._seen)

    def _leaves(self, key: bytes) -> bool:
        layer = self.world.layer
        return layer.is_leaving(key) or layer.request_exit(key)

    def _deliver(self, timestamp: int) -> int:
        """Deposits and requests for exit of the new blocks go to the consensus layer."""
        layer, stack = self.world.layer, self.stack
        head = int(self.rpc.block()["number"], 16)
        sources = ((stack.deposit_contract, "DepositEvent"), (stack.registry, "ExitRequested"))
        filters = {
            "fromBlock": hex(self._seen + 1),
            "toBlock": hex(head),
            "address": [contract.address for contract, _name in sources],
            "topics": [[contract.abi.topic(name) for contract, name in sources]],
        }
        logs = self.rpc.call("eth_getLogs", filters) if head > self._seen else []
        self._seen = head
        if logs:
            layer.advance(timestamp)
        for log in logs:
            event = next(e for c, _n in sources if (e := c.abi.decode_log(log)) is not None)
            key = event.values["pubkey"]
            if event.name == "DepositEvent":
                amount = int.from_bytes(event.values["amount"], "little")
                credentials = event.values["withdrawal_credentials"]
                layer.deposit(key, amount, operator=-1, credentials=credentials)
            else:
                self._asked.add(key)
        return head

    # People

    def act(
        self, who: str, contract: Contract, name: str, *arguments: Any, value: int = 0
    ) -> dict[str, Any]:
        """Receipt of a transaction of one of the node's accounts, in the next block."""
        call = contract.prepare(name, *arguments, value=value).as_transaction(who)
        tx_hash = self.rpc.call("eth_sendTransaction", call)
        self.mine()
        receipt = self.rpc.receipt(tx_hash)
        if receipt["status"] != "0x1":
            before = hex(int(receipt["blockNumber"], 16) - 1)
            contract.call(name, *arguments, sender=who, value=value, block=before)
            raise contract.abi.decode_error(b"")
        return receipt

    def push(self, wei: int) -> None:
        """The seller, in a hurry, sells as much wkETH as this ether is worth."""
        stack, seller = self.stack, self.world.cast.seller
        units = wei * ETHER // int(stack.wketh.call("getRate"))
        if self.world.wketh_of(seller) < units:
            self.act(seller, stack.pool, "submit", "0x" + "00" * 20, value=2 * wei)
            self.act(seller, stack.wketh, "wrap", 2 * wei)
        name = "exchange(int128,int128,uint256,uint256)"
        self.act(seller, stack.swap, name, 1, 0, units, 0)

    def stake(self, wei: int) -> None:
        """The crowd stakes, within the limit."""
        stack = self.stack
        most = min(wei, int(stack.pool.call("getCurrentStakeLimit")))
        self.act(self.world.cast.crowd, stack.pool, "submit", "0x" + "00" * 20, value=most)

    def leave(self, wei: int) -> None:
        """The crowd asks for ether."""
        crowd = self.world.cast.crowd
        name = "requestWithdrawals(uint256[],address)"
        self.act(crowd, self.stack.queue, name, [wei], crowd)

    def claim(self) -> int:
        """The crowd claims all that is paid; how many tickets."""
        queue, crowd = self.stack.queue, self.world.cast.crowd
        last = int(queue.call("getLastFinalizedRequestId"))
        ids = list(queue.call("getWithdrawalRequests", crowd, 1, last))
        if not ids:
            return 0
        hints = queue.call("findCheckpointHints", ids, 1, queue.call("getLastCheckpointIndex"))
        self.act(crowd, queue, "claimWithdrawals", ids, hints)
        return len(ids)

    def fill_vault(self, wei: int) -> None:
        """Depositors give the redemption vault money to buy with."""
        stack, makers = self.stack, self.world.cast.makers
        self.act(makers, stack.weth, "deposit", value=wei)
        self.act(makers, stack.weth, "approve", stack.redemption.address, UNLIMITED)
        self.act(makers, stack.redemption, "deposit", wei, makers)
