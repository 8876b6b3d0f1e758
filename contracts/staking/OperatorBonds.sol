// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IOperatorBonds} from "../../interfaces/staking/IOperatorBonds.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {OperatorLoss} from "../../interfaces/staking/Report.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {LinearMath} from "../libraries/LinearMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";

/// @title Bonds of operators, the rewards that join them, and what is charged to them
/// @dev UNITS: wei, exact shares (27 decimals).
/// @dev ROLES: see the interface. REENTRANCY: calls its pool and its registry alone.
/// @dev ACCOUNTING: `_accounted` are the shares that belong to bonds, credited or not; what is here beyond them is a reward
/// that came in since, and is shared out before any number of earning validators changes.
contract OperatorBonds is IOperatorBonds, Ownable2Step {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @notice A first deposit; no key's bond is below it.
    uint256 public constant MIN_KEY_BOND = 1 ether;

    uint256 public constant MAX_KEY_BOND = 32 ether;

    uint256 public constant MAX_PENALTY = 1 ether;

    IStakingPool private immutable POOL;
    IOperatorRegistry private immutable REGISTRY;

    /* STORAGE */

    struct Bond {
        uint128 exactShares;
        /// Rewards per validator up to which the bond was credited.
        uint128 creditedTo;
        uint128 earning;
    }

    mapping(uint256 operatorId => Bond) private _bonds;
    uint128 private _accounted;
    /// @dev Exact shares that one validator earned since the beginning.
    uint128 private _perValidator;
    uint256 private _earning;
    BondTerms private _bondTerms;
    PenaltyTerms private _penaltyTerms;

    /* CONSTRUCTOR */

    /// @dev The registry creates its own.
    constructor(address owner, IStakingPool pool) Ownable(owner) {
        POOL = pool;
        REGISTRY = IOperatorRegistry(msg.sender);
        _setBondTerms(BondTerms({firstKeyBond: 2.4 ether, furtherKeyBond: 1.3 ether}));
        _setPenaltyTerms(PenaltyTerms({lateExit: 0.1 ether, underperformed: 0.05 ether, slashed: 0.5 ether}));
    }

    /* MODIFIERS */

    modifier onlyRegistry() {
        require(msg.sender == address(REGISTRY), Unauthorized(msg.sender, address(REGISTRY)));
        _;
    }

    /* BONDS */

    /// @inheritdoc IOperatorBonds
    function depositBond(uint256 operatorId, uint256 etherAmount) external returns (uint256 exactShares) {
        require(etherAmount != 0, ZeroAmount());
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = etherAmount;
        _shareOutRewards();
        (uint256[] memory moved,,) = POOL.transferFromBatch(msg.sender, address(this), amounts);
        exactShares = moved[0];
        _addToBond(operatorId, exactShares);
    }

    /// @inheritdoc IOperatorBonds
    function stakeBond(uint256 operatorId) external payable returns (uint256 exactShares) {
        _shareOutRewards();
        uint256 before = POOL.exactSharesOf(address(this));
        POOL.submit{value: msg.value}(address(0));
        exactShares = POOL.exactSharesOf(address(this)) - before;
        _addToBond(operatorId, exactShares);
    }

    function _addToBond(uint256 operatorId, uint256 exactShares) private {
        _credit(operatorId);
        _bonds[operatorId].exactShares += uint128(exactShares);
        _accounted += uint128(exactShares);
        emit BondDeposited(operatorId, msg.sender, exactShares);
        REGISTRY.refresh(operatorId);
    }

    /// @inheritdoc IOperatorBonds
    function withdrawBond(uint256 operatorId, uint256 shares18, address to) external returns (uint256 taken) {
        address manager = REGISTRY.managerOf(operatorId);
        require(msg.sender == manager, Unauthorized(msg.sender, manager));
        _shareOutRewards();
        _credit(operatorId);
        uint256 held = _bonds[operatorId].exactShares;
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        uint256 required = requiredBond(REGISTRY.bondedKeys(operatorId));
        if (shares18 == type(uint256).max) {
            uint256 locked = required.toSharesUp(totalEther, totalShares);
            taken = FixedPointMathLib.zeroFloorSub(held, locked).toShares18Down();
        } else {
            taken = shares18;
        }
        require(taken != 0, ZeroAmount());
        uint256 exactShares = taken.toExact();
        uint256 worth = FixedPointMathLib.zeroFloorSub(held, exactShares).toEtherDown(totalEther, totalShares);
        require(exactShares <= held && worth >= required, BondTooSmall(operatorId, worth, required));
        _takeFromBond(operatorId, exactShares);
        emit BondWithdrawn(operatorId, to, exactShares);
        POOL.transferShares(to, taken);
        REGISTRY.refresh(operatorId);
    }

    function _takeFromBond(uint256 operatorId, uint256 exactShares) private {
        _bonds[operatorId].exactShares -= uint128(exactShares);
        _accounted -= uint128(exactShares);
    }

    /* REWARDS */

    /// @inheritdoc IOperatorBonds
    function setEarning(uint256 operatorId, uint256 validators) external onlyRegistry {
        _shareOutRewards();
        _credit(operatorId);
        _earning = _earning + validators - _bonds[operatorId].earning;
        _bonds[operatorId].earning = uint128(validators);
    }

    function _shareOutRewards() private {
        uint256 validators = _earning;
        if (validators == 0) return;
        (uint256 each, uint256 all) = _newRewards(validators);
        if (each == 0) return;
        _perValidator += uint128(each);
        _accounted += uint128(all);
        emit RewardsShared(all, validators);
    }

    function _newRewards(uint256 validators) private view returns (uint256 each, uint256 all) {
        each = LinearMath.wholeUnits(POOL.exactSharesOf(address(this)) - _accounted, validators);
        all = each * validators;
    }

    function _credit(uint256 operatorId) private {
        Bond storage bond = _bonds[operatorId];
        uint256 perValidator = _perValidator;
        uint256 due = (perValidator - bond.creditedTo) * bond.earning;
        (bond.exactShares, bond.creditedTo) = ((bond.exactShares + due).toUint128(), uint128(perValidator));
    }

    /* CHARGES */

    /// @inheritdoc IOperatorBonds
    /// @dev Until the pool burns them, the shares would look like rewards: `_accounted` falls last.
    function coverLosses(OperatorLoss[] calldata losses) external returns (uint256 exactShares, uint256 covered) {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        _shareOutRewards();
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        for (uint256 i; i < losses.length; ++i) {
            OperatorLoss calldata loss = losses[i];
            if (i != 0) require(loss.operatorId > losses[i - 1].operatorId, LossesUnsorted(i, loss.operatorId));
            (uint256 taken, uint256 paid) = _coverLoss(loss, totalEther, totalShares);
            exactShares += taken;
            covered += paid;
        }
        _accounted -= uint128(exactShares);
    }

    function _coverLoss(OperatorLoss calldata loss, uint256 totalEther, uint256 totalShares)
        private
        returns (uint256 taken, uint256 paid)
    {
        uint256 operatorId = loss.operatorId;
        _credit(operatorId);
        uint256 held = _bonds[operatorId].exactShares;
        uint256 needed = loss.etherAmount.bounded().toSharesUp(totalEther, totalShares);
        (taken, paid) = needed <= held ? (needed, loss.etherAmount) : (held, held.toEtherDown(totalEther, totalShares));
        _bonds[operatorId].exactShares = uint128(held - taken);
        emit LossCharged(operatorId, loss.etherAmount, paid, taken);
        REGISTRY.refresh(operatorId);
    }

    /// @inheritdoc IOperatorBonds
    /// @dev Whole 18-decimal shares move.
    function charge(uint256 operatorId, uint256 index, Penalty why) external onlyRegistry {
        PenaltyTerms memory terms = _penaltyTerms;
        uint256 etherAmount = terms.slashed;
        if (why == Penalty.LateExit) etherAmount = terms.lateExit;
        else if (why == Penalty.Underperformed) etherAmount = terms.underperformed;
        _shareOutRewards();
        _credit(operatorId);
        uint256 shares18 = FixedPointMathLib.min(
            POOL.toSharesUp(etherAmount).toShares18Up(), uint256(_bonds[operatorId].exactShares).toShares18Down()
        );
        uint256 exactShares = shares18.toExact();
        _takeFromBond(operatorId, exactShares);
        emit PenaltyCharged(operatorId, index, why, etherAmount, exactShares);
        if (shares18 != 0) POOL.transferShares(POOL.part("insurance"), shares18);
    }

    /* TERMS */

    /// @inheritdoc IOperatorBonds
    function setBondTerms(BondTerms calldata terms) external onlyOwner {
        _setBondTerms(terms);
    }

    function _setBondTerms(BondTerms memory terms) private {
        Bounds.check(terms.firstKeyBond, MIN_KEY_BOND, MAX_KEY_BOND);
        Bounds.check(terms.furtherKeyBond, MIN_KEY_BOND, MAX_KEY_BOND);
        _bondTerms = terms;
        emit BondTermsSet(terms);
    }

    /// @inheritdoc IOperatorBonds
    function setPenaltyTerms(PenaltyTerms calldata terms) external onlyOwner {
        _setPenaltyTerms(terms);
    }

    function _setPenaltyTerms(PenaltyTerms memory terms) private {
        Bounds.check(terms.lateExit, 0, MAX_PENALTY);
        Bounds.check(terms.underperformed, 0, MAX_PENALTY);
        Bounds.check(terms.slashed, 0, MAX_PENALTY);
        _penaltyTerms = terms;
        emit PenaltyTermsSet(terms);
    }

    /* VIEWS */

    /// @inheritdoc IOperatorBonds
    function requiredBond(uint256 keys) public view returns (uint256) {
        return keys == 0 ? 0 : _bondTerms.firstKeyBond + (keys - 1) * _bondTerms.furtherKeyBond;
    }

    /// @inheritdoc IOperatorBonds
    function coverable(uint256 operatorId) external view returns (uint256) {
        uint256 worth = POOL.toEtherDown(_sharesOf(operatorId));
        uint256 first = _bondTerms.firstKeyBond;
        return worth < first ? 0 : 1 + LinearMath.wholeUnits(worth - first, _bondTerms.furtherKeyBond);
    }

    /// @dev With all rewards until now, shared out or not.
    function _sharesOf(uint256 operatorId) private view returns (uint256) {
        uint256 validators = _earning;
        uint256 perValidator = _perValidator;
        if (validators != 0) {
            (uint256 each,) = _newRewards(validators);
            perValidator += each;
        }
        Bond memory bond = _bonds[operatorId];
        return bond.exactShares + (perValidator - bond.creditedTo) * bond.earning;
    }

    /// @inheritdoc IOperatorBonds
    function getBond(uint256 operatorId) external view returns (uint256 exactShares, uint256 worth) {
        exactShares = _sharesOf(operatorId);
        return (exactShares, POOL.toEtherDown(exactShares));
    }

    /// @inheritdoc IOperatorBonds
    function earning(uint256 operatorId) external view returns (uint256 validators, uint256 all) {
        return (_bonds[operatorId].earning, _earning);
    }

    /// @inheritdoc IOperatorBonds
    function registry() external view returns (address) {
        return address(REGISTRY);
    }

    /// @inheritdoc IOperatorBonds
    function getBondTerms() external view returns (BondTerms memory) {
        return _bondTerms;
    }

    /// @inheritdoc IOperatorBonds
    function getPenaltyTerms() external view returns (PenaltyTerms memory) {
        return _penaltyTerms;
    }
}
