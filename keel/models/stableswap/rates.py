"""The redemption rate that the pool believes: persisted, and bounded in its steps."""

from dataclasses import dataclass

from keel.models.stableswap.curve import FEE_DENOMINATOR

WAD = 10**18
MIN_RATE = WAD // 10
MAX_RATE = 10 * WAD
MAX_STEP_PER_BLOCK = 4 * 10**6  # 4 bp
MAX_ACCRUED_BLOCKS = 5


@dataclass(frozen=True, kw_only=True)
class RateSource:
    """What the source of the rate says in a block.

    Attributes
    ----------
    rate : ether per coin (WAD), or None if the source fails
    confirmed_loss : what the last loss that it has confirmed left of the rate (WAD), and its time
        (seconds), or None if it does not say
    """

    rate: int | None
    confirmed_loss: tuple[int, int] | None = None

    @property
    def usable_rate(self) -> int | None:
        """The rate, unless it is missing or absurd."""
        if self.rate is None or not MIN_RATE <= self.rate <= MAX_RATE:
            return None
        return self.rate


def bounded_rate(previous: int, asked: int, *, blocks: int, fee: int) -> int:
    """Return ``asked``, or as far from ``previous`` towards it as ``blocks`` allow.

    A block allows one base fee, at most 4 bp, so that trading around a step does not pay; at most
    five blocks accrue.
    """
    per_block = min(fee, MAX_STEP_PER_BLOCK)
    allowed = previous * per_block * min(blocks, MAX_ACCRUED_BLOCKS) // FEE_DENOMINATOR
    return max(previous - allowed, min(previous + allowed, asked))
