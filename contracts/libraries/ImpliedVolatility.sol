// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";
import {BlackScholes} from "./BlackScholes.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";

/// @title The volatility that explains a price
/// @dev UNITS, DOMAIN: `IOptionPricing`; the price lies between the discounted payoff at the forward and the price at the
/// highest volatility. `BlackScholes` explains the inner scales.
/// @dev ACCURACY: the price at the result is off by 2 units, 2e-18 of the discounted spot or strike, the larger, and what
/// 1e-18 of volatility is worth.
/// @dev ITERATION: at most `MAX_ROUNDS` evaluations, five to twelve as a rule. Newton's method on the price of the option out
/// of the money starts from that price's inflection in the deviation, the root of 2 |ln(F / K)|: above it on the price, which
/// is concave there, below it on the logarithm of the price. A step out of the bracket halves it instead. Once the rounds are
/// spent the last point is the result.
/// @dev ROUNDING: to the nearest. `keel/models/options/implied_volatility.py` is equal to the unit.
library ImpliedVolatility {
    using FixedPointMathLib for uint256;
    using FixedPointMathLib for int256;

    uint256 private constant WAD = 1e18;
    uint256 internal constant MAX_ROUNDS = 64;

    /// @dev A step this much smaller (bits) than the deviation is the last: the next would be its square.
    uint256 private constant LAST_STEP_BITS = 36;

    /// @notice Volatility (WAD) at which the call, or the put, costs `price`. `terms.volatility` is not read.
    /// @dev A price at the lower bound gives zero, also where no time is left.
    function impliedVolatility(BlackScholes.Terms memory terms, uint256 price, bool isCall)
        internal
        pure
        returns (uint256)
    {
        BlackScholes.Factors memory f = BlackScholes.factors(
            BlackScholes.Terms({
                spot: terms.spot,
                strike: terms.strike,
                time: terms.time,
                volatility: BlackScholes.MAX_VOLATILITY,
                rate: terms.rate,
                carry: terms.carry
            })
        );
        BlackScholes.Sides memory s = BlackScholes.sides(terms.spot, terms.strike, f);
        unchecked {
            // Amounts have 112 bits, factors 127.
            int256 forward = int256(terms.spot * f.spotFactor) - int256(terms.strike * f.strikeFactor);
            uint256 floor_ = uint256((forward > 0) == isCall ? forward.abs() : 0);
            uint256 most = (isCall ? s.call : s.put) >> 112;
            require(
                price >= floor_ >> 112 && price <= most, IOptionPricing.PriceOutOfDomain(price, floor_ >> 112, most)
            );
            // What is left is the price of the option out of the money.
            uint256 target = price << 112 > floor_ ? (price << 112) - floor_ : 0;
            if (target == 0 || f.root == 0) return 0;
            uint256 deviation = _solve(terms, f, target);
            return (deviation * WAD + f.root / 2) / f.root;
        }
    }

    /// @dev The deviation (Q96) at which the cheaper side costs `target` (Q112 of the spot's unit).
    function _solve(BlackScholes.Terms memory terms, BlackScholes.Factors memory f, uint256 target)
        private
        pure
        returns (uint256 deviation)
    {
        unchecked {
            uint256 low = 0;
            uint256 high = f.deviation;
            // The logarithm is below 2^104: its double in Q192 is below 2^201.
            deviation = ((BinaryMath.lnRatio(terms.spot, terms.strike) + f.drift).abs() << 97).sqrt().min(high);
            bool above;
            for (uint256 round = 0; round < MAX_ROUNDS; ++round) {
                f.deviation = deviation;
                BlackScholes.Sides memory s = BlackScholes.sides(terms.spot, terms.strike, f);
                uint256 value = s.call.min(s.put);
                if (value == target) return deviation;
                if (value < target) low = deviation;
                else high = deviation;
                if (round == 0) above = value < target;
                uint256 next = _step(deviation, value, target, terms.spot * s.density, above);
                if (next.dist(deviation) <= deviation >> LAST_STEP_BITS) return next.clamp(low, high);
                deviation = next < low || next > high ? (low + high) / 2 : next;
            }
        }
    }

    /// @dev Newton's next point; beyond all where there is none.
    /// @param slope The price's derivative by the deviation, in its scale.
    /// @param onPrice On the price, or on its logarithm.
    function _step(uint256 deviation, uint256 value, uint256 target, uint256 slope, bool onPrice)
        private
        pure
        returns (uint256)
    {
        unchecked {
            if (slope == 0 || (value == 0 && !onPrice)) return type(uint256).max;
            int256 change;
            if (onPrice) {
                // Both prices are below spotFactor times the spot, of which the slope, if any, is at least 2^-127.
                change = int256(target.dist(value).fullMulDivUnchecked(2 ** 96, slope).min(2 ** 128));
                if (target < value) change = -change;
            } else {
                uint256 shift = value.max(target).log2();
                shift = shift > 111 ? shift - 111 : 0;
                change = BinaryMath.lnRatio(target >> shift, value >> shift);
                change = (change * int256(value.fullMulDivUnchecked(2 ** 96, slope).min(2 ** 120))) >> 96;
            }
            int256 next = int256(deviation) + change;
            return next < 0 ? 0 : uint256(next);
        }
    }
}
