// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IRateSource} from "../../interfaces/liquidity/IRateSource.sol";

/// @title The redemption rate that a pool believes: what its source says, in bounded steps
/// @dev SAFETY: an attacker who trades in one block and trades back in the next gains at most one block's step, which is at
/// most the base fee, and pays that fee twice. A false rate is followed by at most five blocks' steps at once: 20 bp.
library RateBound {
    using FixedPointMathLib for uint256;

    uint256 internal constant FEE_DENOMINATOR = 1e10;

    /// @notice Answers outside these bounds count as failures; they also keep scaled reserves below 2^100.
    uint256 internal constant MIN_RATE = 0.1e18;
    uint256 internal constant MAX_RATE = 10e18;

    /// @notice 4 bp of the rate: a block's step where the base fee is above that.
    uint256 internal constant MAX_STEP = 0.0004e10;
    uint256 internal constant MAX_BLOCKS = 5;

    /// @dev Far more than a source needs, and still a bound: one that burns all gas cannot take the pool with it. Whoever
    /// starves the source of gas to keep the last rate has a 63rd of that gas left for the whole operation, too little.
    uint256 private constant GAS_LIMIT = 300_000;

    /// @notice `asked`, or as far from `previous` towards it as `blocks` allow at base fee `fee` (1e10 scale).
    /// @dev The step rounds down, so that it is never above its bound.
    function boundedDown(uint256 previous, uint256 asked, uint256 blocks, uint256 fee) internal pure returns (uint256) {
        unchecked {
            uint256 step = previous * fee.min(MAX_STEP) * blocks.min(MAX_BLOCKS) / FEE_DENOMINATOR;
            return asked.clamp(previous - step, previous + step);
        }
    }

    /// @notice What `source` says, or zero if it fails or is absurd.
    function tryRate(address source) internal view returns (uint256 rate) {
        (rate,) = _tryCall(source, IRateSource.getRate.selector, 1);
        if (rate < MIN_RATE || rate > MAX_RATE) return 0;
    }

    /// @notice What `source` says of its last loss, or zeros if it doesn't.
    function tryConfirmedLoss(address source) internal view returns (uint256 rate, uint256 time) {
        return _tryCall(source, IRateSource.confirmedLoss.selector, 2);
    }

    /// @dev Assembly, because a `try` reverts on an answer that is too short, and copies one that is too long.
    /// @param words One or two; of one, `second` means nothing.
    function _tryCall(address source, bytes4 selector, uint256 words)
        private
        view
        returns (uint256 first, uint256 second)
    {
        assembly ("memory-safe") {
            let size := shl(5, words)
            mstore(0x00, selector)
            if and(gt(returndatasize(), sub(size, 1)), staticcall(GAS_LIMIT, source, 0x00, 0x04, 0x00, size)) {
                first := mload(0x00)
                second := mload(0x20)
            }
        }
    }
}
