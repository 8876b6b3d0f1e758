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
