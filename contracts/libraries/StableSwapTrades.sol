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

    /// @notice Half of every fee is the fee receiver's, as in StableSwap-NG.
    uint256 internal constant ADMIN_FEE = 0.5e10;

    /// @notice Balances are stored in 96 bits.
    uint256 internal constant MAX_BALANCE = type(uint96).max;

    /// @notice All that prices depend on.
    struct Market {
        /// Wei of each coin, without admin balances.
        uint256 balance0;
        uint256 balance1;
        /// Ether per coin, WAD.
        uint256 rate0;
        uint256 rate1;
        /// A x 1,000.
        uint256 amp;
        /// Base fee, 1e10 scale.
        uint256 fee;
        /// 1e10 scale.
        uint256 offpegFeeMultiplier;
        /// LP tokens.
        uint256 totalSupply;
        /// Ratio of scaled balances above which a swap may not raise it.
        uint256 maxSkew;
        /// Added to a fee before its division by 1e10: 0 rounds it down, 1e10 - 1 up.
        uint256 feeRounding;
        /// Whether an operation that doesn't raise the skew pays the base fee alone.
        bool directional;
    }

    /// @notice Outcome of a swap, or of an exit in one coin.
    struct Swap {
        /// Wei of the coin paid out.
        uint256 dy;
        /// Wei of it set aside for the fee receiver.
        uint256 adminFee;
        /// Scaled balances before fees, at which the new price is read.
        uint256 x0;
        uint256 x1;
        /// Their invariant.
        uint256 d;
    }

    /// @notice Outcome of a deposit, or of an imbalanced withdrawal.
    struct Change {
        /// LP tokens minted or burned.
        uint256 lpAmount;
        /// Wei of each coin.
        uint256 fee0;
        uint256 fee1;
        /// Scaled balances after fees, at which the new price is read.
        uint256 x0;
        uint256 x1;
        /// Their invariant.
        uint256 d;
    }

    /* SWAPS */

    /// @notice Outcome of selling `dx` of coin `i`.
    function swap(Market memory self, uint256 i, uint256 dx) internal pure returns (Swap memory outcome) {
        unchecked {
            (uint256 x0, uint256 x1) = self.scale(self.balance0, self.balance1);
            (uint256 balance, uint256 rate, uint256 boughtRate, uint256 xi, uint256 xj) = i == 0
                ? (self.balance0, self.rate0, self.rate1, x0, x1)
                : (self.balance1, self.rate1, self.rate0, x1, x0);
            _requireRoom(balance, dx);
            outcome.d = StableSwapMath.getD(x0, x1, self.amp);
            require(outcome.d != 0, IStableSwapPool.EmptyPool());
            uint256 x = xi + dx * rate / WAD;
            uint256 y = StableSwapMath.getY(x, outcome.d, self.amp);
            require(y < xj, IStableSwapPool.AmountTooSmall());
            require(y != 0, IStableSwapPool.EmptyReserve());
            require(x <= xj || x <= y * self.maxSkew, IStableSwapPool.SkewAboveFence(x, y));

            // The curve rounds: one unit stays with the pool.
            uint256 gross = xj - y - 1;
            uint256 fee = self.feeOn(gross, self.swapFeeRate(xi, xj, x, y));
            outcome.dy = ((gross - fee) * WAD).rawDiv(boughtRate);
            outcome.adminFee = (adminShare(fee) * WAD).rawDiv(boughtRate);
            (outcome.x0, outcome.x1) = i == 0 ? (x, y) : (y, x);
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

    /// @notice Outcome of adding the amounts.
    function deposit(Market memory self, uint256 amount0, uint256 amount1)
        internal
        pure
        returns (Change memory change)
    {
        unchecked {
            require(amount0 | amount1 != 0, IStableSwapPool.ZeroAmount());
            (uint256 balance0, uint256 balance1) = (self.balance0, self.balance1);
            _requireRoom(balance0, amount0);
            _requireRoom(balance1, amount1);
            if (self.totalSupply == 0) {
                require(amount0 != 0 && amount1 != 0, IStableSwapPool.FirstDepositNeedsBothCoins());
                self.finish(change, amount0, amount1);
                change.lpAmount = change.d;
            } else {
                uint256 d0 = self.invariant();
                self.charge(change, balance0 + amount0, balance1 + amount1, d0);
                require(change.d > d0, IStableSwapPool.AmountTooSmall());
                // Rounds down, so that D per LP token doesn't fall.
                change.lpAmount = self.totalSupply.mulDiv(change.d - d0, d0);
            }
            require(change.lpAmount != 0, IStableSwapPool.AmountTooSmall());
        }
    }

    /// @notice Outcome of taking exactly the amounts.
    function imbalancedWithdrawal(Market memory self, uint256 amount0, uint256 amount1)
        internal
        pure
        returns (Change memory change)
    {
        unchecked {
            require(amount0 | amount1 != 0, IStableSwapPool.ZeroAmount());
            (uint256 balance0, uint256 balance1) = (self.balance0, self.balance1);
            require(amount0 <= balance0, IStableSwapPool.InsufficientReserve(amount0, balance0));
            require(amount1 <= balance1, IStableSwapPool.InsufficientReserve(amount1, balance1));
            uint256 d0 = self.invariant();
            self.charge(change, balance0 - amount0, balance1 - amount1, d0);
            require(change.d < d0, IStableSwapPool.AmountTooSmall());
            // Rounds up (down, and one more), so that D per LP token doesn't fall.
            change.lpAmount = self.totalSupply.mulDiv(d0 - change.d, d0) + 1;
            require(change.lpAmount != 1, IStableSwapPool.AmountTooSmall());
            self.requirePart(change.lpAmount);
        }
    }

    /// @dev The balances go to `after0` and `after1`: each coin pays on its distance from where a proportional change would
    /// have put it.
    function charge(Market memory self, Change memory change, uint256 after0, uint256 after1, uint256 d0)
        internal
        pure
    {
        unchecked {
            (uint256 x0, uint256 x1) = self.scale(after0, after1);
            uint256 d1 = StableSwapMath.getD(x0, x1, self.amp);
            bool raisesSkew = self.directional && self.isMoreSkewed(x0, x1);
            change.fee0 = self.changeFee(self.balance0, after0, self.rate0, d0, d1, raisesSkew);
            change.fee1 = self.changeFee(self.balance1, after1, self.rate1, d0, d1, raisesSkew);
            self.finish(change, after0 - change.fee0, after1 - change.fee1);
        }
    }

    function changeFee(
        Market memory self,
        uint256 balance,
        uint256 newBalance,
        uint256 rate,
        uint256 d0,
        uint256 d1,
        bool raisesSkew
    ) internal pure returns (uint256 fee) {
        unchecked {
            uint256 difference = (d1 * balance).rawDiv(d0).dist(newBalance);
            uint256 scaledSum = rate * (balance + newBalance) / WAD;
            fee = self.feeOn(difference, self.feeRate(scaledSum, (d0 + d1) / 2, self.fee / 2, raisesSkew));
            require(fee <= newBalance, IStableSwapPool.InsufficientReserve(fee, newBalance));
        }
    }

    function finish(Market memory self, Change memory change, uint256 balance0, uint256 balance1) internal pure {
        (change.x0, change.x1) = self.scale(balance0, balance1);
        change.d = StableSwapMath.getD(change.x0, change.x1, self.amp);
    }

    /// @notice Outcome of burning `lpAmount` for coin `i` alone.
    function oneCoinExit(Market memory self, uint256 lpAmount, uint256 i) internal pure returns (Swap memory outcome) {
        require(lpAmount != 0, IStableSwapPool.ZeroAmount());
        self.requirePart(lpAmount);
        unchecked {
            (uint256 x0, uint256 x1) = self.scale(self.balance0, self.balance1);
            (uint256 rate, uint256 xi, uint256 xj) = i == 0 ? (self.rate0, x0, x1) : (self.rate1, x1, x0);
            uint256 d0 = StableSwapMath.getD(x0, x1, self.amp);
            uint256 d1 = d0 - lpAmount.mulDiv(d0, self.totalSupply);
            uint256 y = StableSwapMath.getY(xj, d1, self.amp);
            require(y != 0, IStableSwapPool.EmptyReserve());
            outcome.d = d1;
            (outcome.x0, outcome.x1) = i == 0 ? (y, xj) : (xj, y);

            uint256 dy = self.oneCoinAmount(xi, xj, y, d0, d1);
            require(dy != 0, IStableSwapPool.AmountTooSmall());
            // The curve rounds: one unit stays with the pool.
            outcome.dy = ((dy - 1) * WAD).rawDiv(rate);
            outcome.adminFee = adminShare(((xi - y) * WAD).rawDiv(rate) - outcome.dy);
        }
    }

    /// @dev Scaled amount after fees of the coin whose scaled balance goes from `xi` to `y` before fees; zero if none is left.
    function oneCoinAmount(Market memory self, uint256 xi, uint256 xj, uint256 y, uint256 d0, uint256 d1)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 expected = (xi * d1).rawDiv(d0);
            if (expected < y) return 0;
            uint256 average = (d0 + d1) / 4;
            uint256 fee = self.fee / 2;
            // Taking coin i raises the skew if it ends further below the other one than it was above it.
            bool raisesSkew = y * xi < xj * xj;
            uint256 reduced = xj - self.feeOn(xj - (xj * d1).rawDiv(d0), self.feeRate(xj, average, fee, raisesSkew));
            xi -= self.feeOn(expected - y, self.feeRate((xi + y) / 2, average, fee, raisesSkew));
            return xi.zeroFloorSub(StableSwapMath.getY(reduced, d1, self.amp));
        }
    }

    /// @notice Share of an amount that `lpAmount` is entitled to.
    /// @dev Rounds down, so that those who stay lose nothing.
    function shareDown(uint256 amount, uint256 lpAmount, uint256 totalSupply) internal pure returns (uint256) {
        return amount.mulDiv(lpAmount, totalSupply);
    }

    /* PARTS */

    /// @notice Balance, rate and scaled balance of coin `i`.
    function side(Market memory self, uint256 i) internal pure returns (uint256 balance, uint256 rate, uint256 scaled) {
        (balance, rate) = i == 0 ? (self.balance0, self.rate0) : (self.balance1, self.rate1);
        unchecked {
            scaled = balance * rate / WAD;
        }
    }

    /// @dev Rounds down, so that the pool isn't worth more than it holds.
    function scale(Market memory self, uint256 amount0, uint256 amount1) internal pure returns (uint256, uint256) {
        unchecked {
            return (amount0 * self.rate0 / WAD, amount1 * self.rate1 / WAD);
        }
    }

    function invariant(Market memory self) internal pure returns (uint256) {
        (uint256 x0, uint256 x1) = self.scale(self.balance0, self.balance1);
        return StableSwapMath.getD(x0, x1, self.amp);
    }

    /// @notice Fee rate of an operation of base fee `fee`; `raisesSkew` matters to a directional pool alone.
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
    function adminShare(uint256 fee) internal pure returns (uint256) {
        unchecked {
            return fee * ADMIN_FEE / FEE_DENOMINATOR;
        }
    }

    /// @dev Whether scaled balances `x0` and `x1` are further apart, as a ratio, than the present ones.
    function isMoreSkewed(Market memory self, uint256 x0, uint256 x1) internal pure returns (bool) {
        (uint256 before0, uint256 before1) = self.scale(self.balance0, self.balance1);
        unchecked {
            return x0.max(x1) * before0.min(before1) > before0.max(before1) * x0.min(x1);
        }
    }

    /// @dev The last LP tokens leave through `remove_liquidity` alone: it leaves nothing behind.
    function requirePart(Market memory self, uint256 lpAmount) internal pure {
        require(lpAmount < self.totalSupply, IStableSwapPool.UseRemoveLiquidity(lpAmount, self.totalSupply));
    }

    function _requireRoom(uint256 balance, uint256 amount) private pure {
        unchecked {
            uint256 room = MAX_BALANCE - balance;
            require(amount <= room, IStableSwapPool.AmountTooLarge(amount, room));
        }
    }
}
