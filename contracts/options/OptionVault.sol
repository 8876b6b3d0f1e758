// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Metadata.sol";
import {IERC6909} from "@openzeppelin/contracts/interfaces/IERC6909.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IOptionClearing} from "../../interfaces/options/IOptionClearing.sol";
import {IOptionPricer} from "../../interfaces/options/IOptionPricer.sol";
import {IOptionVault} from "../../interfaces/options/IOptionVault.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {DutchAuction} from "./DutchAuction.sol";
import {OptionQueue} from "./OptionQueue.sol";

/// @title OptionVault
/// @dev UNITS, ROUNDS, FEES, EXITS, ROUNDING, ACCOUNTING, LIVENESS: see the interface.
/// @dev REENTRANCY: one lock over all that changes state, and views revert while it is held. What is foreign is the token, which
/// may call anybody; it is called last.
contract OptionVault is OptionQueue, DutchAuction, Ownable2Step {
    using FixedPointMathLib for uint256;
    using SafeTransferLib for address;

    uint256 private constant BPS = 10_000;
    uint256 private constant YEAR = 365 days;
    uint256 private constant WEEK = 7 days;
    /// @dev The first Friday 08:00 UTC: 1 January 1970 was a Thursday.
    uint256 private constant FIRST_EXPIRY = 1 days + 8 hours;

    uint256 private constant MAX_CAP = type(uint96).max;

    /// @dev The last bit of a short claim's id; see the clearing house.
    uint256 private constant SHORT = 1;

    /// @inheritdoc IOptionVault
    uint256 public constant MIN_LIFE = 2 days;

    /// @inheritdoc IOptionVault
    uint256 public constant EXIT_DELAY = 3 days;

    /* IMMUTABLES */

    IOptionClearing private immutable CLEARING;
    IOptionPricer private immutable PRICER;
    IOptionClearing.Kind private immutable KIND;
    bytes32 private immutable FEED;
    uint256 private immutable MANAGEMENT_FEE_BPS;
    uint256 private immutable PERFORMANCE_FEE_BPS;
    /// @dev Claims have 18 decimals, and so have prices.
    uint256 private immutable CLAIM_SCALE;

    /* STORAGE: fees; requests and sums are in OptionQueue, the series in DutchAuction */

    uint104 private _fees;
    /// @dev WAD: the highest price per share so far.
    uint128 private _highWaterMark;

    /// @inheritdoc IOptionVault
    address public feeReceiver;

    /* CONSTRUCTOR */

    constructor(
        Terms memory fixedTerms,
        string memory shareName,
        string memory shareSymbol,
        uint256 initialCap,
        address initialFeeReceiver,
        address initialOwner
    )
        OptionQueue(
            fixedTerms.asset, IERC20Metadata(fixedTerms.asset).decimals(), fixedTerms.minDeposit, shareName, shareSymbol
        )
        DutchAuction(fixedTerms.auctionDuration, fixedTerms.startMultiple)
        Ownable(initialOwner)
    {
        uint256 assetDecimals = decimals();
        require(assetDecimals >= 6 && assetDecimals <= 18, InvalidDecimals(assetDecimals));
        Bounds.check(fixedTerms.managementFeeBps, 0, 500);
        Bounds.check(fixedTerms.performanceFeeBps, 0, 3_000);
        Bounds.check(fixedTerms.auctionDuration, 10 minutes, 1 days);
        Bounds.check(fixedTerms.startMultiple, WAD + 1, 10 * WAD);
        Bounds.check(fixedTerms.minDeposit, 1, MAX_CAP);
        CLEARING = IOptionClearing(fixedTerms.clearing);
        PRICER = IOptionPricer(fixedTerms.pricer);
        IOptionPricer.Terms memory priced = PRICER.terms();
        require(priced.settlement == CLEARING.oracle(), OracleMismatch(priced.settlement, CLEARING.oracle()));
        KIND = PRICER.kind();
        FEED = priced.feed;
        MANAGEMENT_FEE_BPS = fixedTerms.managementFeeBps;
        PERFORMANCE_FEE_BPS = fixedTerms.performanceFeeBps;
        CLAIM_SCALE = 10 ** (36 - assetDecimals);

        // Nobody need wait for a Friday to begin.
        _due = uint40(block.timestamp);
        _highWaterMark = uint128(WAD);
        _setDepositCap(initialCap);
        _setFeeReceiver(initialFeeReceiver);
        fixedTerms.asset.safeApprove(fixedTerms.clearing, type(uint256).max);
    }

    /* OWNER AND FEES */

    /// @inheritdoc IOptionVault
    function setDepositCap(uint256 newCap) external onlyOwner {
        _setDepositCap(newCap);
    }

    function _setDepositCap(uint256 newCap) private {
        Bounds.check(newCap, 0, MAX_CAP);
        _limits.cap = uint104(newCap);
        emit DepositCapSet(newCap);
    }

    /// @inheritdoc IOptionVault
    function setFeeReceiver(address newReceiver) external onlyOwner {
        _setFeeReceiver(newReceiver);
    }

    function _setFeeReceiver(address newReceiver) private {
        require(newReceiver != address(0), ZeroAddress());
        feeReceiver = newReceiver;
        emit FeeReceiverSet(newReceiver);
    }

    /// @inheritdoc IOptionVault
    function collectFees() external nonReentrant returns (uint256 assets) {
        assets = _fees;
        require(assets != 0, ZeroAmount());
        _fees = 0;
        emit FeesCollected(feeReceiver, assets);
        ASSET.safeTransfer(feeReceiver, assets);
    }

    /* ROUNDS */

    /// @inheritdoc IOptionVault
    function roll() external nonReentrant returns (uint256 pricePerShare) {
        uint256 due = _due;
        require(block.timestamp >= due, RoundNotOver(due, block.timestamp));
        uint256 gross = _idle + _settleSeries();
        pricePerShare = _endRound(gross, due);
        // Whatever keeps options from being written must not keep requests from being served.
        try this.startRoundBySelf() {}
        catch (bytes memory reason) {
            emit RoundNotStarted(_queue.round, reason);
        }
    }

    /// @dev Takes the series' collateral home: unsold pairs whole, shorts for what the longs leave them.
    function _settleSeries() private returns (uint256 proceeds) {
        uint256 id = _seriesId;
        if (id == 0) return 0;
        (uint256 unsold, uint256 shorts) = (_unsold, _shorts);
        if (shorts == 0) return 0;
        // With nothing sold there is no price to wait for. Once others have settled the series, pairs can't be burned so.
        if (unsold == shorts) {
            try CLEARING.burn(id, unsold, address(this)) returns (uint256 collateral) {
                emit AuctionClosed(id, unsold, collateral);
                return collateral;
            } catch {}
        }
        (uint256 whole, uint256 left) = CLEARING.unwind(id, unsold, shorts, address(this));
        if (unsold != 0) emit AuctionClosed(id, unsold, whole);
        return whole + left;
    }

    /// @dev Fees, price, requests; leaves the vault between two rounds.
    function _endRound(uint256 gross, uint256 due) private returns (uint256 price) {
        uint256 supply = totalSupply();
        (uint256 management, uint256 performance) = supply == 0 ? (0, 0) : _feesOn(gross, supply, due);
        uint256 net = gross - management - performance;
        // The dust of those who have left is the next depositors'.
        price = supply == 0 ? WAD : net.mulDiv(WAD, supply);

        Queue memory queue = _queue;
        _priceOf[queue.round] = price;
        emit Rolled(queue.round, price, gross, management, performance, queue.deposits, queue.shares);
        (uint256 idle, uint256 reserved) = _serve(queue, net, price);
        _idle = SafeCastLib.toUint104(idle);
        _reserved = SafeCastLib.toUint104(reserved);
        _due = uint40(_nextDue());
        _limits.locked = SafeCastLib.toUint104(idle);
        _queue = Queue(queue.round + 1, 0, 0);
        _fees = SafeCastLib.toUint104(_fees + management + performance);
        uint256 mark = supply == 0 ? WAD : price.max(_highWaterMark);
        _highWaterMark = uint128(mark.min(type(uint128).max));
        _seriesId = 0;
        (_unsold, _shorts, _startedAt) = (0, 0, 0);
    }

    /// @dev On what shares had at the end, deposits of the round not among it. Both round down.
    function _feesOn(uint256 gross, uint256 supply, uint256 due)
        private
        view
        returns (uint256 management, uint256 performance)
    {
        if (_seriesId != 0) management = gross.mulDiv(MANAGEMENT_FEE_BPS * (due - _startedAt), BPS * YEAR);
        uint256 gain = gross.zeroFloorSub(_toAssetsUp(supply, _highWaterMark));
        performance = gain.mulDiv(PERFORMANCE_FEE_BPS, BPS);
    }

    /// @dev Redeems and issues the round's shares at its price; below `MIN_PRICE` deposits go to those who made them.
    function _serve(Queue memory queue, uint256 net, uint256 price) private returns (uint256 idle, uint256 reserved) {
        (idle, reserved) = (net, _reserved);
        if (queue.shares != 0) {
            uint256 paid = _toAssetsDown(queue.shares, price);
            (idle, reserved) = (idle - paid, reserved + paid);
            _burn(address(this), queue.shares);
        }
        if (queue.deposits == 0) return (idle, reserved);
        if (price < MIN_PRICE) return (idle, reserved + queue.deposits);
        idle += queue.deposits;
        _mint(address(this), _toSharesDown(queue.deposits, price));
    }

    /// @dev The first Friday 08:00 UTC that leaves the options `MIN_LIFE`.
    function _nextDue() private view returns (uint256) {
        return FIRST_EXPIRY + (block.timestamp + MIN_LIFE - FIRST_EXPIRY).divUp(WEEK) * WEEK;
    }

    /// @inheritdoc IOptionVault
    function startRound() external nonReentrant {
        _startRound();
    }

    /// @dev `roll`'s, which holds the lock: a call, so that its failure can be caught.
    function startRoundBySelf() external {
        require(msg.sender == address(this), OnlySelf());
        _startRound();
    }

    function _startRound() private {
        require(_seriesId == 0, RoundAlreadyStarted(_seriesId));
        uint256 due = _due;
        require(block.timestamp + MIN_LIFE <= due, TooLateToStart(due, block.timestamp));
        (uint256 strike, uint256 cap) = PRICER.chooseStrike(due);
        uint256 id = CLEARING.listSeries(
            IOptionClearing.Series({
                feed: FEED,
                collateral: ASSET,
                expiry: uint40(due),
                kind: KIND,
                strike: SafeCastLib.toUint128(strike),
                cap: SafeCastLib.toUint128(cap)
            })
        );
        // As many as the assets back, or as the clearing house has room for.
        uint256 backed = CLEARING.pairsFor(id, _idle);
        (uint256 amount, uint256 collateral) = CLEARING.mintUpTo(id, backed, address(this), address(this));
        require(amount != 0, NothingToWrite());
        // Pairs are no more than the idle assets pay for.
        _idle -= uint104(collateral);
        _startAuction(id, strike, amount);
        emit RoundStarted(_queue.round, id, strike, due, amount);
    }

    /// @inheritdoc IOptionVault
    function extendLot() external nonReentrant returns (uint256 amount) {
        _checkOpen(_endsAt());
        uint256 id = _seriesId;
        // Premium is not written on; and collateral of several mints may be rounded up by more than that of one.
        uint256 most = _unwritten(id).min(CLEARING.pairsFor(id, _idle));
        uint256 collateral;
        (amount, collateral) = CLEARING.mintUpTo(id, most, address(this), address(this));
        require(amount != 0, NothingToWrite());
        // As in `_startRound`.
        _idle -= uint104(collateral);
        _extendLot(amount);
    }

    /// @inheritdoc IOptionVault
    function unwritten() external view nonReadReentrant returns (uint256) {
        return block.timestamp < _endsAt() ? _unwritten(_seriesId) : 0;
    }

    /// @dev While an auction is open, all that the round began with is idle or written, and none of that is burnt.
    function _unwritten(uint256 id) private view returns (uint256) {
        return CLEARING.pairsFor(id, _limits.locked) - _shorts;
    }

    /// @inheritdoc IOptionVault
    function closeAuction() external nonReentrant returns (uint256 collateral) {
        uint256 endsAt = _startedAt + DURATION;
        require(block.timestamp >= endsAt, AuctionStillOpen(endsAt, block.timestamp));
        uint104 unsold = _unsold;
        require(unsold != 0, ZeroAmount());
        (_unsold, _shorts) = (0, _shorts - unsold);
        collateral = CLEARING.burn(_seriesId, unsold, address(this));
        _idle = SafeCastLib.toUint104(_idle + collateral);
        emit AuctionClosed(_seriesId, unsold, collateral);
    }

    /* AUCTION */

    function _reserve() internal view override returns (uint256) {
        return PRICER.reserve(_strike, _due);
    }

    function _claimScale() internal view override returns (uint256) {
        return CLAIM_SCALE;
    }

    function _exchange(uint256 id, uint256 bought, uint256 premium, address receiver) internal override {
        _idle = SafeCastLib.toUint104(_idle + premium);
        IERC6909(address(CLEARING)).transfer(receiver, id, bought);
        ASSET.safeTransferFrom(msg.sender, address(this), premium);
    }

    /* EXIT */

    /// @inheritdoc IOptionVault
    function exitInKind(uint256 shares, address receiver, address owner)
        external
        nonReentrant
        returns (uint256 assets, uint256 shorts, uint256 longs)
    {
        uint256 opensAt = _due + EXIT_DELAY;
        require(block.timestamp >= opensAt, ExitNotOpen(opensAt, block.timestamp));
        require(shares != 0, ZeroAmount());
        _checkRecipient(receiver);
        _spend(owner, shares);
        uint256 supply = totalSupply();
        _burn(owner, shares);
        (uint104 idle, uint104 allShorts, uint104 allLongs) = (_idle, _shorts, _unsold);
        assets = shares.mulDiv(idle, supply);
        shorts = shares.mulDiv(allShorts, supply);
        longs = shares.mulDiv(allLongs, supply);
        // Parts are no more than the whole, since shares are no more than the supply.
        _idle = idle - uint104(assets);
        (_shorts, _unsold) = (allShorts - uint104(shorts), allLongs - uint104(longs));
        emit ExitedInKind(owner, receiver, shares, assets, shorts, longs);
        uint256 id = _seriesId;
        if (shorts != 0) IERC6909(address(CLEARING)).transfer(receiver, id | SHORT, shorts);
        if (longs != 0) IERC6909(address(CLEARING)).transfer(receiver, id, longs);
        if (assets != 0) ASSET.safeTransfer(receiver, assets);
    }

    /* VIEWS */

    /// @inheritdoc IOptionVault
    function position() external view nonReadReentrant returns (Position memory) {
        return Position({
            round: _queue.round,
            due: _due,
            seriesId: _seriesId,
            writtenAt: _startedAt,
            shorts: _shorts,
            unsoldLongs: _unsold,
            idle: _idle,
            fees: _fees,
            pendingDeposits: _queue.deposits,
            reserved: _reserved,
            queuedShares: _queue.shares,
            locked: _limits.locked,
            highWaterMark: _highWaterMark
        });
    }

    /// @inheritdoc IOptionVault
    function depositCap() external view returns (uint256) {
        return _limits.cap;
    }

    /// @inheritdoc IOptionVault
    function terms() external view returns (Terms memory) {
        // Each is as narrow as it was given.
        return Terms({
            asset: ASSET,
            clearing: address(CLEARING),
            pricer: address(PRICER),
            managementFeeBps: uint16(MANAGEMENT_FEE_BPS),
            performanceFeeBps: uint16(PERFORMANCE_FEE_BPS),
            auctionDuration: uint32(DURATION),
            startMultiple: uint64(START_MULTIPLE),
            minDeposit: uint96(MIN_DEPOSIT)
        });
    }
}
