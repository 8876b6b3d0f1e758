"""What holders have in the staking contracts, slot by slot: balances, allowances, tickets."""

from collections.abc import Iterable, Mapping
from itertools import product

from keel.chain.contract import Contract
from keel.models.staking.build import Staking
from keel.models.staking.queue import Ticket
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain


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
        self._pairs = list(product(accounts, repeat=2))
        self._tickets: list[Ticket] = []
        self._issued: list[tuple[Slot, int]] = []

    def require(self, staking: Staking) -> None:
        """Compare everything that the models hold."""
        expected = self._expected(staking)
        seen = self._chain.storage(list(expected))
        if seen != list(expected.values()):
            pairs = zip(expected.items(), seen, strict=True)
            different = {slot: (found, word) for (slot, word), found in pairs if found != word}
            raise AssertionError(f"slots, with what is there and what should be: {different}")

    def _expected(self, staking: Staking) -> dict[Slot, int]:
        expected = dict(self._entries_of(staking))
        pool, wrapper, queue = staking.pool, staking.wrapper, staking.queue
        for account, shares in pool.exact_shares.items():
            expected[self._pool, slots.of_mapping(self._shares, account)] = shares
        for (owner, spender), amount in pool.allowances.items():
            of_owner = slots.of_mapping(self._allowances, owner)
            expected[self._pool, slots.of_mapping(of_owner, spender)] = amount
        for account, balance in wrapper.balances.items():
            expected[self._wrapper, slots.solady_balance(account)] = balance
        for (owner, spender), amount in wrapper.allowances.items():
            expected[self._wrapper, slots.solady_allowance(owner, spender)] = amount
        for owner, operator in self._pairs:
            approved = (owner, operator) in queue.operators
            expected[self._queue, slots.solady_operator(owner, operator)] = approved
        self._expect_tickets(staking, expected)
        return expected

    def _expect_tickets(self, staking: Staking, expected: dict[Slot, int]) -> None:
        queue, owners = staking.queue, staking.queue.owners
        for request_id, ticket in enumerate(queue.tickets, start=1):
            owner, slot = owners.get(request_id), slots.solady_owner(request_id)
            # A ticket that is claimed leaves nothing behind.
            word = int(owner, 16) | ticket.request_rate << 160 if owner else 0
            expected[self._queue, slot] = word
            approved = queue.approvals.get(request_id)
            expected[self._queue, slot + 1] = int(approved, 16) if approved else 0
        first = 1
        for index, checkpoint in enumerate(queue.checkpoints, start=1):
            values = {
                "firstRequestId": first,
                "lastRequestId": checkpoint.last_request_id,
                "boundaryId": checkpoint.boundary_id,
                "rateRay": checkpoint.rate_ray,
            }
            word = self._layout.pack("PackedCheckpoint", values)
            expected[self._queue, slots.of_mapping(self._checkpoints, index)] = word
            first = checkpoint.last_request_id + 1

    def _entries_of(self, staking: Staking) -> list[tuple[Slot, int]]:
        """Sums up to each ticket; made once, as tickets never change."""
        tickets = staking.queue.tickets
        if tickets[: len(self._tickets)] != self._tickets:  # of another example
            self._tickets, self._issued = [], []
        for request_id in range(len(self._tickets) + 1, len(tickets) + 1):
            self._tickets = tickets[:request_id]
            values = {
                "cumulativeEther": sum(ticket.nominal for ticket in self._tickets),
                "cumulativeShares": sum(ticket.exact_shares for ticket in self._tickets),
                "requestedAt": self._tickets[-1].requested_at,
            }
            slot = slots.of_mapping(self._entries, request_id)
            self._issued.append(((self._queue, slot), self._layout.pack("Entry", values)))
        return self._issued
