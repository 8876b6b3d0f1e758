"""Twin of ``OperatorRegistry``: operators, their keys, who comes next."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from keel.models.evm import ZERO_ADDRESS, Address, Clock, Revert
from keel.models.staking.bonds import Bonds, Penalty
from keel.models.staking.errors import (
    AlreadyCharged,
    BondTooSmall,
    DuplicateKey,
    KeyLengthMismatch,
    KeyNotFound,
    NewsNotNewer,
    NoKeys,
    NotLate,
    OperatorNotFound,
    OutOfBounds,
    OwnableUnauthorizedAccount,
    TooFewUnusedKeys,
    Unauthorized,
    WrongKeyStatus,
    ZeroAddress,
)
from keel.models.staking.keys import Event, Key, KeyNews, Operator, Status

DAY = 86_400
MAX_STRIKES = 3
SEARCH = 64
"""Keys that can't exit yet which a search for one that can passes over."""
PUBKEY, SIGNATURE = 48, 96
"""Lengths in bytes."""


def cap_of(validators: int, operators: int) -> int:
    """The most validators of one operator."""
    by_count = -(-2 * validators // operators) if operators else 0
    return max(2, -(-validators // 100), by_count)


class Registry:
    """Operators by id; its bonds are a contract of their own."""

    def __init__(self, clock: Clock, *, owner: Address, vault: Address, bonds: Bonds) -> None:
        self.clock = clock
        self.owner = owner
        self.vault = vault
        self.exit_manager: Address = ZERO_ADDRESS
        self.oracle: Address = ZERO_ADDRESS
        self.exit_period = 4 * DAY
        self.nonce = 0
        self.operators: list[Operator] = []
        self.known: set[bytes] = set()
        self.confirmed: deque[tuple[int, int]] = deque()
        self.last_news = (0, 0)
        self.bonds = bonds
        bonds.refresh = self.refresh
        bonds.manager_of = self.manager_of
        bonds.bonded_keys = self.bonded_keys

    @contextmanager
    def unchanged_if_refused(self) -> Iterator[None]:
        """Undo what was done to operators, bonds and their kETH if it ends in a refusal."""
        bonds, pool = self.bonds, self.bonds.pool
        operators = [operator.copy() for operator in self.operators]
        state = (self.nonce, self.confirmed.copy(), bonds.state(), pool.exact_shares.copy())
        try:
            yield
        except Revert:
            self.operators = operators
            self.nonce, self.confirmed, kept, pool.exact_shares = state
            bonds.restore(kept)
            raise

    def operator(self, operator_id: int) -> Operator:
        """Refuses unknown ids."""
        if operator_id >= len(self.operators):
            raise OperatorNotFound(operator_id)
        return self.operators[operator_id]

    def manager_of(self, operator_id: int) -> Address:
        """Who acts for an operator."""
        return self.operator(operator_id).manager

    def bonded_keys(self, operator_id: int) -> int:
        """Keys that need a bond."""
        return self.operator(operator_id).bonded

    # Operators

    def add_operator(self, sender: Address, manager: Address) -> int:
        """Anyone; returns the id."""
        if manager == ZERO_ADDRESS:
            raise ZeroAddress()
        self.operators.append(Operator(manager))
        return len(self.operators) - 1

    def set_manager(self, sender: Address, operator_id: int, manager: Address) -> None:
        """By the manager itself."""
        operator = self._managed(sender, operator_id)
        if manager == ZERO_ADDRESS:
            raise ZeroAddress()
        operator.manager = manager

    def stop_operator(self, sender: Address, operator_id: int, stopped: bool) -> None:
        """By the owner."""
        self._require_owner(sender)
        self.operator(operator_id).stopped = stopped
        self.refresh(operator_id)

    def pardon(self, sender: Address, operator_id: int) -> None:
        """By the owner."""
        self._require_owner(sender)
        operator = self.operator(operator_id)
        operator.strikes, operator.poor = 0, False
        self.refresh(operator_id)

    def set_exit_period(self, sender: Address, seconds: int) -> None:
        """By the owner."""
        self._require_owner(sender)
        if not DAY <= seconds <= 30 * DAY:
            raise OutOfBounds(seconds, DAY, 30 * DAY)
        self.exit_period = seconds

    def refresh(self, operator_id: int) -> None:
        """See who is in line for deposits, and whose bond is short."""
        operator = self.operator(operator_id)
        coverable = self.bonds.coverable(operator_id)
        operator.short = coverable < operator.bonded
        offering = not (operator.stopped or operator.poor) and _depositable(operator, coverable) > 0
        self.nonce += offering != operator.offering
        operator.offering = offering

    def _managed(self, sender: Address, operator_id: int) -> Operator:
        operator = self.operator(operator_id)
        if sender != operator.manager:
            raise Unauthorized(sender, operator.manager)
        return operator

    def _require_owner(self, sender: Address) -> None:
        if sender != self.owner:
            raise OwnableUnauthorizedAccount(sender)

    # Keys

    def add_keys(
        self, sender: Address, operator_id: int, pubkeys: bytes, signatures: bytes
    ) -> None:
        """By the manager, with the bond in place."""
        operator = self._managed(sender, operator_id)
        count = len(pubkeys) // PUBKEY
        if count == 0:
            raise NoKeys()
        if len(pubkeys) != count * PUBKEY or len(signatures) != count * SIGNATURE:
            raise KeyLengthMismatch(len(pubkeys), len(signatures))
        keys = [
            Key(pubkeys[i * PUBKEY :][:PUBKEY], signatures[i * SIGNATURE :][:SIGNATURE])
            for i in range(count)
        ]
        seen: set[bytes] = set()
        for key in keys:
            if key.pubkey in self.known or key.pubkey in seen:
                raise DuplicateKey(key.pubkey)
            seen.add(key.pubkey)
        coverable, bonded = self.bonds.coverable(operator_id), operator.bonded + count
        if coverable < bonded:
            raise BondTooSmall(operator_id, coverable, bonded)
        for key in keys:
            operator.add(key)
        self.known |= seen
        self.refresh(operator_id)
        self.nonce += 1

    def remove_keys(self, sender: Address, operator_id: int, count: int) -> None:
        """The last unused ones, by manager or owner."""
        operator = self.operator(operator_id)
        if sender != self.owner:
            self._managed(sender, operator_id)
        if count == 0:
            raise NoKeys()
        if count > operator.unused:
            raise TooFewUnusedKeys(count, operator.unused)
        for _ in range(count):
            self.known.remove(operator.remove_last().pubkey)
        self.refresh(operator_id)
        self.nonce += 1

    # Allocation

    def allocate(self, max_keys: int) -> list[Key]:
        """First deposits: one after the other to the least-filled operator in line."""
        taken: list[Key] = []
        while len(taken) < max_keys:
            in_line = [
                (operator.fill, operator_id)
                for operator_id, operator in enumerate(self.operators)
                if operator.offering
            ]
            if not in_line:
                break
            fill, operator_id = min(in_line)
            operator = self.operators[operator_id]
            depositable = _depositable(operator, self.bonds.coverable(operator_id))
            if depositable:
                validators = sum(each.fill for each in self.operators)
                present = sum(each.is_present for each in self.operators)
                if fill >= cap_of(validators + 1, present):
                    break
                first = len(operator.keys) - operator.unused
                taken.append(operator.change(first, status=Status.PREDEPOSITED))
            operator.offering = depositable > 1
        self.nonce += 1
        return taken

    def fund(self, max_keys: int) -> list[Key]:
        """Confirmed keys, in the order of their confirmation."""
        funded: list[Key] = []
        while self.confirmed and len(funded) < max_keys:
            operator_id, index = self.confirmed.popleft()
            operator = self.operators[operator_id]
            funded.append(operator.change(index, status=Status.FUNDED))
            # Rewards until now go to those who earned them.
            self.bonds.set_earning(operator_id, operator.earning)
        return funded

    @property
    def awaiting(self) -> int:
        """Keys with a first deposit that are still to be funded."""
        return sum(operator.awaiting for operator in self.operators)

    # Exits

    def request_exits(self, sender: Address, count: int) -> list[tuple[int, int]]:
        """Poor performers first, then the most active; returns operators and indices."""
        if sender != self.exit_manager:
            raise Unauthorized(sender, self.exit_manager)
        asked: list[tuple[int, int]] = []
        out_of_reach: set[int] = set()
        while len(asked) < count:
            ranks = [
                (operator.poor or operator.short, operator.active, operator_id)
                for operator_id, operator in enumerate(self.operators)
                if operator.active and operator_id not in out_of_reach
            ]
            if not ranks:
                break
            *_rank, operator_id = max(ranks)
            index = _oldest_active(self.operators[operator_id])
            if index is None:
                out_of_reach.add(operator_id)
                continue
            now = self.clock.timestamp
            self.operators[operator_id].change(index, exit_requested_at=now)
            asked.append((operator_id, index))
        return asked

    def charge_late_exit(self, operator_id: int, index: int) -> None:
        """Anyone, once news from after the time was over don't tell of the exit."""
        key = self.key(operator_id, index)
        self._require_status(operator_id, index, Status.FUNDED)
        if key.late_exit_charged:
            raise AlreadyCharged(operator_id, index)
        late_from = self._late_from(key)
        if late_from > self.last_news[1]:
            raise NotLate(operator_id, index, late_from)
        self.operators[operator_id].change(index, late_exit_charged=True)
        self._charge(operator_id, Penalty.LATE_EXIT)

    def key(self, operator_id: int, index: int) -> Key:
        """Refuses unknown ones."""
        keys = self.operator(operator_id).keys
        if index >= len(keys):
            raise KeyNotFound(operator_id, index)
        return keys[index]

    def _late_from(self, key: Key) -> int:
        return key.exit_requested_at + self.exit_period if key.is_asked else 2**256 - 1

    def _charge(self, operator_id: int, why: Penalty) -> None:
        self.bonds.charge(operator_id, why)
        self.refresh(operator_id)

    def _require_status(self, operator_id: int, index: int, wanted: Status) -> None:
        status = self.operators[operator_id].keys[index].status
        if status is not wanted:
            raise WrongKeyStatus(operator_id, index, status)

    # News

    def apply_news(
        self, sender: Address, ref_slot: int, ref_timestamp: int, news: Sequence[KeyNews]
    ) -> None:
        """By the oracle, all or none."""
        if sender != self.oracle:
            raise Unauthorized(sender, self.oracle)
        if ref_slot <= self.last_news[0]:
            raise NewsNotNewer(ref_slot, self.last_news[0])
        with self.unchanged_if_refused():
            for operator_id, index, what in news:
                self._apply(operator_id, index, what)
        self.last_news = (ref_slot, ref_timestamp)

    def _apply(self, operator_id: int, index: int, what: Event) -> None:
        key, operator = self.key(operator_id, index), self.operator(operator_id)
        if what is Event.CONFIRMED:
            self._require_status(operator_id, index, Status.PREDEPOSITED)
            operator.change(index, status=Status.CONFIRMED)
            self.confirmed.append((operator_id, index))
        elif what is Event.REJECTED:
            self._require_status(operator_id, index, Status.PREDEPOSITED)
            operator.change(index, status=Status.REJECTED)
            self.refresh(operator_id)
        elif what is Event.EXITING:
            self._leave(operator_id, index)
        elif what is Event.SETTLED:
            if key.status is Status.FUNDED:
                self._leave(operator_id, index)
            self._require_status(operator_id, index, Status.EXITING)
            operator.change(index, status=Status.SETTLED)
            self.bonds.set_earning(operator_id, operator.earning)
            self.refresh(operator_id)
        else:
            self._blame(operator_id, index, what)

    def _leave(self, operator_id: int, index: int) -> None:
        self._require_status(operator_id, index, Status.FUNDED)
        operator = self.operators[operator_id]
        key = operator.keys[index]
        if not key.late_exit_charged and self._late_from(key) <= self.last_news[1]:
            operator.change(index, late_exit_charged=True)
            self._charge(operator_id, Penalty.LATE_EXIT)
        operator.change(index, status=Status.EXITING)

    def _blame(self, operator_id: int, index: int, what: Event) -> None:
        key, operator = self.key(operator_id, index), self.operator(operator_id)
        if key.status not in (Status.FUNDED, Status.EXITING):
            raise WrongKeyStatus(operator_id, index, key.status)
        if what is Event.SLASHED:
            if key.slashed:
                raise AlreadyCharged(operator_id, index)
            operator.change(index, slashed=True)
            operator.poor = True
            self._charge(operator_id, Penalty.SLASHED)
        else:
            operator.strikes = min(MAX_STRIKES, operator.strikes + 1)
            operator.poor = operator.poor or operator.strikes == MAX_STRIKES
            self._charge(operator_id, Penalty.UNDERPERFORMED)


def _depositable(operator: Operator, coverable: int) -> int:
    """Unused keys that the bond covers beside those in use."""
    in_use = operator.bonded - operator.unused
    return min(operator.unused, max(0, coverable - in_use))


def _oldest_active(operator: Operator) -> int | None:
    """Index of the first key that can be asked to exit; not beyond `SEARCH` that wait."""
    passed = 0
    for index, key in enumerate(operator.keys):
        if key.is_active:
            return index
        if key.status is Status.UNUSED:
            break
        # Whatever has left before the first that waits is never looked at again.
        if passed or key.status in (Status.PREDEPOSITED, Status.CONFIRMED):
            passed += 1
        if passed == SEARCH:
            break
    return None
