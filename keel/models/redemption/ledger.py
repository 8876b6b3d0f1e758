"""The vault's tickets: what was paid for them, what they are worth, what comes of them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import inf

from keel.models.evm import MAX_UINT256, Address
from keel.models.redemption.errors import FrameCapExceeded, ReportTooOld, TicketsWaiting
from keel.models.redemption.marks import Marks, top_up
from keel.models.rounding import mul_div_down, mul_div_up

WAD = 10**18
DAY = 86_400
YEAR = 365 * DAY
MAX_STEPS = 8
MAX_CHECKPOINTS = 32
MIN_ACCRETION = DAY
MAX_WAIT = 3_650 * DAY
QUEUE_ROUNDING = 1


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a vault is fixed to; fees and parts are WAD, times seconds."""

    min_fee: int
    yearly_fee: int
    holdback: int
    frame_cap: int
    base_wait: int
    max_report_age: int


@dataclass(frozen=True, kw_only=True)
class World:
    """What the stack says in the block of an operation.

    Attributes
    ----------
    now : block time (s)
    rate_ray : ether per share, rounded down (27 decimals)
    ref_timestamp, applied_at : of the last report (s)
    last_finalized : id of the last ticket that the queue has finalised
    last_checkpoint : index of the last checkpoint that the queue has made
    checkpoint : last ticket's id and rate (27 decimals) of a checkpoint, by its index
    worth : what a ticket would pay at the current rate, or pays if finalised, by its id (wei)
    ahead : nominals of unfinalised tickets up to and with one, by its id (wei)
    queued, buffered : nominals of all unfinalised tickets; ether that the pool holds (wei)
    """

    now: int
    rate_ray: int
    ref_timestamp: int
    applied_at: int
    last_finalized: int
    last_checkpoint: int
    checkpoint: Callable[[int], tuple[int, int]]
    worth: Callable[[int], int]
    ahead: Callable[[int], int]
    queued: int
    buffered: int

    def estimated_wait(self, request_id: int, inflow: int) -> int:
        """Return the seconds until the buffer reaches the ticket."""
        return wait_up(self.ahead(request_id), self.buffered, inflow)


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """A ticket of the vault's; ``receiver`` is None if the swap pool sold.

    ``units`` are its part of its set; once the holdback is settled, of all tickets up to it.
    """

    request_id: int
    sold_at: int
    receiver: Address | None
    nominal: int
    held_back: int
    cost: int
    rate_ray: int
    units: int = 0


@dataclass
class Ledger:
    """The sums, in wei unless they say otherwise. Named as in the contract's `Book`."""

    terms: Terms
    inflow: int
    idle: int = 0
    reserved: int = 0
    sold: Marks = field(default_factory=Marks)
    from_pool: Marks = field(default_factory=Marks)
    carried: int = 0
    """Covered tickets, both kinds."""
    seasoned: Marks = field(default_factory=Marks)
    ripe: int = 0
    """Seasoned tickets that the queue has finalised."""
    unaccreted: int = 0
    accreted_at: int = 0
    accretion_end: int = 0
    newest_due: int = 0
    bought_in_frame: int = 0
    frame: int = 0
    frame_assets: int = 0
    owed: int = 0
    settled: int = 0
    ripened: int = 0
    paid: int = 0
    checkpoint: int = 0
    tickets: list[Ticket] = field(default_factory=list)
    refunds: list[tuple[Address, int]] = field(default_factory=list)
    """Sent to sellers by the operation that runs."""

    def advance(self, world: World) -> None:
        """Bring the ledger up to ``world``: what operations begin with."""
        self.catch_up(world, MAX_CHECKPOINTS)
        if self.is_behind(world):
            raise TicketsWaiting()

    def foresee(self, world: World) -> None:
        """Bring the ledger up to ``world``: what views begin with."""
        self.catch_up(world, inf)

    def catch_up(self, world: World, checkpoints: float) -> None:
        """Bring the ledger up to ``world``, or as far as so many checkpoints go."""
        self.refunds = []
        self._accrete(world)
        lowest = self._follow_queue(world, checkpoints)
        level = not self.is_behind(world)
        if level:
            lowest = min(lowest, world.rate_ray)
        self.sold.fall_to(lowest)
        self.from_pool.fall_to(lowest)
        if level:
            self._fall(world.rate_ray)
            self._settle(world)
            self.carried = min(self.carried, self.sold.total + self.from_pool.total)
        self._claim(world)
        if self.frame != world.applied_at:
            self.frame, self.bought_in_frame = world.applied_at, 0
            self.frame_assets = self.assets

    def is_behind(self, world: World) -> bool:
        """Tell whether operations refuse until somebody has advanced the ledger further."""
        return self.checkpoint < world.last_checkpoint

    def _accrete(self, world: World) -> None:
        if world.now >= self.accretion_end:
            self.unaccreted = 0
        else:
            left, whole = self.accretion_end - world.now, self.accretion_end - self.accreted_at
            self.unaccreted = mul_div_up(self.unaccreted, left, whole)
        self.accreted_at = world.now
        self.put_off(world)

    def put_off(self, world: World) -> None:
        """Let what has not accreted do so later if the newest ticket is expected later."""
        if self.paid == len(self.tickets):
            return
        newest = self.tickets[-1].request_id
        if newest <= world.last_finalized:
            return
        due = world.now + min(world.estimated_wait(newest, self.inflow), MAX_WAIT)
        if due <= self.newest_due:
            return
        if self.unaccreted:
            later = self.accretion_end + due - self.newest_due
            self.accretion_end = min(later, world.now + MAX_WAIT)
        self.newest_due = due

    def _follow_queue(self, world: World, checkpoints: float) -> int:
        """Fix the marks of what the queue has finalised; return its lowest rate for covered ones.

        Each checkpoint is met in its turn, so that no later loss falls on what was paid before.
        """
        lowest = MAX_UINT256
        if not self._is_finalised(self.ripened, world):
            self.checkpoint = world.last_checkpoint
            return lowest
        while checkpoints and self.is_behind(world):
            self.checkpoint += 1
            last, rate = world.checkpoint(self.checkpoint)
            if self.ripened < self.settled and self.tickets[self.ripened].request_id <= last:
                self._fall(rate)
                self._ripen(last)
            if self.settled < len(self.tickets) and self.tickets[self.settled].request_id <= last:
                lowest = min(lowest, rate)
            checkpoints -= 1
        return lowest

    def _is_finalised(self, position: int, world: World) -> bool:
        if position == len(self.tickets):
            return False
        return self.tickets[position].request_id <= world.last_finalized

    def _ripen(self, last: int) -> None:
        """Keep the marks of seasoned tickets up to an id from all further falls."""
        before, end = self._units_up_to(self.ripened), self.ripened
        while end < self.settled and self.tickets[end].request_id <= last:
            end += 1
        self.ripened = end
        self.ripe += self.seasoned.leave(self._units_up_to(end) - before)
        if self.ripened == self.settled:
            self.seasoned.empty()

    def _units_up_to(self, position: int) -> int:
        return self.tickets[position - 1].units if position else 0

    def _fall(self, rate_ray: int) -> None:
        self.unaccreted = max(0, self.unaccreted - self.seasoned.fall_to(rate_ray))

    def _settle(self, world: World) -> None:
        for _ in range(MAX_STEPS):
            if self.settled == len(self.tickets):
                return
            ticket = self.tickets[self.settled]
            if ticket.sold_at > world.ref_timestamp:
                return
            worth = world.worth(ticket.request_id)
            refund = max(0, ticket.held_back - (ticket.nominal - worth))
            if ticket.receiver is not None:
                self.refunds.append((ticket.receiver, refund))
            self.reserved -= ticket.held_back
            self.idle += ticket.held_back - refund
            mark = max(0, worth - QUEUE_ROUNDING)
            before = self._uncover(ticket, worth - refund)
            wait = world.estimated_wait(ticket.request_id, self.inflow)
            self._add_unaccreted(max(0, mark - before - refund), wait, world.now)
            self._season(ticket, mark, world)
            if self.settled == len(self.tickets):
                self.sold.empty()
                self.from_pool.empty()
                self.carried = 0

    def _uncover(self, ticket: Ticket, worth: int) -> int:
        """Return what a ticket is carried at that leaves its set: its cost, as a rule.

        More if that is more than the others are worth; never more than itself is.
        """
        self._covered_with(ticket).leave(ticket.units)
        least = max(0, self.carried - self.sold.total - self.from_pool.total)
        carried = min(self.carried, worth, max(ticket.cost, least))
        self.carried -= carried
        return carried

    def _season(self, ticket: Ticket, mark: int, world: World) -> None:
        units = 0
        if ticket.request_id <= world.last_finalized:
            self.ripe += mark
            self.ripened += 1
        else:
            units = self.seasoned.join(mark, min(ticket.rate_ray, world.rate_ray))
        units += self._units_up_to(self.settled)
        self.tickets[self.settled] = replace(ticket, units=units)
        self.settled += 1

    def _covered_with(self, ticket: Ticket) -> Marks:
        return self.from_pool if ticket.receiver is None else self.sold

    def _add_unaccreted(self, amount: int, wait: int, now: int) -> None:
        if amount == 0:
            return
        left = max(0, self.accretion_end - now)
        weighted = self.unaccreted * left + amount * min(max(wait, MIN_ACCRETION), MAX_WAIT)
        self.accretion_end = now + mul_div_up(weighted, 1, self.unaccreted + amount)
        self.unaccreted += amount

    def _claim(self, world: World) -> None:
        """Claim ripe tickets, in order. What one pays beyond all their marks is a gain."""
        for ticket in self.tickets[self.paid : min(self.ripened, self.paid + MAX_STEPS)]:
            payment = world.worth(ticket.request_id)
            mark = min(payment, self.ripe)
            self.ripe -= mark
            self.idle += payment
            self._add_unaccreted(payment - mark, 0, world.now)
            self.paid += 1

    # Assets

    @property
    def assets(self) -> int:
        """Wei that all shares stand for, of an advanced ledger."""
        gross = self.idle + self.reserved + self.seasoned.total + self.ripe + self.carried
        return max(0, gross - self.unaccreted)

    def tickets_wait(self, world: World) -> bool:
        """Tell whether the queue has paid tickets that one operation did not reach."""
        return self._is_finalised(self.paid, world)

    # Purchases

    def expected_wait(self, world: World, nominal: int) -> int:
        """Return the seconds that the queue is expected to take for ``nominal`` more."""
        return self.terms.base_wait + wait_up(world.queued + nominal, world.buffered, self.inflow)

    def wait_fee(self, world: World, nominal: int) -> int:
        """Return the fee for waiting (WAD), or the least there is."""
        wait = self.expected_wait(world, nominal)
        return max(self.terms.min_fee, mul_div_up(self.terms.yearly_fee, wait, YEAR))

    @property
    def frame_room(self) -> int:
        """Nominals that may still be bought before the next report."""
        assets = min(self.assets, self.frame_assets)
        cap = mul_div_down(assets, self.terms.frame_cap, WAD)
        return max(0, cap - self.bought_in_frame)

    def check_frame(self, world: World, nominal: int) -> None:
        """Count ``nominal`` against the cap; refuse on an old report."""
        minimum = max(0, world.now - self.terms.max_report_age)
        if world.ref_timestamp < minimum:
            raise ReportTooOld(world.ref_timestamp, minimum)
        room = self.frame_room
        if nominal > room:
            raise FrameCapExceeded(nominal, room)
        self.bought_in_frame += nominal

    def buy_ticket(self, world: World, ticket: Ticket) -> None:
        """Count a new ticket."""
        wait = self.expected_wait(world, ticket.nominal)
        self.newest_due = world.now + min(wait, MAX_WAIT)
        worth = max(0, ticket.nominal - ticket.held_back - QUEUE_ROUNDING)
        top = top_up(world.rate_ray, worth, ticket.nominal)
        units = self._covered_with(ticket).join(worth, top)
        self.carried += ticket.cost
        self.tickets.append(replace(ticket, units=units))


def wait_up(queued: int, buffered: int, inflow: int) -> int:
    """Return the seconds until ``queued`` is paid, rounded up."""
    return 0 if queued <= buffered else mul_div_up(queued - buffered, DAY, inflow)
