// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Quantities that move linearly with time, and parts of a whole
/// @dev BOUNDS: amounts below 2^128, times below 2^64, so that no product overflows.
library LinearMath {
    uint256 internal constant BPS = 10_000;

    /// @notice What of `locked` is still held back at `timestamp`, if it is released evenly until `end`.
    /// @dev Rounds up, so that the released part, and with it the exchange rate, is rounded down.
    function remainingUp(uint256 locked, uint256 end, uint256 period, uint256 timestamp)
        internal
        pure
        returns (uint256)
    {
        if (timestamp >= end) return 0;
        unchecked {
            return (locked * (end - timestamp) + period - 1) / period;
        }
    }

    /// @notice Level of a limit that refills evenly from empty to `maximum` in `period`.
    /// @dev Rounds down, so that no more is let through than the limit says.
    function refilledDown(uint256 level, uint256 maximum, uint256 period, uint256 elapsed)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 refilled = level + maximum * elapsed / period;
            return refilled < maximum ? refilled : maximum;
        }
    }

    /// @dev Rounds down, so that a fee is never more than its part.
    function bpsDown(uint256 amount, uint256 bps) internal pure returns (uint256) {
        return amount * bps / BPS;
    }

    /// @notice What a yearly rate makes of `amount` in `elapsed` seconds, without compounding.
    /// @dev Rounds down, so that a bound is never loosened.
    function annualDown(uint256 amount, uint256 annualBps, uint256 elapsed) internal pure returns (uint256) {
        return amount * annualBps * elapsed / (BPS * 365 days);
    }

    /// @notice How many whole `unit`s are in `amount`.
    function wholeUnits(uint256 amount, uint256 unit) internal pure returns (uint256) {
        return amount / unit;
    }
}
