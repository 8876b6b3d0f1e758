// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title What StableSwapPool asks of the source of its coin's redemption rate
/// @notice A source that can go stale must revert when it is: the pool takes any answer for the present rate.
interface IRateSource {
    /// @notice Ether per coin, WAD.
    function getRate() external view returns (uint256 rateWad);

    /// @notice What the last confirmed loss left of the rate (WAD), and when; zeros if there was none. Optional: without it, no
    /// fall of the rate is believed faster than the pool's bound allows.
    /// @dev A pool believes a fall at once that comes with a loss it hasn't seen, and no further down than that loss went: so no
    /// loss of the past lends weight to a false rate. A source that fails at the pool's first look after a loss is not asked
    /// for it again.
    function confirmedLoss() external view returns (uint256 rateWad, uint256 time);
}
