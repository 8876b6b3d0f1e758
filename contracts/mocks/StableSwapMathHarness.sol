// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {StableSwapMath} from "../libraries/StableSwapMath.sol";

/// @title StableSwapMathHarness
/// @notice The invariant's arithmetic, on many rows at once.
contract StableSwapMathHarness {
    /// @notice Of rows of x, y, amp.
    function getD(uint256[3][] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = StableSwapMath.getD(rows[k][0], rows[k][1], rows[k][2]);
        }
    }

    /// @notice Of rows of x, d, amp.
    function getY(uint256[3][] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = StableSwapMath.getY(rows[k][0], rows[k][1], rows[k][2]);
        }
    }

    /// @notice The exponential behind the averages.
    function expWad(int256[] calldata rows) external pure returns (int256[] memory results) {
        results = new int256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = FixedPointMathLib.expWad(rows[k]);
        }
    }
}
