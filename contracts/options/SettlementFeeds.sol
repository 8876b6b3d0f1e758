// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {AggregatorV3Interface} from "../../interfaces/external/AggregatorV3Interface.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {ChainlinkRounds} from "../libraries/ChainlinkRounds.sol";
import {ObservationLog} from "../libraries/ObservationLog.sol";
import {PegDepth} from "../libraries/PegDepth.sol";
import {PriceSources} from "../libraries/PriceSources.sol";

/// @title What feeds are made of, and what was observed of them
/// @dev STORAGE: a component is one slot; so is a day of its record.
abstract contract SettlementFeeds is ISettlementOracle {
    using FixedPointMathLib for uint256;
    using ObservationLog for ObservationLog.Log;

    uint256 internal constant WAD = 1e18;

    /// @inheritdoc ISettlementOracle
    uint256 public constant MAX_COMPONENTS = 4;

    /// @dev Less is one block's affair; a day is what expiries are apart.
    uint256 private constant MIN_WINDOW = 5 minutes;
    uint256 private constant MAX_WINDOW = 1 days;
    uint256 private constant MAX_AGE = 30 days;
    uint256 private constant MAX_DECIMALS = 18;

    /* STORAGE */

    struct Feed {
        uint32 window;
        uint40 listedAt;
        uint8 count;
    }

    struct Part {
        address target;
        Source source;
        uint32 maxAge;
        /// Of an aggregator's answers.
        uint8 decimals;
    }

    mapping(bytes32 feed => Feed) internal _feeds;
    mapping(bytes32 feed => mapping(uint256 position => Part)) internal _parts;
    mapping(bytes32 series => ObservationLog.Log) private _logs;

    /* LISTING */

    /// @inheritdoc ISettlementOracle
    function listFeed(Component[] calldata components, uint32 window) external returns (bytes32 feed) {
        feed = feedIdOf(components, window);
        if (_feeds[feed].count != 0) return feed;
        uint256 count = components.length;
        require(count != 0 && count <= MAX_COMPONENTS, InvalidComponentCount(count));
        Bounds.check(window, MIN_WINDOW, MAX_WINDOW);
        // At most MAX_COMPONENTS; times have 40 bits until the year 36812.
        _feeds[feed] = Feed(window, uint40(block.timestamp), uint8(count));
        uint256 ratios;
        for (uint256 position = 0; position < count; ++position) {
            Part memory part = _checked(components[position]);
            require(!_isRatio(part.source) || ++ratios == 1, SecondMarketRatio(part.target));
            _parts[feed][position] = part;
            _priceNow(part); // reverts if stale
            _observe(part, window);
        }
        emit FeedListed(feed, components, window);
    }

    function _checked(Component calldata component) private view returns (Part memory part) {
        Bounds.check(component.maxAge, 1, MAX_AGE);
        part.target = component.target;
        part.source = component.source;
        part.maxAge = component.maxAge;
        if (component.source != Source.Aggregator) return part;
        require(component.target.code.length != 0, SourceFailed(component.target));
        uint256 decimals = AggregatorV3Interface(component.target).decimals();
        Bounds.check(decimals, 0, MAX_DECIMALS);
        part.decimals = uint8(decimals); // at most 18
    }

    /* OBSERVING */

    /// @inheritdoc ISettlementOracle
    function observe(bytes32 feed) external {
        Feed memory listed = _listed(feed);
        mapping(uint256 position => Part) storage parts = _parts[feed];
        for (uint256 position = 0; position < listed.count; ++position) {
            _observe(parts[position], listed.window);
        }
    }

    /// @dev What fails is left out, and stops nothing else.
    function _observe(Part memory part, uint256 window) private {
        uint256 value;
        if (part.source == Source.Aggregator) {
            (uint256 roundId, uint256 price, uint256 updatedAt) = PriceSources.latestRound(part.target, part.decimals);
            if (price == 0 || updatedAt > block.timestamp) return;
            value = ChainlinkRounds.phaseOf(roundId);
        } else {
            value = PriceSources.observed(part.source, part.target);
            if (value == 0) return;
        }
        bytes32 series = _seriesOf(part, window);
        if (_logs[series].record(value, window, part.maxAge)) emit Observed(series, value);
    }

    function _seriesOf(Part memory part, uint256 window) private pure returns (bytes32) {
        return keccak256(abi.encode(part.target, part.source, part.maxAge, window));
    }

    function _listed(bytes32 feed) internal view returns (Feed memory listed) {
        listed = _feeds[feed];
        require(listed.count != 0, UnknownFeed(feed));
    }

    /* PRICES */

    /// @dev A part's price at an expiry that is over.
    function _priceAt(Part memory part, uint256 window, uint256 expiry, uint256 hint) internal view returns (uint256) {
        ObservationLog.Day memory day = _logs[_seriesOf(part, window)].upTo(expiry, ObservationLog.dayIn(hint));
        if (part.source != Source.Aggregator) return ObservationLog.meanDown(day, expiry);
        return ChainlinkRounds.proved(_rounds(part, day, expiry), uint80(hint));
    }

    function _rounds(Part memory part, ObservationLog.Day memory day, uint256 expiry)
        private
        pure
        returns (ChainlinkRounds.Feed memory)
    {
        return ChainlinkRounds.Feed(part.target, part.decimals, day.value, expiry);
    }

    function _priceNow(Part memory part) private view returns (uint256 price, uint256 updatedAt) {
        if (part.source == Source.Aggregator) {
            (, price, updatedAt) = PriceSources.latestRound(part.target, part.decimals);
            require(
                price == 0 || (updatedAt <= block.timestamp && updatedAt + part.maxAge >= block.timestamp),
                StaleRound(part.target, updatedAt)
            );
        } else {
            (price, updatedAt) = (PriceSources.observed(part.source, part.target), block.timestamp);
        }
        require(price != 0, SourceFailed(part.target));
    }

    /// @inheritdoc ISettlementOracle
    function latestPrice(bytes32 feed) external view returns (uint256 priceWad, uint256 updatedAt) {
        uint256 count = _listed(feed).count;
        (priceWad, updatedAt) = (WAD, block.timestamp);
        for (uint256 position = 0; position < count; ++position) {
            (uint256 price, uint256 time) = _priceNow(_parts[feed][position]);
            priceWad = PriceSources.timesDown(priceWad, price);
            updatedAt = updatedAt.min(time);
        }
        priceWad = priceWad.max(1);
    }

    /* VIEWS */

    /// @inheritdoc ISettlementOracle
    function capacity(bytes32 feed) external view returns (uint256 pairs) {
        address pool = marketOf(feed);
        return pool == address(0) ? type(uint256).max : PegDepth.capacity(IStableSwapPool(pool));
    }

    /// @inheritdoc ISettlementOracle
    function marketOf(bytes32 feed) public view returns (address) {
        uint256 count = _listed(feed).count;
        for (uint256 position = 0; position < count; ++position) {
            Part memory part = _parts[feed][position];
            if (_isRatio(part.source)) return part.target;
        }
        return address(0);
    }

    function _isRatio(Source source) private pure returns (bool) {
        return source == Source.MarketRatio || source == Source.CappedMarketRatio;
    }

    /// @inheritdoc ISettlementOracle
    function isPriceOf(bytes32 feed, address token) external view returns (bool) {
        uint256 count = _listed(feed).count;
        for (uint256 position = 0; position < count; ++position) {
            Part memory part = _parts[feed][position];
            if (part.source == Source.RedemptionRate && part.target == token) return true;
        }
        return false;
    }

    /// @inheritdoc ISettlementOracle
    function hintsFor(bytes32 feed, uint256 expiry) external view returns (uint256[] memory hints) {
        Feed memory listed = _listed(feed);
        hints = new uint256[](listed.count);
        for (uint256 position = 0; position < hints.length; ++position) {
            Part memory part = _parts[feed][position];
            ObservationLog.Log storage log = _logs[_seriesOf(part, listed.window)];
            uint256 day = log.search(expiry);
            hints[position] = ObservationLog.hintOf(day);
            if (part.source != Source.Aggregator) continue;
            hints[position] |= ChainlinkRounds.search(_rounds(part, log.days_[day], expiry));
        }
    }

    /// @inheritdoc ISettlementOracle
    function feedIdOf(Component[] calldata components, uint32 window) public pure returns (bytes32) {
        return keccak256(abi.encode(components, window));
    }

    /// @inheritdoc ISettlementOracle
    function feedOf(bytes32 feed)
        external
        view
        returns (Component[] memory components, uint32 window, uint256 listedAt)
    {
        Feed memory listed = _listed(feed);
        components = new Component[](listed.count);
        for (uint256 position = 0; position < components.length; ++position) {
            Part memory part = _parts[feed][position];
            components[position] = Component(part.target, part.source, part.maxAge);
        }
        return (components, listed.window, listed.listedAt);
    }

    /// @inheritdoc ISettlementOracle
    function recordOf(Component calldata component, uint32 window, uint256 day)
        external
        view
        returns (uint256 value, uint256 time, uint256 since, uint256 sum, uint256 next)
    {
        Part memory part = Part(component.target, component.source, component.maxAge, 0);
        ObservationLog.Day memory found = _logs[_seriesOf(part, window)].days_[day];
        return (found.value, found.time, found.since, found.sum, found.next);
    }
}
