// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What the option pricing libraries refuse
/// @notice Inside the domain below no pricing function reverts; outside, each names what is wrong with a value.
/// @dev UNITS: spot and strike are amounts of one currency in one scale, WAD as a rule; prices and vega come in the same
/// scale. Rates, volatilities, deltas, probabilities and losses are WAD (1e18 is 1, or 100 % a year). Times are seconds, a
/// year has 365 days. Rates compound continuously.
/// @dev DOMAIN: spot and strike from 0 to 2^112 - 1; time from 0 to 10 years; volatility from 0 to 10 (1,000 % a year); rate
/// and carry from -1 to 1 (100 % a year). Further inputs are bounded where an error below says so.
/// @dev ACCURACY is stated for a spot of 1e12 units or more. Below, a result is exact to a few units.
interface IOptionPricing {
    /// @notice The spot price is 2^112 or more; or, in a model with jumps, what compensates for them makes it so.
    error SpotOutOfDomain(uint256 spot);

    /// @notice The strike, or the barrier, is 2^112 or more.
    error StrikeOutOfDomain(uint256 strike);

    /// @notice Expiry is further away than 10 years.
    error TimeOutOfDomain(uint256 time);

    /// @notice The volatility is above 10 (1,000 % a year).
    error VolatilityOutOfDomain(uint256 volatility);

    /// @notice The rate, or the carry, is beyond 1 (100 % a year) in either direction.
    error RateOutOfDomain(int256 rate);

    /// @notice The probability is 0 or 1e18, or more: no finite number has it.
    error ProbabilityOutOfDomain(uint256 probability);

    /// @notice No strike has this delta: it is zero, or not below e^(-carry T).
    error DeltaOutOfDomain(uint256 delta);

    /// @notice No volatility in the domain gives this price: it is below the discounted payoff at the forward, or above the
    /// price at the highest volatility.
    error PriceOutOfDomain(uint256 price, uint256 least, uint256 most);

    /// @notice More than 10 jumps a year are expected; or in a series, more than 20 until expiry.
    error IntensityOutOfDomain(uint256 intensity);

    /// @notice A depeg takes more than 0.99 of the spot; or of a cover's ratio, more than all.
    error LossOutOfDomain(uint256 loss);

    /// @notice The logarithm of a jump has a mean beyond 1 in either direction, or a deviation above 1.
    error JumpOutOfDomain(int256 logMean, uint256 logDeviation);

    /// @notice A series keeps 1 to 64 terms.
    error CountOutOfDomain(uint256 count);
}
