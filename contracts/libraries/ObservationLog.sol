// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";

/// @title What one source said, day by day: nothing is ever overwritten that an expiry needs
/// @dev Days with observations are linked in order, so that the last one before an expiry can be proved however late.
/// @dev STORAGE: a day is one slot. BOUNDS: values up to 10e18 for up to a day: sums stay below 2^80.
library ObservationLog {
    uint256 internal constant DAY = 1 days;

    /// @dev Expiries are at 08:00 UTC.
    uint256 internal constant EXPIRY_HOUR = 8 hours;

    /// @dev Of a round's id, which a hint has below the day.
    uint256 private constant ROUND_BITS = 80;

    struct Day {
        /// The last observation.
        uint64 value;
        uint40 time;
        /// From when on the mean counts; zero before there is an observation in the window.
        uint40 since;
        /// Value x seconds from `since` to `time`.
        uint80 sum;
        /// The next day with an observation; zero if this is the last.
        uint32 next;
    }

    struct Log {
        mapping(uint256 day => Day) days_;
        uint256 latest;
    }

    /* CALENDAR */

    /// @notice Whether a time is some day's expiry.
    function isExpiry(uint256 timestamp) internal pure returns (bool) {
        return timestamp % DAY == EXPIRY_HOUR;
    }

    function dayOf(uint256 expiry) internal pure returns (uint256) {
        return expiry / DAY;
    }

    /// @notice The day in a hint, above the round's id.
    function dayIn(uint256 hint) internal pure returns (uint256) {
        return hint >> ROUND_BITS;
    }

    function hintOf(uint256 day) internal pure returns (uint256) {
        return day << ROUND_BITS;
    }

    function expiryOf(uint256 day) internal pure returns (uint256) {
        return day * DAY + EXPIRY_HOUR;
    }

    /* RECORDING */

    /// @notice Records `value` now, for the first expiry that is not before now.
    /// @return recorded False if there is an observation of this second already.
    function record(Log storage self, uint256 value, uint256 window, uint256 maxAge) internal returns (bool recorded) {
        uint256 day = (block.timestamp + DAY - EXPIRY_HOUR - 1) / DAY;
        uint256 latest = self.latest;
        Day memory last = self.days_[latest];
        if (last.time == block.timestamp) return false;
        Day memory current;
        if (latest == day) {
            current = last;
        } else {
            if (latest != 0) self.days_[latest].next = uint32(day);
            self.latest = day;
        }
        uint256 start = expiryOf(day) - window;
        if (block.timestamp >= start) _stand(current, last, start, maxAge);
        // Values have 64 bits, see the sources' bounds; times have 40 until the year 36812.
        (current.value, current.time) = (uint64(value), uint40(block.timestamp));
        self.days_[day] = current;
        return true;
    }

    /// @dev Adds what has stood in the window until now.
    function _stand(Day memory current, Day memory last, uint256 start, uint256 maxAge) private view {
        uint256 from = last.time;
        if (current.since == 0) {
            bool stands = last.time != 0 && last.time + maxAge >= start;
            from = stands ? start : block.timestamp;
            current.since = uint40(from);
        }
        current.sum += uint80(last.value * (block.timestamp - from));
    }

    /* READING */

    /// @notice The last day with an observation up to `expiry`, which is over. `hint`: that day, if it isn't the expiry's own.
    function upTo(Log storage self, uint256 expiry, uint256 hint) internal view returns (Day memory day) {
        uint256 own = dayOf(expiry);
        day = self.days_[own];
        if (day.time != 0) return day;
        day = self.days_[hint];
        require(day.time != 0 && hint < own && (day.next == 0 || day.next > own), ISettlementOracle.InvalidDay(hint));
        day.since = 0;
    }

    /// @notice The mean over the window that ends at `expiry`; without an observation in it the last one before.
    /// @dev Rounds down.
    function meanDown(Day memory day, uint256 expiry) internal pure returns (uint256) {
        if (day.since == 0 || day.since == expiry) return day.value;
        return (day.sum + day.value * (expiry - day.time)) / (expiry - day.since);
    }

    /// @notice The last day with an observation up to the expiry's; for callers off chain.
    function search(Log storage self, uint256 expiry) internal view returns (uint256 day) {
        day = dayOf(expiry);
        while (day != 0 && self.days_[day].time == 0) --day;
    }
}
