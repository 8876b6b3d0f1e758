// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title ERC1271WalletMock
/// @notice A contract wallet whose signatures are whatever bytes it approved, of any length.
contract ERC1271WalletMock {
    bytes4 private constant MAGIC = 0x1626ba7e;

    mapping(bytes32 digest => mapping(bytes32 signatureHash => bool)) private _approved;

    function approveSignature(bytes32 digest, bytes calldata signature) external {
        _approved[digest][keccak256(signature)] = true;
    }

    function isValidSignature(bytes32 digest, bytes calldata signature) external view returns (bytes4) {
        return _approved[digest][keccak256(signature)] ? MAGIC : bytes4(0);
    }
}
