// SPDX-License-Identifier: MIT
pragma solidity >=0.8.4;

/// @title SettlementOracle: one price per feed and expiry, from stored history alone
/// @notice Whoever calls, whenever, in whatever order: the price of an expiry is a function of what was recorded up to it.
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
interface ISettlementOracle {
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

    /// @param maxAge Seconds: of an aggregator's round, or of a last observation, before it is stale.
    struct Component {
        address target;
        Source source;
        uint32 maxAge;
    }

    /* SETTLEMENT */

    /// @notice Lists a feed; its id is the hash of its components and window.
    function listFeed(Component[] calldata components, uint32 window) external returns (bytes32 feed);

    /// @notice Records what the observed components of `feed` say now. Anyone; often is better. At most one a second counts.
    function observe(bytes32 feed) external;

    /// @notice Fixes the price of `expiry`. `hints`: one for each component, as `hintsFor` gives them.
    function settle(bytes32 feed, uint256 expiry, uint256[] calldata hints) external returns (uint256 priceWad);

    /// @notice Delays the settlement of `expiry` once.
    function dispute(bytes32 feed, uint256 expiry) external;

    /* VIEWS */

    /// @notice The settled price; 0 before.
    function settlementPrice(bytes32 feed, uint256 expiry) external view returns (uint256 priceWad);

    /// @notice The price now, and when its oldest component was updated. Reverts where a component is stale or absurd.
    function latestPrice(bytes32 feed) external view returns (uint256 priceWad, uint256 updatedAt);

    /// @notice Hints with which `settle` works; for callers off chain.
    function hintsFor(bytes32 feed, uint256 expiry) external view returns (uint256[] memory hints);

    /// @notice What may be outstanding on `feed`, in wei of quote: a stated fraction of what moving it costs. Without a market
    /// ratio: no limit.
    function capacity(bytes32 feed) external view returns (uint256);
}
