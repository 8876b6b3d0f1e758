// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title OperatorRegistry: who runs the validators, with which keys
/// @notice Allow-listed operators offer keys with deposit signatures; allocation takes from the least-filled first.
interface IOperatorRegistry {
    /// @notice Takes up to `maxKeys` unused keys, least-filled operator first. Pool only.
    /// @return pubkeys 48 bytes each, concatenated.
    /// @return signatures 96 bytes each, concatenated, in the same order.
    function allocate(uint256 maxKeys) external returns (bytes memory pubkeys, bytes memory signatures);

    /// @notice Keys `allocate` could hand out now.
    function allocatableKeys() external view returns (uint256);

    /// @notice Changes whenever the set of allocatable keys does.
    function nonce() external view returns (uint256);
}
