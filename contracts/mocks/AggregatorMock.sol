// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "../../interfaces/external/AggregatorV3Interface.sol";

/// @title AggregatorMock
/// @notice A Chainlink proxy whose rounds tests write as they like: in phases, without answers, with gaps.
contract AggregatorMock is AggregatorV3Interface {
    /// @notice What is said of a round that does not exist, or of all.
    enum Mode {
        Zeros,
        RevertMissing,
        RevertAll,
        NoData
    }

    error NoRound(uint80 roundId);

    struct Round {
        int256 answer;
        uint256 updatedAt;
    }

    uint8 public immutable decimals;
    Mode public mode;
    uint80 public latest;
    mapping(uint80 roundId => Round) private _rounds;

    constructor(uint8 answerDecimals) {
        decimals = answerDecimals;
    }

    function setMode(Mode newMode) external {
        mode = newMode;
    }

    /// @notice Writes a round, and makes it the latest one if told to.
    function setRound(uint80 roundId, int256 answer, uint256 updatedAt, bool isLatest) external {
        _rounds[roundId] = Round(answer, updatedAt);
        if (isLatest) latest = roundId;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return getRoundData(latest);
    }

    function getRoundData(uint80 roundId) public view returns (uint80, int256, uint256, uint256, uint80) {
        Round memory round = _rounds[roundId];
        bool missing = round.answer == 0 && round.updatedAt == 0;
        if (mode == Mode.RevertAll || (mode == Mode.RevertMissing && missing)) revert NoRound(roundId);
        if (mode == Mode.NoData) {
            assembly ("memory-safe") {
                return(0, 0)
            }
        }
        return (roundId, round.answer, round.updatedAt, round.updatedAt, roundId);
    }

    function description() external pure returns (string memory) {
        return "Mock";
    }

    function version() external pure returns (uint256) {
        return 1;
    }
}
