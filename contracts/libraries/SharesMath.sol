// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

/// @title Conversions between ether, exact shares (27 decimals) and shares (18 decimals)
/// @dev BOUNDS: amounts and totals stay below 2^128, rates below 2^96, so that no product below reaches 2^256: callers pass
/// stored 128-bit values or what `bounded` let through. A pool never has zero shares or zero ether.
library SharesMath {
    /// @notice Exact shares in one 18-decimal share.
    uint256 internal constant EXACT_PER_SHARE = 1e9;

    /// @notice Exact shares of the first ether: 27 decimals, so a wei is about 1e9 exact shares.
    uint256 internal constant EXACT_PER_ETHER = 1e27;

    /// @notice `ether (18) x RATE_SCALE / exact shares (27)` is a rate with 27 decimals.
    uint256 internal constant RATE_SCALE = 1e36;

    /// @notice More than any ledger holds.
    uint256 internal constant MAX_AMOUNT = type(uint128).max;

    error AmountTooLarge(uint256 amount, uint256 maximum);

    /// @notice Lets through what can be converted without overflow: a named error instead of a panic.
    function bounded(uint256 amount) internal pure returns (uint256) {
        require(amount <= MAX_AMOUNT, AmountTooLarge(amount, MAX_AMOUNT));
        return amount;
    }

    /// @notice Exact shares of 18-decimal shares from outside.
    function toExact(uint256 shares18) internal pure returns (uint256) {
        require(shares18 <= MAX_AMOUNT / EXACT_PER_SHARE, AmountTooLarge(shares18, MAX_AMOUNT / EXACT_PER_SHARE));
        unchecked {
            return shares18 * EXACT_PER_SHARE;
        }
    }

    /// @dev Rounds down, so that minting doesn't lower the rate.
    function toSharesDown(uint256 etherAmount, uint256 totalEther, uint256 totalShares)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return etherAmount * totalShares / totalEther;
        }
    }

    /// @dev Rounds up, so that the receiver of a transfer gets no less than the amount.
    function toSharesUp(uint256 etherAmount, uint256 totalEther, uint256 totalShares) internal pure returns (uint256) {
        unchecked {
            return (etherAmount * totalShares + totalEther - 1) / totalEther;
        }
    }

    /// @dev Rounds down, so that the sum of balances stays at or below the pooled ether.
    function toEtherDown(uint256 exactShares, uint256 totalEther, uint256 totalShares) internal pure returns (uint256) {
        unchecked {
            return exactShares * totalEther / totalShares;
        }
    }

    function toEtherUp(uint256 exactShares, uint256 totalEther, uint256 totalShares) internal pure returns (uint256) {
        unchecked {
            return (exactShares * totalEther + totalShares - 1) / totalShares;
        }
    }

    /// @notice The smallest amount whose `toSharesUp` reaches `exactShares`: what a transfer of shares spends of an allowance.
    function toAllowance(uint256 exactShares, uint256 totalEther, uint256 totalShares) internal pure returns (uint256) {
        return exactShares == 0 ? 0 : toEtherDown(exactShares - 1, totalEther, totalShares) + 1;
    }

    function toShares18Down(uint256 exactShares) internal pure returns (uint256) {
        unchecked {
            return exactShares / EXACT_PER_SHARE;
        }
    }

    function toShares18Up(uint256 exactShares) internal pure returns (uint256) {
        unchecked {
            return (exactShares + EXACT_PER_SHARE - 1) / EXACT_PER_SHARE;
        }
    }

    /// @return rateRay Ether per share, 27 decimals.
    function rateRayDown(uint256 totalEther, uint256 totalShares) internal pure returns (uint256 rateRay) {
        unchecked {
            return totalEther * RATE_SCALE / totalShares;
        }
    }

    function rateRayUp(uint256 totalEther, uint256 totalShares) internal pure returns (uint256 rateRay) {
        unchecked {
            return (totalEther * RATE_SCALE + totalShares - 1) / totalShares;
        }
    }

    /// @dev Rounds down, so that a batch never pays more than its shares are worth.
    function toEtherAtRateDown(uint256 exactShares, uint256 rateRay) internal pure returns (uint256) {
        unchecked {
            return exactShares * rateRay / RATE_SCALE;
        }
    }
}
