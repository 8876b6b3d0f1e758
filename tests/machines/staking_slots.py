"""Storage of the staking contracts, slot by slot: ledgers, balances, allowances, tickets."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import product
from typing import Any

from keel.chain.contract import Contract
from keel.models.staking.advances import Fate
from keel.models.staking.build import Staking
from keel.models.staking.ledger import Ledger
from keel.models.staking.pool import StakingPool
from keel.models.staking.queue import Ticket, WithdrawalQueue
from tests.machines import slots
from tests.machines.batcher import Slot
from tests.machines.chain import Chain
from tests.machines.operator_slots import OperatorSlots
from tests.machines.slots import Section

Place = Callable[[Any], Slot]
GWEI = 10**9


class StakingSlots:
    """Compares all that the contracts remember and the models know.

    Parameters
    ----------
    accounts : Iterable
        Addresses that may approve each other as operators of tickets.
    """

    def __init__(
        self, chain: Chain, contracts: Mapping[str, Contract], accounts: Iterable[str]
    ) -> None:
        self._chain = chain
        self._parts = (
            PoolSlots(contracts["pool"].address),
            WrapperSlots(contracts["wrapper"].address),
            QueueSlots(contracts["queue"].address, list(accounts)),
            OperatorSlots(chain, contracts["registry"].address, contracts["bonds"].address),
        )

    def require(self, staking: Staking) -> None:
        """Compare everything."""
        sections: list[Section] = []
        for part in self._parts:
            sections += part.sections(staking)
        slots.require_words(self._chain, sections)


class _Table:
    """Places of one kind; worked out again when the keys are others."""

    def __init__(self, title: str, place: Place) -> None:
        self._title, self._place = title, place
        self._keys: list[Any] = []
        self._slots: list[Slot] = []

    def section(self, keys: Iterable[Any], words: Iterable[int]) -> Section:
        keys = list(keys)
        if keys != self._keys:
            self._keys, self._slots = keys, [self._place(key) for key in keys]
        return Section(self._title, keys, self._slots, list(words))


class PoolSlots:
    """Ledger, limit, fees, shares and allowances."""

    NAMES = (
        "totals", "intake", "schedule", "consensus layer", "reporting", "losses",
        "fee 0", "fee 1", "fee 2",
    )  # fmt: skip

    def __init__(self, address: str) -> None:
        layout = slots.Layout("StakingPool")
        slot, packer = layout.slot, layout.packer
        numbers = [
            *map(slot, ("_totals", "_intake", "_schedule", "_consensusLayer", "_reporting")),
            slot("lossCount"),
            *range(slot("_fees"), slot("_fees") + 3),
        ]
        self._places = [(address, number) for number in numbers]
        self._totals = packer("Totals", "exactShares", "grossEther")
        self._intake = packer("Intake", "buffered", "limitLevel", "limitUpdatedAt", "paused")
        self._schedule = packer(
            "Schedule", "lockedGain", "releaseEnd", "maxStakeLimit", "refillPeriod"
        )
        self._consensus_layer = packer(
            "ConsensusLayer", "balance", "inFlight", "validators", "exitedValidators"
        )
        self._reporting = packer(
            "Reporting", "depositedGwei", "depositedValidators", "carriedGain", "refTimestamp",
            "appliedAt",
        )  # fmt: skip
        self._fee = packer("FeeShare", "recipient", "feeBps")
        shares, allowances = slot("_sharesOf"), slot("allowance")
        self._shares = _Table(
            "exact shares of", lambda account: (address, slots.of_mapping(shares, account))
        )
        self._allowances = _Table(
            "allowance of",
            lambda pair: (
                address,
                slots.of_mapping(slots.of_mapping(allowances, pair[0]), pair[1]),
            ),
        )

    def sections(self, staking: Staking) -> list[Section]:
        pool = staking.pool
        return [
            Section("pool's", self.NAMES, self._places, self._words(pool, pool.ledger)),
            self._shares.section(pool.exact_shares, pool.exact_shares.values()),
            self._allowances.section(pool.allowances, pool.allowances.values()),
        ]

    def _words(self, pool: StakingPool, ledger: Ledger) -> list[int]:
        limit = pool.stake_limit
        gwei, rest = divmod(ledger.deposited_ether, GWEI)
        assert rest == 0
        fees = [self._fee(_number(part.recipient), part.fee_bps) for part in pool.fees]
        return [
            self._totals(pool.total_exact_shares, ledger.gross),
            self._intake(ledger.buffered, limit.level, limit.updated_at, pool.paused),
            self._schedule(
                ledger.locked_gain, ledger.release_end, limit.max_stake_limit, limit.refill_period
            ),
            self._consensus_layer(
                ledger.consensus_layer + ledger.shortfall,
                ledger.in_flight,
                ledger.validators,
                ledger.exited_validators,
            ),
            self._reporting(
                gwei,
                ledger.deposited_validators,
                ledger.carried_gain,
                pool.last_ref_timestamp,
                pool.applied_at,
            ),
            pool.loss_count,
            *fees,
            *[0] * (3 - len(fees)),
        ]


class WrapperSlots:
    """A token of Solady's."""

    def __init__(self, address: str) -> None:
        self._supply = [(address, slots.SOLADY_SUPPLY)]
        self._balances = _Table(
            "units of", lambda account: (address, slots.solady_balance(account))
        )
        self._allowances = _Table(
            "allowance of units of", lambda pair: (address, slots.solady_allowance(*pair))
        )

    def sections(self, staking: Staking) -> list[Section]:
        wrapper = staking.wrapper
        return [
            Section("units of", ["all"], self._supply, [wrapper.total_supply]),
            self._balances.section(wrapper.balances, wrapper.balances.values()),
            self._allowances.section(wrapper.allowances, wrapper.allowances.values()),
        ]


class QueueSlots:
    """Tickets, their owners, finalisations and advances."""

    NAMES = ("head", "advances that wait", "advances left open", "highest rate")

    def __init__(self, address: str, accounts: list[str]) -> None:
        layout = slots.Layout("WithdrawalQueue")
        self._address, self._accounts = address, accounts
        self._pairs = list(product(accounts, repeat=2))
        names = ("_head", "_waitingAdvances", "_openAdvances", "_highestRateRay")
        self._places = [(address, layout.slot(name)) for name in names]
        self._head = layout.packer(
            "Head", "lastRequestId", "lastFinalizedId", "lastCheckpoint", "advancesWait",
            "lockedEther",
        )  # fmt: skip
        # Where finalisation resumes its search for losses between tickets: not in the model.
        self._known_of_head = ~layout.pack("Head", {"epochCursor": 2**32 - 1})
        self._entry = layout.packer("Entry", "cumulativeEther", "cumulativeShares", "requestedAt")
        self._checkpoint = layout.packer(
            "PackedCheckpoint", "firstRequestId", "lastRequestId", "boundaryId", "rateRay",
            "advances",
        )  # fmt: skip
        self._advance = layout.packer("Advance", "etherAmount", "cleared")
        entries, checkpoints = layout.slot("_entries"), layout.slot("_checkpoints")
        advances = layout.slot("_advances")

        def table(title: str, number: Callable[[Any], int]) -> _Table:
            return _Table(title, lambda key: (address, number(key)))

        self._operators = table("operator of", lambda pair: slots.solady_operator(*pair))
        self._counts = table("tickets of", slots.solady_count)
        self._entries = table("sums up to ticket", lambda i: slots.of_mapping(entries, i))
        self._owners = table("owner and rate of ticket", slots.solady_owner)
        self._approvals = table("approval for ticket", lambda i: slots.solady_owner(i) + 1)
        self._advances = table("advance on ticket", lambda i: slots.of_mapping(advances, i))
        self._checkpoints = table("checkpoint", lambda i: slots.of_mapping(checkpoints, i))
        self._summed: list[Ticket] = []
        self._sums: list[int] = [0]
        self._owned: tuple[Any, list[int]] = (None, [])

    def sections(self, staking: Staking) -> list[Section]:
        queue = staking.queue
        ids = range(1, len(queue.tickets) + 1)
        # One more than there are: nothing is kept beyond the last.
        numbers = range(len(queue.tickets) + 2)
        owned, counts = self._words_of_owners(queue, numbers)
        approved = [pair in queue.operators for pair in self._pairs]
        approvals = [0] * len(numbers)
        for request_id, account in queue.approvals.items():
            approvals[request_id] = _number(account)
        return [
            Section("queue's", self.NAMES, self._places, self._heads(queue), self._without_cursor),
            self._operators.section(self._pairs, approved),
            self._counts.section(self._accounts, counts),
            self._entries.section(numbers, [*self._words_of_sums(queue.tickets), 0]),
            self._owners.section(numbers, owned),
            self._approvals.section(numbers, approvals),
            self._advances.section(ids, self._words_of_advances(queue)),
            self._checkpoints.section(
                range(len(queue.checkpoints) + 2), self._words_of_checkpoints(queue)
            ),
        ]

    def _heads(self, queue: WithdrawalQueue) -> list[int]:
        last, finalized = queue.get_last_request_id(), queue.get_last_finalized_request_id()
        waiting = queue.book.on(range(finalized + 1, last + 1))
        head = self._head(
            last, finalized, len(queue.checkpoints), waiting > 0, queue.locked_ether_amount
        )
        return [head, waiting, queue.book.on(queue.book.open), queue.book.highest_rate]

    def _without_cursor(self, words: list[int]) -> list[int]:
        return [words[0] & self._known_of_head, *words[1:]]

    def _words_of_owners(
        self, queue: WithdrawalQueue, numbers: Sequence[int]
    ) -> tuple[list[int], list[int]]:
        """Worked out again when tickets were made, given or claimed: a claim leaves nothing."""
        owners, tickets = queue.owners, queue.tickets
        if self._owned[0] != (owners, tickets):
            words = [0] * len(numbers)
            for request_id, owner in owners.items():
                words[request_id] = _number(owner) | tickets[request_id - 1].request_rate << 160
            counts = Counter(owners.values())
            both = words, [counts[account] for account in self._accounts]
            self._owned = (owners.copy(), tickets.copy()), both
        return self._owned[1]

    def _words_of_sums(self, tickets: list[Ticket]) -> list[int]:
        """Sums up to each ticket, worked out once, as tickets never change."""
        known = len(self._summed)
        if tickets[:known] != self._summed:  # those are of another example
            known, self._sums = 0, [0]
            self._totals = (0, 0)
        for ticket in tickets[known:]:
            ether, shares = self._totals
            self._totals = ether + ticket.nominal, shares + ticket.exact_shares
            self._sums.append(self._entry(*self._totals, ticket.requested_at))
        self._summed = tickets.copy()
        return self._sums

    _totals = (0, 0)

    def _words_of_advances(self, queue: WithdrawalQueue) -> list[int]:
        words = [0] * len(queue.tickets)
        ends = [checkpoint.last_request_id for checkpoint in queue.checkpoints]
        for request_id, paid in queue.book.paid.items():
            index = bisect_left(ends, request_id)
            were_open = index < len(ends) and queue.fates[index] is Fate.OPEN
            cleared = were_open and request_id not in queue.book.open
            words[request_id - 1] = self._advance(paid, cleared)
        return words

    def _words_of_checkpoints(self, queue: WithdrawalQueue) -> list[int]:
        words, first = [0], 1
        for checkpoint, fate in zip(queue.checkpoints, queue.fates, strict=True):
            last = checkpoint.last_request_id
            words.append(
                self._checkpoint(first, last, checkpoint.boundary_id, checkpoint.rate_ray, fate)
            )
            first = last + 1
        return [*words, 0]


@cache
def _number(account: str | None) -> int:
    return int(account, 16) if account else 0
