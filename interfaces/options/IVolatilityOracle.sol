// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";

/// @title VolatilityOracle: volatility and risk of depeg, of a quorum, bounded by what was seen and by yesterday
/// @notice Volatility is the higher of what the feed has realised, times `realisedFactor`, and what the quorum says. Intensity
/// and loss of a depeg, and the interest rate, are the quorum's. No value moves faster than its bound.
///
/// UNITS
/// - WAD, a year's: 0.8e18 is a volatility of 80 %, 0.05e18 an intensity of one depeg in twenty years. Loss: WAD of the spot.
///
/// QUORUM
/// - Each member's latest submission counts for a day. Of at least `quorum` such submissions the upper median of each value is
///   taken: with a quorum above half of the members, fewer than half of those that count cannot push it past the others'
///   values; at two opposing values the higher is taken, which costs a sale, not the writer.
///
/// REALISED
/// - The feed's price is recorded once a day (between 20 hours and a day apart where somebody calls), by whoever calls first.
///   The squares of log returns, over the time between, enter an exponential mean with weight `weight` a day. It starts at
///   the initial volatility.
///
/// BOUNDS
/// - Volatility goes up by at most `maxMove` of itself in a day, and down by maxMove / (1 + maxMove): steps compound so that
///   many small updates gain nothing. Intensity, loss and rate move by at most their steps a day.
/// - So a majority of members that lie move the reserve by a stated amount a day; a minority that lies does not move it beyond
///   the honest values.
///
/// FRESHNESS
/// - `values` reverts once the last update, or the last recorded price, is more than a day old. An update needs a quorum of
///   submissions, each of the last day. Stale means no auction; nothing else depends on it.
///
/// TRUST
/// - The owner replaces members; that moves no value by itself. See the ROLES table in `contracts/README.md`.
interface IVolatilityOracle is IBounded {
    /// @notice What members submit, and what results. WAD.
    struct Values {
        uint64 volatility;
        uint64 intensity;
        uint64 loss;
        uint64 rate;
    }

    /// @notice What an oracle is fixed to at deployment.
    struct Terms {
        /// ISettlementOracle.
        address settlement;
        bytes32 feed;
        /// Members whose submissions make a quorum: above half of them.
        uint256 quorum;
        /// WAD, 0.5 to 3: what realised volatility is multiplied by.
        uint256 realisedFactor;
        /// WAD, 1 % to 50 %: of a day in the mean of squared returns.
        uint256 weight;
        /// WAD, 1 % to 100 %: of the volatility, a day.
        uint256 maxMove;
        /// Least and most of the volatility.
        uint64 minVolatility;
        uint64 maxVolatility;
        /// Of intensity, loss and rate, a day.
        uint64 intensityStep;
        uint64 lossStep;
        uint64 rateStep;
    }

    event Submitted(address indexed member, Values values);
    event Updated(Values values, uint256 realised);
    event Observed(uint256 priceWad, uint256 realised);
    event MemberReplaced(address indexed previous, address indexed member);

    error ZeroAddress();
    error NotMember(address account);
    error AlreadyMember(address account);
    error NoQuorum(uint256 fresh, uint256 quorum);
    /// @notice `updatedAt` is the older of the last update and the last recorded price.
    error VolatilityStale(uint256 updatedAt, uint256 timestamp);
    error ObservationTooEarly(uint256 earliest, uint256 timestamp);

    /* MEMBERS */

    /// @notice Submits a member's values, then records the price and updates, where that is possible.
    /// @param submitted Volatility within its bounds, intensity up to 10, loss up to 0.99, rate up to 1.
    function submit(Values calldata submitted) external;

    /// @notice Owner only: `member` takes the place of `previous`, whose submission no longer counts.
    function replaceMember(address previous, address member) external;

    /* UPKEEP */

    /// @notice Records the feed's price. Anyone, 20 hours after the last record or later.
    function observe() external;

    /// @notice Moves the values towards the quorum's and the realised volatility. Anyone.
    function update() external;

    /* VIEWS */

    /// @notice The values; reverts where they are stale.
    function values() external view returns (Values memory);

    /// @notice The values however old, and when they and the price were last brought up to date.
    function lastValues() external view returns (Values memory latest, uint256 updatedAt, uint256 observedAt);

    /// @notice What the quorum says: the upper medians of submissions of the last day. Reverts without a quorum.
    function consensus() external view returns (Values memory);

    /// @notice A year's volatility of the recorded prices, before `realisedFactor`; rounded down.
    function realisedVolatility() external view returns (uint256);

    /// @notice A member's latest submission and its time; zero if there is none.
    function submissionOf(address member) external view returns (Values memory submitted, uint256 submittedAt);

    function members() external view returns (address[] memory);

    function terms() external view returns (Terms memory);
}
