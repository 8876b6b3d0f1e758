// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {PriceSources} from "./PriceSources.sol";

/// @title The round of an expiry, proved by its neighbours
/// @dev ROUNDS: see `ISettlementOracle`. Of two rounds with fewer than `MAX_SKIPPED` without an answer between them one can be
/// proved only where the other can't, because both proofs look through as many.
library ChainlinkRounds {
    /// @dev A day is the longest heartbeat in use.
    uint256 internal constant PATIENCE = 26 hours;

    /// @dev How far a neighbour may be: rounds without an answer are rare, and never were many in a row.
    uint256 internal constant MAX_SKIPPED = 8;

    uint256 private constant PHASE_BITS = 64;

    struct Feed {
        address aggregator;
        uint256 decimals;
        uint256 phase;
        uint256 expiry;
    }

    function phaseOf(uint256 roundId) internal pure returns (uint256) {
        return roundId >> PHASE_BITS;
    }

    /// @notice The price at `roundId`, if that is the expiry's round.
    function proved(Feed memory feed, uint256 roundId) internal view returns (uint256 price) {
        require(phaseOf(roundId) == feed.phase, ISettlementOracle.InvalidPhase(roundId, feed.phase));
        uint256 updatedAt;
        (price, updatedAt) = PriceSources.round(feed.aggregator, roundId, feed.decimals);
        require(price != 0, ISettlementOracle.RoundWithoutAnswer(roundId));
        uint256 deadline = feed.expiry + PATIENCE;
        if (updatedAt >= feed.expiry) {
            require(updatedAt <= deadline, ISettlementOracle.RoundTooLate(roundId, updatedAt));
            require(_isFirst(feed, roundId), ISettlementOracle.NotFirstRound(roundId));
        } else {
            require(block.timestamp > deadline, ISettlementOracle.TooEarly(block.timestamp, deadline + 1));
            require(_isLast(feed, roundId), ISettlementOracle.NotLastRound(roundId));
        }
    }

    /// @dev The round before it that has an answer is before the expiry, or the phase begins with it.
    function _isFirst(Feed memory feed, uint256 roundId) private view returns (bool) {
        uint256 number = uint64(roundId);
        for (uint256 back = 1; back <= MAX_SKIPPED; ++back) {
            if (number <= back) return true;
            (uint256 price, uint256 updatedAt) = PriceSources.round(feed.aggregator, roundId - back, feed.decimals);
            if (price != 0) return updatedAt < feed.expiry;
        }
        return false;
    }

    /// @dev The round after it that has an answer is too late to count, or there is none.
    function _isLast(Feed memory feed, uint256 roundId) private view returns (bool) {
        for (uint256 ahead = 1; ahead <= MAX_SKIPPED; ++ahead) {
            (uint256 price, uint256 updatedAt) = PriceSources.round(feed.aggregator, roundId + ahead, feed.decimals);
            if (price != 0) return updatedAt > feed.expiry + PATIENCE;
        }
        return true;
    }

    /// @notice The round of an expiry by halving, or zero; for callers off chain.
    function search(Feed memory feed) internal view returns (uint256 roundId) {
        uint256 base = feed.phase << PHASE_BITS;
        uint256 end = _end(feed, base);
        uint256 low = 0; // before the expiry
        while (end - low > 1) {
            uint256 middle = (low + end) / 2;
            if (_isBefore(feed, base + middle, low)) low = middle;
            else end = middle;
        }
        for (uint256 number = end; number < end + MAX_SKIPPED; ++number) {
            (uint256 price, uint256 updatedAt) = PriceSources.round(feed.aggregator, base + number, feed.decimals);
            if (price == 0 || updatedAt < feed.expiry) continue;
            // Behind more rounds without an answer than a proof looks through, it isn't the expiry's.
            if (updatedAt <= feed.expiry + PATIENCE && _isFirst(feed, base + number)) return base + number;
            break;
        }
        for (; low != 0; --low) {
            (uint256 price,) = PriceSources.round(feed.aggregator, base + low, feed.decimals);
            if (price != 0) return base + low;
        }
    }

    /// @dev A number beyond the rounds of the phase.
    function _end(Feed memory feed, uint256 base) private view returns (uint256 end) {
        (uint256 latest,,) = PriceSources.latestRound(feed.aggregator, feed.decimals);
        if (phaseOf(latest) == feed.phase) return uint64(latest) + 1;
        end = 1;
        while (_timeOf(feed, base + end) != 0) end *= 2;
    }

    /// @dev By its own time, or by that of the next one below which has a time.
    function _isBefore(Feed memory feed, uint256 roundId, uint256 low) private view returns (bool) {
        uint256 least = (feed.phase << PHASE_BITS) + low;
        for (uint256 current = roundId; current > least; --current) {
            uint256 time = _timeOf(feed, current);
            if (time != 0) return time < feed.expiry;
        }
        return true;
    }

    function _timeOf(Feed memory feed, uint256 roundId) private view returns (uint256 updatedAt) {
        (, updatedAt) = PriceSources.round(feed.aggregator, roundId, feed.decimals);
    }
}
