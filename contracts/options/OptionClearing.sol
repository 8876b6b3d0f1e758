// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IOptionClearing} from "../../interfaces/options/IOptionClearing.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {OptionPayoffs} from "../libraries/OptionPayoffs.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";
import {OptionClaims} from "./OptionClaims.sol";
import {OptionMarkets} from "./OptionMarkets.sol";

/// @title OptionClearing
/// @dev UNITS, IDS, PAYOFFS, ROUNDING, TOKEN ASSUMPTIONS, TRUST: see the interface.
/// @dev ACCOUNTING: before settlement a series' collateral is a function of its pairs and is not stored. Balances of tokens are
/// read around a mint's transfer alone.
/// @dev REENTRANCY: one lock over all operations, and views revert while it is held; calls out come after the effects. Claims
/// themselves can be moved meanwhile: whose payment fails takes them back with everything else.
/// @dev LIVENESS: no pause. To wind down, close the markets; nothing can stop burn, settlement and redemption.
contract OptionClearing is OptionMarkets, OptionClaims, TransientGuard {
    using FixedPointMathLib for uint256;
    using OptionPayoffs for uint256;
    using SafeTransferLib for address;

    /// @dev 309 million units; what the worst payoff of all of them takes is below 2^125.
    uint256 private constant MAX_PAIRS = type(uint88).max;

    /* STORAGE */

    struct Outstanding {
        uint128 longs;
        uint128 shorts;
    }

    struct Settlement {
        /// WAD; zero before.
        uint128 price;
        /// Token units not yet paid.
        uint128 held;
    }

    mapping(uint256 id => Outstanding) private _outstanding;
    mapping(uint256 id => Settlement) private _settlements;
    mapping(address pool => mapping(uint256 expiry => uint256 pairs)) private _openInterest;

    /* CONSTRUCTOR */

    constructor(address settlementOracle, address wrapped, address initialOwner)
        OptionMarkets(settlementOracle, wrapped, initialOwner)
    {}

    /* MODIFIERS */

    modifier sendingTo(address receiver) {
        require(receiver != address(0) && receiver != address(this), InvalidReceiver(receiver));
        _;
    }

    /* SERIES */

    /// @inheritdoc IOptionClearing
    function listSeries(Series calldata series) external nonReentrant returns (uint256 id) {
        return _list(series);
    }

    /* PAIRS */

    /// @inheritdoc IOptionClearing
    function mint(uint256 id, uint256 amount, address longReceiver, address shortReceiver)
        external
        nonReentrant
        returns (uint256 collateral)
    {
        (Terms memory terms, Listing storage market) = _openSeries(id);
        require(amount != 0, ZeroAmount());
        uint256 pairs = _outstanding[id].longs;
        require(amount <= MAX_PAIRS - pairs, AmountTooLarge(amount, MAX_PAIRS - pairs));
        if (market.capped) {
            uint256 interest = _openInterest[market.pool][terms.expiry] + amount;
            uint256 capacity = ORACLE.capacity(market.feed);
            require(interest <= capacity, CapacityExceeded(interest, capacity));
            _openInterest[market.pool][terms.expiry] = interest;
        }
        return _issue(id, terms, market, pairs, amount, longReceiver, shortReceiver);
    }

    /// @inheritdoc IOptionClearing
    function mintUpTo(uint256 id, uint256 most, address longReceiver, address shortReceiver)
        external
        nonReentrant
        returns (uint256 amount, uint256 collateral)
    {
        (Terms memory terms, Listing storage market) = _openSeries(id);
        uint256 pairs = _outstanding[id].longs;
        amount = most.min(_room(terms, market, pairs));
        if (amount == 0) return (0, 0);
        if (market.capped) _openInterest[market.pool][terms.expiry] += amount;
        collateral = _issue(id, terms, market, pairs, amount, longReceiver, shortReceiver);
    }

    function _openSeries(uint256 id) private view returns (Terms memory terms, Listing storage market) {
        (terms, market) = _seriesOf(id);
        require(market.open, MarketIsClosed(market.feed, market.collateral, market.kind));
        require(block.timestamp < terms.expiry, SeriesExpired(id, terms.expiry));
    }

    function _issue(
        uint256 id,
        Terms memory terms,
        Listing storage market,
        uint256 pairs,
        uint256 amount,
        address longReceiver,
        address shortReceiver
    ) private returns (uint256 collateral) {
        collateral = _needUp(terms, market, pairs + amount) - _needUp(terms, market, pairs);
        _outstanding[id] = _pairs(pairs + amount);
        _mint(longReceiver, id, amount);
        _mint(shortReceiver, id | SHORT, amount);
        emit Minted(id, msg.sender, longReceiver, shortReceiver, amount, collateral);
        _pull(market.collateral, collateral);
    }

    /// @dev What arrives counts, whatever the token says.
    function _pull(address token, uint256 amount) private {
        uint256 before = token.balanceOf(address(this));
        token.safeTransferFrom(msg.sender, address(this), amount);
        uint256 received = token.balanceOf(address(this)).zeroFloorSub(before);
        require(received >= amount, CollateralNotReceived(received, amount));
    }

    /// @inheritdoc IOptionClearing
    function burn(uint256 id, uint256 amount, address receiver)
        external
        nonReentrant
        sendingTo(receiver)
        returns (uint256 collateral)
    {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        require(amount != 0, ZeroAmount());
        require(_settlements[id].price == 0, AlreadySettled(id));
        _burn(msg.sender, id, amount);
        _burn(msg.sender, id | SHORT, amount);

        uint256 pairs = _outstanding[id].longs;
        collateral = _needUp(terms, market, pairs) - _needUp(terms, market, pairs - amount);
        _outstanding[id] = _pairs(pairs - amount);
        if (market.capped) _openInterest[market.pool][terms.expiry] -= amount;
        emit Burned(id, msg.sender, receiver, amount, collateral);
        market.collateral.safeTransfer(receiver, collateral);
    }

    /// @dev At most MAX_PAIRS.
    function _pairs(uint256 pairs) private pure returns (Outstanding memory) {
        return Outstanding(uint128(pairs), uint128(pairs));
    }

    /// @dev What the worst payoff of `pairs` takes.
    function _needUp(Terms memory terms, Listing storage market, uint256 pairs) private view returns (uint256) {
        return pairs.amountUp(OptionPayoffs.worst(market.kind, terms.cap), market.decimals);
    }

    /* SETTLEMENT */

    /// @inheritdoc IOptionClearing
    function settle(uint256 id) external nonReentrant returns (uint256 priceWad) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        require(_settlements[id].price == 0, AlreadySettled(id));
        priceWad = _settle(id, terms, market);
        require(priceWad != 0, NoPrice(market.feed, terms.expiry));
    }

    /// @dev Of a series that is not settled; does nothing, and returns zero, while the oracle has no price.
    function _settle(uint256 id, Terms memory terms, Listing storage market) private returns (uint256 priceWad) {
        priceWad = ORACLE.settlementPrice(market.feed, terms.expiry);
        if (priceWad == 0) return 0;
        uint256 pairs = _outstanding[id].longs;
        uint256 held = _needUp(terms, market, pairs);
        // The oracle's prices have 128 bits; `held`: see MAX_PAIRS.
        _settlements[id] = Settlement(uint128(priceWad), uint128(held));
        uint256 longPayout = pairs.amountDown(_payoff(terms, market, priceWad), market.decimals);
        emit Settled(id, priceWad, longPayout, held - longPayout);
    }

    /// @inheritdoc IOptionClearing
    function redeem(uint256 claimId, uint256 amount, address receiver)
        external
        nonReentrant
        sendingTo(receiver)
        returns (uint256 payout)
    {
        uint256 id = claimId & ~SHORT;
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        require(amount != 0, ZeroAmount());
        Settlement memory settlement = _settlements[id];
        require(settlement.price != 0, NotSettled(id));
        _burn(msg.sender, claimId, amount);

        Outstanding memory left = _outstanding[id];
        (uint256 longs, uint256 shorts) = claimId == id ? (amount, uint256(0)) : (0, amount);
        payout = _takeOut(terms, market, left, settlement, longs, shorts);
        (_outstanding[id], _settlements[id]) = (left, settlement);
        emit Redeemed(claimId, msg.sender, receiver, amount, payout);
        market.collateral.safeTransfer(receiver, payout);
    }

    /// @inheritdoc IOptionClearing
    function unwind(uint256 id, uint256 longs, uint256 shorts, address receiver)
        external
        nonReentrant
        sendingTo(receiver)
        returns (uint256 collateral, uint256 payout)
    {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        require(longs != 0 || shorts != 0, ZeroAmount());
        if (_settlements[id].price == 0) require(_settle(id, terms, market) != 0, NotSettled(id));
        if (longs != 0) _burn(msg.sender, id, longs);
        if (shorts != 0) _burn(msg.sender, id | SHORT, shorts);

        (Outstanding memory left, Settlement memory settlement) = (_outstanding[id], _settlements[id]);
        uint256 pairs = longs.min(shorts);
        if (pairs != 0) {
            collateral = _takeOut(terms, market, left, settlement, pairs, pairs);
            emit Burned(id, msg.sender, receiver, pairs, collateral);
        }
        if (longs != shorts) {
            (longs, shorts) = (longs - pairs, shorts - pairs);
            payout = _takeOut(terms, market, left, settlement, longs, shorts);
            emit Redeemed(longs == 0 ? id | SHORT : id, msg.sender, receiver, longs + shorts, payout);
        }
        (_outstanding[id], _settlements[id]) = (left, settlement);
        market.collateral.safeTransfer(receiver, collateral + payout);
    }

    /// @dev Takes claims that are burnt, and their payout, out of what is left and held; both are the caller's to store. Who
    /// holds a claim is one of those counted, and what is paid is held.
    function _takeOut(
        Terms memory terms,
        Listing storage market,
        Outstanding memory left,
        Settlement memory settlement,
        uint256 longs,
        uint256 shorts
    ) private view returns (uint256 payout) {
        payout = _payout(terms, market, left, settlement, longs, shorts);
        left.longs -= uint128(longs);
        left.shorts -= uint128(shorts);
        settlement.held -= uint128(payout);
    }

    /// @dev Of claims that are outstanding, a pair's whole; who takes the last ones takes what roundings have left.
    function _payout(
        Terms memory terms,
        Listing storage market,
        Outstanding memory left,
        Settlement memory settlement,
        uint256 longs,
        uint256 shorts
    ) private view returns (uint256) {
        if (longs == left.longs && shorts == left.shorts) return settlement.held;
        Kind kind = market.kind;
        uint256 payoff = OptionPayoffs.payoffDown(kind, terms.strike, terms.cap, settlement.price);
        uint256 rest = OptionPayoffs.worst(kind, terms.cap) - payoff;
        return (longs * payoff + shorts * rest).unitsDown(market.decimals);
    }

    function _payoff(Terms memory terms, Listing storage market, uint256 price) private view returns (uint256) {
        return OptionPayoffs.payoffDown(market.kind, terms.strike, terms.cap, price);
    }

    /* ERC-6909 */

    /// @dev Claims sent here would be lost.
    function _update(address from, address to, uint256 id, uint256 amount) internal override {
        require(to != address(this), InvalidReceiver(to));
        super._update(from, to, id, amount);
    }

    /// @inheritdoc IOptionClearing
    function totalSupply(uint256 claimId) external view nonReadReentrant returns (uint256) {
        Outstanding memory left = _outstanding[claimId & ~SHORT];
        return claimId & SHORT == 0 ? left.longs : left.shorts;
    }

    /* VIEWS */

    /// @inheritdoc IOptionClearing
    function previewMint(uint256 id, uint256 amount) external view nonReadReentrant returns (uint256) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        uint256 pairs = _outstanding[id].longs;
        require(amount <= MAX_PAIRS - pairs, AmountTooLarge(amount, MAX_PAIRS - pairs));
        return _needUp(terms, market, pairs + amount) - _needUp(terms, market, pairs);
    }

    /// @inheritdoc IOptionClearing
    function pairsFor(uint256 id, uint256 collateral) external view returns (uint256) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        return collateral.claimsDown(OptionPayoffs.worst(market.kind, terms.cap), market.decimals);
    }

    /// @inheritdoc IOptionClearing
    function room(uint256 id) external view nonReadReentrant returns (uint256 amount) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        if (!market.open || block.timestamp >= terms.expiry) return 0;
        return _room(terms, market, _outstanding[id].longs);
    }

    /// @dev Beside `pairs`, of a series that is open.
    function _room(Terms memory terms, Listing storage market, uint256 pairs) private view returns (uint256 amount) {
        amount = MAX_PAIRS - pairs;
        if (!market.capped) return amount;
        uint256 capacity = ORACLE.capacity(market.feed);
        return amount.min(capacity.zeroFloorSub(_openInterest[market.pool][terms.expiry]));
    }

    /// @inheritdoc IOptionClearing
    function previewRedeem(uint256 claimId, uint256 amount) external view nonReadReentrant returns (uint256) {
        uint256 id = claimId & ~SHORT;
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        Settlement memory settlement = _settlements[id];
        require(settlement.price != 0, NotSettled(id));
        require(amount <= MAX_PAIRS, AmountTooLarge(amount, MAX_PAIRS));
        (uint256 longs, uint256 shorts) = claimId == id ? (amount, uint256(0)) : (0, amount);
        return _payout(terms, market, _outstanding[id], settlement, longs, shorts);
    }

    /// @inheritdoc IOptionClearing
    function payoffAt(uint256 id, uint256 priceWad) external view returns (uint256) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        Bounds.check(priceWad, 1, type(uint128).max);
        return _payoff(terms, market, priceWad);
    }

    /// @inheritdoc IOptionClearing
    function stateOf(uint256 id) external view nonReadReentrant returns (State memory) {
        return _stateOf(id);
    }

    /// @inheritdoc IOptionClearing
    function seriesCount() external view returns (uint256) {
        return _ids.length;
    }

    /// @inheritdoc IOptionClearing
    function statesOf(uint256 from, uint256 count) external view nonReadReentrant returns (State[] memory states) {
        states = new State[](count.min(_ids.length.zeroFloorSub(from)));
        for (uint256 k = 0; k < states.length; ++k) {
            states[k] = _stateOf(_ids[from + k]);
        }
    }

    function _stateOf(uint256 id) private view returns (State memory state) {
        (Terms memory terms, Listing storage market) = _seriesOf(id);
        state.series = Series(market.feed, market.collateral, terms.expiry, market.kind, terms.strike, terms.cap);
        (state.longs, state.shorts) = (_outstanding[id].longs, _outstanding[id].shorts);
        Settlement memory settlement = _settlements[id];
        state.settlementPrice = settlement.price;
        if (settlement.price == 0) {
            state.collateral = _needUp(terms, market, state.longs);
        } else {
            state.collateral = settlement.held;
            state.longPayout = state.longs.amountDown(_payoff(terms, market, settlement.price), market.decimals);
            state.shortPayout = state.collateral - state.longPayout;
        }
    }

    /// @inheritdoc IOptionClearing
    function openInterest(address pool, uint256 expiry) external view nonReadReentrant returns (uint256) {
        return _openInterest[pool][expiry];
    }
}
