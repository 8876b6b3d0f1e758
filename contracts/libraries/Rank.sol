// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Places in a sorted tree: `preference << 64 | level << 32 | id + 1`, never zero
/// @dev BOUNDS: level and id below 2^32 - 1.
library Rank {
    function rankOf(uint256 preference, uint256 level, uint256 id) internal pure returns (uint256) {
        return preference << 64 | level << 32 | id + 1;
    }

    function levelOf(uint256 rank) internal pure returns (uint256) {
        return uint32(rank >> 32);
    }

    function idOf(uint256 rank) internal pure returns (uint256) {
        return uint32(rank) - 1;
    }
}
