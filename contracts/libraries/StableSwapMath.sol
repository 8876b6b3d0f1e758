// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IStableSwapPool} from "../../interfaces/liquidity/IStableSwapPool.sol";

/// @title The StableSwap invariant of two coins, in the integers of Curve's StableSwap-NG
/// @dev UNITS: `x` and `y` are scaled balances (amount x rate / 1e18, wei of ether), `d` their invariant, `amp` A x 1,000:
/// ten times NG's, so that a ramp has no steps that pay, and the same results wherever NG has the same A.
/// @dev ROUNDING: every division rounds down, in NG's order; the trades leave one unit to the pool for it.
/// @dev BOUNDS: balances below 2^100, `amp` from 1e3 to 1e9. The `unchecked` blocks rest on them.
library StableSwapMath {
    using FixedPointMathLib for uint256;

    uint256 internal constant A_PRECISION = 1_000;
    uint256 private constant HALF_PRECISION = A_PRECISION / 2;
    uint256 private constant QUARTER_PRECISION = A_PRECISION / 4;

    /// @dev Of the A that NG's ABI shows.
    uint256 private constant NG_A_PRECISION = 100;

    uint256 internal constant FEE_DENOMINATOR = 1e10;
    uint256 internal constant WAD = 1e18;

    /// @dev Below this sum, and with no balance smaller than the sum / 2^40, no product of `getD` reaches 2^256: with
    /// d <= x + y, d^2 / x * d < 2^(104 + 40 + 104).
    uint256 private constant NARROW_SUM = 2 ** 104;
    uint256 private constant NARROW_SKEW_BITS = 40;

    /// @notice The invariant, by Newton's method from above until two iterates differ by at most one, as NG has it.
    /// @dev Where NG's loop never ends because its iterates repeat, this is the smallest iterate of their cycle.
    /// @dev The order of `x` and `y` can matter by a wei: coin 0's comes first, whichever is sold.
    /// @dev Rounding inside the loop can only raise it: floor(exact) <= getD <= floor(exact) + 1 + (x + y) / exact.
    function getD(uint256 x, uint256 y, uint256 amp) internal pure returns (uint256 d) {
        unchecked {
            d = x + y;
            uint256 annSum = 2 * amp * d / A_PRECISION;
            uint256 annLess = 2 * amp - A_PRECISION;
            uint256 least = d >> NARROW_SKEW_BITS;
            if (x <= least || y <= least || d >= NARROW_SUM) {
                if (d == 0) return 0;
                require(x != 0 && y != 0, IStableSwapPool.EmptyReserve());
                return _settle(d, x, y, annSum, annLess);
            }
            uint256 next;
            assembly ("memory-safe") {
                for {} 1 {} {
                    let product := shr(2, div(mul(div(mul(d, d), x), d), y))
                    next := div(
                        mul(add(annSum, shl(1, product)), d),
                        add(div(mul(annLess, d), A_PRECISION), mul(3, product))
                    )
                    if iszero(lt(add(next, 1), d)) { break }
                    d := next
                }
            }
            return next <= d + 1 ? next : _settle(next, x, y, annSum, annLess);
        }
    }

    /// @dev The same loop in 512-bit products, which finds the cycle, if there is one, by Brent's method: compare with a
    /// marker that moves up after 1, 2, 4, … rounds. The next iterate depends on the last alone, so one that repeats
    /// repeats for ever, and since the marker all of its cycle has been seen.
    function _settle(uint256 d, uint256 x, uint256 y, uint256 annSum, uint256 annLess)
        private
        pure
        returns (uint256 settled)
    {
        unchecked {
            uint256 marker = d;
            uint256 least = d;
            uint256 rounds = 0;
            uint256 span = 1;
            while (true) {
                uint256 product = d.fullMulDiv(d, x).fullMulDiv(d, y) / 4;
                uint256 next = d.fullMulDiv(annSum + 2 * product, annLess * d / A_PRECISION + 3 * product);
                if (next + 1 >= d && next <= d + 1) return next;
                if (next == marker) return least;
                if (next < least) least = next;
                if (++rounds == span) (marker, least, rounds, span) = (next, next, 0, 2 * span);
                d = next;
            }
        }
    }

    /// @notice The other scaled balance when one is `x` and the invariant `d`, by Newton's method on a parabola.
    function getY(uint256 x, uint256 d, uint256 amp) internal pure returns (uint256 y) {
        bool solved;
        (solved, y) = trySolveY(x, d, amp);
        require(solved, IStableSwapPool.ReserveOutOfRange(x, d));
    }

    /// @notice As `getY`; false if `x` is zero or so small that the other balance would pass all bounds.
    function trySolveY(uint256 x, uint256 d, uint256 amp) internal pure returns (bool solved, uint256 y) {
        if (x == 0) return (false, 0);
        unchecked {
            uint256 b = x + (d * HALF_PRECISION).rawDiv(amp);
            uint256 c = (d * d).rawDiv(2 * x);
            if (c >> 147 != 0) return (false, 0);
            c = (c * d * QUARTER_PRECISION).rawDiv(amp);
            // From here on y <= d + c / (d + b) < 2^127: its square and `c` sum up below 2^256.
            if (c >> 126 >= d + b) return (false, 0);
            // From the first round on y >= floor(root), where 2 y + b > d: neither underflow nor a zero divisor.
            b -= d;
            assembly ("memory-safe") {
                y := d
                for {} 1 {} {
                    let next := div(add(mul(y, y), c), add(add(y, y), b))
                    let settled := lt(sub(add(next, 1), y), 3)
                    y := next
                    if settled { break }
                }
            }
            return (true, y);
        }
    }

    /// @notice Price of coin 1 in coin 0, both scaled, before fees (WAD). `d` must be the invariant of `x0` and `x1`.
    /// @dev At the invariant d^3 / (4 x0 x1) <= 2 A (x0 + x1) < 2^122, so no product but the last can reach 2^256.
    function spotPrice(uint256 x0, uint256 x1, uint256 d, uint256 amp) internal pure returns (uint256) {
        require(x0 != 0 && x1 != 0, IStableSwapPool.EmptyReserve());
        unchecked {
            uint256 curved = ((d / 4 * d).rawDiv(x0) * d).rawDiv(x1);
            uint256 flat = 2 * amp * x0 / A_PRECISION;
            return WAD.fullMulDiv(flat + (curved * x0).rawDiv(x1), flat + curved);
        }
    }

    /// @notice Fee rate (1e10 scale) at two scaled amounts: `fee` in balance, up to `multiplier` times that far off.
    function dynamicFee(uint256 x, uint256 y, uint256 fee, uint256 multiplier) internal pure returns (uint256) {
        if (multiplier <= FEE_DENOMINATOR) return fee;
        unchecked {
            // Amounts are below 2^102 here and the multiplier below 2^40: the product is below 2^246.
            uint256 sum = x + y;
            uint256 closeness = ((multiplier - FEE_DENOMINATOR) * 4 * x * y).rawDiv(sum * sum);
            return (multiplier * fee).rawDiv(closeness + FEE_DENOMINATOR);
        }
    }

    /// @notice A of `amp`, rounded down, as NG shows it.
    function toADown(uint256 amp) internal pure returns (uint256) {
        return amp / A_PRECISION;
    }

    /// @notice A x 100 of `amp`, rounded down, as NG shows it.
    function toPreciseADown(uint256 amp) internal pure returns (uint256) {
        return amp / (A_PRECISION / NG_A_PRECISION);
    }

    /// @notice `amp` on its way from `initial` to `future`.
    /// @dev Rounds towards `initial`, as NG does.
    function rampedAmp(uint256 initial, uint256 future, uint256 initialTime, uint256 futureTime, uint256 timestamp)
        internal
        pure
        returns (uint256)
    {
        unchecked {
            uint256 moved = initial.dist(future) * (timestamp - initialTime) / (futureTime - initialTime);
            return future > initial ? initial + moved : initial - moved;
        }
    }
}
