"""Operators: they join with a bond, offer keys, and exit when asked; and what the oracle sees."""

from dataclasses import dataclass, field

from keel.chain.abi import Reverted
from keel.keepers.rules import FULL, LEAST_LOSS, first_deposits, further_deposits, key_events
from keel.models.staking.keys import Event, KeyNews, Status
from keel.models.staking.ledger import OperatorLoss
from keel.sim.beacon.constants import GWEI
from keel.sim.beacon.observation import Observation
from keel.sim.checks import Ledger
from keel.sim.world import World

_KEYS_PER_CALL = 40
_FIRST_BYTE = 0xA0


@dataclass
class Operators:
    """Their keys by what the registry knows of them."""

    world: World
    ledger: Ledger
    _status: dict[bytes, Status] = field(default_factory=dict)
    _deposited_at: dict[bytes, int] = field(default_factory=dict)
    _asked: set[bytes] = field(default_factory=set)
    """Keys that were asked to exit and whose exit the consensus layer hasn't taken up yet."""
    _slashed: set[bytes] = field(default_factory=set)
    _charged: tuple[int, ...] = ()
    """Gwei of each operator's penalties that reports have seen."""

    # Joining

    def join(self, operator_id: int, keys: int) -> None:
        """Join, post the bond, offer made-up keys: this consensus layer verifies no signatures."""
        stack, manager = self.world.stack, self.world.cast.operators[operator_id]
        self.world.act(manager, stack.registry, "addOperator", f"Operator {operator_id}", manager)
        # A share bought is worth a wei less at worst.
        bond = int(stack.bonds.call("requiredBond", keys)) + 1
        self.world.act(manager, stack.bonds, "stakeBond", operator_id, value=bond)
        self.ledger.submitted += bond
        for start in range(0, keys, _KEYS_PER_CALL):
            indices = range(start, min(start + _KEYS_PER_CALL, keys))
            pubkeys = b"".join(_pubkey(operator_id, index) for index in indices)
            self.world.act(manager, stack.registry, "addKeys", operator_id, pubkeys, pubkeys * 2)

    # Deposits

    def deposit(self, most: int) -> list[bytes]:
        """First deposits, as far as ether, keys, bonds and cap reach; the keys."""
        world, stack = self.world, self.world.stack
        depositable = int(stack.pool.call("getDepositableEther"))
        most = min(most, first_deposits(depositable, int(stack.registry.call("awaitingKeys"))))
        root, nonce = stack.deposit_contract.call("get_deposit_root"), stack.registry.call("nonce")
        if most <= 0 or not self._is_anyone_in_line(most, root, nonce):
            return []
        return self._sent("depositValidators", most, root, nonce, status=Status.PREDEPOSITED,
                          sender=world.cast.depositor)  # fmt: skip

    def _is_anyone_in_line(self, *terms: object) -> bool:
        world = self.world
        try:
            world.stack.pool.call("depositValidators", *terms, sender=world.cast.depositor)
        except Reverted as refusal:
            if refusal.name != "NothingToDeposit":
                raise
            return False
        return True

    def fund(self, most: int) -> list[bytes]:
        """The rest for confirmed keys, as far as the ether reaches; the keys."""
        confirmed = sum(status is Status.CONFIRMED for status in self._status.values())
        depositable = int(self.world.stack.pool.call("getDepositableEther"))
        most = min(most, further_deposits(depositable, confirmed))
        if most <= 0:
            return []
        return self._sent("fundValidators", most, status=Status.FUNDED,
                          sender=self.world.cast.depositor)  # fmt: skip

    def _sent(self, name: str, *arguments: object, status: Status, sender: str) -> list[bytes]:
        world, stack = self.world, self.world.stack
        receipt = world.act(sender, stack.pool, name, *arguments)
        keys = []
        for event in stack.deposit_contract.events(receipt, "DepositEvent"):
            key = event.values["pubkey"]
            amount = int.from_bytes(event.values["amount"], "little")
            if world.is_open:
                world.layer.deposit(key, amount, operator=_operator_of(key))
            self._status[key] = status
            self._deposited_at[key] = world.rpc.timestamp
            keys.append(key)
        return keys

    def open_layer(self, keys: list[bytes]) -> None:
        """Let the consensus layer begin with these, active: they were there before the run."""
        self.world.layer.open_with(keys, [_operator_of(key) for key in keys])
        self.world.is_open = True

    # Exits

    def request_exits(self, count: int) -> None:
        """Ask operators for exits; they obey as soon as the protocol lets them."""
        registry = self.world.stack.registry
        receipt = self.world.act(self.world.cast.depositor, registry, "requestExits", count)
        for event in registry.events(receipt, "ExitRequested"):
            self._asked.add(event.values["pubkey"])
        self.obey()

    def obey(self) -> None:
        """Exit whoever was asked; a validator too young for it, or in the queue, stays asked."""
        layer = self.world.layer
        taken = {key for key in sorted(self._asked) if layer.request_exit(key)}
        gone = {key for key in self._asked if layer.is_leaving(key)}
        self._asked -= taken | gone

    def leaving(self) -> int:
        """Wei of validators on their way out, those asked and not yet leaving included."""
        return self.world.layer.leaving() * GWEI + len(self._asked) * FULL

    # What members see

    def news(self, ref_timestamp: int) -> list[KeyNews]:
        """What happened to keys until a reference time to which the layer has just come."""
        told = []
        for key, status in self._status.items():
            if self._deposited_at[key] > ref_timestamp:
                continue
            told += [KeyNews(_operator_of(key), _index_of(key), what)
                     for what in self._events(key, status)]  # fmt: skip
        return told

    def _events(self, key: bytes, status: Status) -> list[Event]:
        layer = self.world.layer
        return key_events(
            status,
            told_slashed=key in self._slashed,
            valid=True,
            foreign=False,
            leaving=layer.is_leaving(key),
            slashed=layer.is_slashed(key),
            settled=layer.is_settled(key),
        )

    def losses(self, seen: Observation) -> tuple[OperatorLoss, ...]:
        """Penalties since the last report, of operators that lost more than a little."""
        before = self._charged + (0,) * (len(seen.operator_losses) - len(self._charged))
        pairs = enumerate(zip(seen.operator_losses, before, strict=True))
        losses = (
            OperatorLoss(operator_id=operator_id, ether_amount=(now - then) * GWEI)
            for operator_id, (now, then) in pairs
        )
        self._charged = seen.operator_losses
        return tuple(loss for loss in losses if loss.ether_amount >= LEAST_LOSS)

    def tell(self, report: object, news: list[KeyNews]) -> None:
        """Submit the news that a report named."""
        if not news:
            return
        stack = self.world.stack
        self.world.act(self.world.cast.members[0], stack.oracle, "submitNews", report, news)
        after = {
            Event.CONFIRMED: Status.CONFIRMED,
            Event.EXITING: Status.EXITING,
            Event.SETTLED: Status.SETTLED,
        }
        for each in news:
            key = _pubkey(each.operator_id, each.key_index)
            if each.what is Event.SLASHED:
                self._slashed.add(key)
            else:
                self._status[key] = after[each.what]


def _pubkey(operator_id: int, index: int) -> bytes:
    return bytes([_FIRST_BYTE + operator_id]) + index.to_bytes(47, "big")


def _operator_of(pubkey: bytes) -> int:
    return pubkey[0] - _FIRST_BYTE


def _index_of(pubkey: bytes) -> int:
    return int.from_bytes(pubkey[1:], "big")
