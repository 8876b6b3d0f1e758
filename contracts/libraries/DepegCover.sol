// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {BlackScholes} from "./BlackScholes.sol";
import {DepegPricing} from "./DepegPricing.sol";
import {IOptionPricing} from "../../interfaces/libraries/IOptionPricing.sol";
import {NormalMath} from "./NormalMath.sol";

/// @title Cover against a depeg: claims on ratio = market price / redemption rate
/// @notice The ratio moves without drift, with a volatility of its own, and may lose `loss` in one absorbing jump, taken to
/// come at once: the writer's side of the uncertainty. Nothing compensates for the jump: cover is paid for its expectation.
/// @dev UNITS, DOMAIN: `IOptionPricing`; ratio and barrier are WAD as a rule; intensity from 0 to 10 a year, loss from 0 to 1.
/// @dev ACCURACY: probabilities to 1e-17, and what half a unit of the fallen ratio is in deviations; the put to 1e-17 of the
/// ratio or barrier, the larger, and 4 units.
/// @dev ROUNDING: down. `keel/models/options/depeg_cover.py` is equal to the unit.
/// @dev EDGES: without time or volatility the ratio itself decides, a ratio at the barrier being touched but not below.
library DepegCover {
    uint256 private constant WAD = 1e18;
    uint256 private constant Q112 = 2 ** 112;
    uint256 private constant Q128 = 2 ** 128;

    /// @notice What a cover depends on.
    /// @param ratio Now.
    /// @param barrier Below which, or at which, it pays; a put's strike.
    /// @param time Seconds to expiry.
    /// @param volatility The ratio's, a year's (WAD).
    /// @param rate Interest on the payout's currency, a year's (signed WAD).
    /// @param intensity Expected jumps a year (WAD).
    /// @param loss Fraction of the ratio that one takes (WAD).
    struct Cover {
        uint256 ratio;
        uint256 barrier;
        uint256 time;
        uint256 volatility;
        int256 rate;
        uint256 intensity;
        uint256 loss;
    }

    /// @notice 1.00 at expiry if the ratio is then below the barrier: price and probability (WAD).
    function european(Cover memory cover) internal pure returns (uint256 price, uint256 likelihood) {
        return _cash(cover, _below);
    }

    /// @notice 1.00 at expiry if the ratio was ever at or below the barrier, watched without gaps: price and probability
    /// (WAD).
    function oneTouch(Cover memory cover) internal pure returns (uint256 price, uint256 likelihood) {
        return _cash(cover, _touched);
    }

    /// @notice Price of max(0, barrier - ratio) at expiry, in the scale of the ratio.
    function put(Cover memory cover) internal pure returns (uint256) {
        (BlackScholes.Factors memory f, uint256 p, uint256 fallen) = _prepare(cover);
        uint256 calm = BlackScholes.sides(cover.ratio, cover.barrier, f).put >> 112;
        uint256 broken = BlackScholes.sides(fallen, cover.barrier, f).put >> 112;
        unchecked {
            // Prices have 127 bits and p 113.
            return ((Q112 - p) * calm + p * broken) >> 112;
        }
    }

    /// @dev Discounted likelihood of `event_` with and without the jump.
    function _cash(
        Cover memory cover,
        function(uint256, uint256, BlackScholes.Factors memory) pure returns (uint256) event_
    ) private pure returns (uint256 price, uint256 likelihood) {
        (BlackScholes.Factors memory f, uint256 p, uint256 fallen) = _prepare(cover);
        uint256 calm = event_(cover.ratio, cover.barrier, f);
        uint256 broken = event_(fallen, cover.barrier, f);
        unchecked {
            // Probabilities are at most Q128, and Q112.
            uint256 mixed = ((Q112 - p) * calm + p * broken) >> 112;
            likelihood = (mixed * WAD) >> 128;
            price = (((mixed * f.strikeFactor) >> 128) * WAD) >> 112;
        }
    }

    /// @dev The ratio's forward is the ratio: rate and carry are one. Discounting is in the factors.
    function _prepare(Cover memory cover)
        private
        pure
        returns (BlackScholes.Factors memory f, uint256 p, uint256 fallen)
    {
        require(cover.ratio <= BlackScholes.MAX_AMOUNT, IOptionPricing.SpotOutOfDomain(cover.ratio));
        require(cover.barrier <= BlackScholes.MAX_AMOUNT, IOptionPricing.StrikeOutOfDomain(cover.barrier));
        require(cover.loss <= WAD, IOptionPricing.LossOutOfDomain(cover.loss));
        f = BlackScholes.factors(
            BlackScholes.Terms(cover.ratio, cover.barrier, cover.time, cover.volatility, cover.rate, cover.rate)
        );
        p = DepegPricing.probability(cover.intensity, cover.time);
        unchecked {
            fallen = cover.ratio * (WAD - cover.loss) / WAD;
        }
    }

    /// @dev Probability (Q128) that the ratio ends below the barrier.
    function _below(uint256 ratio, uint256 barrier, BlackScholes.Factors memory f) private pure returns (uint256 n) {
        if (f.deviation == 0) return ratio < barrier ? Q128 : 0;
        (, int256 d2) = BlackScholes.distances(ratio, barrier, f);
        unchecked {
            (n,) = NormalMath.normal(-d2);
        }
    }

    /// @dev Probability (Q128) that the ratio's minimum is at most the barrier: N(-d2) + ratio / barrier N(-d1), by the
    /// reflection principle.
    function _touched(uint256 ratio, uint256 barrier, BlackScholes.Factors memory f) private pure returns (uint256) {
        if (ratio <= barrier) return Q128;
        if (barrier == 0) return 0;
        (int256 d1, int256 d2) = BlackScholes.distances(ratio, barrier, f);
        unchecked {
            // The ratio has 112 bits. With two probabilities of at most one each, the sum can only round past one.
            (uint256 ending,) = NormalMath.normal(-d2);
            (uint256 reflected,) = NormalMath.normal(-d1);
            uint256 sum = ending + ratio * reflected / barrier;
            return sum < Q128 ? sum : Q128;
        }
    }
}
