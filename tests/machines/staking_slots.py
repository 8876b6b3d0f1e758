"""Storage of the staking contracts, slot by slot: ledgers, balances, allowances, tickets."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from itertools import chain as joined
from itertools import product
from typing import Any

from keel.chain.contract import Contract
from keel.models.staking.advances import Fate
from keel.models.staking.build import Staking
from keel.models.staking.ledger import FeeShare, Ledger
from keel.models.staking.pool import StakeLimit
from keel.models.staking.tickets import Checkpoint, Ticket
from tests.machines import slots
from tests.machines.chain import Chain
from tests.machines.operator_slots import OperatorSlots
from tests.machines.slots import Comparison, Remembered, Section, table

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
        self._comparison = Comparison(chain)
        self._parts = (
            PoolSlots(contracts["pool"].address),
            WrapperSlots(contracts["wrapper"].address),
            QueueSlots(contracts["queue"].address, list(accounts)),
            OperatorSlots(chain, contracts["registry"].address, contracts["bonds"].address),
        )

    def require(self, staking: Staking) -> None:
        """Compare everything."""
        self._comparison.require(
            [*joined.from_iterable([part.sections(staking) for part in self._parts])]
        )


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
            slot("_losses"),
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
        self._losses = packer("Losses", "rate", "time", "count")
        self._fee = packer("FeeShare", "recipient", "feeBps")
        shares, allowances = slot("_sharesOf"), slot("allowance")
        self._own = Remembered(self._section)
        self._shares = table(
            "exact shares of", lambda account: (address, slots.of_mapping(shares, account))
        )
        self._allowances = table(
            "allowance of",
            lambda pair: (
                address,
                slots.of_mapping(slots.of_mapping(allowances, pair[0]), pair[1]),
            ),
        )

    def sections(self, staking: Staking) -> list[Section]:
        pool = staking.pool
        return [
            *self._own.sections(
                pool.ledger,
                pool.stake_limit,
                pool.fees,
                pool.total_exact_shares,
                pool.paused,
                pool.last_ref_timestamp,
                pool.applied_at,
                pool.loss_count,
                pool.confirmed_loss,
            ),
            *self._shares.sections(pool.exact_shares),
            *self._allowances.sections(pool.allowances),
        ]

    def _section(
        self,
        ledger: Ledger,
        limit: StakeLimit,
        fees: Sequence[FeeShare],
        total_exact_shares: int,
        paused: bool,
        last_ref_timestamp: int,
        applied_at: int,
        loss_count: int,
        confirmed_loss: tuple[int, int],
    ) -> list[Section]:
        gwei, rest = divmod(ledger.deposited_ether, GWEI)
        assert rest == 0
        words = [
            self._totals(total_exact_shares, ledger.gross),
            self._intake(ledger.buffered, limit.level, limit.updated_at, paused),
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
                last_ref_timestamp,
                applied_at,
            ),
            self._losses(*confirmed_loss, loss_count),
            *[self._fee(_number(part.recipient), part.fee_bps) for part in fees],
            *[0] * (3 - len(fees)),
        ]
        return [Section("pool's", self.NAMES, self._places, words)]


class WrapperSlots:
    """A token of Solady's."""

    def __init__(self, address: str) -> None:
        self._supply = [(address, slots.SOLADY_SUPPLY)]
        self._balances = table("units of", lambda account: (address, slots.solady_balance(account)))
        self._allowances = table(
            "allowance of units of", lambda pair: (address, slots.solady_allowance(*pair))
        )

    def sections(self, staking: Staking) -> list[Section]:
        wrapper = staking.wrapper
        return [
            Section("units of", ["all"], self._supply, [wrapper.total_supply]),
            *self._balances.sections(wrapper.balances),
            *self._allowances.sections(wrapper.allowances),
        ]


class QueueSlots:
    """Tickets, their owners, finalisations and advances."""

    NAMES = ("head", "advances that wait", "advances left open", "highest rate")

    def __init__(self, address: str, accounts: list[str]) -> None:
        layout = slots.Layout("WithdrawalQueue")
        self._accounts, self._pairs = accounts, list(product(accounts, repeat=2))
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

        def rows(
            title: str, number: Callable[[Any], int], words: Callable[..., Mapping[Any, int]]
        ) -> Remembered:
            return table(title, lambda key: (address, number(key)), words)

        self._all = Remembered(self._sections)
        self._heads = Remembered(self._section_of_heads)
        self._operators = rows(
            "operator of", lambda pair: slots.solady_operator(*pair), self._words_of_operators
        )
        self._counts = rows("tickets of", slots.solady_count, self._words_of_counts)
        self._entries = rows(
            "sums up to ticket", lambda i: slots.of_mapping(entries, i), self._words_of_sums
        )
        self._owners = rows("owner and rate of ticket", slots.solady_owner, self._words_of_owners)
        self._approvals = rows(
            "approval for ticket", lambda i: slots.solady_owner(i) + 1, self._words_of_approvals
        )
        self._advances = rows(
            "advance on ticket", lambda i: slots.of_mapping(advances, i), self._words_of_advances
        )
        self._checkpoints = rows(
            "checkpoint", lambda i: slots.of_mapping(checkpoints, i), self._words_of_checkpoints
        )

    def sections(self, staking: Staking) -> list[Section]:
        queue, book = staking.queue, staking.queue.book
        return self._all.sections(
            queue.tickets, queue.owners, queue.approvals, queue.operators, queue.checkpoints,
            queue.fates, queue.locked_ether_amount, book.paid, book.open, book.highest_rate,
        )  # fmt: skip

    def _sections(
        self,
        tickets: list[Ticket],
        owners: dict[int, str],
        approvals: dict[int, str],
        operators: set[tuple[str, str]],
        checkpoints: list[Checkpoint],
        fates: list[Fate],
        locked_ether_amount: int,
        paid: dict[int, int],
        left_open: set[int],
        highest_rate: int,
    ) -> list[Section]:
        """All of them; of these again only those that have changed."""
        return [
            *self._heads.sections(
                len(tickets), checkpoints, locked_ether_amount, paid, left_open, highest_rate
            ),
            *self._operators.sections(operators),
            *self._counts.sections(owners),
            *self._entries.sections(tickets),
            *self._owners.sections(owners, tickets),
            *self._approvals.sections(approvals, len(tickets)),
            *self._advances.sections(paid, left_open, checkpoints, fates, len(tickets)),
            *self._checkpoints.sections(checkpoints, fates),
        ]

    def _section_of_heads(
        self,
        last: int,
        checkpoints: list[Checkpoint],
        locked_ether_amount: int,
        paid: dict[int, int],
        left_open: set[int],
        highest_rate: int,
    ) -> list[Section]:
        finalized = checkpoints[-1].last_request_id if checkpoints else 0
        waiting = sum([wei for i, wei in paid.items() if finalized < i <= last])
        head = self._head(last, finalized, len(checkpoints), waiting > 0, locked_ether_amount)
        words = [head, waiting, sum([paid[i] for i in left_open]), highest_rate]
        return [Section("queue's", self.NAMES, self._places, words, self._without_cursor)]

    def _without_cursor(self, words: list[int]) -> list[int]:
        return [words[0] & self._known_of_head, *words[1:]]

    def _words_of_operators(self, operators: set[tuple[str, str]]) -> dict[Any, int]:
        return {pair: pair in operators for pair in self._pairs}

    def _words_of_counts(self, owners: dict[int, str]) -> dict[str, int]:
        counts = Counter(owners.values())
        return {account: counts[account] for account in self._accounts}

    def _words_of_sums(self, tickets: list[Ticket]) -> dict[int, int]:
        """Sums up to each ticket. Nothing is kept beyond the last, of owners and approvals too."""
        words, ether, shares = {0: 0}, 0, 0
        for request_id, ticket in enumerate(tickets, start=1):
            ether, shares = ether + ticket.nominal, shares + ticket.exact_shares
            words[request_id] = self._entry(ether, shares, ticket.requested_at)
        words[len(words)] = 0
        return words

    def _words_of_owners(self, owners: dict[int, str], tickets: list[Ticket]) -> dict[int, int]:
        """A claim leaves nothing."""
        words = dict.fromkeys(range(len(tickets) + 2), 0)
        for request_id, owner in owners.items():
            words[request_id] = _number(owner) | tickets[request_id - 1].request_rate << 160
        return words

    def _words_of_approvals(self, approvals: dict[int, str], tickets: int) -> dict[int, int]:
        return {i: _number(approvals.get(i)) for i in range(tickets + 2)}

    def _words_of_advances(
        self,
        paid: dict[int, int],
        left_open: set[int],
        checkpoints: list[Checkpoint],
        fates: list[Fate],
        tickets: int,
    ) -> dict[int, int]:
        words = dict.fromkeys(range(1, tickets + 1), 0)
        ends = [checkpoint.last_request_id for checkpoint in checkpoints]
        for request_id, wei in paid.items():
            index = bisect_left(ends, request_id)
            were_open = index < len(ends) and fates[index] is Fate.OPEN
            words[request_id] = self._advance(wei, were_open and request_id not in left_open)
        return words

    def _words_of_checkpoints(
        self, checkpoints: list[Checkpoint], fates: list[Fate]
    ) -> dict[int, int]:
        words, first = {0: 0}, 1
        for index, (checkpoint, fate) in enumerate(zip(checkpoints, fates, strict=True), start=1):
            last = checkpoint.last_request_id
            words[index] = self._checkpoint(
                first, last, checkpoint.boundary_id, checkpoint.rate_ray, fate
            )
            first = last + 1
        words[len(words)] = 0
        return words


@cache
def _number(account: str | None) -> int:
    return int(account, 16) if account else 0
