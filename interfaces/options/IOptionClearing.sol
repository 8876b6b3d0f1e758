// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title OptionClearing: every series, its long and its short claims
/// @notice Fully collateralised: a pair of claims is minted against the worst payoff, may be burned for it until settlement, and
/// shares it afterwards: longs take the payoff, shorts the rest.
///
/// UNITS
/// - Claims have 18 decimals: 1e18 is an option on one unit of the underlying. Strikes, caps and prices in WAD of the quote.
/// - Collateral in its token's units (6 to 18 decimals).
///
/// IDS (ERC-6909)
/// - A series' id is the hash of its terms with the last bit cleared: it is the id of the long claim; the short claim's has the
///   last bit set.
///
/// PAYOFFS, per unit, at settlement price F
/// - `CallInKind`: max(0, 1 - strike / F) of the underlying itself, which is the collateral.
/// - `CashCall`: min(max(0, F - strike), cap) of the quote.
/// - `CashPut`: min(max(0, strike - F), cap) of the quote. A plain put's cap is its strike. Cover against a depeg is a put on the
///   market ratio.
///
/// ROUNDING
/// - The collateral of a series is what its pairs need, rounded up once: mints and burns move it from one total to the next.
///   Payoffs are rounded down; the rest belongs to the shorts.
interface IOptionClearing {
    enum Kind {
        CallInKind,
        CashCall,
        CashPut
    }

    struct Series {
        bytes32 feed;
        address collateral;
        uint40 expiry;
        Kind kind;
        /// WAD.
        uint128 strike;
        /// WAD; zero for `CallInKind`.
        uint128 cap;
    }

    struct State {
        Series series;
        /// Pairs before settlement; then what is left of each.
        uint256 longs;
        uint256 shorts;
        /// Held for the series.
        uint256 collateral;
        /// WAD; zero before settlement.
        uint256 settlementPrice;
        /// Payoff of all longs and rest of all shorts, fixed at settlement.
        uint256 longPayout;
        uint256 shortPayout;
    }

    event SeriesListed(uint256 indexed id, Series series);
    event Minted(uint256 indexed id, address indexed payer, address longReceiver, address shortReceiver, uint256 amount, uint256 collateral);
    event Burned(uint256 indexed id, address indexed owner, address indexed receiver, uint256 amount, uint256 collateral);
    event Settled(uint256 indexed id, uint256 priceWad, uint256 longPayout, uint256 shortPayout);
    /// @notice `id` is the claim's: long or short.
    event Redeemed(uint256 indexed id, address indexed owner, address indexed receiver, uint256 amount, uint256 payout);

    /// @notice Lists a series of a market that the owner has opened; listed again, nothing happens.
    function listSeries(Series calldata series) external returns (uint256 id);

    /// @notice Mints `amount` pairs; collateral is taken from the caller.
    function mint(uint256 id, uint256 amount, address longReceiver, address shortReceiver)
        external
        returns (uint256 collateral);

    /// @notice Burns `amount` pairs of the caller, before settlement.
    function burn(uint256 id, uint256 amount, address receiver) external returns (uint256 collateral);

    /// @notice Settles a series at its oracle's price, once that is fixed.
    function settle(uint256 id) external returns (uint256 priceWad);

    /// @notice Pays the caller's `amount` of a claim, long or short, of a settled series.
    function redeem(uint256 claimId, uint256 amount, address receiver) external returns (uint256 payout);

    /* VIEWS */

    function idOf(Series calldata series) external pure returns (uint256 id);

    /// @notice Collateral that `mint` would take now.
    function previewMint(uint256 id, uint256 amount) external view returns (uint256 collateral);

    /// @notice Most pairs that `collateral` of the token pays for in a series without any (rounded down).
    function pairsFor(uint256 id, uint256 collateral) external view returns (uint256 amount);

    /// @notice What `redeem` would pay.
    function previewRedeem(uint256 claimId, uint256 amount) external view returns (uint256 payout);

    function stateOf(uint256 id) external view returns (State memory);

    function seriesCount() external view returns (uint256);

    /// @notice States of listed series `from`, `from + 1`, ... at most `count`.
    function statesOf(uint256 from, uint256 count) external view returns (State[] memory);

    function oracle() external view returns (address);
}
