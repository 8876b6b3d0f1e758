// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {BinaryMath} from "./BinaryMath.sol";

/// @title The standard normal distribution
/// @dev UNITS: WAD outside; `normal` takes Q96 and gives Q128, multiples of 2^-96 and 2^-128.
/// @dev ACCURACY: the smaller tail to 3e-19 of itself or 2^-128; the rounded `cdf` to 0.6e-18. It is monotone: from one WAD
/// to the next the tail changes by more than the quotient's error does, and rounding keeps the order.
/// @dev ROUNDING: stated per function. `keel/models/options/normal_math.py` is equal to the last bit.
/// @dev BOUNDS: every `int256` is in the domain of `cdf`, `pdf`, `normal`.
library NormalMath {
    uint256 private constant WAD = 1e18;

    /// @dev Q128.
    uint256 private constant ONE = 2 ** 128;

    /// @notice From here on (Q96) a tail is nothing: below 2^-127.
    uint256 internal constant CUTOFF = 13 * 2 ** 96;

    /// @dev From here on (WAD) a tail rounds to nothing: below 7e-20.
    int256 private constant FLAT = 9e18;

    /// @dev 1 / sqrt(2 pi), Q128.
    uint256 private constant INVERSE_ROOT_2PI = 135753023439836232162591007175785461952;

    /// @notice Distribution and density (Q128) at `x` (Q96). `normal(x) + normal(-x)` is one, exactly.
    function normal(int256 x) internal pure returns (uint256 distribution, uint256 density) {
        unchecked {
            uint256 size = uint256(x < 0 ? -x : x);
            if (size >= CUTOFF) return (x < 0 ? 0 : ONE, 0);
            (uint256 upper, uint256 mantissa, uint256 shift) = tail(size);
            return (x < 0 ? upper : ONE - upper, (mantissa * INVERSE_ROOT_2PI) >> (112 + shift));
        }
    }

    /// @notice N(-x) (Q128) for 0 <= x < `CUTOFF` (Q96), and e^(-x^2 / 2) = mantissa / 2^(112 + shift).
    /// @dev N(-x) = e^(-x^2 / 2) P(x / 16) / Q(x / 16), where P is Q112 and below 2^130, Q is Q96 and below 2^120.
    function tail(uint256 x) internal pure returns (uint256 upper, uint256 mantissa, uint256 shift) {
        unchecked {
            int256 exponent;
            (mantissa, exponent) = BinaryMath.expParts(-int256((x * x) >> 97));
            // The exponent of a number up to one is not positive.
            shift = uint256(-exponent);
            assembly ("memory-safe") {
                let u := shr(4, x)
                let p := 664369877135800595396647657381674306073
                p := add(shr(96, mul(p, u)), 1426421354745211822996472165534182170673)
                p := add(shr(96, mul(p, u)), 1481023099229684454814153159181030713066)
                p := add(shr(96, mul(p, u)), 972033142099243490705142824700655547796)
                p := add(shr(96, mul(p, u)), 444678375343440718807547120880532872746)
                p := add(shr(96, mul(p, u)), 147862374086931921575028307510975352768)
                p := add(shr(96, mul(p, u)), 36196637480044826530570023390901163031)
                p := add(shr(96, mul(p, u)), 6458074950155369701475838059345695995)
                p := add(shr(96, mul(p, u)), 808496603483430128865639072302910804)
                p := add(shr(96, mul(p, u)), 64871413931935791694212103685763025)
                p := add(shr(96, mul(p, u)), 2596148429267413814265248164610048)
                let q := 406574296565099000148376089736527607
                q := add(shr(96, mul(q, u)), 872926782288281046882100133558465558)
                q := add(shr(96, mul(q, u)), 907929580345745031513430255490240799)
                q := add(shr(96, mul(q, u)), 598264793755241178898094342453666896)
                q := add(shr(96, mul(q, u)), 275657718176542603199533974271202808)
                q := add(shr(96, mul(q, u)), 92784324186163522730860660562663966)
                q := add(shr(96, mul(q, u)), 23186832914346257612945256389036867)
                q := add(shr(96, mul(q, u)), 4287984559134531396437968744966474)
                q := add(shr(96, mul(q, u)), 573528663012224558527982858996045)
                q := add(shr(96, mul(q, u)), 52717724926992841655125295151271)
                q := add(shr(96, mul(q, u)), 2991157285161653421405644182931)
                q := add(shr(96, mul(q, u)), 79228162514264337593543950336)
                upper := shr(shift, div(mul(mantissa, p), q))
            }
        }
    }

    /// @notice The distribution (WAD) at `x` (signed WAD). `cdf(x) + cdf(-x)` is 1e18.
    /// @dev Rounds to the nearest.
    function cdf(int256 x) internal pure returns (uint256) {
        unchecked {
            if (x <= -FLAT || x >= FLAT) return x < 0 ? 0 : WAD;
            (uint256 upper,,) = tail((uint256(x < 0 ? -x : x) << 96) / WAD);
            uint256 rounded = (upper * WAD + ONE / 2) >> 128;
            return x < 0 ? rounded : WAD - rounded;
        }
    }

    /// @notice The density (WAD) at `x` (signed WAD).
    /// @dev Rounds down.
    function pdf(int256 x) internal pure returns (uint256) {
        unchecked {
            if (x <= -FLAT || x >= FLAT) return 0;
            (, uint256 density) = normal((x << 96) / int256(WAD));
            return (density * WAD) >> 128;
        }
    }
}
