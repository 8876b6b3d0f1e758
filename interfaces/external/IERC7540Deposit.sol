// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title Asynchronous deposits of ERC-7540; ERC-165 id 0xce3bbe50
interface IERC7540Deposit {
    event DepositRequest(
        address indexed controller, address indexed owner, uint256 indexed requestId, address sender, uint256 assets
    );

    /// @notice Takes `assets` of `owner`, who is the caller or has made the caller an operator; `controller` may claim the
    /// shares.
    function requestDeposit(uint256 assets, address controller, address owner) external returns (uint256 requestId);

    function pendingDepositRequest(uint256 requestId, address controller) external view returns (uint256 assets);

    function claimableDepositRequest(uint256 requestId, address controller) external view returns (uint256 assets);

    /// @notice Claims the shares of `assets` of the controller's request.
    function deposit(uint256 assets, address receiver, address controller) external returns (uint256 shares);

    /// @notice Claims `shares` of the controller's request.
    function mint(uint256 shares, address receiver, address controller) external returns (uint256 assets);
}
