// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What the option pricing libraries refuse
/// @notice Inside the domain below no pricing function reverts; outside, each names what is wrong with a value.
/// @dev UNITS: spot and strike are amounts of one currency in one scale, WAD as a rule; prices and vega come in the same
/// scale. Rates, volatilities, deltas, probabilities and losses are WAD (1e18 is 1, or 100 % a year). Times are seconds, a
/// year has 365 days. Rates compound continuously.
/// @dev DOMAIN: spot and strike from 0 to 2^112 - 1; time from 0 to 10 years; volatility from 0 to 10 (1,000 % a year); rate
/// and carry from -1 to 1 (100 % a year). Further inputs are bounded where they are described.
/// @dev ACCURACY is stated for a spot of 1e12 units or more. Below, a result is exact to a few units.
interface IOptionPricing {
    /// @notice The spot price is 2^112 or more; of a model with jumps, so is what a jump can make of it.
    error SpotOutOfDomain(uint256 spot);

    /// @notice The strike is 2^112 or more.
    error StrikeOutOfDomain(uint256 strike);

    /// @notice Expiry is further away than 10 years.
    error TimeOutOfDomain(uint256 time);

    /// @notice The volatility is above 10 (1,000 % a year).
    error VolatilityOutOfDomain(uint256 volatility);

    /// @notice The rate, or the carry, is beyond 1 (100 % a year) in either direction.
    error RateOutOfDomain(int256 rate);
}
