// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";
import {StableSwapMath} from "./StableSwapMath.sol";
import {StableSwapTrades} from "./StableSwapTrades.sol";

/// @title The smallest input that buys a wanted output
/// @dev At a constant fee rate the output never falls as the input grows. But the rate moves with the input: it falls until
/// the trade mirrors the pool (the sold coin ends where the other one began) and rises after that.
/// @dev UP TO THE MIRROR a falling rate keeps the output monotone: search.
/// @dev BEYOND IT, search at a rate below the true one; take the true rate from there, and repeat until it stands. Each of
/// these inputs is too small or right, by induction: where a smaller input pays at its own rate, it pays at any lower one.
library StableSwapQuotes {
    using FixedPointMathLib for uint256;
    using StableSwapTrades for StableSwapTrades.Market;

    uint256 private constant WAD = StableSwapTrades.WAD;
    uint256 private constant FEE_DENOMINATOR = StableSwapTrades.FEE_DENOMINATOR;

    /// @dev Stands for the rate that the swap would pay.
    uint256 private constant TRUE_RATE = type(uint256).max;

    /// @dev Fixed-point rounds that bring a start close to the answer: each shrinks the error about a thousandfold.
    uint256 private constant APPROACHES = 3;

    struct Query {
        StableSwapTrades.Market market;
        /// Wei wanted of the bought coin.
        uint256 dy;
        /// Rates of the sold and of the bought coin.
        uint256 soldRate;
        uint256 boughtRate;
        /// Scaled balances of the sold and of the bought coin, and their invariant.
        uint256 xi;
        uint256 xj;
        uint256 d;
    }

    /// @notice The smallest amount of coin `i` whose swap pays at least `dy`.
    function getDx(StableSwapTrades.Market memory market, uint256 i, uint256 dy) internal pure returns (uint256 dx) {
        require(dy != 0, IStableSwapPool.ZeroAmount());
        Query memory query;
        query.market = market;
        query.dy = dy;
        uint256 balance;
        uint256 reserve;
        (balance, query.soldRate, query.xi) = market.side(i);
        (reserve, query.boughtRate, query.xj) = market.side(1 - i);
        require(dy <= reserve, IStableSwapPool.InsufficientReserve(dy, reserve));
        query.d = market.invariant();
        unchecked {
            uint256 room = StableSwapTrades.MAX_BALANCE - balance;
            uint256 mirror;
            if (query.xj >= query.xi) {
                mirror = (((query.xj - query.xi + 1) * WAD - 1) / query.soldRate).min(room);
            }
            dx = mirror != 0 && _pays(query, mirror, TRUE_RATE)
                ? _firstUpTo(query, mirror)
                : _firstBeyond(query, mirror, room);
            require(dx <= room, IStableSwapPool.InsufficientReserve(dy, reserve));
        }
    }

    function _firstUpTo(Query memory query, uint256 mirror) private pure returns (uint256 dx) {
        unchecked {
            dx = mirror;
            for (uint256 k = 0; k < APPROACHES; ++k) {
                dx = _guess(query, _trueRate(query, dx), mirror).clamp(1, mirror);
            }
            return _search(query, TRUE_RATE, dx, 1, mirror);
        }
    }

    function _firstBeyond(Query memory query, uint256 mirror, uint256 room) private pure returns (uint256 dx) {
        unchecked {
            dx = mirror + 1;
            uint256 rate = TRUE_RATE;
            while (dx <= room) {
                uint256 next = _trueRate(query, dx);
                if (next == rate) return dx;
                rate = next;
                dx = _search(query, rate, _guess(query, rate, room).clamp(dx, room), dx, room);
            }
        }
    }

    /// @dev The smallest `dx` from `low` to `high` that pays at `rate`, or `high` + 1. Widens from `start`, then halves.
    function _search(Query memory query, uint256 rate, uint256 start, uint256 low, uint256 high)
        private
        pure
        returns (uint256)
    {
        unchecked {
            uint256 step = 1;
            if (_pays(query, start, rate)) {
                high = start;
                while (high > low) {
                    uint256 lower = high.zeroFloorSub(step).max(low);
                    if (!_pays(query, lower, rate)) {
                        low = lower + 1;
                        break;
                    }
                    (high, step) = (lower, 2 * step);
                }
            } else {
                low = start + 1;
                while (low <= high) {
                    uint256 higher = (low + step - 1).min(high);
                    if (_pays(query, higher, rate)) {
                        high = higher;
                        break;
                    }
                    (low, step) = (higher + 1, 2 * step);
                }
            }
            while (low < high) {
                uint256 middle = (low + high) / 2;
                if (_pays(query, middle, rate)) high = middle;
                else low = middle + 1;
            }
            return low;
        }
    }

    /// @dev Near the smallest `dx` that pays at `rate`: the curve read the other way. Where it ends, `high`.
    function _guess(Query memory query, uint256 rate, uint256 high) private pure returns (uint256) {
        unchecked {
            uint256 net = query.dy * query.boughtRate / WAD;
            uint256 gross = net * FEE_DENOMINATOR / (FEE_DENOMINATOR - rate) + 1;
            (bool solved, uint256 x) = StableSwapMath.trySolveY(query.xj.zeroFloorSub(gross), query.d, query.market.amp);
            if (!solved) return high;
            return x.zeroFloorSub(query.xi) * WAD / query.soldRate;
        }
    }

    function _pays(Query memory query, uint256 dx, uint256 rate) private pure returns (bool) {
        unchecked {
            (uint256 x, uint256 y) = _reservesAfter(query, dx);
            if (y >= query.xj) return false;
            uint256 gross = query.xj - y - 1;
            if (rate == TRUE_RATE) rate = query.market.swapFeeRate(query.xi, query.xj, x, y);
            uint256 net = gross - query.market.feeOn(gross, rate);
            return net * WAD / query.boughtRate >= query.dy;
        }
    }

    function _trueRate(Query memory query, uint256 dx) private pure returns (uint256) {
        (uint256 x, uint256 y) = _reservesAfter(query, dx);
        return query.market.swapFeeRate(query.xi, query.xj, x, y);
    }

    function _reservesAfter(Query memory query, uint256 dx) private pure returns (uint256 x, uint256 y) {
        unchecked {
            x = query.xi + dx * query.soldRate / WAD;
            y = StableSwapMath.getY(x, query.d, query.market.amp);
        }
    }
}
