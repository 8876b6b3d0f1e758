// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {BinaryMath} from "./BinaryMath.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";
import {NormalQuantile} from "./NormalQuantile.sol";

/// @title The strike at which an option has a wanted delta
/// @dev UNITS, DOMAIN: `IOptionPricing`. `BlackScholes` explains the inner scales.
/// @dev ACCURACY: 1e-17 of the spot, and of the strike; where the deviation is above 1, times the deviation.
/// @dev ROUNDING: down. `keel/models/options/strike_selection.py` is equal to the unit.
library StrikeSelection {
    uint256 private constant WAD = 1e18;

    /// @notice Strike at which the call, or the put, has a delta of `delta` in size (WAD, with the carry's discount).
    /// `terms.strike` is not read. A strike beyond the domain is returned as the domain's last.
    /// @dev K = S exp(drift + s^2 / 2 - d1 s), with s the deviation and N(d1), or N(-d1), = delta e^(carry T).
    function strikeForDelta(BlackScholes.Terms memory terms, uint256 delta, bool isCall)
        internal
        pure
        returns (uint256)
    {
        uint256 spot = terms.spot;
        require(spot <= BlackScholes.MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(spot));
        BlackScholes.Factors memory f = BlackScholes.factors(terms);
        require(delta != 0 && delta < WAD << 15, IOptionPricing.DeltaOutOfDomain(delta));
        unchecked {
            // The delta is below 2^75: times 2^240, and a WAD less, below 2^256.
            uint256 probability = ((delta << 112) / WAD << 128) / f.spotFactor;
            require(probability < 2 ** 128, IOptionPricing.DeltaOutOfDomain(delta));
            uint256 smaller = 2 * probability <= 2 ** 128 ? probability : 2 ** 128 - probability;
            // Within 1e-20 of 0 and 1 the quantile stays that of 1e-20.
            if (smaller < 2 ** 62) smaller = 2 ** 62;
            int256 d1 = int256(NormalQuantile.upperQuantile(smaller));
            if ((2 * probability > 2 ** 128) != isCall) d1 = -d1;
            // Deviation below 2^101, d1 below 2^100.
            int256 s = int256(f.deviation);
            (uint256 mantissa, int256 exponent) = BinaryMath.expParts(f.drift + ((s * ((s >> 1) - d1)) >> 96));
            // Spot and mantissa have 225 bits together. From 2^113 on every strike but zero is past the domain.
            if (exponent > 113) exponent = 113;
            uint256 strike = (2 * spot * mantissa) >> uint256(113 - exponent);
            return strike < BlackScholes.MAX_AMOUNT ? strike : BlackScholes.MAX_AMOUNT;
        }
    }
}
