// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {StableSwapTrades} from "../../contracts/libraries/StableSwapTrades.sol";

/// @title The search for the smallest input that buys a wanted output
interface IStableSwapQuoter {
    /// @notice The smallest amount of coin `i` whose swap in `market` pays at least `dy` of the other.
    function getDx(StableSwapTrades.Market memory market, uint256 i, uint256 dy) external pure returns (uint256 dx);
}
