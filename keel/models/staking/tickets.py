"""Twin of the ERC-721 that withdrawal tickets are."""

from keel.models.evm import ZERO_ADDRESS, Address
from keel.models.staking.errors import (
    NotOwnerNorApproved,
    TokenDoesNotExist,
    TransferFromIncorrectOwner,
    TransferToZeroAddress,
)


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
