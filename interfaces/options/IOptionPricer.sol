// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";
import {IOptionClearing} from "./IOptionClearing.sol";

/// @title OptionPricer: which option a vault writes, and the least it may cost
/// @notice Spot from the settlement oracle's feed, volatility and risk of depeg from the volatility oracle; both must be fresh.
///
/// UNITS
/// - Spot, strike, reserve: WAD. The reserve is in units of the collateral for one option: of the underlying for
///   `CallInKind`, of the quote for `CashPut`.
///
/// MODELS
/// - `CoveredCall`: `CallInKind`; the strike has a call delta of `target`; the reserve is the call with one depeg jump over
///   the spot, since the payoff is paid in the underlying.
/// - `SecuredPut`: `CashPut` with cap = strike; the strike has a put delta of `target`; the reserve is the put with one jump.
/// - `Cover`: `CashPut` on the market ratio; the strike is `target` itself; the reserve is the put of `DepegCover`, whose jump
///   comes at once and is paid for in full. The ratio is the feed's, an average, or what it comes to at the pool's price of the
///   second of the sale, whichever is lower: in a fall the average is minutes late, and cover at its price a gift. Who pushes the
///   pool's price down makes cover dearer, and nobody makes it cheaper so.
///
/// BOUNDS OF THE STRIKE
/// - From `minMoneyness` to `maxMoneyness` times the spot, on multiples of `grid`, rounded away from the money: up for a call,
///   down for a put. A cover's `target` above `maxMoneyness` times the ratio is lowered to that, so that a cover is never
///   written on a depeg that has happened.
///
/// ROUNDING
/// - The reserve up, against the buyer.
///
/// LIVENESS
/// - Stale or absurd inputs revert: no auction, no sale.
interface IOptionPricer is IBounded {
    enum Style {
        CoveredCall,
        SecuredPut,
        Cover
    }

    /// @notice What a pricer is fixed to at deployment.
    struct Terms {
        Style style;
        /// ISettlementOracle: of the spot.
        address settlement;
        /// IVolatilityOracle.
        address volatility;
        bytes32 feed;
        /// WAD. Size of the delta, 1 % to 50 %; of a cover the strike, up to 1.
        uint256 target;
        /// WAD of the spot, 10 % to 1,000 %.
        uint256 minMoneyness;
        uint256 maxMoneyness;
        /// WAD of the quote; strikes are its multiples.
        uint256 grid;
        /// WAD of the collateral for one option: the reserve is never below.
        uint256 minReserve;
        /// Signed WAD, a year's yield of the underlying in its own unit: zero for a token that accumulates. Size up to 1.
        int256 carry;
    }

    /// @notice No multiple of the grid lies within the bounds at this spot.
    error NoStrike(uint256 spotWad, uint256 strikeWad);
    error Expired(uint256 expiry, uint256 timestamp);

    /// @notice The kind of series that is written.
    function kind() external view returns (IOptionClearing.Kind);

    /// @notice The series to write for `expiry`.
    /// @return strikeWad Of the quote.
    /// @return capWad Zero for a call in kind, the strike for puts.
    function chooseStrike(uint256 expiry) external view returns (uint256 strikeWad, uint256 capWad);

    /// @notice The least price of an option of this strike and expiry now: the model's, at least `minReserve`.
    function reserve(uint256 strikeWad, uint256 expiry) external view returns (uint256 reserveWad);

    /// @notice The reserve, and by how much it may be wrong as a price of the model.
    /// @return reserveWad As `reserve`.
    /// @return errorWad The model's tolerance, 1e-12 of the spot or strike, plus what the volatility's bound is worth: vega
    /// (or, for a cover, the price difference) times what the volatility may move in a day.
    function reserveBound(uint256 strikeWad, uint256 expiry)
        external
        view
        returns (uint256 reserveWad, uint256 errorWad);

    function terms() external view returns (Terms memory);
}
