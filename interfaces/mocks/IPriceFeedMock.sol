// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {AggregatorV3Interface} from "../external/AggregatorV3Interface.sol";

/// @title IPriceFeedMock
/// @notice A Chainlink-compatible feed whose rounds one updater writes: a scenario drives the market's price through it.
/// @dev Rounds are numbered 1, 2, 3, … and are never rewritten. The updater chooses each round's time, past or future, so
/// that a replay can stamp historical times and a test can make a feed stale or ahead of the chain.
interface IPriceFeedMock is AggregatorV3Interface {
    /// @notice A round was written.
    /// @param current Its answer, scaled by 10**`decimals()`.
    /// @param roundId Its number.
    /// @param updatedAt Its unix time, in seconds.
    event AnswerUpdated(int256 indexed current, uint256 indexed roundId, uint256 updatedAt);

    /// @notice Thrown when somebody other than the updater writes.
    error NotUpdater(address caller);

    /// @notice Thrown when a round is read that was never written; `latestRoundData` reads round 0 while there is none.
    error NoData(uint80 roundId);

    /// @notice Thrown when the answer is zero or negative.
    error NonPositiveAnswer(int256 answer);

    /// @notice Thrown when a round's time is not after the last round's; the first round's must be after 0.
    error TimestampNotIncreasing(uint256 given, uint256 last);

    /// @notice Writes the next round.
    /// @param answer Price, scaled by 10**`decimals()`; positive, below 2**191.
    /// @param updatedAt Unix time of the answer, in seconds; after the last round's and below 2**64.
    /// @return roundId Number of the round written.
    function pushRound(int192 answer, uint64 updatedAt) external returns (uint80 roundId);

    /// @notice The only account that writes rounds; fixed at deployment.
    function updater() external view returns (address);

    /// @notice Number of the newest round; 0 while there is none.
    function latestRound() external view returns (uint80);
}
