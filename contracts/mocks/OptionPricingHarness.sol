// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BinaryMath} from "../libraries/BinaryMath.sol";
import {BlackScholes} from "../libraries/BlackScholes.sol";
import {NormalMath} from "../libraries/NormalMath.sol";

/// @title OptionPricingHarness
/// @notice The pricing libraries on many rows at once, and the gas that one row takes inside a contract.
contract OptionPricingHarness {
    /// @notice The distribution of each.
    function cdf(int256[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = NormalMath.cdf(rows[k]);
        }
    }

    /// @notice The density of each.
    function pdf(int256[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = NormalMath.pdf(rows[k]);
        }
    }

    /// @notice Distribution and density (Q128) of each (Q96).
    function normal(int256[] calldata rows) external pure returns (uint256[2][] memory results) {
        results = new uint256[2][](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            (results[k][0], results[k][1]) = NormalMath.normal(rows[k]);
        }
    }

    /// @notice Mantissa and exponent of e^x of each (Q96).
    function expParts(int256[] calldata rows) external pure returns (int256[2][] memory results) {
        results = new int256[2][](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            (uint256 mantissa, int256 exponent) = BinaryMath.expParts(rows[k]);
            results[k] = [int256(mantissa), exponent];
        }
    }

    /// @notice e^x (Q112) of each (Q96).
    function expQ112(int256[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = BinaryMath.expQ112(rows[k]);
        }
    }

    /// @notice ln(a / b) (Q96) of rows of a, b.
    function lnRatio(uint256[2][] calldata rows) external pure returns (int256[] memory results) {
        results = new int256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = BinaryMath.lnRatio(rows[k][0], rows[k][1]);
        }
    }

    /// @notice The root of each time.
    function rootYears(uint256[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = BinaryMath.rootYears(rows[k]);
        }
    }

    /// @notice Prices, delta and vega on each of the terms.
    function quote(BlackScholes.Terms[] calldata rows) external pure returns (BlackScholes.Quote[] memory results) {
        results = new BlackScholes.Quote[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = BlackScholes.quote(rows[k]);
        }
    }

    /// @notice Prices and Greeks on each of the terms.
    function full(BlackScholes.Terms[] calldata rows) external pure returns (BlackScholes.Greeks[] memory results) {
        results = new BlackScholes.Greeks[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = BlackScholes.full(rows[k]);
        }
    }

    /// @notice Gas of one `cdf`.
    function gasOfCdf(int256 x) external view returns (uint256 used, uint256 result) {
        used = gasleft();
        result = NormalMath.cdf(x);
        used -= gasleft();
    }

    /// @notice Gas of one `quote`.
    function gasOfQuote(BlackScholes.Terms memory terms)
        external
        view
        returns (uint256 used, BlackScholes.Quote memory result)
    {
        used = gasleft();
        result = BlackScholes.quote(terms);
        used -= gasleft();
    }

    /// @notice Gas of one `full`.
    function gasOfFull(BlackScholes.Terms memory terms)
        external
        view
        returns (uint256 used, BlackScholes.Greeks memory result)
    {
        used = gasleft();
        result = BlackScholes.full(terms);
        used -= gasleft();
    }
}
