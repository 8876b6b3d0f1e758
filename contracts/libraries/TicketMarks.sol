// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title What a set of the redemption vault's tickets counts for, in one sum
/// @dev MARKS: a ticket joins with what it counts for, and with the rate down to which it is worth that: its top. When the rate
/// falls below the highest top of the set, all marks fall with it, for good. So no mark is above its ticket's worth; one whose
/// own top is lower falls too early, by a loss all the same. Nothing else lowers a mark, and what joins moves no other.
/// @dev INDEX: how far the marks have fallen, WAD. UNITS: what a ticket joins with, by the index of then. By the index of now
/// they are its mark. They add up, so that any number of tickets leave in one step.
/// @dev BOUNDS: sums and rates below 2^96, so that no product below reaches 2^256.
library TicketMarks {
    using FixedPointMathLib for uint256;

    uint256 internal constant WHOLE = 1e18;

    struct Marks {
        uint256 sum;
        uint256 top;
        uint256 index;
    }

    /// @notice Counts a ticket that is worth `amount` while the rate is at `top` or above.
    /// @return units Below 2^156, rounded down.
    function join(Marks memory marks, uint256 amount, uint256 top) internal pure returns (uint256 units) {
        marks.sum += amount;
        marks.top = marks.top.max(top);
        units = scaledDown(amount, WHOLE, marks.index);
    }

    /// @notice Counts tickets no more that have `units` together.
    /// @return mark What they counted for, rounded down: what was rounded off stays until the set is emptied.
    function leave(Marks memory marks, uint256 units) internal pure returns (uint256 mark) {
        mark = scaledDown(units, marks.index, WHOLE);
        marks.sum = marks.sum.zeroFloorSub(mark);
    }

    /// @notice Marks all down to a rate, if that is below the top.
    /// @return loss What they count for less, rounded up.
    function fallTo(Marks memory marks, uint256 rate) internal pure returns (uint256 loss) {
        if (rate >= marks.top) return 0;
        uint256 fallen = scaledDown(marks.index, rate, marks.top);
        uint256 left = scaledDown(marks.sum, fallen, marks.index);
        loss = marks.sum - left;
        (marks.sum, marks.top, marks.index) = (left, rate, fallen);
    }

    /// @notice Forgets what was rounded off the marks of a set that nobody is in.
    function empty(Marks memory marks) internal pure {
        (marks.sum, marks.top, marks.index) = (0, 0, WHOLE);
    }

    /// @notice The lowest rate at which a ticket of `nominal`, bought at `rate`, is worth `amount`.
    /// @dev Rounds up, so that it is worth no less at that rate.
    function topUp(uint256 rate, uint256 amount, uint256 nominal) internal pure returns (uint256) {
        return (rate * amount).divUp(nominal);
    }

    /// @dev Of an index that has fallen to nothing, nothing is left.
    function scaledDown(uint256 amount, uint256 to, uint256 from) internal pure returns (uint256) {
        return from == 0 ? 0 : amount * to / from;
    }
}
