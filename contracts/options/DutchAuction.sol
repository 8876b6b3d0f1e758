// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {IDutchAuction} from "../../interfaces/options/IDutchAuction.sol";
import {TransientGuard} from "../libraries/TransientGuard.sol";

/// @title DutchAuction
/// @dev UNITS, RESERVE, ROUNDING: see the interface.
/// @dev A part of the vault, not a contract beside it: longs and premium would change hands twice, 60,000 gas for a sale.
/// @dev REENTRANCY: the lock of the heir, taken by `buy`. The lot is smaller before anything is moved.
abstract contract DutchAuction is IDutchAuction, TransientGuard {
    using FixedPointMathLib for uint256;

    uint256 internal constant WAD = 1e18;

    /* IMMUTABLES */

    uint256 internal immutable DURATION;
    uint256 internal immutable START_MULTIPLE;

    /* STORAGE */

    /// @dev Long claims' id; zero without a series.
    uint256 internal _seriesId;

    uint104 internal _unsold;
    /// @dev The heir's: short claims that stand against the lot and what was sold of it.
    uint104 internal _shorts;
    uint40 internal _startedAt;

    /// @dev WAD of the quote; of the last series.
    uint128 internal _strike;

    /* CONSTRUCTOR */

    constructor(uint256 duration, uint256 multiple) {
        DURATION = duration;
        START_MULTIPLE = multiple;
    }

    /* SALE */

    function _startAuction(uint256 id, uint256 strike, uint256 amount) internal {
        uint104 lotSize = SafeCastLib.toUint104(amount);
        (_seriesId, _strike) = (id, SafeCastLib.toUint128(strike));
        (_unsold, _shorts, _startedAt) = (lotSize, lotSize, uint40(block.timestamp));
        emit AuctionStarted(id, amount, block.timestamp + DURATION);
    }

    /// @dev Puts more of the same on sale.
    function _extendLot(uint256 amount) internal {
        _unsold = SafeCastLib.toUint104(_unsold + amount);
        _shorts = SafeCastLib.toUint104(_shorts + amount);
        emit LotExtended(_seriesId, amount);
    }

    /// @inheritdoc IDutchAuction
    function buy(uint256 amount, uint256 minAmount, uint256 maxPriceWad, address receiver, uint256 deadline)
        external
        nonReentrant
        returns (uint256 bought, uint256 premium)
    {
        require(block.timestamp <= deadline, PurchaseTooLate(deadline, block.timestamp));
        uint256 price = _askPrice();
        require(price <= maxPriceWad, PriceTooHigh(price, maxPriceWad));
        uint256 unsold = _unsold;
        bought = amount.min(unsold);
        require(bought != 0 && bought >= minAmount, TooFewLeft(unsold, minAmount));
        premium = bought.fullMulDivUp(price, _claimScale());

        uint256 id = _seriesId;
        _unsold = uint104(unsold - bought);
        emit Bought(id, msg.sender, receiver, bought, premium, price);
        _exchange(id, bought, premium, receiver);
    }

    /// @dev The reserve times what is left of the multiple. Rounds up, so that no sale is below the reserve.
    function _askPrice() private view returns (uint256) {
        uint256 endsAt = _endsAt();
        _checkOpen(endsAt);
        uint256 premiumOverReserve = (START_MULTIPLE - WAD).mulDivUp(endsAt - block.timestamp, DURATION);
        return _reserve().mulWadUp(WAD + premiumOverReserve);
    }

    /// @dev Zero without a lot.
    function _endsAt() internal view returns (uint256) {
        return _seriesId == 0 ? 0 : _startedAt + DURATION;
    }

    function _checkOpen(uint256 endsAt) internal view {
        require(block.timestamp < endsAt, AuctionNotOpen(endsAt, block.timestamp));
    }

    /* HOOKS */

    /// @dev WAD of the token for 1e18 claims of the lot, now.
    function _reserve() internal view virtual returns (uint256);

    /// @dev Claims times WAD in a unit of the collateral token.
    function _claimScale() internal view virtual returns (uint256);

    /// @dev Takes `premium` of the caller and gives `bought` claims to `receiver`.
    function _exchange(uint256 id, uint256 bought, uint256 premium, address receiver) internal virtual;

    /* VIEWS */

    /// @inheritdoc IDutchAuction
    function askPrice() external view nonReadReentrant returns (uint256 priceWad) {
        return _askPrice();
    }

    /// @inheritdoc IDutchAuction
    function premiumFor(uint256 amount) external view nonReadReentrant returns (uint256 premium) {
        return amount.fullMulDivUp(_askPrice(), _claimScale());
    }

    /// @inheritdoc IDutchAuction
    function lot() external view nonReadReentrant returns (Lot memory) {
        // Times have 40 bits.
        return Lot({id: _seriesId, unsold: _unsold, startedAt: _startedAt, endsAt: uint40(_endsAt())});
    }

    /// @inheritdoc IDutchAuction
    function auctionDuration() external view returns (uint256) {
        return DURATION;
    }

    /// @inheritdoc IDutchAuction
    function startMultiple() external view returns (uint256) {
        return START_MULTIPLE;
    }
}
