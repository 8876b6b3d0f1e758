// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @notice What the consensus layer looked like at one reference slot; members of the oracle vote on
/// `keccak256(abi.encode(report))`. All amounts in wei.
/// @dev Gain or loss of the frame = `clBalance + withdrawalVaultBalance + rewardsVaultBalance` less the previous
/// `clBalance` less the growth of `depositsSeen`.
struct Report {
    /// Last slot of the frame before the current one.
    uint256 refSlot;
    /// Validators of the pool that ever appeared on the consensus layer; never falls.
    uint256 validators;
    /// Of these, how many have exited; never falls.
    uint256 exitedValidators;
    /// Sum of the balances of the pool's validators, deposits still pending on the consensus layer included.
    uint256 clBalance;
    /// Cumulative ether of the pool's deposits that `clBalance` knows of (or once did); never falls.
    uint256 depositsSeen;
    /// Balance of the withdrawal vault at the reference slot; collected into the buffer by the report.
    uint256 withdrawalVaultBalance;
    /// Balance of the rewards vault (tips, block rewards) at the reference slot; collected likewise.
    uint256 rewardsVaultBalance;
    /// Withdrawal requests up to this id are finalised with the report; zero for none.
    uint256 lastRequestId;
}
