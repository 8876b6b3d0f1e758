// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";
import {NormalMath} from "./NormalMath.sol";

/// @title Inverse of the standard normal distribution
/// @dev UNITS: WAD outside, Q96 and Q128 (multiples of 2^-96 and 2^-128) inside.
/// @dev ACCURACY: what the distribution's own 3e-19 of a tail leaves: x to 4e-19, and half a wei of rounding.
/// @dev ITERATION: two of Halley's, always, from Hastings' formula, which is off by 4.5e-4 at most. Each cubes the error:
/// below 1e-9 of x, then below 1e-25.
/// @dev ROUNDING: stated per function. `keel/models/options/normal_quantile.py` is equal to the last bit.
library NormalQuantile {
    using FixedPointMathLib for int256;

    uint256 private constant WAD = 1e18;
    uint256 private constant Q96 = 2 ** 96;
    uint256 private constant Q128 = 2 ** 128;

    /// @dev Hastings' coefficients (Abramowitz and Stegun 26.2.23), Q96.
    int256 private constant C0 = 199299789683394683710298897317;
    int256 private constant C1 = 63608567959064666229989541159;
    int256 private constant C2 = 818268462447322078666121919;
    int256 private constant D1 = 113517160512487771731978649514;
    int256 private constant D2 = 14995435090912296911992469936;
    int256 private constant D3 = 103630436568657753572355487;

    /// @notice x (signed WAD) with a distribution of `probability` (WAD), which is above 0 and below 1e18.
    /// @dev Rounds to the nearest; antisymmetric about a half.
    function ppf(uint256 probability) internal pure returns (int256) {
        require(probability != 0 && probability < WAD, IOptionPricing.ProbabilityOutOfDomain(probability));
        unchecked {
            bool lower = 2 * probability <= WAD;
            uint256 tail = (lower ? probability : WAD - probability) << 128;
            // Below 9 in Q96: times a WAD, below 2^160.
            int256 x = int256((upperQuantile(tail / WAD) * WAD + Q96 / 2) >> 96);
            return lower ? -x : x;
        }
    }

    /// @notice x (Q96) of which `tail` (Q128) lies above, for a tail from 2^60 to 2^127, a half.
    function upperQuantile(uint256 tail) internal pure returns (uint256) {
        unchecked {
            // -ln(tail) is between 0.69 and 47.2; its double in Q192 is below 2^199.
            uint256 logarithm = uint256(BinaryMath.lnRatio(2 ** 111, tail >> 17));
            int256 t = int256(FixedPointMathLib.sqrt(logarithm << 97));
            int256 numerator = C0 + ((t * (C1 + ((t * C2) >> 96))) >> 96);
            int256 denominator = int256(Q96) + ((t * (D1 + ((t * (D2 + ((t * D3) >> 96))) >> 96))) >> 96);
            int256 x = t - (numerator << 96).rawSDiv(denominator);
            x = _improve(x, tail);
            x = _improve(x, tail);
            return x < 0 ? 0 : uint256(x);
        }
    }

    /// @dev Halley: with f = N(-x) - tail and the step s = f / n(x) of Newton, x + s / (1 - x s / 2).
    function _improve(int256 x, uint256 tail) private pure returns (int256) {
        unchecked {
            // At x below 9.1 the density is above 2^67; f is less than a half, shifted below 2^224.
            (uint256 above, uint256 density) = NormalMath.normal(-x);
            int256 step = ((int256(above) - int256(tail)) << 96).rawSDiv(int256(density));
            return x + (step << 96).rawSDiv(int256(Q96) - ((x * step) >> 97));
        }
    }
}
