// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title AggregatorV3Interface
/// @notice The read side of a Chainlink price feed.
/// @dev A consumer checks age and sanity itself: a feed may answer zero, a negative price or an old one.
interface AggregatorV3Interface {
    /// @notice Number of decimals of every answer.
    function decimals() external view returns (uint8);

    /// @notice What is priced, for instance "ETH / USD".
    function description() external view returns (string memory);

    /// @notice Version of the feed's implementation.
    function version() external view returns (uint256);

    /// @notice The data of one round.
    /// @param _roundId Number of the round.
    /// @return roundId Number of the round.
    /// @return answer Price, scaled by 10**`decimals()`.
    /// @return startedAt Unix time at which the round began, in seconds.
    /// @return updatedAt Unix time at which the answer was reached, in seconds.
    /// @return answeredInRound Deprecated by Chainlink; equal to `roundId`.
    function getRoundData(uint80 _roundId)
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);

    /// @notice The data of the newest round, in the form of `getRoundData`.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound);
}
