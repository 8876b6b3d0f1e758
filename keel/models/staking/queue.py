"""Twin of ``WithdrawalQueue``: tickets for ether, first in, first out.

Naive on purpose: sums run over the tickets themselves, never over running totals.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise
from operator import attrgetter

from keel.models.evm import MAX_UINT256, ZERO_ADDRESS, Address, Clock
from keel.models.rounding import mul_div_down, mul_div_up
from keel.models.staking.advances import (
    AdvanceBook,
    Fate,
    Lender,
    advance_within,
    escape_opens_at,
)
from keel.models.staking.errors import (
    CheckpointRangeInvalid,
    DeadlinePassed,
    EscapeClosed,
    EtherTransferFailed,
    FinalizationRangeInvalid,
    IdsNotSorted,
    LengthMismatch,
    NothingToAdvance,
    NotOwnerOrApproved,
    RequestAlreadyClaimed,
    RequestIsFinalized,
    RequestNotFinalized,
    RequestNotFound,
    RequestTooYoung,
    WrongHint,
    ZeroAddress,
)
from keel.models.staking.shares import UNIT
from keel.models.staking.tickets import (
    RATE_SCALE,
    Checkpoint,
    Settlement,
    Status,
    Ticket,
    TicketRegister,
    require_enough,
    require_nominal,
)
from keel.models.staking.wrapper import WrappedStakedEther

DAY = 86_400
_LAST_REQUEST_ID = attrgetter("last_request_id")


class WithdrawalQueue(TicketRegister):
    """Tickets with ids from 1, checkpoints with indexes from 1."""

    def __init__(
        self, clock: Clock, address: Address, *, pool: Lender, wrapper: WrappedStakedEther
    ) -> None:
        super().__init__()
        self.clock = clock
        self.address = address
        self.pool = pool
        self.wrapper = wrapper
        self.tickets: list[Ticket] = []
        self.checkpoints: list[Checkpoint] = []
        self.fates: list[Fate] = []
        """What became of the advances on the tickets of each checkpoint."""
        self.locked_ether_amount = 0
        self.book = AdvanceBook()
        self.loss_on_hold_since = 0
        """What the pool's oracle answers; the caller says it."""
        self.refusing_ether: set[Address] = set()
        """Recipients whose code rejects plain ether; the caller says who."""

    # Requests

    def request_withdrawals(
        self,
        sender: Address,
        amounts: Sequence[int],
        owner: Address = ZERO_ADDRESS,
        *,
        min_nominal: int = 0,
        deadline: int = MAX_UINT256,
    ) -> list[int]:
        """Queue ``amounts`` wei of kETH; return the ids."""
        self._require_in_time(deadline)
        for nominal in amounts:
            require_nominal(nominal)
        self.pool.require_transferable(self.address, sender, amounts)
        require_enough(amounts, min_nominal)
        moved = self.pool.transfer_from_batch(self.address, sender, self.address, amounts)
        return self._issue(sender if owner == ZERO_ADDRESS else owner, amounts, moved)

    def request_withdrawals_wsteth(
        self,
        sender: Address,
        amounts: Sequence[int],
        owner: Address = ZERO_ADDRESS,
        *,
        min_nominal: int = 0,
        deadline: int = MAX_UINT256,
    ) -> list[int]:
        """Queue ``amounts`` units of wkETH; return the ids."""
        self._require_in_time(deadline)
        nominals = [self._nominal_of(shares) for shares in amounts]
        self.wrapper.require_transferable(self.address, sender, sum(amounts))
        require_enough(nominals, min_nominal)
        self.wrapper.transfer_from(self.address, sender, self.address, sum(amounts))
        self.wrapper.unwrap(self.address, sum(amounts))
        moved = [shares * UNIT for shares in amounts]
        return self._issue(sender if owner == ZERO_ADDRESS else owner, nominals, moved)

    def _nominal_of(self, shares: int) -> int:
        nominal = self.pool.get_pooled_eth_by_shares(shares)
        require_nominal(nominal)
        return nominal

    def _require_in_time(self, deadline: int) -> None:
        if self.clock.timestamp > deadline:
            raise DeadlinePassed(deadline, self.clock.timestamp)

    def _issue(
        self, owner: Address, nominals: Sequence[int], exact_shares: Sequence[int]
    ) -> list[int]:
        first = self.get_last_request_id() + 1
        rate = mul_div_up(
            self.pool.get_total_pooled_ether(), RATE_SCALE, self.pool.total_exact_shares
        )
        for nominal, shares in zip(nominals, exact_shares, strict=True):
            ticket = Ticket(
                nominal=nominal,
                exact_shares=shares,
                request_rate=rate,
                requested_at=self.clock.timestamp,
            )
            self.tickets.append(ticket)
            self._mint(owner, len(self.tickets))
        return list(range(first, len(self.tickets) + 1))

    # Claims

    def claim_withdrawal(self, sender: Address, request_id: int) -> int:
        """Pay one ticket to its owner; return the wei."""
        return self._claim(sender, [request_id], hints=None, recipient=None)[0]

    def claim_withdrawals(
        self, sender: Address, request_ids: Sequence[int], hints: Sequence[int]
    ) -> list[int]:
        """Pay tickets to their owners; return the wei of each."""
        return self._claim(sender, request_ids, hints=hints, recipient=None)

    def claim_withdrawals_to(
        self,
        sender: Address,
        request_ids: Sequence[int],
        hints: Sequence[int],
        recipient: Address,
    ) -> list[int]:
        """Pay tickets to ``recipient``; return the wei of each."""
        if recipient == ZERO_ADDRESS:
            raise ZeroAddress()
        return self._claim(sender, request_ids, hints=hints, recipient=recipient)

    def _claim(
        self,
        sender: Address,
        request_ids: Sequence[int],
        *,
        hints: Sequence[int] | None,
        recipient: Address | None,
    ) -> list[int]:
        if hints is not None and len(hints) != len(request_ids):
            raise LengthMismatch(len(request_ids), len(hints))
        payments: dict[int, int] = {}
        for position, request_id in enumerate(request_ids):
            owner = self._require_claimable(sender, request_id, payments)
            hint = self._hint(request_id) if hints is None else hints[position]
            payments[request_id] = self._after_advance(request_id, self._payment(request_id, hint))
            receiver = owner if recipient is None else recipient
            if receiver in self.refusing_ether:
                raise EtherTransferFailed(receiver, payments[request_id])
        for request_id, payment in payments.items():
            self._clear(request_id)
            self._burn(request_id)
            self.locked_ether_amount -= payment
        return list(payments.values())

    def _require_claimable(
        self, sender: Address, request_id: int, in_this_batch: dict[int, int]
    ) -> Address:
        self._require_finalized(request_id)
        if request_id not in self.owners or request_id in in_this_batch:
            raise RequestAlreadyClaimed(request_id)
        owner = self.owners[request_id]
        if not self._is_owner_or_approved(sender, request_id):
            raise NotOwnerOrApproved(sender, request_id)
        return owner

    # Advances

    def escape_opens_at(self) -> int:
        """First second at which advances are paid."""
        return escape_opens_at(
            self.pool.applied_at,
            loss_on_hold_since=self.loss_on_hold_since,
            now=self.clock.timestamp,
        )

    def claim_in_advance(self, sender: Address, request_id: int, recipient: Address) -> int:
        """Pay what an unfinalised ticket may get now; return the wei."""
        if recipient == ZERO_ADDRESS:
            raise ZeroAddress()
        self._require_request(request_id)
        if request_id <= self.get_last_finalized_request_id():
            raise RequestIsFinalized(request_id)
        if not self._is_owner_or_approved(sender, request_id):
            raise NotOwnerOrApproved(sender, request_id)
        if self.clock.timestamp < self.escape_opens_at():
            raise EscapeClosed(self.escape_opens_at())
        ether_amount = self.claimable_advance(request_id)
        if ether_amount == 0:
            raise NothingToAdvance(request_id)
        if recipient in self.refusing_ether:
            raise EtherTransferFailed(recipient, ether_amount)
        self.book.pay(request_id, ether_amount, self._rate_ray())
        self.pool.pay_advance(ether_amount)
        return ether_amount

    def clear_advances(
        self, sender: Address, request_ids: Sequence[int], hints: Sequence[int]
    ) -> None:
        """Give the pool back what finalised tickets got and was not netted; anyone."""
        if len(hints) != len(request_ids):
            raise LengthMismatch(len(request_ids), len(hints))
        for request_id, hint in zip(request_ids, hints, strict=True):
            self._require_finalized(request_id)
            self._payment(request_id, hint)
        for request_id in request_ids:
            self._clear(request_id)

    def _clear(self, request_id: int) -> None:
        if request_id not in self.book.open:
            return
        covered, shortfall = self.book.clear(request_id, self.value(request_id))
        self.locked_ether_amount -= covered
        self.pool.recover_advance(covered, shortfall)

    def _after_advance(self, request_id: int, value: int) -> int:
        return max(0, value - self.book.of(request_id))

    def _waiting_ids(self) -> range:
        return range(self.get_last_finalized_request_id() + 1, self.get_last_request_id() + 1)

    # Finalisation

    def find_boundaries(self, last_request_id: int, rate_ray: int) -> list[int]:
        """Per loss epoch, the last ticket that gets its nominal at ``rate_ray``."""
        return [
            self._boundary(epoch, rate_ray)
            for epoch in self._epochs(self.get_last_finalized_request_id() + 1, last_request_id)
        ]

    def settle(self, last_request_id: int, *, rate_ray: int, latest_request: int) -> Settlement:
        """Work out what finalising up to ``last_request_id`` locks and burns."""
        settlement = self.prefinalize(last_request_id, rate_ray)
        youngest = self._ticket(last_request_id).requested_at
        if youngest > latest_request:
            raise RequestTooYoung(last_request_id, youngest, latest_request)
        return settlement

    def prefinalize(self, last_request_id: int, rate_ray: int) -> Settlement:
        """Work out a finalisation whatever the tickets' age."""
        finalized = self.get_last_finalized_request_id()
        if not finalized < last_request_id <= self.get_last_request_id():
            raise FinalizationRangeInvalid(last_request_id, finalized, self.get_last_request_id())
        checkpoints = []
        ether_to_lock = 0
        exact_shares_to_burn = 0
        for epoch in self._epochs(finalized + 1, last_request_id):
            boundary_id = self._boundary(epoch, rate_ray)
            by_rate = sum(self._ticket(i).exact_shares for i in epoch if i > boundary_id)
            ether_to_lock += sum(self._ticket(i).nominal for i in epoch if i <= boundary_id)
            ether_to_lock += mul_div_down(by_rate, rate_ray, RATE_SCALE)
            exact_shares_to_burn += sum(self._ticket(i).exact_shares for i in epoch)
            checkpoints.append(
                Checkpoint(last_request_id=epoch[-1], boundary_id=boundary_id, rate_ray=rate_ray)
            )
        return Settlement(
            checkpoints=tuple(checkpoints),
            ether_to_lock=ether_to_lock,
            exact_shares_to_burn=exact_shares_to_burn,
            netted=self.book.on(range(finalized + 1, last_request_id + 1))
            if self.book.covered_at(rate_ray)
            else 0,
        )

    def finalize(self, settlement: Settlement) -> None:
        """Apply a settlement; the pool sends its ether and burns its shares."""
        first = self.get_last_finalized_request_id() + 1
        self.checkpoints += settlement.checkpoints
        self.locked_ether_amount += settlement.ether_to_send
        settled = range(first, self.get_last_finalized_request_id() + 1)
        fate = Fate.NETTED if settlement.netted else Fate.OPEN
        if not self.book.on(settled):
            fate = Fate.NONE
        self.fates += [fate] * len(settlement.checkpoints)
        self.book.finalize(
            settled,
            netted=settlement.netted,
            still_waiting=self.book.on(self._waiting_ids()),
        )

    def _epochs(self, first_id: int, last_id: int) -> Iterator[range]:
        """Split an id range into runs in which the request rate never falls."""
        start = first_id
        for request_id in range(first_id + 1, last_id + 1):
            before = self._ticket(request_id - 1).request_rate
            if self._ticket(request_id).request_rate < before:
                yield range(start, request_id)
                start = request_id
        yield range(start, last_id + 1)

    def _boundary(self, epoch: range, rate_ray: int) -> int:
        paid_nominal = [i for i in epoch if self._ticket(i).request_rate <= rate_ray]
        return paid_nominal[-1] if paid_nominal else epoch[0] - 1

    # Views

    def get_withdrawal_status(self, request_ids: Sequence[int]) -> list[Status]:
        """One status for each id."""
        statuses = []
        for request_id in request_ids:
            self._require_request(request_id)
            ticket = self._ticket(request_id)
            statuses.append(
                Status(
                    amount_of_steth=ticket.nominal,
                    amount_of_shares=ticket.exact_shares // UNIT,
                    owner=self.owners.get(request_id, ZERO_ADDRESS),
                    timestamp=ticket.requested_at,
                    is_finalized=request_id <= self.get_last_finalized_request_id(),
                    is_claimed=request_id not in self.owners,
                )
            )
        return statuses

    def get_claimable_ether(self, request_ids: Sequence[int], hints: Sequence[int]) -> list[int]:
        """Wei that each ticket pays now."""
        if len(hints) != len(request_ids):
            raise LengthMismatch(len(request_ids), len(hints))
        finalized = self.get_last_finalized_request_id()
        return [
            self._after_advance(request_id, self._payment(request_id, hint))
            if request_id <= finalized and request_id in self.owners
            else 0
            for request_id, hint in zip(request_ids, hints, strict=True)
        ]

    def find_checkpoint_hints(
        self, request_ids: Sequence[int], first_index: int, last_index: int
    ) -> list[int]:
        """Checkpoint of each id, zero outside ``[first_index, last_index]``."""
        if first_index < 1 or last_index > self.get_last_checkpoint_index():
            raise CheckpointRangeInvalid(first_index, last_index, self.get_last_checkpoint_index())
        for before, after in pairwise(request_ids):
            if after <= before:
                raise IdsNotSorted(before, after)
        hints = []
        for request_id in request_ids:
            self._require_request(request_id)
            finalized = request_id <= self.get_last_finalized_request_id()
            hint = self._hint(request_id) if finalized else 0
            hints.append(hint if first_index <= hint <= last_index else 0)
        return hints

    def get_last_checkpoint_index(self) -> int:
        """Zero before the first finalisation."""
        return len(self.checkpoints)

    def get_last_request_id(self) -> int:
        """Zero before the first request."""
        return len(self.tickets)

    def get_last_finalized_request_id(self) -> int:
        """Zero before the first finalisation."""
        return self.checkpoints[-1].last_request_id if self.checkpoints else 0

    def unfinalized_steth(self) -> int:
        """Nominals of the tickets that wait, in wei."""
        return sum([ticket.nominal for ticket in self._waiting()])

    def unfinalized_request_number(self) -> int:
        """How many tickets wait."""
        return len(self._waiting())

    def get_withdrawal_requests(self, owner: Address, first_id: int, last_id: int) -> list[int]:
        """Unclaimed tickets of ``owner`` in an id range."""
        return [i for i in range(first_id, last_id + 1) if self.owners.get(i) == owner]

    def ether_ahead(self, request_id: int) -> int:
        """Nominals of the tickets that wait before this one, in wei."""
        self._require_request(request_id)
        finalized = self.get_last_finalized_request_id()
        return sum(ticket.nominal for ticket in self.tickets[finalized : request_id - 1])

    def value(self, request_id: int) -> int:
        """Wei that a finalised ticket is worth, its advance included, claimed or not."""
        return self._paid_by(self._hint(request_id), request_id)

    def present_value(self, request_id: int) -> int:
        """Wei that the ticket pays beyond its advance, or would if it were finalised now."""
        self._require_request(request_id)
        if request_id not in self.owners:
            return 0
        if request_id <= self.get_last_finalized_request_id():
            return self._after_advance(request_id, self.value(request_id))
        rate_ray = self._rate_ray()
        ticket = self._ticket(request_id)
        boundary_id = request_id if ticket.request_rate <= rate_ray else request_id - 1
        now = Checkpoint(last_request_id=request_id, boundary_id=boundary_id, rate_ray=rate_ray)
        return self._after_advance(request_id, now.payment(request_id, ticket))

    def claimable_advance(self, request_id: int) -> int:
        """Wei that ``claim_in_advance`` would pay now."""
        self._require_request(request_id)
        finalized = request_id <= self.get_last_finalized_request_id()
        if finalized or self.clock.timestamp < self.escape_opens_at():
            return 0
        ticket = self._ticket(request_id)
        by_rate = mul_div_down(ticket.exact_shares, self._rate_ray(), RATE_SCALE)
        return advance_within(
            min(ticket.nominal, by_rate),
            paid=self.book.of(request_id),
            ahead=self.ether_ahead(request_id),
            buffered=self.pool.buffered,
            waiting=self.book.on(self._waiting_ids()),
        )

    def get_advance(self, request_id: int) -> int:
        """Wei that the ticket got in advance, ever."""
        return self.book.of(request_id)

    def ether_lent(self) -> int:
        """Wei of the pool that are out as advances."""
        return self.book.on(self._waiting_ids()) + self.book.on(self.book.open)

    def estimated_wait(self, request_id: int, inflow_per_day: int, *, buffered: int) -> int:
        """Seconds until the buffer has the nominals up to this ticket."""
        self._require_request(request_id)
        if request_id <= self.get_last_finalized_request_id():
            return 0
        needed = self.ether_ahead(request_id) + self._ticket(request_id).nominal
        needed -= self.book.on(range(self.get_last_finalized_request_id() + 1, request_id + 1))
        if needed <= buffered:
            return 0
        if inflow_per_day == 0:
            return MAX_UINT256
        return mul_div_up(needed - buffered, DAY, inflow_per_day)

    def claimable_now(self, request_ids: Sequence[int]) -> int:
        """Wei that the finalised, unclaimed ones pay."""
        finalized = self.get_last_finalized_request_id()
        return sum([self.present_value(i) for i in request_ids if i <= finalized])

    # Helpers

    def _rate_ray(self) -> int:
        return mul_div_down(
            self.pool.get_total_pooled_ether(), RATE_SCALE, self.pool.total_exact_shares
        )

    def _ticket(self, request_id: int) -> Ticket:
        return self.tickets[request_id - 1]

    def _waiting(self) -> list[Ticket]:
        return self.tickets[self.get_last_finalized_request_id() :]

    def _hint(self, request_id: int) -> int:
        return 1 + bisect_left(self.checkpoints, request_id, key=_LAST_REQUEST_ID)

    def _payment(self, request_id: int, hint: int) -> int:
        if hint != self._hint(request_id):
            raise WrongHint(request_id, hint)
        return self._paid_by(hint, request_id)

    def _paid_by(self, hint: int, request_id: int) -> int:
        return self.checkpoints[hint - 1].payment(request_id, self.tickets[request_id - 1])

    def _require_finalized(self, request_id: int) -> None:
        self._require_request(request_id)
        if request_id > self.get_last_finalized_request_id():
            raise RequestNotFinalized(request_id)

    def _require_request(self, request_id: int) -> None:
        if not 1 <= request_id <= self.get_last_request_id():
            raise RequestNotFound(request_id)
