// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title Exponential moving averages over time, in the integers of Curve's StableSwap-NG
/// @dev BOUNDS: values below 2^104, so that a value times 1e18 stays far below 2^256.
library MovingAverage {
    uint256 private constant WAD = 1e18;

    /// @notice A value, the average until `time` (seconds), and what has stood since.
    struct Average {
        uint104 last;
        uint104 average;
        uint40 time;
    }

    /// @notice The average now, rounded down. `window` is its time constant in seconds: the half-life over ln 2.
    function current(Average memory self, uint256 window) internal view returns (uint256) {
        unchecked {
            uint256 elapsed = block.timestamp - self.time;
            if (elapsed == 0) return self.average;
            uint256 alpha = uint256(FixedPointMathLib.expWad(-int256(elapsed * WAD / window)));
            return (self.last * (WAD - alpha) + self.average * alpha) / WAD;
        }
    }

    /// @notice Advances the average by what has stood, once per timestamp, and lets `value` stand from now on.
    function record(Average storage self, uint256 value, uint256 window) internal {
        uint256 average = current(self, window);
        // An average of 104-bit values has 104 bits; callers bound `value`; time has 40 bits until the year 36812.
        (self.last, self.average, self.time) = (uint104(value), uint104(average), uint40(block.timestamp));
    }
}
