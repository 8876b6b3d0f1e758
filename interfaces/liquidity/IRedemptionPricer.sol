// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IRedemptionVault} from "./IRedemptionVault.sol";

/// @title What the redemption vault pays, and how long it expects to wait
/// @notice Stateless: what the vault knows and this can't ask for comes as an argument.
interface IRedemptionPricer {
    /// @notice Seconds that the queue is expected to take for `nominal` more, rounded up.
    function expectedWait(uint256 nominal, uint256 inflowPerDay) external view returns (uint256 waitSeconds);

    /// @notice What is paid for `shares` of wkETH: in all, rounded down, and of that, rounded up, after the next report.
    /// @dev Reverts with the swap pool's errors if that has no price.
    function sale(uint256 shares, uint256 inflowPerDay)
        external
        view
        returns (uint256 nominal, uint256 price, uint256 heldBack);

    /// @notice The most to pay for `shares` without a holdback: nominal less the greatest of `minFee`, the cost of waiting, and
    /// half the average discount, rounded down. Who lifts the swap pool's price for the vault to buy gains half of it at most.
    function purchase(uint256 shares, uint256 inflowPerDay) external view returns (uint256 nominal, uint256 maximum);

    function terms() external view returns (IRedemptionVault.Terms memory);
}
