"""Custom errors of the gauge, named and ordered as its interface declares them."""

from keel.models.evm import Revert


class ZeroAmount(Revert):
    """Nothing would be staked, unstaked or funded."""


class ZeroAddress(Revert):
    """A distributor that is nobody."""


class InvalidReceiver(Revert):
    """Neither nobody nor the gauge can be sent anything."""

    fields = ("receiver",)


class InsufficientStake(Revert):
    """More than the account has staked."""

    fields = ("asked", "staked")


class AmountTooLarge(Revert):
    """All stakes, or all fundings of one token, would pass their bound."""

    fields = ("amount", "maximum")


class NotDistributor(Revert):
    """Only the token's distributor may do this."""

    fields = ("account", "distributor")


class UnknownReward(Revert):
    """Not on the list."""

    fields = ("token",)


class RewardExists(Revert):
    """On the list already."""

    fields = ("token",)


class TooManyRewards(Revert):
    """The list is full."""

    fields = ("maximum",)


class DurationOutOfBounds(Revert):
    """Too short or too long to stream anything over."""

    fields = ("duration", "minimum", "maximum")


class RateWouldFall(Revert):
    """What was promised can't be stretched."""

    fields = ("duration", "longest")


class NothingReceived(Revert):
    """The transfer brought nothing."""

    fields = ("token",)


class TransferFailed(Revert):
    """A token's ``transfer`` failed."""


class TransferFromFailed(Revert):
    """A token's ``transferFrom`` failed."""
