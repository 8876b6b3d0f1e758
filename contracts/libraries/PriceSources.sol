// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {AggregatorV3Interface} from "../../interfaces/external/AggregatorV3Interface.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {RateBound} from "./RateBound.sol";

/// @title What price sources say now; a source that fails says zero
/// @dev UNITS: WAD.
library PriceSources {
    uint256 internal constant WAD = 1e18;

    /// @dev A ratio outside is no price: the pool's own average lies in 0.5 to 2, its rate in bounded steps of the source's.
    uint256 internal constant MIN_RATIO = 0.01e18;
    uint256 internal constant MAX_RATIO = 10e18;

    uint256 internal constant MAX_PRICE = type(uint128).max;

    /// @dev As in `RateBound`: whoever starves a source of gas has too little left to store anything.
    uint256 private constant GAS_LIMIT = 300_000;

    /// @notice The product so far times a factor.
    /// @dev Rounds down. Both are up to `MAX_PRICE`, and so is the result.
    function timesDown(uint256 product, uint256 factor) internal pure returns (uint256) {
        return FixedPointMathLib.min(product * factor / WAD, MAX_PRICE);
    }

    /// @notice Value of an observed source, or zero.
    function observed(ISettlementOracle.Source source, address target) internal view returns (uint256 value) {
        if (source == ISettlementOracle.Source.RedemptionRate) return RateBound.tryRate(target);
        value = _tryWord(target, abi.encodeCall(IStableSwapPool.market_ratio, ()));
        if (value < MIN_RATIO || value > MAX_RATIO) return 0;
        if (source == ISettlementOracle.Source.CappedMarketRatio && value > WAD) return WAD;
    }

    /// @notice An aggregator's last round: its price is zero unless it has an answer.
    function latestRound(address aggregator, uint256 decimals)
        internal
        view
        returns (uint256 roundId, uint256 price, uint256 updatedAt)
    {
        return _tryRound(aggregator, abi.encodeCall(AggregatorV3Interface.latestRoundData, ()), decimals);
    }

    /// @notice A round by its number: the price is zero unless it has an answer.
    function round(address aggregator, uint256 roundId, uint256 decimals)
        internal
        view
        returns (uint256 price, uint256 updatedAt)
    {
        // Casting: round ids that callers give are checked against a phase of 16 bits, see `ChainlinkRounds`.
        bytes memory question = abi.encodeCall(AggregatorV3Interface.getRoundData, (uint80(roundId)));
        (, price, updatedAt) = _tryRound(aggregator, question, decimals);
    }

    function _tryRound(address aggregator, bytes memory question, uint256 decimals)
        private
        view
        returns (uint256 roundId, uint256 price, uint256 updatedAt)
    {
        uint256 answer;
        assembly ("memory-safe") {
            let free := mload(0x40)
            if and(
                gt(returndatasize(), 0x9f),
                staticcall(GAS_LIMIT, aggregator, add(question, 0x20), mload(question), free, 0xa0)
            ) {
                roundId := mload(free)
                answer := mload(add(free, 0x20))
                updatedAt := mload(add(free, 0x60))
            }
        }
        // Negative answers are above the bound.
        if (answer > MAX_PRICE || updatedAt == 0 || roundId > type(uint80).max) return (roundId, 0, updatedAt);
        price = answer * 10 ** (18 - decimals);
        if (price > MAX_PRICE) price = 0;
    }

    function _tryWord(address target, bytes memory question) private view returns (uint256 word) {
        assembly ("memory-safe") {
            if and(
                gt(returndatasize(), 0x1f),
                staticcall(GAS_LIMIT, target, add(question, 0x20), mload(question), 0x00, 0x20)
            ) { word := mload(0x00) }
        }
    }
}
