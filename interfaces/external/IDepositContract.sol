// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice The consensus layer's deposit contract, as far as we call it.
/// Source: https://github.com/ethereum/consensus-specs, `solidity_deposit_contract`.
interface IDepositContract {
    /// @param depositDataRoot SSZ hash tree root of the deposit data; the deposit reverts if it doesn't match.
    function deposit(
        bytes calldata pubkey,
        bytes calldata withdrawalCredentials,
        bytes calldata signature,
        bytes32 depositDataRoot
    ) external payable;

    /// @notice Root of the Merkle tree of all deposits.
    function get_deposit_root() external view returns (bytes32);

    /// @notice Number of deposits, 8 bytes, little endian.
    function get_deposit_count() external view returns (bytes memory);
}
