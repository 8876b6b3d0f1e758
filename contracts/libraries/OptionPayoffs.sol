// SPDX-License-Identifier: MIT
pragma solidity ^0.8.27;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IOptionClearing} from "../../interfaces/options/IOptionClearing.sol";

/// @title What pairs need, and what claims pay
/// @dev UNITS: claims have 18 decimals; payoffs, strikes, caps and prices are WAD; amounts are token units.
/// @dev BOUNDS: claims, strikes and caps below 2^96, prices below 2^128: no product reaches 2^256.
library OptionPayoffs {
    using FixedPointMathLib for uint256;

    uint256 internal constant WAD = 1e18;

    /// @notice The worst payoff of a unit.
    function worst(IOptionClearing.Kind kind, uint256 cap) internal pure returns (uint256) {
        return kind == IOptionClearing.Kind.CallInKind ? WAD : cap;
    }

    /// @notice The payoff of a unit; not above `worst`.
    /// @dev Rounds down, so that what a long gets is covered.
    function payoffDown(IOptionClearing.Kind kind, uint256 strike, uint256 cap, uint256 price)
        internal
        pure
        returns (uint256)
    {
        if (kind == IOptionClearing.Kind.CallInKind) return price.zeroFloorSub(strike) * WAD / price;
        uint256 gain = kind == IOptionClearing.Kind.CashCall ? price.zeroFloorSub(strike) : strike.zeroFloorSub(price);
        return gain.min(cap);
    }

    /// @notice Token units that cover `perUnit` of each of `claims`.
    function amountUp(uint256 claims, uint256 perUnit, uint256 decimals) internal pure returns (uint256) {
        return (claims * perUnit).divUp(_scale(decimals));
    }

    /// @notice Token units that `perUnit` of each of `claims` pays.
    function amountDown(uint256 claims, uint256 perUnit, uint256 decimals) internal pure returns (uint256) {
        return unitsDown(claims * perUnit, decimals);
    }

    /// @notice Token units in `exact`, a sum of claims times WAD.
    function unitsDown(uint256 exact, uint256 decimals) internal pure returns (uint256) {
        return exact / _scale(decimals);
    }

    /// @notice The most claims that `amount` covers, at `perUnit` each.
    function claimsDown(uint256 amount, uint256 perUnit, uint256 decimals) internal pure returns (uint256) {
        return amount.fullMulDiv(_scale(decimals), perUnit);
    }

    /// @dev Claims and payoffs have 18 decimals each.
    function _scale(uint256 decimals) private pure returns (uint256) {
        return 10 ** (36 - decimals);
    }
}
