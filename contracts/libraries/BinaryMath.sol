// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title Exponential, logarithm and root of time in binary fixed point
/// @dev UNITS: Q96 and Q112 are multiples of 2^-96 and 2^-112.
/// @dev ACCURACY: errors are of the value itself, below 3e-19 of it, so that prices keep their digits deep in a wing. That
/// is why they are not Solady's, whose results stop at 1e-18; and each costs less.
/// @dev ROUNDING: polynomials by Horner's rule, each step rounds down. `keel/models/options/binary_math.py` is equal to the
/// last bit.
/// @dev BOUNDS: stated per function. The `unchecked` and assembly blocks rest on them.
library BinaryMath {
    uint256 private constant YEAR = 365 days;

    /// @dev ln(2), and 1 / ln(2): Q96.
    int256 private constant LN2 = 54916777467707473351141471128;
    int256 private constant INVERSE_LN2 = 114302077158074026402637675937;

    /// @notice What the logarithm of zero and of infinity are taken to be (Q96): 128.
    int256 internal constant INFINITE_LN = 2 ** 103;

    /// @notice e^x = mantissa * 2^(exponent - 112), with a mantissa within Q112 / sqrt(2) and Q112 * sqrt(2).
    /// @dev `x` is Q96, |x| < 2^110. Relative error 2.7e-19.
    /// @dev With r = x - exponent * ln(2), e^r = (c + r) / (c - r) where c = r coth(r / 2) is even in r, about 2.
    function expParts(int256 x) internal pure returns (uint256 mantissa, int256 exponent) {
        assembly ("memory-safe") {
            exponent := sar(192, add(mul(x, INVERSE_LN2), shl(191, 1)))
            let r := sub(x, mul(exponent, LN2))
            let square := shr(96, mul(r, r))
            let even := 3278050779393780889920
            even := sub(sar(96, mul(even, square)), 130994898740304937159286)
            even := add(sar(96, mul(even, square)), 5239957586373166152305253)
            even := sub(sar(96, mul(even, square)), 220078229199201742822625403)
            even := add(sar(96, mul(even, square)), 13204693752377316632758272198)
            even := add(sar(96, mul(even, square)), 158456325028528675308819979010)
            mantissa := div(shl(112, add(even, r)), sub(even, r))
        }
    }

    /// @notice e^x (Q112) of `x` (Q96) within -20 and 20.
    /// @dev Rounds down.
    function expQ112(int256 x) internal pure returns (uint256) {
        if (x == 0) return 2 ** 112;
        (uint256 mantissa, int256 exponent) = expParts(x);
        unchecked {
            // The mantissa is below 2^113 and the exponent at most 29.
            return (mantissa << 32) >> uint256(32 - exponent);
        }
    }

    /// @notice ln(a / b) (Q96) of amounts below 2^112; `INFINITE_LN`, with its sign, where one is zero; zero
    /// where both are, since the EVM divides zero by zero so.
    /// @dev Relative error 8e-21, near a = b too: 2 atanh((a - b) / (a + b)) by one division.
    function lnRatio(uint256 a, uint256 b) internal pure returns (int256 result) {
        unchecked {
            if (70 * a > 99 * b || 70 * b > 99 * a) {
                if (a == 0 || b == 0) return a == 0 ? -INFINITE_LN : INFINITE_LN;
                // A power of two brings the ratio to between 1 and 2; if it is above 99 / 70, another to below 1.
                result = int256(FixedPointMathLib.log2(FixedPointMathLib.rawDiv(a << 112, b))) - 112;
                if (result < 0) a <<= uint256(-result);
                else b <<= uint256(result);
                if (70 * a > 99 * b) {
                    b <<= 1;
                    ++result;
                }
                result *= LN2;
            }
        }
        assembly ("memory-safe") {
            let z := sdiv(shl(96, sub(a, b)), add(a, b))
            let square := shr(96, mul(z, z))
            let series := 10507815638612892629360642457
            series := add(shr(96, mul(series, square)), 10496696963590946187529808893)
            series := add(shr(96, mul(series, square)), 12190967301061159569444675243)
            series := add(shr(96, mul(series, square)), 14405085188807009314033985570)
            series := add(shr(96, mul(series, square)), 17606258697476500962957508296)
            series := add(shr(96, mul(series, square)), 22636617859146045042406082344)
            series := add(shr(96, mul(series, square)), 31691265005711688793862997858)
            series := add(shr(96, mul(series, square)), 52818775009509551815309728795)
            series := add(shr(96, mul(series, square)), 158456325028528675188284293767)
            result := add(result, sar(96, mul(z, series)))
        }
    }

    /// @notice The root of `time` (seconds, below 2^60) in years (Q96).
    /// @dev Rounds down.
    function rootYears(uint256 time) internal pure returns (uint256) {
        unchecked {
            return FixedPointMathLib.sqrt((time << 192) / YEAR);
        }
    }
}
