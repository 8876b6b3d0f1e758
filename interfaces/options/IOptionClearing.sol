// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";

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
/// - Transfers, approvals and operators as in the standard; claims can't be sent to the zero address or to this contract.
///
/// PAYOFFS, per unit, at settlement price F
/// - `CallInKind`: max(0, 1 - strike / F) of the underlying itself, which is the collateral: wkETH.
/// - `CashCall`: min(max(0, F - strike), cap) of the quote.
/// - `CashPut`: min(max(0, strike - F), cap) of the quote. A plain put's cap is its strike. Cover against a depeg is a put on the
///   market ratio.
/// - The collateral of cash kinds is the quote (one unit of the token is one of the quote: the market's owner answers for
///   that), and never kETH or wkETH, which fall when cover against their fall pays.
///
/// ROUNDING
/// - The collateral of a series is what its pairs need, rounded up once: mints and burns move it from one total to the next.
/// - A claim's payoff is fixed at settlement: per long the payoff in WAD rounded down, per short the rest. `redeem` rounds down
///   to a token unit, `unwind` pairs and others so; what that leaves goes to who takes the last claim of the series. So
///   nobody's payoff depends on others' order by more than these units: one for each `redeem`, two for each `unwind`.
///
/// MARKETS
/// - The owner opens a market, a feed with a collateral and a kind, with the least strike, the step of strikes, and the longest
///   time to expiry. Anyone lists series of it. Closed, it takes no series and no mints; burn, settlement and redemption
///   go on.
/// - Where a feed has a market ratio in it, the pairs outstanding for one expiry, of all feeds of that pool, are at most the
///   oracle's `capacity` of the feed at each mint.
///
/// TOKEN ASSUMPTIONS
/// - A collateral that takes a fee on transfers is refused at the mint, one that calls back meets a lock. One that rebases is
///   not supported, nor one that refuses to transfer nothing: claims may be worth that. Balances are read around a mint's
///   transfer alone: gifts move nothing.
/// - No function takes ether, there is no batching, and no signature is taken.
///
/// TRUST
/// - The oracle, which can't be replaced, for prices; it can only be late. The owner for the choice of markets. Collateral
///   tokens: who freezes or breaks one freezes its series, and no other.
///
/// LIVENESS
/// - Minting ends at the expiry, burning pairs at the settlement. Once the oracle has a price anyone settles. Nothing stops
///   a redemption after that. Minting asks no price: pairs are paid for in full. Listing a series asks a fresh one.
interface IOptionClearing is IBounded {
    enum Kind {
        CallInKind,
        CashCall,
        CashPut
    }

    struct Series {
        bytes32 feed;
        address collateral;
        /// 08:00 UTC, seconds.
        uint40 expiry;
        Kind kind;
        /// WAD; below 2^96.
        uint128 strike;
        /// WAD, below 2^96; zero for `CallInKind`, at most the strike for `CashPut`.
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
        /// After settlement: payoff of the longs that are left, and the rest. Until the first redemption: all that longs and
        /// all that shorts get.
        uint256 longPayout;
        uint256 shortPayout;
    }

    struct Market {
        bytes32 feed;
        address collateral;
        Kind kind;
        /// Whether series may be listed and pairs minted.
        bool open;
        /// WAD of the quote; not zero.
        uint96 minStrike;
        /// WAD: strikes are multiples of it.
        uint96 strikeStep;
        /// Seconds from listing to expiry, up to `MAX_TIME`.
        uint32 maxTime;
    }

    /* EVENTS */

    /// @notice Opened, or opened anew with other bounds.
    event MarketOpened(Market market);

    event MarketClosed(bytes32 feed, address collateral, Kind kind);

    event SeriesListed(uint256 indexed id, Series series);

    event Minted(
        uint256 indexed id,
        address indexed payer,
        address longReceiver,
        address shortReceiver,
        uint256 amount,
        uint256 collateral
    );

    /// @notice Pairs, before settlement or in `unwind`.
    event Burned(
        uint256 indexed id, address indexed owner, address indexed receiver, uint256 amount, uint256 collateral
    );

    event Settled(uint256 indexed id, uint256 priceWad, uint256 longPayout, uint256 shortPayout);

    /// @notice `id` is the claim's: long or short.
    event Redeemed(uint256 indexed id, address indexed owner, address indexed receiver, uint256 amount, uint256 payout);

    /* ERRORS: markets and series */

    /// @notice Not a token with 6 to 18 decimals; kETH; wkETH for a cash kind, or another token for a call in kind.
    error InvalidCollateral(address collateral);

    /// @notice A call in kind whose feed is not a price of wkETH.
    error InvalidFeed(bytes32 feed);

    error UnknownMarket(bytes32 feed, address collateral, Kind kind);

    error MarketIsClosed(bytes32 feed, address collateral, Kind kind);

    /// @notice Not 08:00 UTC.
    error InvalidExpiry(uint256 expiry);

    error ExpiryOutOfBounds(uint256 expiry, uint256 timestamp, uint256 latest);

    error InvalidStrike(uint256 strike, uint256 minimum, uint256 step);

    /// @notice Zero for a cash kind, not zero for a call in kind, above 2^96 - 1, or a put's above its strike.
    error InvalidCap(uint256 cap, uint256 maximum);

    /// @notice Less than a hundredth of the price, on a feed whose pairs are limited.
    error CapTooSmall(uint256 cap, uint256 minimum);

    /// @notice Not a listed series; of a redemption, neither of its claims.
    error UnknownSeries(uint256 id);

    /* ERRORS: claims */

    error ZeroAmount();

    error InvalidReceiver(address receiver);

    error AmountTooLarge(uint256 amount, uint256 maximum);

    error SeriesExpired(uint256 id, uint256 expiry);

    error AlreadySettled(uint256 id);

    error NotSettled(uint256 id);

    /// @notice The oracle has no price yet.
    error NoPrice(bytes32 feed, uint256 expiry);

    /// @notice The pairs outstanding would pass what moving the feed costs.
    error CapacityExceeded(uint256 pairs, uint256 capacity);

    /// @notice Less arrived than was sent.
    error CollateralNotReceived(uint256 received, uint256 needed);

    /// @notice The collateral's `transfer` failed.
    error TransferFailed();

    /// @notice The collateral's `transferFrom` failed.
    error TransferFromFailed();

    /* OWNER */

    /// @notice Opens a market, or sets its bounds anew.
    function openMarket(
        bytes32 feed,
        address collateral,
        Kind kind,
        uint96 minStrike,
        uint96 strikeStep,
        uint32 maxTime
    ) external;

    function closeMarket(bytes32 feed, address collateral, Kind kind) external;

    /* SERIES */

    /// @notice Lists a series of a market that the owner has opened; listed again, nothing happens.
    function listSeries(Series calldata series) external returns (uint256 id);

    /// @notice Mints `amount` pairs; collateral is taken from the caller.
    /// @return collateral Token units: what the series needs with the pairs less what it needed without.
    function mint(uint256 id, uint256 amount, address longReceiver, address shortReceiver)
        external
        returns (uint256 collateral);

    /// @notice As `mint`, of `most` pairs or as many as there is room for: of none, nothing is taken.
    function mintUpTo(uint256 id, uint256 most, address longReceiver, address shortReceiver)
        external
        returns (uint256 amount, uint256 collateral);

    /// @notice Burns `amount` pairs of the caller, before settlement.
    function burn(uint256 id, uint256 amount, address receiver) external returns (uint256 collateral);

    /// @notice Settles a series at its oracle's price, once that is fixed. Anyone.
    function settle(uint256 id) external returns (uint256 priceWad);

    /// @notice Pays the caller's `amount` of a claim, long or short, of a settled series.
    function redeem(uint256 claimId, uint256 amount, address receiver) external returns (uint256 payout);

    /// @notice Pays the caller's `longs` and `shorts` of a series at once, which it settles if nobody has: for pairs among them
    /// the worst payoff, for the others what `redeem` pays. Each of the two rounds down, unless they are the last claims.
    /// @return collateral Of the pairs.
    /// @return payout Of the others.
    function unwind(uint256 id, uint256 longs, uint256 shorts, address receiver)
        external
        returns (uint256 collateral, uint256 payout);

    /* VIEWS */

    function idOf(Series calldata series) external pure returns (uint256 id);

    /// @notice Collateral that `mint` would take now.
    function previewMint(uint256 id, uint256 amount) external view returns (uint256 collateral);

    /// @notice Most pairs that `collateral` of the token pays for in a series without any (rounded down).
    function pairsFor(uint256 id, uint256 collateral) external view returns (uint256 amount);

    /// @notice Most pairs that could be minted now: nothing once the market is closed or the series has expired.
    function room(uint256 id) external view returns (uint256 amount);

    /// @notice What `redeem` would pay.
    function previewRedeem(uint256 claimId, uint256 amount) external view returns (uint256 payout);

    /// @notice Payoff of one long claim at a price: WAD of the quote, or of wkETH; rounded down.
    function payoffAt(uint256 id, uint256 priceWad) external view returns (uint256 payoffWad);

    function stateOf(uint256 id) external view returns (State memory);

    function seriesCount() external view returns (uint256);

    /// @notice States of listed series `from`, `from + 1`, ... at most `count`.
    function statesOf(uint256 from, uint256 count) external view returns (State[] memory);

    function marketCount() external view returns (uint256);

    function marketAt(uint256 position) external view returns (Market memory);

    /// @notice Pairs outstanding for an expiry on all feeds with the market ratio of `pool`.
    function openInterest(address pool, uint256 expiry) external view returns (uint256 pairs);

    /// @notice Claims outstanding, by their id.
    function totalSupply(uint256 claimId) external view returns (uint256);

    function oracle() external view returns (address);

    function wketh() external view returns (address);

    /// @notice Longest time to expiry that a market can have, seconds.
    function MAX_TIME() external view returns (uint256);
}
