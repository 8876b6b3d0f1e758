// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {BinaryMath} from "./BinaryMath.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";
import {NormalMath} from "./NormalMath.sol";

/// @title Prices and Greeks of Black, Scholes and Merton, with rate and carry
/// @notice Carry is what holding the underlying yields in its own unit: the staking yield for a rebasing token and for
/// ether hedged by staking, zero for a token that accumulates.
/// @dev UNITS, DOMAIN: `IOptionPricing`. Inside, factors of time are Q112, standard deviations Q96, probabilities Q128, and a
/// price before its last rounding is in Q112 of the spot's unit.
/// @dev ACCURACY: prices to 1e-18 of the discounted spot or strike, the larger, and 2 units; vega to 1e-18 of the discounted
/// spot and 2 units, times the root of T where that is more; deltas to 1e-18 of e^(-carry T) and 2 wei. Parity holds to the
/// last bit of a `Sides`. What a deviation s below 1e-12 decides (delta, gamma) is exact to 1e-28 / s.
/// @dev ROUNDING: down, unless stated. `keel/models/options/black_scholes.py` is equal to the unit.
/// @dev EDGES: without time or volatility a price is the discounted payoff at the forward, delta is that of the side of the
/// strike (half at the forward itself), gamma and the decay of time value are zero. Zero spot and zero strike are allowed.
library BlackScholes {
    using FixedPointMathLib for uint256;
    using FixedPointMathLib for int256;

    uint256 private constant WAD = 1e18;
    uint256 private constant YEAR = 365 days;

    uint256 internal constant MAX_AMOUNT = 2 ** 112 - 1;
    uint256 internal constant MAX_TIME = 10 * YEAR;
    uint256 internal constant MAX_VOLATILITY = 10e18;
    int256 internal constant MAX_RATE = 1e18;

    /// @notice What a price depends on.
    /// @param spot Of one currency and scale with `strike`.
    /// @param time Seconds to expiry.
    /// @param volatility A year's (WAD).
    /// @param rate Interest on the currency, a year's (signed WAD).
    /// @param carry Yield of the underlying, a year's (signed WAD).
    struct Terms {
        uint256 spot;
        uint256 strike;
        uint256 time;
        uint256 volatility;
        int256 rate;
        int256 carry;
    }

    /// @notice What time, volatility and rates contribute, whatever the prices.
    /// @param spotFactor e^(-carry T), Q112.
    /// @param strikeFactor e^(-rate T), Q112.
    /// @param drift (rate - carry) T, Q96.
    /// @param volatility Q96.
    /// @param root The root of T in years, Q96.
    /// @param deviation volatility * root, Q96.
    struct Factors {
        uint256 spotFactor;
        uint256 strikeFactor;
        int256 drift;
        uint256 volatility;
        uint256 root;
        uint256 deviation;
    }

    /// @notice Prices before their last rounding, and what the Greeks need.
    /// @param call Q112 of the spot's unit, as `put`.
    /// @param spotWeight e^(-carry T) N(d1), Q112.
    /// @param strikeWeight e^(-rate T) N(d2), Q112.
    /// @param density e^(-carry T) n(d1), Q112.
    struct Sides {
        uint256 call;
        uint256 put;
        uint256 spotWeight;
        uint256 strikeWeight;
        uint256 density;
    }

    /// @notice Prices, the call's delta (WAD; the put's is e^(-carry T) less), and vega per 1.00 of volatility.
    struct Quote {
        uint256 call;
        uint256 put;
        uint256 callDelta;
        uint256 vega;
    }

    /// @notice All of a call and a put on the same terms.
    /// @param callDelta Signed WAD, as `putDelta`: with the carry's discount.
    /// @param gamma Delta per unit of spot: of a spot in WAD, WAD.
    /// @param vega Per 1.00 of volatility.
    /// @param callTheta A year's change as time passes, as `putTheta`.
    struct Greeks {
        uint256 call;
        uint256 put;
        int256 callDelta;
        int256 putDelta;
        uint256 gamma;
        uint256 vega;
        int256 callTheta;
        int256 putTheta;
    }

    /// @notice Both prices, delta and vega.
    function quote(Terms memory terms) internal pure returns (Quote memory result) {
        Factors memory f = factors(terms);
        Sides memory s = sides(terms.spot, terms.strike, f);
        unchecked {
            // Q112 weights are below 2^127: times a WAD, below 2^187.
            result.call = s.call >> 112;
            result.put = s.put >> 112;
            result.callDelta = (s.spotWeight * WAD) >> 112;
            result.vega = (((terms.spot * s.density) >> 112) * f.root) >> 96;
        }
    }

    /// @notice Prices and Greeks; deltas and thetas are exact to a few units, in either direction.
    /// @dev Gamma may be any size at the forward of a tiny deviation: up to 2^245, it fits. Where there is no time or no
    /// deviation, the EVM's division by zero gives the zero that is meant.
    function full(Terms memory terms) internal pure returns (Greeks memory result) {
        Factors memory f = factors(terms);
        Sides memory s = sides(terms.spot, terms.strike, f);
        unchecked {
            // Amounts have 112 bits, Q112 weights 127, root and volatility in Q96 100: every product stays below 2^246.
            uint256 spread = terms.spot * f.deviation;
            uint256 peak = (terms.spot * s.density) >> 112;
            int256 decay = int256((peak * f.volatility).rawDiv(2 * f.root));
            // The spot's leg gains `carry`, the strike's costs `rate`: that of N(d) in a call, of N(-d) in a put.
            uint256 spotLeg = terms.spot * s.spotWeight;
            uint256 strikeLeg = terms.strike * s.strikeWeight;
            result.call = s.call >> 112;
            result.put = s.put >> 112;
            result.callDelta = int256((s.spotWeight * WAD) >> 112);
            result.putDelta = -int256(((f.spotFactor - s.spotWeight) * WAD) >> 112);
            result.gamma = ((s.density * WAD * WAD) >> 16).rawDiv(spread);
            result.vega = (peak * f.root) >> 96;
            result.callTheta = _accrual(terms, spotLeg, strikeLeg) - decay;
            result.putTheta = -_accrual(
                    terms, terms.spot * f.spotFactor - spotLeg, terms.strike * f.strikeFactor - strikeLeg
                ) - decay;
        }
    }

    /// @notice What does not depend on the prices. Refuses time, volatility, rate and carry outside their domain.
    function factors(Terms memory terms) internal pure returns (Factors memory f) {
        (uint256 time, uint256 volatility) = (terms.time, terms.volatility);
        require(time <= MAX_TIME, IOptionPricing.TimeOutOfDomain(time));
        require(volatility <= MAX_VOLATILITY, IOptionPricing.VolatilityOutOfDomain(volatility));
        (int256 rate, int256 carry) = (terms.rate, terms.carry);
        require(-MAX_RATE <= rate && rate <= MAX_RATE, IOptionPricing.RateOutOfDomain(rate));
        require(-MAX_RATE <= carry && carry <= MAX_RATE, IOptionPricing.RateOutOfDomain(carry));
        unchecked {
            // Below 2^60 times 2^29: shifted, below 2^185.
            rate = ((rate * int256(time)) << 96).rawSDiv(int256(YEAR * WAD));
            carry = ((carry * int256(time)) << 96).rawSDiv(int256(YEAR * WAD));
            volatility = (volatility << 96) / WAD;
            uint256 root = BinaryMath.rootYears(time);
            f.spotFactor = BinaryMath.expQ112(-carry);
            f.strikeFactor = BinaryMath.expQ112(-rate);
            f.drift = rate - carry;
            f.volatility = volatility;
            f.root = root;
            f.deviation = (volatility * root) >> 96;
        }
    }

    /// @notice Prices for a spot and a strike; neither undercuts its discounted payoff at the forward. Refuses amounts outside
    /// their domain.
    function sides(uint256 spot, uint256 strike, Factors memory f) internal pure returns (Sides memory s) {
        require(spot <= MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(spot));
        require(strike <= MAX_AMOUNT, IOptionPricing.StrikeOutOfDomain(strike));
        (int256 d1, int256 d2) = distances(spot, strike, f);
        unchecked {
            // Factors are below 2^127 and probabilities at most 2^128; amounts have 112 bits.
            (uint256 n1, uint256 density) = NormalMath.normal(d1);
            (uint256 n2,) = NormalMath.normal(d2);
            (uint256 spotFactor, uint256 strikeFactor) = (f.spotFactor, f.strikeFactor);
            uint256 spotWeight = (spotFactor * n1) >> 128;
            uint256 strikeWeight = (strikeFactor * n2) >> 128;
            int256 forward = int256(spot * spotFactor) - int256(strike * strikeFactor);
            int256 call = int256(spot * spotWeight) - int256(strike * strikeWeight);
            int256 least = forward > 0 ? forward : int256(0);
            if (call < least) call = least;
            s.call = uint256(call);
            s.put = uint256(call - forward);
            s.spotWeight = spotWeight;
            s.strikeWeight = strikeWeight;
            s.density = (spotFactor * density) >> 128;
        }
    }

    /// @notice d1 and d2 (Q96). Without deviation both are at the end of the scale, or zero at the forward itself.
    function distances(uint256 spot, uint256 strike, Factors memory f) internal pure returns (int256 d1, int256 d2) {
        unchecked {
            // The logarithm is below 2^104 and the drift below 2^101; the deviation below 2^102.
            int256 logForward = BinaryMath.lnRatio(spot, strike) + f.drift;
            int256 deviation = int256(f.deviation);
            if (deviation != 0) d1 = (logForward << 96).rawSDiv(deviation) + (deviation >> 1);
            else if (logForward != 0) d1 = logForward > 0 ? int256(NormalMath.CUTOFF) : -int256(NormalMath.CUTOFF);
            d2 = d1 - deviation;
        }
    }

    /// @dev What a call's legs (Q112) gain in a year by carry and lose by rate. Rounds toward zero.
    function _accrual(Terms memory terms, uint256 spotLeg, uint256 strikeLeg) private pure returns (int256) {
        unchecked {
            return (terms.carry * int256(spotLeg >> 112) - terms.rate * int256(strikeLeg >> 112)) / int256(WAD);
        }
    }
}
