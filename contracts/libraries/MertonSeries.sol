// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";

/// @title Merton's jump diffusion as a series, with a proved bound of what is left out
/// @notice Jumps come as a Poisson process and multiply the spot by a lognormal number; the drift makes up for them. With n
/// jumps the price is that of BSM at the spot S_n = S e^(-intensity (m - 1) T) m^n, where m is a jump's mean, and at the
/// variance v_n = volatility^2 T + n logDeviation^2.
/// @dev PROOF of the bound: let N terms be kept, W be the weight of the rest, S' the mean of its spots: the weighted sum of
/// all S_n is S. Prices are convex in the spot and rise with the variance, so the rest is worth at least W BSM(S', v_N); that
/// is added. A put is worth at most K e^(-rate T), which leaves W (K e^(-rate T) - put(S', v_N)). By parity the same holds
/// for the call.
/// @dev UNITS, DOMAIN: `IOptionPricing`; intensity from 0 to 10 a year and 20 in all; logMean from -1 to 1, logDeviation from
/// 0 to 1; 1 to 64 terms; below 2^112 every S_n of a kept term whose weight is 2^-112 or more.
/// @dev ACCURACY: `call` <= exact + slack, exact <= `call + bound`, and the same for `put`. The bound contains the slack:
/// 2^-55 of the discounted spot and strike for what is transcendental, and two units a term and four, times e^(-carry T) where that is
/// more, for rounding.
/// @dev ROUNDING: prices down, bound up. `keel/models/options/merton_series.py` is equal to the unit.
library MertonSeries {
    using FixedPointMathLib for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;
    uint256 private constant Q112 = 2 ** 112;

    uint256 internal constant MAX_INTENSITY = 10e18;
    uint256 internal constant MAX_EXPECTED = 20e18;
    uint256 internal constant MAX_COUNT = 64;
    int256 private constant MAX_LOG = 1e18;

    /// @notice The law of the jumps.
    /// @param intensity Expected number a year (WAD).
    /// @param logMean Mean of a jump's logarithm (signed WAD).
    /// @param logDeviation Standard deviation of it (WAD).
    struct Jumps {
        uint256 intensity;
        int256 logMean;
        uint256 logDeviation;
    }

    /// @notice Prices from below, and how much more they may be.
    struct Quote {
        uint256 call;
        uint256 put;
        uint256 bound;
    }

    /// @dev What the sum goes through.
    /// @param weight Of the next term, Q112.
    /// @param rest Weight that is left, Q112.
    /// @param spotRest Weighted spots that are left, Q112 of the spot's unit.
    /// @param call Sum so far, Q112 of the spot's unit, as `put`.
    struct State {
        uint256 weight;
        uint256 rest;
        uint256 spotRest;
        uint256 call;
        uint256 put;
    }

    /// @notice Prices from the first `count` terms, from no jump on, with the rest as one.
    function quote(BlackScholes.Terms memory terms, Jumps memory jumps, uint256 count)
        internal
        pure
        returns (Quote memory)
    {
        _require(terms, jumps, count);
        BlackScholes.Factors memory f = BlackScholes.factors(terms);
        unchecked {
            uint256 expected = ((jumps.intensity * terms.time) << 96) / (YEAR * WAD);
            uint256 jumpDeviation = (jumps.logDeviation << 96) / WAD;
            uint256 jumpVariance = jumpDeviation * jumpDeviation;
            int256 logJump = (jumps.logMean << 96) / int256(WAD) + int256(jumpVariance >> 97);
            // A jump's mean is at most e^1.5: less one, times 20, below 2^7 in Q96.
            int256 excess = int256(BinaryMath.expQ112(logJump)) - int256(Q112);
            int256 logSpot = -((int256(expected) * excess) >> 112);
            uint256 variance = f.deviation * f.deviation;
            uint256 weight = BinaryMath.expQ112(-int256(expected));
            State memory state = State(weight, Q112, terms.spot << 112, 0, 0);
            for (uint256 n = 0; n < count && state.weight != 0; ++n) {
                f.deviation = variance.sqrt();
                _add(state, _grown(terms.spot, logSpot), terms.strike, f);
                state.weight = (state.weight * expected >> 96) / (n + 1);
                logSpot += logJump;
                variance += jumpVariance;
            }
            f.deviation = variance.sqrt();
            return _close(state, terms, f, count);
        }
    }

    /// @dev Adds the term of a spot.
    function _add(State memory state, uint256 spot, uint256 strike, BlackScholes.Factors memory f) private pure {
        BlackScholes.Sides memory s = BlackScholes.sides(spot, strike, f);
        unchecked {
            uint256 weight = state.weight;
            // Prices have 127 bits once they are whole units, weights 113.
            state.call += weight * (s.call >> 112);
            state.put += weight * (s.put >> 112);
            state.rest = state.rest.zeroFloorSub(weight);
            state.spotRest = state.spotRest.zeroFloorSub(weight * spot);
        }
    }

    /// @dev Adds the rest as one term and bounds what that leaves.
    function _close(State memory state, BlackScholes.Terms memory terms, BlackScholes.Factors memory f, uint256 count)
        private
        pure
        returns (Quote memory result)
    {
        uint256 rest = state.rest;
        // No rest, no mean: whatever is taken has no weight. Rounding can make it larger than any spot.
        uint256 spot = state.spotRest.rawDiv(rest).min(BlackScholes.MAX_AMOUNT);
        BlackScholes.Sides memory s = BlackScholes.sides(spot, terms.strike, f);
        unchecked {
            uint256 held = terms.spot * f.spotFactor >> 112;
            uint256 most = (terms.strike * f.strikeFactor >> 112) + 1;
            result.call = (state.call + rest * (s.call >> 112)) >> 112;
            result.put = (state.put + rest * (s.put >> 112)) >> 112;
            uint256 units = (2 * count + 4) * ((f.spotFactor >> 112) + 1);
            result.bound = ((rest * most.zeroFloorSub(s.put >> 112)) >> 112) + ((held + most) >> 55) + units;
        }
    }

    /// @dev spot e^x of `x` (Q96) between -128 and 116; what passes all bounds is refused with the spot.
    function _grown(uint256 spot, int256 x) private pure returns (uint256) {
        (uint256 mantissa, int256 exponent) = BinaryMath.expParts(x);
        unchecked {
            // Spot and mantissa have 225 bits together. From 2^113 on every spot but zero is past the domain.
            if (exponent > 113) exponent = 113;
            return (2 * spot * mantissa) >> uint256(113 - exponent);
        }
    }

    /// @dev Refuses what is outside the domain of the series; `BlackScholes` refuses the rest.
    function _require(BlackScholes.Terms memory terms, Jumps memory jumps, uint256 count) private pure {
        require(terms.spot <= BlackScholes.MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(terms.spot));
        require(count != 0 && count <= MAX_COUNT, IOptionPricing.CountOutOfDomain(count));
        require(terms.time <= BlackScholes.MAX_TIME, IOptionPricing.TimeOutOfDomain(terms.time));
        (uint256 intensity, int256 logMean, uint256 logDeviation) = (jumps.intensity, jumps.logMean, jumps.logDeviation);
        require(intensity <= MAX_INTENSITY, IOptionPricing.IntensityOutOfDomain(intensity));
        unchecked {
            require(intensity * terms.time <= MAX_EXPECTED * YEAR, IOptionPricing.IntensityOutOfDomain(intensity));
        }
        require(
            -MAX_LOG <= logMean && logMean <= MAX_LOG && logDeviation <= uint256(MAX_LOG),
            IOptionPricing.JumpOutOfDomain(logMean, logDeviation)
        );
    }
}
