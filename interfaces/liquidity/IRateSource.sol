// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What StableSwapPool asks of the source of its coin's redemption rate
/// @notice A source that can go stale must revert when it is: the pool takes any answer for the present rate.
interface IRateSource {
    /// @notice Ether per coin, WAD.
    function getRate() external view returns (uint256 rateWad);

    /// @notice How many losses the source has confirmed so far. Optional: without it, no fall of the rate is believed
    /// faster than the pool's bound allows.
    function lossCount() external view returns (uint256 losses);
}
