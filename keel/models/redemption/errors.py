"""Custom errors of the redemption vault, named and ordered as its interface declares them."""

from keel.models.evm import Revert


class ZeroAmount(Revert):
    """Nothing would be moved, or no share minted."""


class ZeroAddress(Revert):
    """A receiver that is nobody."""


class OwnableUnauthorizedAccount(Revert):
    """Only the owner may call this."""

    fields = ("account",)


class OutOfBounds(Revert):
    """A parameter outside its bounds."""

    fields = ("given", "minimum", "maximum")


class AmountTooLarge(Revert):
    """More than the ledger counts."""

    fields = ("amount", "maximum")


class DeadlinePassed(Revert):
    """The sale came too late."""

    fields = ("deadline", "timestamp")


class PriceTooLow(Revert):
    """Less than the seller wants."""

    fields = ("price", "minimum")


class NothingToPay(Revert):
    """Fee and holdback leave nothing to pay now."""

    fields = ("price", "held_back")


class DiscountTooSmall(Revert):
    """The swap pool asks more than the vault pays."""

    fields = ("cost", "maximum")


class FrameCapExceeded(Revert):
    """More than may be bought before the next report."""

    fields = ("nominal", "room")


class InsufficientIdle(Revert):
    """More than there is."""

    fields = ("needed", "idle")


class ExitsPending(Revert):
    """Shares in line come first."""

    fields = ("shares",)


class TicketsWaiting(Revert):
    """Paid tickets are to be claimed first."""


class ReportTooOld(Revert):
    """The vault buys nothing on an old report."""

    fields = ("ref_timestamp", "minimum")


class UnknownExit(Revert):
    """No such exit, or paid in full."""

    fields = ("exit_id",)
