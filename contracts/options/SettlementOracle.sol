// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {ChainlinkRounds} from "../libraries/ChainlinkRounds.sol";
import {ObservationLog} from "../libraries/ObservationLog.sol";
import {PriceSources} from "../libraries/PriceSources.sol";
import {SettlementFeeds} from "./SettlementFeeds.sol";

/// @title SettlementOracle
/// @dev UNITS, FEEDS, MEANS, ROUNDS, TIMES, TRUST: see the interface.
/// @dev REENTRANCY: sources are asked by static calls; nothing else is called.
/// @dev LIVENESS: no pause. To wind down, stop observing: what has been recorded settles its expiries for ever.
contract SettlementOracle is SettlementFeeds, Ownable2Step {
    using FixedPointMathLib for uint256;

    /// @inheritdoc ISettlementOracle
    uint256 public constant DISPUTE_WINDOW = 30 minutes;
    /// @inheritdoc ISettlementOracle
    uint256 public constant DISPUTE_DELAY = 6 hours;
    /// @inheritdoc ISettlementOracle
    uint256 public constant PATIENCE = ChainlinkRounds.PATIENCE;
    /// @inheritdoc ISettlementOracle
    uint256 public constant MAX_SKIPPED = ChainlinkRounds.MAX_SKIPPED;

    /* STORAGE */

    struct Fixing {
        /// WAD; zero until it is settled.
        uint128 price;
        bool disputed;
    }

    mapping(bytes32 feed => mapping(uint256 expiry => Fixing)) private _fixings;

    /// @inheritdoc ISettlementOracle
    address public disputer;

    /* CONSTRUCTOR */

    constructor(address initialDisputer, address initialOwner) Ownable(initialOwner) {
        _setDisputer(initialDisputer);
    }

    /* OWNER */

    /// @inheritdoc ISettlementOracle
    function setDisputer(address newDisputer) external onlyOwner {
        _setDisputer(newDisputer);
    }

    function _setDisputer(address newDisputer) private {
        disputer = newDisputer;
        emit DisputerSet(newDisputer);
    }

    /* SETTLEMENT */

    /// @inheritdoc ISettlementOracle
    function settle(bytes32 feed, uint256 expiry, uint256[] calldata hints) external returns (uint256 priceWad) {
        Fixing storage fixing = _fixings[feed][expiry];
        priceWad = fixing.price;
        if (priceWad != 0) return priceWad;
        Feed memory listed = _checkedFeed(feed, expiry);
        uint256 earliest = _settleableFrom(expiry, fixing.disputed);
        require(block.timestamp >= earliest, TooEarly(block.timestamp, earliest));
        require(hints.length == listed.count, InvalidHintCount(hints.length, listed.count));

        priceWad = WAD;
        for (uint256 position = 0; position < listed.count; ++position) {
            uint256 factor = _priceAt(_parts[feed][position], listed.window, expiry, hints[position]);
            priceWad = PriceSources.timesDown(priceWad, factor);
        }
        priceWad = priceWad.max(1);
        fixing.price = uint128(priceWad); // the product never passes 2^128 - 1
        emit PriceSettled(feed, expiry, priceWad);
    }

    /// @inheritdoc ISettlementOracle
    function dispute(bytes32 feed, uint256 expiry) external {
        require(msg.sender == disputer, NotDisputer(msg.sender));
        _checkedFeed(feed, expiry);
        Fixing storage fixing = _fixings[feed][expiry];
        require(
            !fixing.disputed && block.timestamp >= expiry && block.timestamp < expiry + DISPUTE_WINDOW,
            NotDisputable(feed, expiry)
        );
        fixing.disputed = true;
        emit Disputed(feed, expiry, _settleableFrom(expiry, true));
    }

    function _checkedFeed(bytes32 feed, uint256 expiry) private view returns (Feed memory listed) {
        listed = _listed(feed);
        require(ObservationLog.isExpiry(expiry) && expiry >= listed.listedAt, InvalidExpiry(expiry));
    }

    function _settleableFrom(uint256 expiry, bool disputed) private pure returns (uint256) {
        return expiry + DISPUTE_WINDOW + (disputed ? DISPUTE_DELAY : 0);
    }

    /* VIEWS */

    /// @inheritdoc ISettlementOracle
    function settlementPrice(bytes32 feed, uint256 expiry) external view returns (uint256) {
        return _fixings[feed][expiry].price;
    }

    /// @inheritdoc ISettlementOracle
    function settleableFrom(bytes32 feed, uint256 expiry) external view returns (uint256) {
        _checkedFeed(feed, expiry);
        return _settleableFrom(expiry, _fixings[feed][expiry].disputed);
    }
}
