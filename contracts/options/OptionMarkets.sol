// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {IOptionClearing} from "../../interfaces/options/IOptionClearing.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {IWrappedStakedEther} from "../../interfaces/staking/IWrappedStakedEther.sol";
import {Bounds} from "../libraries/Bounds.sol";

/// @title Which series there may be, and which there are
/// @dev STORAGE: the terms of a series are one slot; what a mint needs of its market is another.
abstract contract OptionMarkets is IOptionClearing, Ownable2Step {
    using FixedPointMathLib for uint256;

    /// @inheritdoc IOptionClearing
    uint256 public constant MAX_TIME = 2 * 365 days;

    uint256 private constant EXPIRY_HOUR = 8 hours;
    uint256 private constant MIN_DECIMALS = 6;
    uint256 private constant MAX_DECIMALS = 18;

    /// @dev So that terms fit one slot, and no product of a payoff overflows.
    uint256 internal constant MAX_TERM = type(uint96).max;

    /// @dev Of the price, WAD.
    uint256 private constant MIN_CAP = 0.01e18;

    /* IMMUTABLES */

    ISettlementOracle internal immutable ORACLE;
    address private immutable WKETH;
    address private immutable KETH;

    /* STORAGE */

    struct Listing {
        address collateral;
        Kind kind;
        uint8 decimals;
        bool open;
        /// Whether the feed has a market ratio in it.
        bool capped;
        uint32 maxTime;
        bytes32 feed;
        /// Whose market ratio.
        address pool;
        uint96 minStrike;
        uint96 strikeStep;
    }

    struct Terms {
        /// Counted from one: zero is no series.
        uint24 market;
        uint40 expiry;
        uint96 strike;
        uint96 cap;
    }

    /// @dev By number: an array would be asked for its length at each use.
    mapping(uint256 number => Listing) private _markets;
    mapping(bytes32 key => uint256 number) private _marketNumbers;
    /// @inheritdoc IOptionClearing
    uint256 public marketCount;
    mapping(uint256 id => Terms) internal _terms;
    uint256[] internal _ids;

    /* CONSTRUCTOR */

    constructor(address settlementOracle, address wrapped, address initialOwner) Ownable(initialOwner) {
        ORACLE = ISettlementOracle(settlementOracle);
        WKETH = wrapped;
        KETH = IWrappedStakedEther(payable(wrapped)).asset();
    }

    /* OWNER */

    /// @inheritdoc IOptionClearing
    function openMarket(
        bytes32 feed,
        address collateral,
        Kind kind,
        uint96 minStrike,
        uint96 strikeStep,
        uint32 maxTime
    ) external onlyOwner {
        Bounds.check(minStrike, 1, MAX_TERM);
        Bounds.check(strikeStep, 1, MAX_TERM);
        Bounds.check(maxTime, 1 days, MAX_TIME);
        bytes32 key = _marketKey(feed, collateral, kind);
        uint256 number = _marketNumbers[key];
        if (number == 0) {
            Listing memory added;
            added.decimals = _checkedDecimals(collateral, kind);
            require(kind != Kind.CallInKind || ORACLE.isPriceOf(feed, WKETH), InvalidFeed(feed));
            added.pool = ORACLE.marketOf(feed); // reverts if the feed is unknown
            added.capped = added.pool != address(0);
            (added.feed, added.collateral, added.kind) = (feed, collateral, kind);
            number = ++marketCount;
            (_markets[number], _marketNumbers[key]) = (added, number);
        }
        Listing storage market = _markets[number];
        (market.open, market.maxTime) = (true, maxTime);
        (market.minStrike, market.strikeStep) = (minStrike, strikeStep);
        emit MarketOpened(_marketOf(market));
    }

    /// @dev A token that shrinks by itself or falls with what it insures is no collateral.
    function _checkedDecimals(address collateral, Kind kind) private view returns (uint8 decimals) {
        require(
            collateral != KETH && (collateral == WKETH) == (kind == Kind.CallInKind) && collateral.code.length != 0,
            InvalidCollateral(collateral)
        );
        decimals = IERC20Metadata(collateral).decimals();
        require(decimals >= MIN_DECIMALS && decimals <= MAX_DECIMALS, InvalidCollateral(collateral));
    }

    /// @inheritdoc IOptionClearing
    function closeMarket(bytes32 feed, address collateral, Kind kind) external onlyOwner {
        (, Listing storage market) = _marketBy(feed, collateral, kind);
        market.open = false;
        emit MarketClosed(feed, collateral, kind);
    }

    /* SERIES */

    /// @dev Lists a series, unless it is there.
    function _list(Series calldata series) internal returns (uint256 id) {
        id = idOf(series);
        if (_terms[id].market != 0) return id;
        (uint256 number, Listing storage market) = _marketBy(series.feed, series.collateral, series.kind);
        require(market.open, MarketIsClosed(series.feed, series.collateral, series.kind));
        _checkTerms(series, market);
        (uint256 price,) = ORACLE.latestPrice(series.feed); // reverts if it is stale or absurd
        // Else all of a market's capacity could be held for next to nothing.
        if (market.capped && series.kind != Kind.CallInKind) {
            uint256 least = price.mulWadUp(MIN_CAP);
            require(series.cap >= least, CapTooSmall(series.cap, least));
        }
        // Bounds: strike and cap were checked; there are not 2^24 markets.
        _terms[id] = Terms(uint24(number), series.expiry, uint96(series.strike), uint96(series.cap));
        _ids.push(id);
        emit SeriesListed(id, series);
    }

    function _checkTerms(Series calldata series, Listing storage market) private view {
        uint256 expiry = series.expiry;
        require(expiry % 1 days == EXPIRY_HOUR, InvalidExpiry(expiry));
        uint256 latest = block.timestamp + market.maxTime;
        require(expiry > block.timestamp && expiry <= latest, ExpiryOutOfBounds(expiry, block.timestamp, latest));
        (uint256 strike, uint256 step) = (series.strike, market.strikeStep);
        require(
            strike >= market.minStrike && strike <= MAX_TERM && strike % step == 0,
            InvalidStrike(strike, market.minStrike, step)
        );
        if (series.kind == Kind.CallInKind) {
            require(series.cap == 0, InvalidCap(series.cap, 0));
        } else {
            uint256 maximum = series.kind == Kind.CashPut ? strike : MAX_TERM;
            require(series.cap != 0 && series.cap <= maximum, InvalidCap(series.cap, maximum));
        }
    }

    /// @inheritdoc IOptionClearing
    function idOf(Series calldata series) public pure returns (uint256) {
        return uint256(keccak256(abi.encode(series))) & ~uint256(1);
    }

    function _marketKey(bytes32 feed, address collateral, Kind kind) private pure returns (bytes32) {
        return keccak256(abi.encode(feed, collateral, kind));
    }

    function _marketBy(bytes32 feed, address collateral, Kind kind)
        private
        view
        returns (uint256 number, Listing storage market)
    {
        number = _marketNumbers[_marketKey(feed, collateral, kind)];
        require(number != 0, UnknownMarket(feed, collateral, kind));
        market = _markets[number];
    }

    /// @dev Terms and market of a listed series.
    function _seriesOf(uint256 id) internal view returns (Terms memory terms, Listing storage market) {
        terms = _terms[id];
        require(terms.market != 0, UnknownSeries(id));
        market = _markets[terms.market];
    }

    /* VIEWS */

    /// @inheritdoc IOptionClearing
    function marketAt(uint256 position) external view returns (Market memory) {
        require(position < marketCount, OutOfBounds(position, 0, marketCount.zeroFloorSub(1)));
        return _marketOf(_markets[position + 1]);
    }

    function _marketOf(Listing storage market) private view returns (Market memory) {
        return Market({
            feed: market.feed,
            collateral: market.collateral,
            kind: market.kind,
            open: market.open,
            minStrike: market.minStrike,
            strikeStep: market.strikeStep,
            maxTime: market.maxTime
        });
    }

    /// @inheritdoc IOptionClearing
    function oracle() external view returns (address) {
        return address(ORACLE);
    }

    /// @inheritdoc IOptionClearing
    function wketh() external view returns (address) {
        return WKETH;
    }
}
