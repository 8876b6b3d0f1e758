// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What deployers and owners choose has bounds
interface IBounded {
    /// @notice Both ends are allowed.
    error OutOfBounds(uint256 given, uint256 minimum, uint256 maximum);
}
