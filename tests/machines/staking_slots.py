"""What holders have in the staking contracts, slot by slot: balances, allowances, tickets."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import cache
from itertools import product
from typing import Any

from keel.chain.contract import Contract
from keel.models.staking.advances import Fate
from keel.models.staking.build import Staking
from keel.models.staking.queue import Checkpoint, Ticket
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain

Place = Callable[[Any], Slot]
Section = tuple[str, Place, Collection[Any], Iterable[int]]
"""What it is about, where it is for a key, the keys, and the words expected."""


class StakingSlots:
    """Compares the storage that grows with holders and tickets.

    Parameters
    ----------
    accounts : Iterable
        Addresses that may approve each other as operators of tickets.
    """

    def __init__(
        self, chain: Chain, contracts: Mapping[str, Contract], accounts: Iterable[str]
    ) -> None:
        self._chain = chain
        self._pool, self._wrapper, self._queue = (
            contracts[name].address for name in ("pool", "wrapper", "queue")
        )
        pool, queue = slots.Layout("StakingPool"), slots.Layout("WithdrawalQueue")
        self._shares, self._allowances = pool.slot("_sharesOf"), pool.slot("allowance")
        self._entries, self._checkpoints = queue.slot("_entries"), queue.slot("_checkpoints")
        self._layout = queue
        self._accounts = list(accounts)
        self._pairs = list(product(self._accounts, repeat=2))
        self._known: dict[str, tuple[list[Any], list[Slot]]] = {}
        self._summed: list[Ticket] = []
        self._sums_known: list[int] = []

    def require(self, staking: Staking) -> None:
        """Compare everything that the models hold."""
        places: list[Slot] = []
        words: list[int] = []
        for title, place, keys, expected in self._sections(staking):
            places += self._places(title, place, list(keys))
            words += expected
        seen = self._chain.storage(places)
        if seen != words:
            sections = self._sections(staking)
            names = [f"{title} {key}" for title, _, keys, _ in sections for key in keys]
            raise AssertionError(
                {
                    name: {"contract": found, "model": word}
                    for name, found, word in zip(names, seen, words, strict=True)
                    if found != word
                }
            )

    def _sections(self, staking: Staking) -> Iterator[Section]:
        pool, wrapper, queue = staking.pool, staking.wrapper, staking.queue
        ids = range(1, len(queue.tickets) + 1)
        owners = queue.owners
        yield "exact shares of", self._shares_of, pool.exact_shares, pool.exact_shares.values()
        yield "allowance of", self._allowance_of, pool.allowances, pool.allowances.values()
        yield "units of", self._units_of, wrapper.balances, wrapper.balances.values()
        allowed = wrapper.allowances
        yield "allowance of units of", self._unit_allowance_of, allowed, allowed.values()
        approved = [pair in queue.operators for pair in self._pairs]
        yield "operator of", self._operator_of, self._pairs, approved
        counts = Counter(owners.values())
        accounts = self._accounts
        yield "tickets of", self._count_of, accounts, map(counts.__getitem__, accounts)
        yield "sums up to ticket", self._entry_at, ids, self._sums(queue.tickets)
        yield (
            "owner and rate of ticket",
            self._owner_of,
            ids,
            # A ticket that is claimed leaves nothing behind.
            [
                _number(owners[i]) | ticket.request_rate << 160 if i in owners else 0
                for i, ticket in enumerate(queue.tickets, start=1)
            ],
        )
        approvals = [_number(queue.approvals.get(i)) for i in ids]
        yield "approval for ticket", self._approval_of, ids, approvals
        indexes = range(1, len(queue.checkpoints) + 1)
        yield (
            "checkpoint",
            self._checkpoint_at,
            indexes,
            self._packed(queue.checkpoints, queue.fates),
        )

    def _places(self, title: str, place: Place, keys: list[Any]) -> list[Slot]:
        """Places of all keys, worked out again when there are others."""
        known, places = self._known.get(title, (None, []))
        if known != keys:
            places = [place(key) for key in keys]
            self._known[title] = keys, places
        return places

    def _shares_of(self, account: str) -> Slot:
        return self._pool, slots.of_mapping(self._shares, account)

    def _allowance_of(self, pair: tuple[str, str]) -> Slot:
        owner, spender = pair
        return self._pool, slots.of_mapping(slots.of_mapping(self._allowances, owner), spender)

    def _units_of(self, account: str) -> Slot:
        return self._wrapper, slots.solady_balance(account)

    def _unit_allowance_of(self, pair: tuple[str, str]) -> Slot:
        return self._wrapper, slots.solady_allowance(*pair)

    def _operator_of(self, pair: tuple[str, str]) -> Slot:
        return self._queue, slots.solady_operator(*pair)

    def _count_of(self, account: str) -> Slot:
        return self._queue, slots.solady_count(account)

    def _entry_at(self, request_id: int) -> Slot:
        return self._queue, slots.of_mapping(self._entries, request_id)

    def _owner_of(self, request_id: int) -> Slot:
        return self._queue, slots.solady_owner(request_id)

    def _approval_of(self, request_id: int) -> Slot:
        return self._queue, slots.solady_owner(request_id) + 1

    def _checkpoint_at(self, index: int) -> Slot:
        return self._queue, slots.of_mapping(self._checkpoints, index)

    def _packed(self, checkpoints: list[Checkpoint], fates: list[Fate]) -> list[int]:
        packed, first = [], 1
        for checkpoint, fate in zip(checkpoints, fates, strict=True):
            values = {
                "firstRequestId": first,
                "lastRequestId": checkpoint.last_request_id,
                "boundaryId": checkpoint.boundary_id,
                "rateRay": checkpoint.rate_ray,
                "advances": fate,
            }
            packed.append(self._layout.pack("PackedCheckpoint", values))
            first = checkpoint.last_request_id + 1
        return packed

    def _sums(self, tickets: list[Ticket]) -> list[int]:
        """Sums up to each ticket, worked out once, as tickets never change."""
        if tickets[: len(self._summed)] != self._summed:  # those are of another example
            self._summed, self._sums_known = [], []
        for count in range(len(self._summed) + 1, len(tickets) + 1):
            self._summed = tickets[:count]
            values = {
                "cumulativeEther": sum(ticket.nominal for ticket in self._summed),
                "cumulativeShares": sum(ticket.exact_shares for ticket in self._summed),
                "requestedAt": self._summed[-1].requested_at,
            }
            self._sums_known.append(self._layout.pack("Entry", values))
        return self._sums_known


@cache
def _number(account: str | None) -> int:
    return int(account, 16) if account else 0
