// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";

/// @title Options on an underlying that may lose its peg once
/// @notice One absorbing jump within the life: with p = 1 - e^(-intensity T) the spot loses the fraction `loss`, and
/// otherwise grows by what makes up for it. V = (1 - p) BSM(S c) + p BSM(S c (1 - loss)), c = 1 / (1 - p loss).
/// @dev UNITS, DOMAIN: `IOptionPricing`; intensity from 0 to 10 a year, loss from 0 to 0.99, spot times c below 2^112.
/// @dev ACCURACY: prices to 1e-17 of the discounted spot or strike, the larger, and 4 units, times e^(-carry T) where that is
/// more: rounding the spots moves them by a unit. Parity holds within the same. For intensity 0 or loss 0 all is that of BSM, to the unit.
/// @dev ROUNDING: down, unless stated. `keel/models/options/depeg_pricing.py` is equal to the unit.
library DepegPricing {
    using FixedPointMathLib for uint256;

    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;
    uint256 private constant Q112 = 2 ** 112;

    uint256 internal constant MAX_INTENSITY = 10e18;
    uint256 internal constant MAX_LOSS = 0.99e18;

    /// @notice A risk of depeg.
    /// @param intensity Expected number a year (WAD).
    /// @param loss Fraction of the spot that one takes (WAD).
    struct Depeg {
        uint256 intensity;
        uint256 loss;
    }

    /// @notice Both prices, the call's delta (WAD), and vega per 1.00 of volatility.
    struct Quote {
        uint256 call;
        uint256 put;
        uint256 callDelta;
        uint256 vega;
    }

    /// @notice Prices, delta and vega.
    function quote(BlackScholes.Terms memory terms, Depeg memory depeg) internal pure returns (Quote memory result) {
        (uint256 spot, uint256 strike, uint256 loss) = (terms.spot, terms.strike, depeg.loss);
        require(spot <= BlackScholes.MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(spot));
        require(loss <= MAX_LOSS, IOptionPricing.LossOutOfDomain(loss));
        BlackScholes.Factors memory f = BlackScholes.factors(terms);
        uint256 p = probability(depeg.intensity, terms.time);
        unchecked {
            // 1 / c in Q112: at least a hundredth.
            uint256 kept = Q112 - p * loss / WAD;
            spot = (spot << 112).rawDiv(kept);
            BlackScholes.Sides memory held = BlackScholes.sides(spot, strike, f);
            uint256 fallen = spot * (WAD - loss) / WAD;
            BlackScholes.Sides memory broken = BlackScholes.sides(fallen, strike, f);
            // Prices have at most 127 bits once they are whole units, and weights have as many.
            result.call = _mix(p, held.call >> 112, broken.call >> 112);
            result.put = _mix(p, held.put >> 112, broken.put >> 112);
            result.callDelta = (_mix(p, held.spotWeight, broken.spotWeight * (WAD - loss) / WAD) * WAD).rawDiv(kept);
            result.vega = (_mix(p, (spot * held.density) >> 112, (fallen * broken.density) >> 112) * f.root) >> 96;
        }
    }

    /// @notice What the risk adds to the price without it, of call and put alike. A jump with its compensation spreads the
    /// spot at an equal mean, so it is never negative.
    function premium(BlackScholes.Terms memory terms, Depeg memory depeg) internal pure returns (uint256) {
        // The side out of the money has the digits.
        BlackScholes.Quote memory plain = BlackScholes.quote(terms);
        Quote memory priced = quote(terms, depeg);
        return plain.call < plain.put ? priced.call.zeroFloorSub(plain.call) : priced.put.zeroFloorSub(plain.put);
    }

    /// @notice Probability (Q112) of a jump of `intensity` (WAD a year) within `time` (seconds, in the domain).
    /// @dev Rounds up.
    function probability(uint256 intensity, uint256 time) internal pure returns (uint256) {
        require(intensity <= MAX_INTENSITY, IOptionPricing.IntensityOutOfDomain(intensity));
        unchecked {
            return Q112 - BinaryMath.expQ112(-int256(((intensity * time) << 96) / (YEAR * WAD)));
        }
    }

    /// @dev Values below 2^128, weighted with 1 - p and p (Q112).
    function _mix(uint256 p, uint256 pegged, uint256 broken) private pure returns (uint256) {
        unchecked {
            return ((Q112 - p) * pegged + p * broken) >> 112;
        }
    }
}
