// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";

/// @title Accretion, prices, and shares of the redemption vault
/// @dev BOUNDS: wei amounts and rates below 2^96, shares below 2^128, so that no product below reaches 2^256.
library RedemptionMath {
    using FixedPointMathLib for uint256;

    uint256 internal constant WAD = 1e18;

    /// @notice Shares of one wei when the vault is empty; also the shares, and one wei the assets, that nobody holds.
    uint256 internal constant SHARES_PER_WEI = 1e6;

    uint256 internal constant MAX_SHARES = type(uint128).max;

    /* ACCRETION */

    /// @notice What of `amount` has not accreted at `timestamp`, if it does so evenly from `since` to `end`.
    /// @dev Rounds up, so that the shares' value is rounded down.
    function unaccretedUp(uint256 amount, uint256 since, uint256 end, uint256 timestamp)
        internal
        pure
        returns (uint256)
    {
        if (timestamp >= end) return 0;
        return (amount * (end - timestamp)).divUp(end - since);
    }

    /// @notice When two amounts have accreted, put together: the mean of their ends, by their size.
    /// @dev Rounds up, to later.
    function meanEndUp(uint256 amount, uint256 left, uint256 added, uint256 wait, uint256 timestamp)
        internal
        pure
        returns (uint256)
    {
        return timestamp + (amount * left + added * wait).divUp(amount + added);
    }

    /* PRICES */

    /// @notice Seconds until `queued` is paid from `buffered` and what flows in.
    /// @dev Rounds up.
    function waitUp(uint256 queued, uint256 buffered, uint256 inflowPerDay) internal pure returns (uint256) {
        return queued <= buffered ? 0 : ((queued - buffered) * 1 days).divUp(inflowPerDay);
    }

    /// @notice WAD of a year's rate for some seconds.
    function forTimeUp(uint256 yearly, uint256 elapsed) internal pure returns (uint256) {
        return (yearly * elapsed).divUp(365 days);
    }

    /// @notice How far `priceWad`, at a rate that the market believes, is below redemption at the live rate: WAD.
    /// @dev Rounds up, so that the price of a sale is rounded down.
    function discountUp(uint256 priceWad, uint256 believedRate, uint256 liveRate) internal pure returns (uint256) {
        uint256 ratio = priceWad * believedRate / liveRate;
        return WAD.zeroFloorSub(ratio);
    }

    function partUp(uint256 amount, uint256 part) internal pure returns (uint256) {
        return (amount * part).divUp(WAD);
    }

    function partDown(uint256 amount, uint256 part) internal pure returns (uint256) {
        return amount * part / WAD;
    }

    /* SHARES */

    /// @notice Lets through what can be converted without overflow: a named error instead of a panic.
    function bounded(uint256 amount) internal pure returns (uint256) {
        require(amount <= MAX_SHARES, IRedemptionVault.AmountTooLarge(amount, MAX_SHARES));
        return amount;
    }

    function toSharesDown(uint256 assets, uint256 totalAssets, uint256 supply) internal pure returns (uint256) {
        return assets * (supply + SHARES_PER_WEI) / (totalAssets + 1);
    }

    function toSharesUp(uint256 assets, uint256 totalAssets, uint256 supply) internal pure returns (uint256) {
        return (assets * (supply + SHARES_PER_WEI)).divUp(totalAssets + 1);
    }

    function toAssetsDown(uint256 shares, uint256 totalAssets, uint256 supply) internal pure returns (uint256) {
        return shares * (totalAssets + 1) / (supply + SHARES_PER_WEI);
    }

    function toAssetsUp(uint256 shares, uint256 totalAssets, uint256 supply) internal pure returns (uint256) {
        return (shares * (totalAssets + 1)).divUp(supply + SHARES_PER_WEI);
    }

    /* EXITS */

    /// @notice Assets of the first `shares` in a stretch of the line that was settled at one price.
    function stretchDown(uint256 shares, uint256 stretchAssets, uint256 stretchShares) internal pure returns (uint256) {
        return shares * stretchAssets / stretchShares;
    }

    function stretchUp(uint256 shares, uint256 stretchAssets, uint256 stretchShares) internal pure returns (uint256) {
        return (shares * stretchAssets).divUp(stretchShares);
    }
}
