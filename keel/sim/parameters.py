"""Sizes and behaviour of a run, and the network that its validators live in."""

from dataclasses import dataclass

from keel.sim.beacon.constants import EPOCHS_PER_YEAR, MIN_ACTIVATION_BALANCE
from keel.sim.beacon.parameters import BeaconParameters
from keel.sim.beacon.rewards import stake_that_pays
from keel.sim.market import STAKING_APR


@dataclass(frozen=True, kw_only=True)
class ScenarioParameters:
    """Sizes, in ether, and behaviour.

    The sizes are a thousandth of the real ones of April 2022: 4.2 million staked ether,
    1.28 million in the Curve pool.

    Attributes
    ----------
    stake_per_day : float
        New stake at par, as a part of the supply; nobody stakes at a discount of
        `stake_stops_at` or more.
    leave_per_day : float
        Part of the supply that asks for exit each day, for each unit of discount.
    tips : float
        Part of the APR that comes through the fee recipient.
    """

    seed: int = 1
    apr: float = STAKING_APR
    supply: int = 4_200
    liquidity: int = 640
    inventory: int = 900
    each: int = 1
    stake_per_day: float = 0.001
    stake_stops_at: float = 0.04
    leave_per_day: float = 0.15
    tips: float = 0.2

    def network(self) -> BeaconParameters:
        """A network with the stake at which the protocol's formula pays the APR, less tips.

        At 4 % and a fifth in tips that is 27 million ether.
        """
        tips = self.apr * self.tips
        return BeaconParameters(
            network=stake_that_pays(self.apr - tips),
            tips=int(MIN_ACTIVATION_BALANCE * tips / EPOCHS_PER_YEAR),
        )
