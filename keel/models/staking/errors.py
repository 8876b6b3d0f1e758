"""Custom errors of the staking contracts, named and ordered as their interfaces declare them."""

from keel.models.evm import Revert

# Common to several contracts


class ZeroAmount(Revert):
    """Nothing would be staked, minted or burnt."""


class ZeroAddress(Revert):
    """An address that must be somebody is nobody."""


class Unauthorized(Revert):
    """Only ``needed`` may call this."""

    fields = ("caller", "needed")


class OwnableUnauthorizedAccount(Revert):
    """Only the owner may call this."""

    fields = ("account",)


class EtherTransferFailed(Revert):
    """The recipient refused the ether."""

    fields = ("recipient", "amount")


class AmountTooLarge(Revert):
    """Beyond what a ticket or a ledger entry can be."""

    fields = ("amount", "maximum")


# IStakedEther


class InvalidRecipient(Revert):
    """The zero address and the token itself can't hold kETH."""

    fields = ("recipient",)


class BalanceExceeded(Revert):
    """In exact shares, 27 decimals."""

    fields = ("account", "exact_shares_needed", "exact_shares_held")


class AllowanceExceeded(Revert):
    """In wei."""

    fields = ("owner", "spender", "needed", "allowed")


# IStakingPool


class StakingIsPaused(Revert):
    """No submits and no deposits to validators."""


class StakeLimitExceeded(Revert):
    """In wei."""

    fields = ("asked", "limit")


class BootstrapTooSmall(Revert):
    """In wei."""

    fields = ("given", "minimum")


class OutOfBounds(Revert):
    """A parameter outside its hard bounds."""

    fields = ("given", "minimum", "maximum")


class NothingToDeposit(Revert):
    """Wei beyond the queue's claim on the buffer, and the keys that this would pay for."""

    fields = ("depositable_ether", "keys")


class BufferShort(Revert):
    """The buffer can't pay what the finalised tickets need; in wei."""

    fields = ("needed", "buffered")


class LossExceedsAssets(Revert):
    """A pool without ether has no rate; in wei."""

    fields = ("loss", "assets")


# IValidatorVault


class Insufficient(Revert):
    """A report named more than the vault holds."""

    fields = ("asked", "held")


# IWithdrawalQueue


class AmountTooSmall(Revert):
    """In wei."""

    fields = ("amount", "minimum")


class EmptyBatch(Revert):
    """No amounts."""


class LengthMismatch(Revert):
    """One hint for each id."""

    fields = ("ids", "hints")


class NominalTooLow(Revert):
    """Sum of the batch's nominals below what the caller wants."""

    fields = ("nominal", "minimum")


class DeadlinePassed(Revert):
    """In seconds."""

    fields = ("deadline", "timestamp")


class RequestNotFound(Revert):
    """Never requested."""

    fields = ("request_id",)


class RequestNotFinalized(Revert):
    """Still waiting."""

    fields = ("request_id",)


class RequestAlreadyClaimed(Revert):
    """Paid before."""

    fields = ("request_id",)


class NotOwnerOrApproved(Revert):
    """Another's ticket."""

    fields = ("caller", "request_id")


class IdsNotSorted(Revert):
    """Ids must rise."""

    fields = ("previous", "next")


class WrongHint(Revert):
    """The checkpoint doesn't hold the ticket."""

    fields = ("request_id", "checkpoint_index")


class CheckpointRangeInvalid(Revert):
    """Indexes start at 1."""

    fields = ("first_index", "last_index", "last_checkpoint_index")


class FinalizationRangeInvalid(Revert):
    """Already finalised, or not requested yet."""

    fields = ("request_id", "last_finalized_id", "last_request_id")


class RequestTooYoung(Revert):
    """Requested after the latest time that the report may finalise."""

    fields = ("request_id", "requested_at", "latest")


class EscapeClosed(Revert):
    """No advances before this second, as things stand."""

    fields = ("opens_at",)


class RequestIsFinalized(Revert):
    """To be claimed, not advanced."""

    fields = ("request_id",)


class NothingToAdvance(Revert):
    """All that bound, place and buffer allow was paid."""

    fields = ("request_id",)


# ERC-721 of the tickets


class TokenDoesNotExist(Revert):
    """Never requested, or claimed."""


class TransferFromIncorrectOwner(Revert):
    """The ticket is another's."""


class TransferToZeroAddress(Revert):
    """Tickets are burnt by claims alone."""


class NotOwnerNorApproved(Revert):
    """The caller may not move or approve the ticket."""


# IOperatorKeys, IOperatorRegistry, IOperatorBonds


class OperatorNotFound(Revert):
    """No operator has this id."""

    fields = ("operator_id",)


class NoKeys(Revert):
    """An empty batch."""


class KeyLengthMismatch(Revert):
    """In bytes: keys have 48, signatures 96."""

    fields = ("pubkeys_length", "signatures_length")


class DuplicateKey(Revert):
    """Some operator has offered it."""

    fields = ("pubkey",)


class KeyNotFound(Revert):
    """The operator has fewer keys."""

    fields = ("operator_id", "index")


class WrongKeyStatus(Revert):
    """The key's life is elsewhere."""

    fields = ("operator_id", "index", "status")


class TooFewUnusedKeys(Revert):
    """Keys with deposits can't be taken back."""

    fields = ("asked", "unused")


class BondTooSmall(Revert):
    """Of the registry in keys, of the bonds in wei."""

    fields = ("operator_id", "worth", "required")


class LossesUnsorted(Revert):
    """A report names each operator once, in ascending order."""

    fields = ("position", "operator_id")


class NewsNotNewer(Revert):
    """News of this frame were told."""

    fields = ("ref_slot", "last_ref_slot")


class NotLate(Revert):
    """No news from after ``late_from`` have come."""

    fields = ("operator_id", "index", "late_from")


class AlreadyCharged(Revert):
    """A key pays once for a slashing, and once for a late exit."""

    fields = ("operator_id", "index")
