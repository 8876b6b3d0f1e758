"""Custom errors of the settlement oracle, named and ordered as its interface declares them."""

from keel.models.evm import Revert


class UnknownFeed(Revert):
    """Not listed."""

    fields = ("feed",)


class InvalidComponentCount(Revert):
    """None, or too many."""

    fields = ("count",)


class OutOfBounds(Revert):
    """A window, an age, or an aggregator's decimals."""

    fields = ("given", "minimum", "maximum")


class SecondMarketRatio(Revert):
    """A feed has one at most."""

    fields = ("target",)


class SourceFailed(Revert):
    """It says nothing, or something out of its bounds."""

    fields = ("target",)


class StaleRound(Revert):
    """The last round is too old, or ahead of the chain."""

    fields = ("target", "updatedAt")


class InvalidExpiry(Revert):
    """Not 08:00 UTC, or before the feed was listed."""

    fields = ("expiry",)


class TooEarly(Revert):
    """The expiry can't be settled yet, or not by this round."""

    fields = ("timestamp", "earliest")


class InvalidHintCount(Revert):
    """One hint for each component."""

    fields = ("given", "needed")


class InvalidDay(Revert):
    """Not the last day with an observation."""

    fields = ("day",)


class InvalidPhase(Revert):
    """Not the phase that was observed last."""

    fields = ("roundId", "phase")


class RoundWithoutAnswer(Revert):
    """Zero, negative, incomplete or missing."""

    fields = ("roundId",)


class RoundTooLate(Revert):
    """Beyond the patience."""

    fields = ("roundId", "updatedAt")


class NotFirstRound(Revert):
    """Another one comes before it."""

    fields = ("roundId",)


class NotLastRound(Revert):
    """Another one comes after it."""

    fields = ("roundId",)


class NotDisputable(Revert):
    """Disputed already, not over, or over for too long."""

    fields = ("feed", "expiry")


class NotDisputer(Revert):
    """Only the disputer delays."""

    fields = ("caller",)


class OwnableUnauthorizedAccount(Revert):
    """Only the owner judges disputes."""

    fields = ("account",)


class WrongBond(Revert):
    """Less or more ether than a dispute takes."""

    fields = ("given", "needed")


class NoBond(Revert):
    """Never posted, returned or forfeited."""

    fields = ("feed", "expiry")


class BondStillHeld(Revert):
    """The owner may take it yet."""

    fields = ("timestamp", "earliest")


class ForfeitTooLate(Revert):
    """The bond is the poster's again."""

    fields = ("timestamp", "deadline")


class ZeroAddress(Revert):
    """Nobody."""
