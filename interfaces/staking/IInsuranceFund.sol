// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title InsuranceFund: pays losses that no bond covered
/// @notice Holds kETH. Its premium is a part of the protocol fee, and penalties of operators; anyone may add by a plain
/// transfer. The pool burns its shares when a report shows a loss beyond the bonds, before holders bear any of it.
///
/// TRUST
/// - Nothing leaves the fund but by covering losses: it has no owner.
interface IInsuranceFund {
    /// @param covered Wei that the shares were worth, at most `etherAmount`.
    event LossCovered(uint256 etherAmount, uint256 covered, uint256 exactShares);

    error Unauthorized(address caller, address needed);

    error ZeroAddress();

    /// @notice Pays up to `etherAmount` of a loss: the pool burns what this returns. Pool only.
    /// @return exactShares Shares of this contract to burn; rounded up, at most all.
    /// @return covered Wei of the loss that they pay for.
    function cover(uint256 etherAmount) external returns (uint256 exactShares, uint256 covered);

    /// @notice Wei that the fund could pay now, rounded down.
    function available() external view returns (uint256 etherAmount);

    function pool() external view returns (address);
}
