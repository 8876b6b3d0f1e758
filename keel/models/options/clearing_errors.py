"""Custom errors of the clearing house and its claims, as the contracts declare them."""

from keel.models.evm import Revert


class OutOfBounds(Revert):
    """A bound of a market, or a price."""

    fields = ("given", "minimum", "maximum")


class InvalidCollateral(Revert):
    """Not a token for this kind."""

    fields = ("collateral",)


class InvalidFeed(Revert):
    """Not a price of wkETH."""

    fields = ("feed",)


class UnknownMarket(Revert):
    """Never opened."""

    fields = ("feed", "collateral", "kind")


class CapTooSmall(Revert):
    """Less than a hundredth of the price, on a feed whose pairs are limited."""

    fields = ("cap", "minimum")


class MarketIsClosed(Revert):
    """No new series, no mints."""

    fields = ("feed", "collateral", "kind")


class InvalidExpiry(Revert):
    """Not 08:00 UTC."""

    fields = ("expiry",)


class ExpiryOutOfBounds(Revert):
    """Over, or too far away."""

    fields = ("expiry", "timestamp", "latest")


class InvalidStrike(Revert):
    """Too low, too high, or off the grid."""

    fields = ("strike", "minimum", "step")


class InvalidCap(Revert):
    """None where there must be one, too high, or one where there is none."""

    fields = ("cap", "maximum")


class UnknownSeries(Revert):
    """Not listed."""

    fields = ("id",)


class ZeroAmount(Revert):
    """Nothing would be minted, burned or redeemed."""


class InvalidReceiver(Revert):
    """Neither nobody nor the clearing house can be sent anything."""

    fields = ("receiver",)


class AmountTooLarge(Revert):
    """The pairs of a series would pass their bound."""

    fields = ("amount", "maximum")


class SeriesExpired(Revert):
    """Minting is over."""

    fields = ("id", "expiry")


class AlreadySettled(Revert):
    """Its price is fixed."""

    fields = ("id",)


class NotSettled(Revert):
    """It pays later."""

    fields = ("id",)


class NoPrice(Revert):
    """The oracle has none yet."""

    fields = ("feed", "expiry")


class CapacityExceeded(Revert):
    """More pairs than moving the feed costs."""

    fields = ("pairs", "capacity")


class CollateralNotReceived(Revert):
    """Less arrived than was sent."""

    fields = ("received", "needed")


class ERC6909InsufficientBalance(Revert):
    """More claims than the account has."""

    fields = ("sender", "balance", "needed", "id")


class ERC6909InsufficientAllowance(Revert):
    """More claims than the spender may move."""

    fields = ("spender", "allowance", "needed", "id")


class ERC6909InvalidReceiver(Revert):
    """Nobody can hold claims."""

    fields = ("receiver",)


class TransferFailed(Revert):
    """A collateral's ``transfer`` failed."""


class TransferFromFailed(Revert):
    """A collateral's ``transferFrom`` failed."""
