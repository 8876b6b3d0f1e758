// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {ISettlementOracle} from "../../interfaces/options/ISettlementOracle.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {ChainlinkRounds} from "../libraries/ChainlinkRounds.sol";
import {ObservationLog} from "../libraries/ObservationLog.sol";
import {PriceSources} from "../libraries/PriceSources.sol";
import {SettlementFeeds} from "./SettlementFeeds.sol";

/// @title SettlementOracle
/// @dev UNITS, FEEDS, MEANS, ROUNDS, TIMES, BONDS, TRUST: see the interface.
/// @dev REENTRANCY: no lock. Sources are asked by static calls; who is paid a bond is called last, when it is his no more.
/// @dev LIVENESS: no pause. To wind down, stop observing: what has been recorded settles its expiries for ever.
contract SettlementOracle is SettlementFeeds, Ownable2Step {
    using FixedPointMathLib for uint256;
    using SafeTransferLib for address;

    /// @inheritdoc ISettlementOracle
    uint256 public constant DISPUTE_WINDOW = 30 minutes;
    /// @inheritdoc ISettlementOracle
    uint256 public constant DISPUTE_DELAY = 6 hours;
    /// @inheritdoc ISettlementOracle
    uint256 public constant BOND_PERIOD = 3 days;
    /// @inheritdoc ISettlementOracle
    uint256 public constant PATIENCE = ChainlinkRounds.PATIENCE;
    /// @inheritdoc ISettlementOracle
    uint256 public constant MAX_SKIPPED = ChainlinkRounds.MAX_SKIPPED;

    /// @dev A bond is there to be lost, and must not be what a dispute is too dear for.
    uint256 private constant MIN_BOND = 0.01 ether;
    uint256 private constant MAX_BOND = 100 ether;

    /* IMMUTABLES */

    /// @inheritdoc ISettlementOracle
    uint256 public immutable disputeBond;

    /* STORAGE */

    struct Fixing {
        /// WAD; zero until it is settled.
        uint128 price;
        bool disputed;
    }

    mapping(bytes32 feed => mapping(uint256 expiry => Fixing)) private _fixings;

    /// @inheritdoc ISettlementOracle
    mapping(bytes32 feed => mapping(uint256 expiry => address)) public posterOf;

    /// @inheritdoc ISettlementOracle
    address public disputer;

    /* CONSTRUCTOR */

    constructor(address initialDisputer, uint256 bond, address initialOwner) Ownable(initialOwner) {
        Bounds.check(bond, MIN_BOND, MAX_BOND);
        disputeBond = bond;
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
        mapping(uint256 position => Part) storage parts = _parts[feed];
        for (uint256 position = 0; position < listed.count; ++position) {
            uint256 factor = _priceAt(parts[position], listed.window, expiry, hints[position]);
            priceWad = PriceSources.timesDown(priceWad, factor);
        }
        priceWad = priceWad.max(1);
        fixing.price = uint128(priceWad); // the product never passes 2^128 - 1
        emit PriceSettled(feed, expiry, priceWad);
    }

    /// @inheritdoc ISettlementOracle
    function dispute(bytes32 feed, uint256 expiry) external payable {
        require(msg.sender == disputer, NotDisputer(msg.sender));
        _checkedFeed(feed, expiry);
        Fixing storage fixing = _fixings[feed][expiry];
        require(
            !fixing.disputed && block.timestamp >= expiry && block.timestamp < expiry + DISPUTE_WINDOW,
            NotDisputable(feed, expiry)
        );
        require(msg.value == disputeBond, WrongBond(msg.value, disputeBond));
        fixing.disputed = true;
        posterOf[feed][expiry] = msg.sender;
        emit Disputed(feed, expiry, _settleableFrom(expiry, true));
    }

    function _checkedFeed(bytes32 feed, uint256 expiry) private view returns (Feed memory listed) {
        listed = _listed(feed);
        require(ObservationLog.isExpiry(expiry) && expiry >= listed.listedAt, InvalidExpiry(expiry));
    }

    function _settleableFrom(uint256 expiry, bool disputed) private pure returns (uint256) {
        return expiry + DISPUTE_WINDOW + (disputed ? DISPUTE_DELAY : 0);
    }

    /* BONDS */

    /// @inheritdoc ISettlementOracle
    function returnBond(bytes32 feed, uint256 expiry) external {
        address poster = _takeBond(feed, expiry);
        uint256 earliest = expiry + BOND_PERIOD;
        require(block.timestamp >= earliest, BondStillHeld(block.timestamp, earliest));
        emit BondReturned(feed, expiry, poster);
        poster.safeTransferETH(disputeBond);
    }

    /// @inheritdoc ISettlementOracle
    function forfeitBond(bytes32 feed, uint256 expiry, address receiver) external onlyOwner {
        require(receiver != address(0), ZeroAddress());
        address poster = _takeBond(feed, expiry);
        uint256 deadline = expiry + BOND_PERIOD;
        require(block.timestamp < deadline, ForfeitTooLate(block.timestamp, deadline));
        emit BondForfeited(feed, expiry, poster, receiver);
        receiver.safeTransferETH(disputeBond);
    }

    /// @dev Once.
    function _takeBond(bytes32 feed, uint256 expiry) private returns (address poster) {
        poster = posterOf[feed][expiry];
        require(poster != address(0), NoBond(feed, expiry));
        delete posterOf[feed][expiry];
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
