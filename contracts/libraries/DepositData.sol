// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {LibBytes} from "solady/src/utils/LibBytes.sol";

/// @title SSZ hash tree root of a validator deposit
/// @dev Source: https://github.com/ethereum/consensus-specs, `DepositData` and simple serialize merkleization.
library DepositData {
    uint256 internal constant PUBKEY_LENGTH = 48;
    uint256 internal constant SIGNATURE_LENGTH = 96;

    /// @param pubkey 48 bytes.
    /// @param credentials Withdrawal credentials.
    /// @param signature 96 bytes.
    /// @param etherAmount Wei, a whole number of gwei below 2^64.
    function depositDataRoot(bytes memory pubkey, bytes32 credentials, bytes memory signature, uint256 etherAmount)
        internal
        pure
        returns (bytes32)
    {
        bytes32 pubkeyRoot = sha256(abi.encodePacked(pubkey, bytes16(0)));
        bytes32 signatureRoot = sha256(
            abi.encodePacked(
                sha256(LibBytes.slice(signature, 0, 64)),
                sha256(abi.encodePacked(LibBytes.slice(signature, 64, SIGNATURE_LENGTH), bytes32(0)))
            )
        );
        return sha256(
            abi.encodePacked(
                sha256(abi.encodePacked(pubkeyRoot, credentials)),
                sha256(abi.encodePacked(littleEndian(uint64(etherAmount / 1 gwei)), bytes24(0), signatureRoot))
            )
        );
    }

    function littleEndian(uint64 value) internal pure returns (bytes8) {
        value = ((value & 0xFF00FF00FF00FF00) >> 8) | ((value & 0x00FF00FF00FF00FF) << 8);
        value = ((value & 0xFFFF0000FFFF0000) >> 16) | ((value & 0x0000FFFF0000FFFF) << 16);
        return bytes8((value >> 32) | (value << 32));
    }
}
