// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {BinaryMath} from "../libraries/BinaryMath.sol";
import {BlackScholes} from "../libraries/BlackScholes.sol";
import {CashOrNothing} from "../libraries/CashOrNothing.sol";
import {DepegCover} from "../libraries/DepegCover.sol";
import {DepegPricing} from "../libraries/DepegPricing.sol";
import {ImpliedVolatility} from "../libraries/ImpliedVolatility.sol";
import {MertonSeries} from "../libraries/MertonSeries.sol";
import {NormalMath} from "../libraries/NormalMath.sol";
import {NormalQuantile} from "../libraries/NormalQuantile.sol";
import {StrikeSelection} from "../libraries/StrikeSelection.sol";

/// @title OptionPricingHarness
/// @notice The pricing libraries on many rows at once, and the gas that one row takes inside a contract.
contract OptionPricingHarness {
    /// @notice Terms, and the risk of a depeg.
    struct DepegRow {
        BlackScholes.Terms terms;
        DepegPricing.Depeg depeg;
    }

    /// @notice Terms, the law of jumps, and how many terms of the series to keep.
    struct MertonRow {
        BlackScholes.Terms terms;
        MertonSeries.Jumps jumps;
        uint256 count;
    }

    /// @notice Terms, a delta or a price, and which side.
    struct SideRow {
        BlackScholes.Terms terms;
        uint256 wanted;
        bool isCall;
    }

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

    /// @notice The quantile of each probability.
    function ppf(uint256[] calldata rows) external pure returns (int256[] memory results) {
        results = new int256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = NormalQuantile.ppf(rows[k]);
        }
    }

    /// @notice Digital prices on each of the terms.
    function cashOrNothing(BlackScholes.Terms[] calldata rows)
        external
        pure
        returns (CashOrNothing.Quote[] memory results)
    {
        results = new CashOrNothing.Quote[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = CashOrNothing.quote(rows[k]);
        }
    }

    /// @notice Prices with the risk of a depeg in them.
    function depeg(DepegRow[] calldata rows) external pure returns (DepegPricing.Quote[] memory results) {
        results = new DepegPricing.Quote[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = DepegPricing.quote(rows[k].terms, rows[k].depeg);
        }
    }

    /// @notice What the risk of a depeg adds to each price.
    function depegPremium(DepegRow[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = DepegPricing.premium(rows[k].terms, rows[k].depeg);
        }
    }

    /// @notice Price and probability of each cover, paid by the ratio at the end.
    function europeanCover(DepegCover.Cover[] calldata rows) external pure returns (uint256[2][] memory results) {
        results = new uint256[2][](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            (results[k][0], results[k][1]) = DepegCover.european(rows[k]);
        }
    }

    /// @notice Price and probability of each cover, paid by the lowest ratio.
    function oneTouchCover(DepegCover.Cover[] calldata rows) external pure returns (uint256[2][] memory results) {
        results = new uint256[2][](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            (results[k][0], results[k][1]) = DepegCover.oneTouch(rows[k]);
        }
    }

    /// @notice Price of a put on each ratio.
    function putCover(DepegCover.Cover[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = DepegCover.put(rows[k]);
        }
    }

    /// @notice The strike for each delta.
    function strikeForDelta(SideRow[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = StrikeSelection.strikeForDelta(rows[k].terms, rows[k].wanted, rows[k].isCall);
        }
    }

    /// @notice The volatility for each price.
    function impliedVolatility(SideRow[] calldata rows) external pure returns (uint256[] memory results) {
        results = new uint256[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = ImpliedVolatility.impliedVolatility(rows[k].terms, rows[k].wanted, rows[k].isCall);
        }
    }

    /// @notice Prices of the series and their bounds.
    function merton(MertonRow[] calldata rows) external pure returns (MertonSeries.Quote[] memory results) {
        results = new MertonSeries.Quote[](rows.length);
        for (uint256 k = 0; k < rows.length; ++k) {
            results[k] = MertonSeries.quote(rows[k].terms, rows[k].jumps, rows[k].count);
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

    /// @notice Gas of one depeg quote.
    function gasOfDepeg(DepegRow memory row) external view returns (uint256 used, DepegPricing.Quote memory result) {
        used = gasleft();
        result = DepegPricing.quote(row.terms, row.depeg);
        used -= gasleft();
    }

    /// @notice Gas of one implied volatility.
    function gasOfImpliedVolatility(SideRow memory row) external view returns (uint256 used, uint256 result) {
        used = gasleft();
        result = ImpliedVolatility.impliedVolatility(row.terms, row.wanted, row.isCall);
        used -= gasleft();
    }

    /// @notice Gas of one strike for a delta.
    function gasOfStrike(SideRow memory row) external view returns (uint256 used, uint256 result) {
        used = gasleft();
        result = StrikeSelection.strikeForDelta(row.terms, row.wanted, row.isCall);
        used -= gasleft();
    }
}
