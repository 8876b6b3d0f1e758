// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

import {IBounded} from "../libraries/IBounded.sol";

/// @title SettlementOracle: one price per feed and expiry, from stored history alone
/// @notice Whoever calls, whenever, in whatever order: the price of an expiry is a function of what was recorded up to it,
/// and of rounds that nobody can change any more.
///
/// UNITS
/// - Prices in WAD: quote units per unit of the underlying. Times are unix seconds.
/// - *Expiry*: a day's 08:00 UTC. *Window*: the `window` seconds that end at it.
///
/// FEEDS
/// - A feed is a product of components, fixed when it is listed. A component is
///   - a Chainlink-style aggregator: the answer of the first round at or after the expiry, proved by its neighbour;
///   - a source that is observed: the time-weighted mean of what `observe` recorded inside the window. Without an observation
///     in it: the last one before.
/// - Sources: redemption rate, market ratio of the swap pool, the lower of the ratio and one.
/// - At most one component is a market ratio: of a second pool nobody would count the pairs that moving it pays for, and the
///   square of a ratio moves by twice what its `capacity` allows for.
/// - The product is rounded down after each factor, at least 1 wei and at most 2^128 - 1.
///
/// MEANS
/// - An observation stands until the next one, the last one until the expiry.
/// - From the window's start to its first observation stands the last one before, unless that is older than `maxAge` at the
///   start: then the mean begins with the first observation. So one call at the end of a window that nobody watched weighs
///   as much as its time, not all.
/// - Of several observations in a second the first counts. One at the very second of the expiry belongs to it, a later one
///   to the next day.
/// - What a source says outside its bounds (0.1 to 10 for a rate, 0.01 to 10 for a ratio) or not at all isn't recorded. There
///   is no bound on jumps: the sources bound their own, and a bound here would lock a true one out.
///
/// ROUNDS
/// - The answer of the first round with 0 < answer whose time is in [expiry, expiry + `PATIENCE`]; if there is none, and that
///   time is over, of the last such round before the expiry. Up to `MAX_SKIPPED` - 1 neighbours without an answer (zero,
///   negative, incomplete, missing) are looked through on each side. Where `MAX_SKIPPED` follow each other, the round before them
///   passes for the last one of any later expiry that nobody settles within `PATIENCE`.
/// - Proxies number rounds as phase << 64 | round of the phase's aggregator. The phase is the one in which the last observation
///   up to the expiry saw the aggregator: the first round of another phase, that came later, is no neighbour. If a phase ends
///   before an expiry and nobody observed the next one in time, the expiry has the ended phase's last answer.
///
/// TIMES
/// - An expiry is settled from `DISPUTE_WINDOW` after it on; if the disputer asked for a delay in that time,
///   `DISPUTE_DELAY` later. Nothing that happens meanwhile changes the price.
///
/// BONDS
/// - A delay costs `disputeBond`, in ether: for `BOND_PERIOD` from the expiry on the owner may take it, of who disputed without
///   a reason; after that anyone sends it back to who posted it. A poster that refuses ether keeps nobody but himself waiting.
/// - Settlement never asks for a bond, and no price depends on one. Ether that is forced in belongs to nobody.
///
/// TRUST
/// - Anyone lists feeds of anything: a market's owner chooses which to believe. Aggregators are trusted to keep their rounds, to
///   number them in order of time, and never to leave `MAX_SKIPPED` in a row without an answer.
/// - The disputer can delay each expiry once. The owner names the disputer and judges disputes: he can take their bonds, and can
///   do nothing else.
///
/// LIVENESS
/// - A feed has an observation of each component from its listing on: every later expiry can be settled, whatever observed
///   source has failed since, and as long as aggregators tell their rounds. A source that fails stops no other component's
///   observation.
interface ISettlementOracle is IBounded {
    enum Source {
        /// Chainlink's `AggregatorV3Interface`; `target` is the aggregator.
        Aggregator,
        /// `getRate()` of `target`: ether per wkETH.
        RedemptionRate,
        /// Market price over redemption rate, from the averages of the StableSwapPool `target`.
        MarketRatio,
        /// The lower of the market ratio and one.
        CappedMarketRatio
    }

    /// @param maxAge Seconds, up to 30 days. Of an aggregator's round: before `latestPrice` calls it stale. Of an observation:
    /// how long before a window it may be, to stand at the window's start.
    struct Component {
        address target;
        Source source;
        uint32 maxAge;
    }

    /* EVENTS */

    event FeedListed(bytes32 indexed feed, Component[] components, uint32 window);

    /// @notice `series` is the component's record, see `recordOf`. Of an aggregator `value` is its phase.
    event Observed(bytes32 indexed series, uint256 value);

    event PriceSettled(bytes32 indexed feed, uint256 indexed expiry, uint256 priceWad);

    event Disputed(bytes32 indexed feed, uint256 indexed expiry, uint256 settleableFrom);

    /// @notice To who posted it.
    event BondReturned(bytes32 indexed feed, uint256 indexed expiry, address indexed poster);

    event BondForfeited(bytes32 indexed feed, uint256 indexed expiry, address indexed poster, address receiver);

    event DisputerSet(address disputer);

    /* ERRORS: feeds */

    error UnknownFeed(bytes32 feed);

    /// @notice None, or more than `MAX_COMPONENTS`.
    error InvalidComponentCount(uint256 count);

    /// @notice A feed has one at most.
    error SecondMarketRatio(address target);

    /// @notice It fails, says nothing, or something out of its bounds.
    error SourceFailed(address target);

    /// @notice The last round is older than the component's `maxAge`, or ahead of the chain.
    error StaleRound(address target, uint256 updatedAt);

    /* ERRORS: settlement */

    /// @notice Not 08:00 UTC, or before the feed was listed.
    error InvalidExpiry(uint256 expiry);

    error TooEarly(uint256 timestamp, uint256 earliest);

    error InvalidHintCount(uint256 given, uint256 needed);

    /// @notice The record has no observation that day, or a later one up to the expiry.
    error InvalidDay(uint256 day);

    /// @notice The round is not of the phase that was observed last.
    error InvalidPhase(uint256 roundId, uint256 phase);

    /// @notice It has no answer above zero.
    error RoundWithoutAnswer(uint256 roundId);

    /// @notice Its time is beyond `PATIENCE`.
    error RoundTooLate(uint256 roundId, uint256 updatedAt);

    /// @notice Another round with an answer, at or after the expiry, comes before it.
    error NotFirstRound(uint256 roundId);

    /// @notice Another round with an answer, not later than `PATIENCE` after the expiry, comes after it.
    error NotLastRound(uint256 roundId);

    /// @notice Disputed already, not over yet, or over for too long.
    error NotDisputable(bytes32 feed, uint256 expiry);

    error NotDisputer(address caller);

    /* ERRORS: bonds */

    /// @notice Less or more ether than `disputeBond`.
    error WrongBond(uint256 given, uint256 needed);

    /// @notice Never posted, returned or forfeited.
    error NoBond(bytes32 feed, uint256 expiry);

    error BondStillHeld(uint256 timestamp, uint256 earliest);

    error ForfeitTooLate(uint256 timestamp, uint256 deadline);

    error ZeroAddress();

    /// @notice The receiver refuses ether.
    error ETHTransferFailed();

    /* FEEDS */

    /// @notice Lists a feed, and observes it; its id is the hash of its components and window. Listed again: nothing happens.
    /// @dev Reverts unless every component answers, and every aggregator's last round is fresh.
    /// @param components One to `MAX_COMPONENTS`.
    /// @param window Seconds, from 5 minutes to a day.
    function listFeed(Component[] calldata components, uint32 window) external returns (bytes32 feed);

    /// @notice Records what the components of `feed` say now. Anyone; often is better. At most one a second counts.
    /// @dev Components that several feeds with one window share have one record.
    function observe(bytes32 feed) external;

    /* SETTLEMENT */

    /// @notice Fixes the price of `expiry`; settled already, returns it. `hints`: one for each component, as `hintsFor` gives
    /// them: of an aggregator the round's id; from bit 80 on, if the expiry's day has no observation, the last day before that
    /// has one (days since 1970 of its expiry).
    function settle(bytes32 feed, uint256 expiry, uint256[] calldata hints) external returns (uint256 priceWad);

    /// @notice Delays the settlement of `expiry` once, within `DISPUTE_WINDOW` after it. The disputer alone, who posts exactly
    /// `disputeBond`.
    function dispute(bytes32 feed, uint256 expiry) external payable;

    /* BONDS */

    /// @notice Sends the bond of a dispute to who posted it, from `BOND_PERIOD` after the expiry on. Anyone, once.
    function returnBond(bytes32 feed, uint256 expiry) external;

    /// @notice Sends the bond of a dispute to `receiver` instead, before that. The owner alone, once.
    function forfeitBond(bytes32 feed, uint256 expiry, address receiver) external;

    /* OWNER */

    /// @param newDisputer The zero address: nobody.
    function setDisputer(address newDisputer) external;

    /* VIEWS */

    /// @notice The settled price; 0 before.
    function settlementPrice(bytes32 feed, uint256 expiry) external view returns (uint256 priceWad);

    /// @notice From when on `expiry` can be settled.
    function settleableFrom(bytes32 feed, uint256 expiry) external view returns (uint256 timestamp);

    /// @notice The price now, and when its oldest component was updated. Reverts where a component is stale or absurd.
    function latestPrice(bytes32 feed) external view returns (uint256 priceWad, uint256 updatedAt);

    /// @notice Hints with which `settle` works; for callers off chain. It walks back over days without an observation, and
    /// searches rounds by halving: gaps of missing rounds may mislead that.
    function hintsFor(bytes32 feed, uint256 expiry) external view returns (uint256[] memory hints);

    /// @notice How many pairs (18 decimals) may be outstanding for one expiry on `feed`: what moving it costs, over the move
    /// and over two. Without a market ratio: no limit (2^256 - 1).
    /// @dev A pair gains at most the move of the ratio, in units of the underlying. Because the mean of averages moves no
    /// further than the spot price did, who wants to move it by m must have moved the spot price by m, and so have traded
    /// with the pool, at worse than the market's price, at a loss c(m). The capacity is half the least c(m) / m of all m from
    /// a hundredth to the pool's clamp, up or down: see `PegDepth.perMove`. c follows from the pool's A, the lesser of its
    /// D and D's average, and the price or average price that is further from one: nothing that one block can improve,
    /// unless one account holds all of the pool, which it can empty and fill again.
    /// @dev ASSUMPTION: somebody takes the other side at least once for each expiry at which the price is off: one that stays off
    /// for days pays at each. Who is left alone until he trades back himself pays two fees, and a part of that even to himself
    /// if he provides liquidity. Moves below a hundredth gain less than a hundredth of the pairs.
    function capacity(bytes32 feed) external view returns (uint256 pairs);

    /// @notice The pool whose market ratio is in `feed`; the zero address if none is.
    function marketOf(bytes32 feed) external view returns (address pool);

    /// @notice Whether the redemption rate of `token` is in `feed`: its prices are those of `token`.
    function isPriceOf(bytes32 feed, address token) external view returns (bool);

    function feedIdOf(Component[] calldata components, uint32 window) external pure returns (bytes32 feed);

    function feedOf(bytes32 feed) external view returns (Component[] memory components, uint32 window, uint256 listedAt);

    /// @notice A day's record of a component under a window; times in seconds, zero if there is none.
    /// @param day Days since 1970 of the expiry that it is for.
    /// @return value The last observation.
    /// @return time When it was made.
    /// @return since From when on the mean counts; zero without an observation in the window.
    /// @return sum Value x seconds from `since` to `time`.
    /// @return next The next day with an observation.
    function recordOf(Component calldata component, uint32 window, uint256 day)
        external
        view
        returns (uint256 value, uint256 time, uint256 since, uint256 sum, uint256 next);

    function disputer() external view returns (address);

    /// @notice Wei that a dispute takes: 0.01 to 100 ether, for good.
    function disputeBond() external view returns (uint256);

    /// @notice Who posted the bond that is held for a dispute; the zero address without one.
    function posterOf(bytes32 feed, uint256 expiry) external view returns (address);

    function MAX_COMPONENTS() external view returns (uint256);

    /// @notice Seconds.
    function DISPUTE_WINDOW() external view returns (uint256);

    /// @notice Seconds.
    function DISPUTE_DELAY() external view returns (uint256);

    /// @notice Seconds after an expiry for which a bond is held: time for an owner of many hands to judge.
    function BOND_PERIOD() external view returns (uint256);

    /// @notice Seconds after an expiry in which its round must come: above the longest heartbeat, a day.
    function PATIENCE() external view returns (uint256);

    function MAX_SKIPPED() external view returns (uint256);
}
