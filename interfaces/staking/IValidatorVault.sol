// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title ValidatorVault: holds ether that the protocol credits to validators' owners until a report collects it
/// @notice One instance is the withdrawal address of all validators, one the fee recipient of their blocks. Credits come
/// without a call.
interface IValidatorVault {
    error Unauthorized(address caller, address needed);

    /// @notice A report named more than is here.
    error Insufficient(uint256 asked, uint256 held);

    function pool() external view returns (address);

    /// @notice Sends `etherAmount` to the pool's `receiveVaultEther`. Pool only.
    function collect(uint256 etherAmount) external;
}
