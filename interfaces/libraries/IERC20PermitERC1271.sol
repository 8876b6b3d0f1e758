// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title ERC-20 with permits that contracts can sign
/// @notice What `ERC20PermitERC1271` adds to ERC-20 and to EIP-2612. The domain is
/// `EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)` with version "1".
/// @dev The token's other errors (`InsufficientBalance()`, `InsufficientAllowance()`) come with Solady's ERC20.
interface IERC20PermitERC1271 {
    /// @notice The signed or stated deadline lies in the past.
    error DeadlinePassed(uint256 deadline, uint256 timestamp);

    /// @notice The signature is not `owner`'s for this permit and nonce.
    error InvalidSignature(address owner);

    /// @notice Tokens sent to the zero address or to the token itself would be lost.
    error InvalidRecipient(address recipient);

    /// @notice Sets `spender`'s allowance over `owner`'s tokens to `value`, as signed by `owner`.
    /// @dev Anyone may submit a permit, so a call that bundles one must tolerate that it is already spent.
    /// @param deadline Last timestamp (seconds) at which the permit may be submitted.
    /// @param signature ECDSA signature of an EOA (65 bytes, or 64 as in EIP-2098), or whatever `owner`'s
    /// `isValidSignature` (ERC-1271) accepts when `owner` is a contract.
    function permit(address owner, address spender, uint256 value, uint256 deadline, bytes calldata signature) external;
}
