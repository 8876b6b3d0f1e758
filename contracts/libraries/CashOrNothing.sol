// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";
import {NormalMath} from "./NormalMath.sol";

/// @title Options that pay one unit, or nothing
/// @dev UNITS, DOMAIN: `IOptionPricing`. Prices are WAD per 1.00 of payout; `BlackScholes` explains the inner scales.
/// @dev ACCURACY: prices to 2e-18 of e^(-rate T) and 2 wei; delta and vega to 1e-17 of themselves and 2 wei, but for
/// volatilities below 1e-10, where they are exact to 1e-27 / volatility.
/// @dev ROUNDING: prices down. `keel/models/options/cash_or_nothing.py` is equal to the unit.
/// @dev EDGES: without time or volatility the forward decides; at the strike itself, half. Delta and vega are then zero.
library CashOrNothing {
    using FixedPointMathLib for uint256;
    using FixedPointMathLib for int256;

    uint256 private constant WAD = 1e18;

    /// @notice Prices (WAD) of the right to 1.00 if the spot ends above the strike (call), or below (put).
    /// @param delta The call's change per unit of spot (WAD of a spot in WAD); the put's is its negative.
    /// @param vega The call's change per 1.00 of volatility (signed WAD); the put's is its negative.
    struct Quote {
        uint256 call;
        uint256 put;
        uint256 delta;
        int256 vega;
    }

    /// @notice Prices and their sensitivities.
    function quote(BlackScholes.Terms memory terms) internal pure returns (Quote memory result) {
        require(terms.spot <= BlackScholes.MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(terms.spot));
        require(terms.strike <= BlackScholes.MAX_AMOUNT, IOptionPricing.StrikeOutOfDomain(terms.strike));
        BlackScholes.Factors memory f = BlackScholes.factors(terms);
        (int256 d1, int256 d2) = BlackScholes.distances(terms.spot, terms.strike, f);
        unchecked {
            (uint256 n2, uint256 density) = NormalMath.normal(d2);
            uint256 weight = (f.strikeFactor * n2) >> 128;
            density = (f.strikeFactor * density) >> 128;
            result.call = (weight * WAD) >> 112;
            result.put = ((f.strikeFactor - weight) * WAD) >> 112;
            result.delta = ((density * WAD * WAD) >> 16).rawDiv(terms.spot * f.deviation);
            // Where there is any density d2 is below 13 and d1 below 63 in size: the product stays below 2^230.
            int256 slope = -(int256(density) * d1).rawSDiv(int256(f.volatility));
            result.vega = (slope * int256(WAD)) >> 112;
        }
    }
}
