"""Custom errors of vault, auction, pricer and volatility oracle, as in their interfaces."""

from keel.models.evm import Revert


class ZeroAddress(Revert):
    """Nobody is named."""


class ZeroAmount(Revert):
    """Nothing would be moved."""


class OutOfBounds(Revert):
    """A value outside its bounds."""

    fields = ("given", "minimum", "maximum")


class NotMember(Revert):
    """Not a member of the quorum."""

    fields = ("account",)


class AlreadyMember(Revert):
    """A member already."""

    fields = ("account",)


class NoQuorum(Revert):
    """Too few submissions of the last day."""

    fields = ("fresh", "quorum")


class VolatilityStale(Revert):
    """The values or the recorded price are older than a day."""

    fields = ("updated_at", "timestamp")


class ObservationTooEarly(Revert):
    """The last record is too young."""

    fields = ("earliest", "timestamp")


class NoStrike(Revert):
    """No multiple of the grid lies within the bounds."""

    fields = ("spot_wad", "strike_wad")


class Expired(Revert):
    """The option's life is over."""

    fields = ("expiry", "timestamp")


class NotOperator(Revert):
    """The caller may not act for the controller."""

    fields = ("controller", "caller")


class InvalidRecipient(Revert):
    """Shares would be lost there."""

    fields = ("recipient",)


class DepositTooSmall(Revert):
    """Below the least request."""

    fields = ("assets", "minimum")


class DepositCapExceeded(Revert):
    """More than the cap leaves room for."""

    fields = ("assets", "room")


class AmountTooLarge(Revert):
    """More than there is to claim or take back."""

    fields = ("amount", "maximum")


class VaultWoundDown(Revert):
    """The shares are as good as worthless."""

    fields = ("price_per_share",)


class RoundNotOver(Revert):
    """Too early to roll."""

    fields = ("due", "timestamp")


class RoundAlreadyStarted(Revert):
    """Options are running."""

    fields = ("series_id",)


class TooLateToStart(Revert):
    """Too near the round's end."""

    fields = ("due", "timestamp")


class NothingToWrite(Revert):
    """The assets back no option."""


class AuctionStillOpen(Revert):
    """Sales go on."""

    fields = ("ends_at", "timestamp")


class AuctionNotOpen(Revert):
    """No sales now."""

    fields = ("ends_at", "timestamp")


class PurchaseTooLate(Revert):
    """After the buyer's deadline."""

    fields = ("deadline", "timestamp")


class PriceTooHigh(Revert):
    """Above the buyer's limit."""

    fields = ("price_wad", "maximum")


class TooFewLeft(Revert):
    """Fewer than the buyer wants."""

    fields = ("unsold", "minimum")


class ExitNotOpen(Revert):
    """The round may still be rolled in time."""

    fields = ("opens_at", "timestamp")


class OwnableUnauthorizedAccount(Revert):
    """Only the owner may call this."""

    fields = ("account",)


class NotSettled(Revert):
    """The series has no price yet."""

    fields = ("series_id",)


class AlreadySettled(Revert):
    """The series is settled; pairs can only be redeemed."""

    fields = ("series_id",)


class TransferFromFailed(Revert):
    """The token refuses, for want of balance."""
