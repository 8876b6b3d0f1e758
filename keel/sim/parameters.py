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
    gauge_rate : float
        WETH a year that the gauge streams, as a part of the swap pool's value.
    fear_at, afraid : float
        Above this discount, that part of the makers' stake leaves the gauge until it is lower.
    vault, hurried : int
        WETH of the redemption vault's backers, and staked ether of those who will sell at once.
    at_once_per_day, at_once_by_discount : float
        Part of the supply that is sold at once each day: at par, and more for each unit of
        discount.
    line : float
        Part of the backers that lines up for its WETH on the worst day.
    least_gain : float
        Ether that a keeper's purchase must bring the vault.
    written_against, underwritten, insured : int
        wkETH that calls are written against, WETH that cover is, and staked ether that is covered.
    caution : float
        The volatility quorum's part of what options imply.
    depegs_a_year, depegs_by_discount, depeg_loss, peg_volatility : float
        The market's opinion of the peg, a year's: depegs at par, more for each unit of discount,
        what one takes, and how the ratio moves without.
    prudence : float
        What the insured pays at most, over the model's price.
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
    gauge_rate: float = 0.02
    fear_at: float = 0.03
    afraid: float = 1 / 3
    vault: int = 30
    hurried: int = 200
    at_once_per_day: float = 0.0001
    at_once_by_discount: float = 0.008
    line: float = 0.3
    least_gain: float = 0.005
    written_against: int = 15
    underwritten: int = 15
    insured: int = 10
    caution: float = 0.95
    depegs_a_year: float = 0.25
    depegs_by_discount: float = 50.0
    depeg_loss: float = 0.05
    peg_volatility: float = 0.05
    prudence: float = 1.25

    def network(self) -> BeaconParameters:
        """A network with the stake at which the protocol's formula pays the APR, less tips.

        At 4 % and a fifth in tips that is 27 million ether.
        """
        tips = self.apr * self.tips
        return BeaconParameters(
            network=stake_that_pays(self.apr - tips),
            tips=int(MIN_ACTIVATION_BALANCE * tips / EPOCHS_PER_YEAR),
        )
