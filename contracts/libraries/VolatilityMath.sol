// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";

/// @title Realised volatility, and steps that many small ones don't beat
/// @dev UNITS: WAD, a year's; prices below 2^112; times in seconds. `keel/models/options/volatility.py` is equal to the unit.
library VolatilityMath {
    using FixedPointMathLib for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;

    /// @notice ln(1 + move): the step that a day's bound allows to the logarithm.
    function logOfMoveDown(uint256 move) internal pure returns (uint256) {
        // Of more than one, so it is not negative.
        return (uint256(BinaryMath.lnRatio(WAD + move, WAD)) * WAD) >> 96;
    }

    /// @notice The factor by which a value may have grown after `elapsed` seconds, and its inverse that by which it may have
    /// fallen.
    function growthDown(uint256 logOfMove, uint256 elapsed) internal pure returns (uint256) {
        return uint256(FixedPointMathLib.expWad(int256(inDaysDown(logOfMove, elapsed))));
    }

    /// @notice `daily` for `elapsed` seconds.
    function inDaysDown(uint256 daily, uint256 elapsed) internal pure returns (uint256) {
        return daily * elapsed / 1 days;
    }

    /// @notice A year's squared log return, of one that took `elapsed` seconds.
    function squaredReturnDown(uint256 price, uint256 last, uint256 elapsed) internal pure returns (uint256) {
        // Q96: below 2^103, and its square below 2^110.
        uint256 logReturn = FixedPointMathLib.abs(BinaryMath.lnRatio(price, last));
        return (((logReturn * logReturn) >> 96) * YEAR / elapsed * WAD) >> 96;
    }

    /// @notice The mean with a new sample in it, which weighs `weight` for each day it took, at most all.
    function meanDown(uint256 mean, uint256 sample, uint256 weight, uint256 elapsed) internal pure returns (uint256) {
        uint256 part = inDaysDown(weight, elapsed).min(WAD);
        return mean.mulWad(WAD - part) + sample.mulWad(part);
    }
}
