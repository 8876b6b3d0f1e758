// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {StableSwapMath} from "./StableSwapMath.sol";

/// @title What each operation of the pool takes and gives, from a snapshot of the pool
/// @dev Execution and quotes both come from here, so a quote cannot differ from its execution.
/// @dev ROUNDING: in NG's order and directions; what a user receives is rounded down, what a user burns up, and a fee up
/// where `feeRounding` says so. The fee receiver's share of a fee is rounded down.
/// @dev BOUNDS: amounts below 2^96, rates below 2^64, and so scaled balances below 2^100 (see `StableSwapMath`); fee rates
/// below 2^34. The `unchecked` blocks rest on them.
library StableSwapTrades {
    using FixedPointMathLib for uint256;
    using StableSwapTrades for Market;

    uint256 internal constant WAD = 1e18;
    uint256 internal constant FEE_DENOMINATOR = 1e10;

    /// @notice Balances are stored in 96 bits.
    uint256 internal constant MAX_BALANCE = type(uint96).max;

    /// @notice All that prices depend on.
    struct Market {
        /// Wei of each coin, without admin balances.
        uint256[2] balances;
        /// Ether per coin, WAD.
        uint256[2] rates;
        /// A x 100.
        uint256 amp;
        /// Base fee, 1e10 scale.
        uint256 fee;
        /// 1e10 scale.
        uint256 offpegFeeMultiplier;
        /// Share of every fee that goes to the fee receiver, 1e10 scale.
        uint256 adminFee;
        /// LP tokens.
        uint256 totalSupply;
        /// Scaled balances' ratio above which a swap may not raise it.
        uint256 maxSkew;
        /// Added to a fee before its division by 1e10: 0 rounds it down, 1e10 - 1 up.
        uint256 feeRounding;
        /// Whether an operation that doesn't raise the skew pays the base fee alone.
        bool directional;
    }

    struct Swap {
        /// Wei of the bought coin paid out.
        uint256 dy;
        /// Wei of the bought coin set aside for the fee receiver.
        uint256 adminFee;
        /// Scaled balances before fees, at which the new price is read.
        uint256[2] xp;
        /// Their invariant.
        uint256 d;
    }

    struct Change {
        /// LP tokens minted or burned.
        uint256 lpAmount;
        /// Wei of each coin.
        uint256[2] fees;
        /// The fee receiver's part of them.
        uint256[2] adminFees;
        /// Scaled balances after whole fees, at which the new price is read.
        uint256[2] xp;
        /// Their invariant.
        uint256 d;
    }

    /* SWAPS */

    /// @notice Outcome of selling `dx` of coin `i`.
    function swap(Market memory self, uint256 i, uint256 dx) internal pure returns (Swap memory outcome) {
        self.requireRoom(i, dx);
        unchecked {
            uint256 j = 1 - i;
            uint256[2] memory xp = self.scaled();
            outcome.d = StableSwapMath.getD(xp[0], xp[1], self.amp);
            require(outcome.d != 0, IStableSwapPool.EmptyPool());
            uint256 x = xp[i] + dx * self.rates[i] / WAD;
            uint256 y = StableSwapMath.getY(x, outcome.d, self.amp);
            require(y < xp[j], IStableSwapPool.AmountTooSmall());
            require(x <= xp[j] || x <= y * self.maxSkew, IStableSwapPool.SkewAboveFence(x, y));

            // The curve rounds: one unit stays with the pool.
            uint256 gross = xp[j] - y - 1;
            uint256 fee = self.feeOn(gross, self.swapFeeRate(xp[i], xp[j], x, y));
            outcome.dy = (gross - fee) * WAD / self.rates[j];
            outcome.adminFee = self.adminShare(fee) * WAD / self.rates[j];
            (xp[i], xp[j]) = (x, y);
            outcome.xp = xp;
        }
    }

    /// @notice Fee rate of a swap that takes the sold coin's scaled balance from `xi` to `x` and the other's from `xj` to `y`.
    /// @dev The curve is symmetric: the skew rises if the sold coin ends above where the other one began.
    function swapFeeRate(Market memory self, uint256 xi, uint256 xj, uint256 x, uint256 y)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            return self.feeRate((xi + x) / 2, (xj + y) / 2, self.fee, x > xj);
        }
    }

    /* LIQUIDITY */

    /// @notice Outcome of adding `amounts`.
    function deposit(Market memory self, uint256[2] memory amounts) internal pure returns (Change memory change) {
        require(amounts[0] != 0 || amounts[1] != 0, IStableSwapPool.ZeroAmount());
        self.requireRoom(0, amounts[0]);
        self.requireRoom(1, amounts[1]);
        unchecked {
            uint256[2] memory afterwards = [self.balances[0] + amounts[0], self.balances[1] + amounts[1]];
            if (self.totalSupply == 0) {
                require(amounts[0] != 0 && amounts[1] != 0, IStableSwapPool.FirstDepositNeedsBothCoins());
                change.xp = self.scale(afterwards);
                change.d = StableSwapMath.getD(change.xp[0], change.xp[1], self.amp);
                change.lpAmount = change.d;
                return change;
            }
            uint256 d0 = self.invariant();
            self.chargeOn(change, afterwards, d0);
            require(change.d > d0, IStableSwapPool.AmountTooSmall());
            // Rounds down, so that D per LP token doesn't fall.
            change.lpAmount = self.totalSupply.mulDiv(change.d - d0, d0);
            require(change.lpAmount != 0, IStableSwapPool.AmountTooSmall());
        }
    }

    /// @notice Outcome of taking exactly `amounts`.
    function imbalancedWithdrawal(Market memory self, uint256[2] memory amounts)
        internal
        pure
        returns (Change memory change)
    {
        require(amounts[0] != 0 || amounts[1] != 0, IStableSwapPool.ZeroAmount());
        uint256[2] memory balances = self.balances;
        require(amounts[0] <= balances[0], IStableSwapPool.InsufficientReserve(amounts[0], balances[0]));
        require(amounts[1] <= balances[1], IStableSwapPool.InsufficientReserve(amounts[1], balances[1]));
        unchecked {
            uint256 d0 = self.invariant();
            self.chargeOn(change, [balances[0] - amounts[0], balances[1] - amounts[1]], d0);
            require(change.d < d0, IStableSwapPool.AmountTooSmall());
            // Rounds up (down, and one more), so that D per LP token doesn't fall.
            change.lpAmount = self.totalSupply.mulDiv(d0 - change.d, d0) + 1;
            require(change.lpAmount != 1, IStableSwapPool.AmountTooSmall());
            self.requirePart(change.lpAmount);
        }
    }

    /// @dev Fills in fees, balances and the invariant once the balances go to `afterwards`: each coin pays on its distance
    /// from where a proportional change would have put it.
    function chargeOn(Market memory self, Change memory change, uint256[2] memory afterwards, uint256 d0)
        internal
        pure
    {
        unchecked {
            uint256[2] memory xp = self.scale(afterwards);
            uint256 d1 = StableSwapMath.getD(xp[0], xp[1], self.amp);
            bool raisesSkew = _raisesSkew(self.scaled(), xp);
            for (uint256 i = 0; i < 2; ++i) {
                uint256 balance = self.balances[i];
                uint256 newBalance = afterwards[i];
                uint256 difference = (d1 * balance / d0).dist(newBalance);
                uint256 scaledSum = self.rates[i] * (balance + newBalance) / WAD;
                uint256 rate = self.feeRate(scaledSum, (d0 + d1) / 2, self.fee / 2, raisesSkew);
                uint256 fee = self.feeOn(difference, rate);
                require(fee <= newBalance, IStableSwapPool.InsufficientReserve(fee, newBalance));
                change.fees[i] = fee;
                change.adminFees[i] = self.adminShare(fee);
                afterwards[i] = newBalance - fee;
            }
            change.xp = self.scale(afterwards);
            change.d = StableSwapMath.getD(change.xp[0], change.xp[1], self.amp);
        }
    }

    /// @notice Outcome of burning `lpAmount` for coin `i` alone.
    function oneCoinExit(Market memory self, uint256 lpAmount, uint256 i) internal pure returns (Swap memory outcome) {
        require(lpAmount != 0, IStableSwapPool.ZeroAmount());
        self.requirePart(lpAmount);
        unchecked {
            uint256 j = 1 - i;
            uint256[2] memory xp = self.scaled();
            uint256 d0 = StableSwapMath.getD(xp[0], xp[1], self.amp);
            uint256 d1 = d0 - lpAmount.mulDiv(d0, self.totalSupply);
            uint256 y = StableSwapMath.getY(xp[j], d1, self.amp);
            uint256 expected = xp[i] * d1 / d0;
            require(y <= expected, IStableSwapPool.AmountTooSmall());

            uint256 dy = _oneCoinAmount(self, xp, i, y, d0, d1, expected);
            require(dy != 0, IStableSwapPool.AmountTooSmall());
            // The curve rounds: one unit stays with the pool.
            outcome.dy = (dy - 1) * WAD / self.rates[i];
            outcome.adminFee = self.adminShare((xp[i] - y) * WAD / self.rates[i] - outcome.dy);
            outcome.d = d1;
            xp[i] = y;
            outcome.xp = xp;
        }
    }

    /// @dev Scaled amount of coin `i` after fees, or zero if nothing is left of it.
    function _oneCoinAmount(
        Market memory self,
        uint256[2] memory xp,
        uint256 i,
        uint256 y,
        uint256 d0,
        uint256 d1,
        uint256 expected
    ) private pure returns (uint256) {
        unchecked {
            uint256 xi = xp[i];
            uint256 xj = xp[1 - i];
            uint256 half = (d0 + d1) / 4;
            uint256 fee = self.fee / 2;
            bool raisesSkew = _raisesSkew([xi, xj], [y, xj]);
            uint256 reducedI = xi - self.feeOn(expected - y, self.feeRate((xi + y) / 2, half, fee, raisesSkew));
            uint256 reducedJ = xj - self.feeOn(xj - xj * d1 / d0, self.feeRate(xj, half, fee, raisesSkew));
            return reducedI.zeroFloorSub(StableSwapMath.getY(reducedJ, d1, self.amp));
        }
    }

    /// @notice Share of a balance that `lpAmount` is entitled to.
    /// @dev Rounds down, so that those who stay lose nothing.
    function shareDown(uint256 balance, uint256 lpAmount, uint256 totalSupply) internal pure returns (uint256) {
        return balance.mulDiv(lpAmount, totalSupply);
    }

    /* PARTS */

    function scaled(Market memory self) internal pure returns (uint256[2] memory) {
        return self.scale(self.balances);
    }

    /// @dev Rounds down, so that the pool isn't worth more than it holds.
    function scale(Market memory self, uint256[2] memory amounts) internal pure returns (uint256[2] memory) {
        unchecked {
            return [amounts[0] * self.rates[0] / WAD, amounts[1] * self.rates[1] / WAD];
        }
    }

    function invariant(Market memory self) internal pure returns (uint256) {
        uint256[2] memory xp = self.scaled();
        return StableSwapMath.getD(xp[0], xp[1], self.amp);
    }

    function feeRate(Market memory self, uint256 x, uint256 y, uint256 fee, bool raisesSkew)
        internal
        pure
        returns (uint256)
    {
        if (self.directional && !raisesSkew) return fee;
        return StableSwapMath.dynamicFee(x, y, fee, self.offpegFeeMultiplier);
    }

    function feeOn(Market memory self, uint256 amount, uint256 rate) internal pure returns (uint256) {
        unchecked {
            return (amount * rate + self.feeRounding) / FEE_DENOMINATOR;
        }
    }

    /// @dev Rounds down, so that the pool keeps the rest.
    function adminShare(Market memory self, uint256 fee) internal pure returns (uint256) {
        unchecked {
            return fee * self.adminFee / FEE_DENOMINATOR;
        }
    }

    function requireRoom(Market memory self, uint256 i, uint256 amount) internal pure {
        unchecked {
            uint256 room = MAX_BALANCE - self.balances[i];
            require(amount <= room, IStableSwapPool.AmountTooLarge(amount, room));
        }
    }

    /// @dev The last LP tokens leave through `remove_liquidity` alone: it leaves nothing behind.
    function requirePart(Market memory self, uint256 lpAmount) internal pure {
        require(lpAmount < self.totalSupply, IStableSwapPool.UseRemoveLiquidity(lpAmount, self.totalSupply));
    }

    function _raisesSkew(uint256[2] memory before, uint256[2] memory afterwards) private pure returns (bool) {
        unchecked {
            return afterwards[0].max(afterwards[1]) * before[0].min(before[1])
                > before[0].max(before[1]) * afterwards[0].min(afterwards[1]);
        }
    }
}
