// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {SignatureCheckerLib} from "solady/src/utils/SignatureCheckerLib.sol";
import {IERC20PermitERC1271} from "../../interfaces/libraries/IERC20PermitERC1271.sol";

/// @title EIP-2612 permits of EOAs and ERC-1271 contracts
/// @dev Stateless: the token keeps the nonces and spends one per verified permit.
library PermitLib {
    bytes32 internal constant PERMIT_TYPEHASH =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");

    /// @dev Reverts unless `signature` is `owner`'s over the permit and the deadline has not passed.
    /// @dev A replayed signature fails on the nonce, so a malleable `s` is no concern.
    function verify(
        bytes32 domainSeparator,
        address owner,
        address spender,
        uint256 value,
        uint256 nonce,
        uint256 deadline,
        bytes memory signature
    ) internal view {
        require(block.timestamp <= deadline, IERC20PermitERC1271.DeadlinePassed(deadline, block.timestamp));
        bytes32 structHash = keccak256(abi.encode(PERMIT_TYPEHASH, owner, spender, value, nonce, deadline));
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domainSeparator, structHash));
        require(
            SignatureCheckerLib.isValidSignatureNow(owner, digest, signature),
            IERC20PermitERC1271.InvalidSignature(owner)
        );
    }
}
