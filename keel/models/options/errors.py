"""What the pricing libraries refuse: input outside their stated domain."""

from keel.models.evm import Revert


class SpotOutOfDomain(Revert):
    """The spot price passes `MAX_AMOUNT`."""

    fields = ("spot",)


class StrikeOutOfDomain(Revert):
    """The strike passes `MAX_AMOUNT`."""

    fields = ("strike",)


class TimeOutOfDomain(Revert):
    """The time to expiry passes `MAX_TIME`."""

    fields = ("time",)


class VolatilityOutOfDomain(Revert):
    """The volatility passes `MAX_VOLATILITY`."""

    fields = ("volatility",)


class RateOutOfDomain(Revert):
    """A rate lies outside plus and minus `MAX_RATE`."""

    fields = ("rate",)


class ProbabilityOutOfDomain(Revert):
    """No finite number has this probability."""

    fields = ("probability",)


class DeltaOutOfDomain(Revert):
    """No strike has this delta."""

    fields = ("delta",)


class PriceOutOfDomain(Revert):
    """No volatility in the domain gives this price."""

    fields = ("price", "least", "most")


class IntensityOutOfDomain(Revert):
    """More jumps are expected than the models take."""

    fields = ("intensity",)


class LossOutOfDomain(Revert):
    """A depeg would take too much."""

    fields = ("loss",)


class JumpOutOfDomain(Revert):
    """A jump's logarithm has too large a mean or deviation."""

    fields = ("log_mean", "log_deviation")


class CountOutOfDomain(Revert):
    """A series keeps 1 to 64 terms."""

    fields = ("count",)
