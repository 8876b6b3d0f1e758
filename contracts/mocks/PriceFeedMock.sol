// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {AggregatorV3Interface} from "../../interfaces/external/AggregatorV3Interface.sol";
import {IPriceFeedMock} from "../../interfaces/mocks/IPriceFeedMock.sol";

/// @title PriceFeedMock
/// @dev UNITS: answers have `decimals` decimals; times are unix seconds.
/// @dev TRUST: the updater writes any positive price at any increasing time. For devnets and tests only.
/// @dev KNOWN LIMITS: answers lie below 2**191; no phases, so round numbers start at 1.
contract PriceFeedMock is IPriceFeedMock {
    struct Round {
        int192 answer;
        uint64 updatedAt;
    }

    /* IMMUTABLES */

    /// @inheritdoc AggregatorV3Interface
    uint8 public immutable decimals;

    /// @inheritdoc IPriceFeedMock
    address public immutable updater;

    /* STORAGE */

    /// @inheritdoc AggregatorV3Interface
    string public description;

    /// @inheritdoc IPriceFeedMock
    uint80 public latestRound;

    mapping(uint80 roundId => Round) internal _rounds;

    /* CONSTRUCTOR */

    constructor(uint8 feedDecimals, string memory feedDescription, address feedUpdater) {
        decimals = feedDecimals;
        description = feedDescription;
        updater = feedUpdater;
    }

    /* ROUNDS */

    /// @inheritdoc IPriceFeedMock
    function pushRound(int192 answer, uint64 updatedAt) external returns (uint80 roundId) {
        require(msg.sender == updater, NotUpdater(msg.sender));
        require(answer > 0, NonPositiveAnswer(answer));
        uint64 last = _rounds[latestRound].updatedAt;
        require(updatedAt > last, TimestampNotIncreasing(updatedAt, last));

        roundId = ++latestRound;
        _rounds[roundId] = Round(answer, updatedAt);
        emit AnswerUpdated(answer, roundId, updatedAt);
    }

    /* VIEWS */

    /// @inheritdoc AggregatorV3Interface
    function version() external pure returns (uint256) {
        return 1;
    }

    /// @inheritdoc AggregatorV3Interface
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        return getRoundData(latestRound);
    }

    /// @inheritdoc AggregatorV3Interface
    function getRoundData(uint80 _roundId)
        public
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        Round memory round = _rounds[_roundId];
        require(round.updatedAt != 0, NoData(_roundId));
        return (_roundId, round.answer, round.updatedAt, round.updatedAt, _roundId);
    }
}
