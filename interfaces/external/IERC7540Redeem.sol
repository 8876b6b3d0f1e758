// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title Asynchronous redemption of ERC-7540; ERC-165 id 0x620ee8e4
interface IERC7540Redeem {
    event RedeemRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 shares
    );

    /// @notice Takes `shares` of `owner`, who is the caller, or has approved the caller as an operator or for the shares;
    /// `controller` may claim the assets.
    function requestRedeem(uint256 shares, address controller, address owner) external returns (uint256 requestId);

    function pendingRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);

    function claimableRedeemRequest(uint256 requestId, address controller) external view returns (uint256 shares);
}
