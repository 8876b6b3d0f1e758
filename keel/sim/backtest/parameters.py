"""Sizes and behaviour of a backtest."""

from dataclasses import dataclass

from keel.errors import KeelError
from keel.sim.market import STAKING_APR

_MOST_VAULTS = 4


class BadBacktest(KeelError):
    """What was asked can't be played."""


@dataclass(frozen=True, kw_only=True)
class BacktestParameters:
    """Sizes in ether, opinions a year's.

    The swap pool is large beside the vaults: its depth limits what may be written on its price.

    Attributes
    ----------
    targets : tuple of float
        Deltas at which calls are struck; a vault each.
    deposit, purse : int
        wkETH in each vault, and of the trader who buys.
    liquidity, inventory : int
        On either side of the swap pool, and of the seller who keeps it at the market's price.
    caution : float
        The volatility quorum's part of what options imply; the trader believes in all of it.
    depegs_a_year, depeg_loss : float
        What quorum and trader think of the peg.
    looks : int
        How often the trader looks at an auction, evenly.
    """

    targets: tuple[float, ...] = (0.10, 0.20, 0.30)
    deposit: int = 10
    purse: int = 1_000
    liquidity: int = 10_000
    inventory: int = 30_000
    apr: float = STAKING_APR
    caution: float = 0.95
    depegs_a_year: float = 0.25
    depeg_loss: float = 0.05
    looks: int = 16

    def __post_init__(self) -> None:
        """Refuse targets that no vault can have."""
        if not 1 <= len(set(self.targets)) == len(self.targets) <= _MOST_VAULTS:
            raise BadBacktest(
                f"{len(self.targets)} delta targets", f"give one to {_MOST_VAULTS}, all different"
            )
        for target in self.targets:
            if not 0.01 <= target <= 0.5 or round(target, 2) != target:
                raise BadBacktest(
                    f"a delta target of {target}", "give hundredths from 0.01 to 0.50: 0.10, say"
                )
