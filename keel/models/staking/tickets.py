"""What a withdrawal ticket is, what finalises it, and the ERC-721 that tickets are."""

from collections.abc import Sequence
from dataclasses import dataclass

from keel.models.evm import ZERO_ADDRESS, Address
from keel.models.rounding import mul_div_down
from keel.models.staking.errors import (
    AmountTooLarge,
    AmountTooSmall,
    EmptyBatch,
    NominalTooLow,
    NotOwnerNorApproved,
    TokenDoesNotExist,
    TransferFromIncorrectOwner,
    TransferToZeroAddress,
)

MIN_STETH_WITHDRAWAL_AMOUNT = 100
MAX_STETH_WITHDRAWAL_AMOUNT = 1_000 * 10**18
RATE_SCALE = 10**36
"""Wei are ``exact shares x rate / RATE_SCALE``; 1e27 is 1 ether for 1e27 exact shares."""


@dataclass(frozen=True, kw_only=True)
class Ticket:
    """What a request fixed: wei, exact shares, the rate rounded up, seconds."""

    nominal: int
    exact_shares: int
    request_rate: int
    requested_at: int


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """How a run of tickets is paid: nominals up to ``boundary_id``, by ``rate_ray`` after it."""

    last_request_id: int
    boundary_id: int
    rate_ray: int

    def payment(self, request_id: int, ticket: Ticket) -> int:
        """Wei that the ticket gets."""
        if request_id <= self.boundary_id:
            return ticket.nominal
        return min(ticket.nominal, mul_div_down(ticket.exact_shares, self.rate_ray, RATE_SCALE))


@dataclass(frozen=True, kw_only=True)
class Settlement:
    """A finalisation worked out and not yet applied: wei and exact shares."""

    checkpoints: tuple[Checkpoint, ...]
    ether_to_lock: int
    exact_shares_to_burn: int
    netted: int = 0
    """Advances that are taken off what the pool sends."""

    @property
    def ether_to_send(self) -> int:
        """Wei that the pool sends."""
        return self.ether_to_lock - self.netted


@dataclass(frozen=True, kw_only=True)
class Status:
    """As Lido's: wei, 18-decimal shares, seconds."""

    amount_of_steth: int
    amount_of_shares: int
    owner: Address
    timestamp: int
    is_finalized: bool
    is_claimed: bool


def require_nominal(nominal: int) -> None:
    """Refuse a ticket that is too small or too large."""
    if nominal < MIN_STETH_WITHDRAWAL_AMOUNT:
        raise AmountTooSmall(nominal, MIN_STETH_WITHDRAWAL_AMOUNT)
    if nominal > MAX_STETH_WITHDRAWAL_AMOUNT:
        raise AmountTooLarge(nominal, MAX_STETH_WITHDRAWAL_AMOUNT)


def require_enough(nominals: Sequence[int], min_nominal: int) -> None:
    """Refuse an empty batch, and one of less than its owner wants."""
    if not nominals:
        raise EmptyBatch()
    if sum(nominals) < min_nominal:
        raise NominalTooLow(sum(nominals), min_nominal)


class TicketRegister:
    """Owners of the unclaimed tickets, and who else may move or claim them."""

    def __init__(self) -> None:
        self.owners: dict[int, Address] = {}
        self.approvals: dict[int, Address] = {}
        self.operators: set[tuple[Address, Address]] = set()

    def approve(self, sender: Address, spender: Address, request_id: int) -> None:
        """Let ``spender`` move or claim one ticket."""
        owner = self._require_owner(request_id)
        if sender != owner and (owner, sender) not in self.operators:
            raise NotOwnerNorApproved()
        self.approvals[request_id] = spender

    def set_approval_for_all(self, sender: Address, operator: Address, approved: bool) -> None:
        """Let ``operator`` move or claim all tickets of the sender, or stop it."""
        (self.operators.add if approved else self.operators.discard)((sender, operator))

    def transfer_from(self, sender: Address, owner: Address, to: Address, request_id: int) -> None:
        """Give a ticket away."""
        if owner != self._require_owner(request_id):
            raise TransferFromIncorrectOwner()
        if not self._is_owner_or_approved(sender, request_id):
            raise NotOwnerNorApproved()
        if to == ZERO_ADDRESS:
            raise TransferToZeroAddress()
        self._burn(request_id)
        self._mint(to, request_id)

    def _mint(self, owner: Address, request_id: int) -> None:
        self.owners[request_id] = owner

    def _burn(self, request_id: int) -> None:
        del self.owners[request_id]
        self.approvals.pop(request_id, None)

    def _is_owner_or_approved(self, caller: Address, request_id: int) -> bool:
        owner = self.owners[request_id]
        return (
            caller in (owner, self.approvals.get(request_id)) or (owner, caller) in self.operators
        )

    def _require_owner(self, request_id: int) -> Address:
        if request_id not in self.owners:
            raise TokenDoesNotExist()
        return self.owners[request_id]
