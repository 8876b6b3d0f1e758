// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {DynamicBufferLib} from "solady/src/utils/DynamicBufferLib.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";

import {IOperatorBonds} from "../../interfaces/staking/IOperatorBonds.sol";
import {IOperatorRegistry} from "../../interfaces/staking/IOperatorRegistry.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IValidatorVault} from "../../interfaces/staking/IValidatorVault.sol";
import {KeyEvent, KeyNews} from "../../interfaces/staking/Report.sol";
import {Bounds} from "../libraries/Bounds.sol";
import {OperatorBonds} from "./OperatorBonds.sol";
import {OperatorKeys} from "./OperatorKeys.sol";
import {OperatorRanks} from "./OperatorRanks.sol";
import {OperatorRoll} from "./OperatorRoll.sol";

/// @title OperatorRegistry
/// @dev ROLES: the owner sets terms, stops and pardons operators; a manager keeps its operator's keys and bond; the exit
/// manager asks for exits; the pool allocates; its oracle tells news. Worst effects: `contracts/README.md`.
/// @dev REENTRANCY: strangers are called once, at the end of `triggerExits`, with what is left of their own ether.
/// @dev LIVENESS: no pause. Stopping every operator stops deposits.
contract OperatorRegistry is OperatorKeys, OperatorRanks, Ownable2Step, OperatorRoll {
    using DynamicBufferLib for DynamicBufferLib.DynamicBuffer;
    using SafeCastLib for uint256;

    /// @notice An operator that underperformed this often is asked to exit first, and gets no more first deposits.
    uint256 public constant MAX_STRIKES = 3;

    /// @dev How many keys that can't exit yet a search for one that can passes over.
    uint256 private constant SEARCH = 64;

    IStakingPool private immutable POOL;
    IOperatorBonds private immutable BONDS;
    IValidatorVault private immutable VAULT;

    /* STORAGE */

    /// @dev Confirmed keys of one operator, one after the other.
    struct Range {
        uint32 operatorId;
        uint32 first;
        uint32 count;
    }

    struct News {
        uint64 refSlot;
        uint40 refTimestamp;
    }

    /// @dev Confirmed keys in order; those before `_nextRange` are funded.
    Range[] private _confirmed;
    uint256 private _nextRange;

    News private _lastNews;

    /// @inheritdoc IOperatorRegistry
    uint256 public nonce;

    /// @inheritdoc IOperatorRegistry
    address public exitManager;

    /// @inheritdoc IOperatorRegistry
    uint256 public exitPeriod;

    /* CONSTRUCTOR */

    constructor(address owner, address payable pool) Ownable(owner) {
        require(pool != address(0), ZeroAddress());
        POOL = IStakingPool(pool);
        VAULT = IValidatorVault(POOL.withdrawalVault());
        BONDS = new OperatorBonds(owner, IStakingPool(pool));
        _setExitPeriod(4 days);
    }

    /* OPERATORS */

    /// @inheritdoc IOperatorRegistry
    function stopOperator(uint256 operatorId, bool stopped) external onlyOwner {
        _requireOperator(operatorId);
        _identities[operatorId].stopped = stopped;
        emit OperatorStopped(operatorId, stopped);
        _refresh(operatorId);
    }

    /// @inheritdoc IOperatorRegistry
    function pardon(uint256 operatorId) external onlyOwner {
        _requireOperator(operatorId);
        Counts memory counts = _counts(operatorId);
        (counts.strikes, counts.poor) = (0, false);
        _setCounts(operatorId, counts);
        emit OperatorPardoned(operatorId);
        _refresh(operatorId);
    }

    /// @inheritdoc IOperatorRegistry
    function setExitManager(address newExitManager) external onlyOwner {
        exitManager = newExitManager;
        emit ExitManagerSet(newExitManager);
    }

    /// @inheritdoc IOperatorRegistry
    function setExitPeriod(uint256 newExitPeriod) external onlyOwner {
        _setExitPeriod(newExitPeriod);
    }

    function _setExitPeriod(uint256 newExitPeriod) private {
        Bounds.check(newExitPeriod, 1 days, 30 days);
        exitPeriod = newExitPeriod;
        emit ExitPeriodSet(newExitPeriod);
    }

    /// @inheritdoc IOperatorRegistry
    function refresh(uint256 operatorId) external {
        _requireOperator(operatorId);
        _refresh(operatorId);
    }

    /// @dev Who is in line for deposits, and whose bond is short.
    function _refresh(uint256 operatorId) private {
        Counts memory counts = _counts(operatorId);
        uint256 coverable = BONDS.coverable(operatorId);
        counts.short = coverable < counts.bonded;
        bool offering = !_identities[operatorId].stopped && !counts.poor && _depositable(counts, coverable) != 0;
        if (offering != counts.offering) ++nonce;
        counts.offering = offering;
        _setCounts(operatorId, counts);
    }

    /// @dev Unused keys that the bond covers beside those in use.
    function _depositable(Counts memory counts, uint256 coverable) private pure returns (uint256) {
        uint256 unused = counts.keys - counts.predeposited;
        return FixedPointMathLib.min(unused, FixedPointMathLib.zeroFloorSub(coverable, counts.bonded - unused));
    }

    /* KEYS */

    /// @inheritdoc IOperatorRegistry
    function addKeys(uint256 operatorId, bytes calldata pubkeys, bytes calldata signatures) external {
        _requireManager(operatorId);
        Counts memory counts = _counts(operatorId);
        uint256 count = _storeKeys(operatorId, counts.keys, pubkeys, signatures);
        counts.keys = (counts.keys + count).toUint32();
        counts.bonded = (counts.bonded + count).toUint32();
        uint256 coverable = BONDS.coverable(operatorId);
        require(coverable >= counts.bonded, BondTooSmall(operatorId, coverable, counts.bonded));
        _setCounts(operatorId, counts);
        _refresh(operatorId);
        ++nonce;
        emit KeysAdded(operatorId, count, counts.keys);
    }

    /// @inheritdoc IOperatorRegistry
    function removeKeys(uint256 operatorId, uint256 count) external {
        if (msg.sender != owner()) _requireManager(operatorId);
        _requireOperator(operatorId);
        Counts memory counts = _counts(operatorId);
        uint256 unused = counts.keys - counts.predeposited;
        require(count != 0, NoKeys());
        require(count <= unused, TooFewUnusedKeys(count, unused));
        uint256 left = counts.keys - count;
        _forgetKeys(operatorId, left, counts.keys);
        (counts.keys, counts.bonded) = (uint32(left), uint32(counts.bonded - count));
        _setCounts(operatorId, counts);
        _refresh(operatorId);
        ++nonce;
        emit KeysRemoved(operatorId, count, left);
    }

    /* ALLOCATION */

    /// @inheritdoc IOperatorRegistry
    function allocate(uint256 maxKeys) external returns (bytes memory, bytes memory) {
        _checkVault();
        DynamicBufferLib.DynamicBuffer memory pubkeys;
        DynamicBufferLib.DynamicBuffer memory signatures;
        while (maxKeys != 0) {
            (uint256 operatorId, uint256 nextFill, uint256 nextId) = _leastFilled();
            if (operatorId == NOBODY) break;
            Counts memory counts = _counts(operatorId);
            uint256 depositable = _depositable(counts, BONDS.coverable(operatorId));
            uint256 most = FixedPointMathLib.min(depositable, maxKeys);
            uint256 count = _untilNext(counts.fill, operatorId, nextFill, nextId, most);
            // At the cap, or in line with a bond that fell short: if the least filled is at the cap, all are.
            if (count == 0 && most != 0) break;
            for (uint256 i; i < count; ++i) {
                StoredKey storage key = _storedKey(operatorId, counts.predeposited);
                _setStatus(key, operatorId, counts.predeposited, KeyStatus.Predeposited);
                pubkeys.p(_pubkey(key));
                signatures.p(_signature(key));
                ++counts.predeposited;
            }
            counts.fill += uint32(count);
            counts.offering = count != depositable;
            _setCounts(operatorId, counts);
            maxKeys -= count;
        }
        ++nonce;
        return (pubkeys.data, signatures.data);
    }

    /// @dev How many keys in a row the least-filled operator gives until another one comes first, or the cap stops it.
    function _untilNext(uint256 fill, uint256 operatorId, uint256 nextFill, uint256 nextId, uint256 most)
        private
        view
        returns (uint256 count)
    {
        if (nextId != NOBODY) {
            uint256 turn = nextFill - fill + (operatorId < nextId ? 1 : 0);
            most = FixedPointMathLib.min(most, turn);
        }
        Sums memory sums = _sums();
        while (count < most && fill + count < capOf(sums.fill + count + 1, sums.operators)) ++count;
    }

    /// @inheritdoc IOperatorRegistry
    function capOf(uint256 validators, uint256 operators) public pure returns (uint256) {
        uint256 byShare = FixedPointMathLib.divUp(validators, 100);
        uint256 byCount = operators == 0 ? 0 : FixedPointMathLib.divUp(2 * validators, operators);
        return FixedPointMathLib.max(2, FixedPointMathLib.max(byShare, byCount));
    }

    /// @inheritdoc IOperatorRegistry
    function fund(uint256 maxKeys) external returns (bytes memory) {
        _checkVault();
        DynamicBufferLib.DynamicBuffer memory pubkeys;
        uint256 next = _nextRange;
        while (maxKeys != 0 && next < _confirmed.length) {
            Range memory range = _confirmed[next];
            uint256 count = FixedPointMathLib.min(maxKeys, range.count);
            for (uint256 index = range.first; index < range.first + count; ++index) {
                StoredKey storage key = _storedKey(range.operatorId, index);
                _setStatus(key, range.operatorId, index, KeyStatus.Funded);
                pubkeys.p(_pubkey(key));
            }
            Counts memory counts = _counts(range.operatorId);
            counts.active += uint32(count);
            counts.earning += uint32(count);
            _setCounts(range.operatorId, counts);
            BONDS.setEarning(range.operatorId, counts.earning);
            if (count == range.count) {
                delete _confirmed[next++];
            } else {
                _confirmed[next] = Range(range.operatorId, range.first + uint32(count), range.count - uint32(count));
            }
            maxKeys -= count;
        }
        _nextRange = next;
        return pubkeys.data;
    }

    function _checkVault() private view {
        require(msg.sender == address(VAULT), Unauthorized(msg.sender, address(VAULT)));
    }

    /* EXITS */

    /// @inheritdoc IOperatorRegistry
    function requestExits(uint256 count) external returns (uint256 requested) {
        require(msg.sender == exitManager, Unauthorized(msg.sender, exitManager));
        uint256 passedOver = NOBODY;
        while (requested < count) {
            uint256 operatorId = _firstToExit(passedOver);
            if (operatorId == NOBODY) break;
            Counts memory counts = _counts(operatorId);
            (uint256 index, bool found) = _oldestActive(operatorId, counts);
            if (!found) {
                // Its active keys are far behind ones that can't exit: the others' turn.
                passedOver = operatorId;
                continue;
            }
            ++requested;
            StoredKey storage key = _storedKey(operatorId, index);
            key.exitRequestedAt = uint40(block.timestamp);
            --counts.fill;
            --counts.active;
            _setCounts(operatorId, counts);
            emit ExitRequested(operatorId, index, _pubkey(key));
        }
    }

    /// @dev Moves the cursor over keys that have left, and looks some keys beyond it.
    function _oldestActive(uint256 operatorId, Counts memory counts) private view returns (uint256 index, bool found) {
        bool gone = true;
        uint256 passed;
        for (index = counts.exitCursor; index < counts.predeposited && passed < SEARCH; ++index) {
            StoredKey storage key = _storedKey(operatorId, index);
            if (_isActive(key)) return (index, true);
            bool waits = key.status == KeyStatus.Predeposited || key.status == KeyStatus.Confirmed;
            gone = gone && !waits;
            if (gone) counts.exitCursor = uint32(index + 1);
            else ++passed;
        }
    }

    function _isActive(StoredKey storage key) private view returns (bool) {
        return key.status == KeyStatus.Funded && key.exitRequestedAt == 0;
    }

    /// @inheritdoc IOperatorRegistry
    function triggerExits(uint256 operatorId, uint256[] calldata indices) external payable {
        _requireOperator(operatorId);
        bool trusted = msg.sender == exitManager || msg.sender == _identities[operatorId].manager;
        uint256 fee = VAULT.exitFee();
        uint256 fees = fee * indices.length;
        require(msg.value >= fees, FeeTooLow(msg.value, fees));
        for (uint256 i; i < indices.length; ++i) {
            uint256 index = indices[i];
            _requireKey(operatorId, index);
            StoredKey storage key = _storedKey(operatorId, index);
            _requireStatus(key, operatorId, index, KeyStatus.Funded);
            require(trusted || block.timestamp >= _lateFrom(key), ExitNotAllowed(operatorId, index));
            bytes memory pubkey = _pubkey(key);
            emit ExitTriggered(operatorId, index, pubkey);
            VAULT.requestExit{value: fee}(pubkey);
        }
        if (msg.value != fees) SafeTransferLib.safeTransferETH(msg.sender, msg.value - fees);
    }

    /// @inheritdoc IOperatorRegistry
    function chargeLateExit(uint256 operatorId, uint256 index) external {
        _requireKey(operatorId, index);
        StoredKey storage key = _storedKey(operatorId, index);
        _requireStatus(key, operatorId, index, KeyStatus.Funded);
        require(!key.lateExitCharged, AlreadyCharged(operatorId, index));
        uint256 lateFrom = _lateFrom(key);
        require(lateFrom <= _lastNews.refTimestamp, NotLate(operatorId, index, lateFrom));
        _chargeLateExit(operatorId, index, key);
    }

    function _chargeLateExit(uint256 operatorId, uint256 index, StoredKey storage key) private {
        key.lateExitCharged = true;
        _charge(operatorId, index, IOperatorBonds.Penalty.LateExit);
    }

    function _charge(uint256 operatorId, uint256 index, IOperatorBonds.Penalty why) private {
        BONDS.charge(operatorId, index, why);
        _refresh(operatorId);
    }

    function _lateFrom(StoredKey storage key) private view returns (uint256) {
        return key.exitRequestedAt == 0 ? type(uint256).max : key.exitRequestedAt + exitPeriod;
    }

    function _requireKey(uint256 operatorId, uint256 index) private view {
        _requireOperator(operatorId);
        require(index < _counts(operatorId).keys, KeyNotFound(operatorId, index));
    }

    /* NEWS */

    /// @inheritdoc IOperatorRegistry
    function applyNews(uint256 refSlot, uint256 refTimestamp, KeyNews[] calldata news) external {
        address oracle = POOL.part("oracle");
        require(msg.sender == oracle, Unauthorized(msg.sender, oracle));
        require(refSlot > _lastNews.refSlot, NewsNotNewer(refSlot, _lastNews.refSlot));
        for (uint256 i; i < news.length; ++i) {
            _apply(news[i].operatorId, news[i].index, news[i].what);
        }
        _lastNews = News(refSlot.toUint64(), refTimestamp.toUint40());
        emit NewsApplied(refSlot, news.length);
    }

    function _apply(uint256 operatorId, uint256 index, KeyEvent what) private {
        _requireKey(operatorId, index);
        StoredKey storage key = _storedKey(operatorId, index);
        if (what == KeyEvent.Confirmed) _confirm(operatorId, index, key);
        else if (what == KeyEvent.Rejected) _reject(operatorId, index, key);
        else if (what == KeyEvent.Exiting) _leave(operatorId, index, key);
        else if (what == KeyEvent.Settled) _settle(operatorId, index, key);
        else _blame(operatorId, index, key, what);
    }

    function _confirm(uint256 operatorId, uint256 index, StoredKey storage key) private {
        _requireStatus(key, operatorId, index, KeyStatus.Predeposited);
        _setStatus(key, operatorId, index, KeyStatus.Confirmed);
        uint256 count = _confirmed.length;
        if (count > _nextRange) {
            Range storage last = _confirmed[count - 1];
            if (last.operatorId == operatorId && last.first + last.count == index) {
                ++last.count;
                return;
            }
        }
        _confirmed.push(Range(uint32(operatorId), uint32(index), 1));
    }

    function _reject(uint256 operatorId, uint256 index, StoredKey storage key) private {
        _requireStatus(key, operatorId, index, KeyStatus.Predeposited);
        _setStatus(key, operatorId, index, KeyStatus.Rejected);
        Counts memory counts = _counts(operatorId);
        --counts.fill;
        --counts.bonded;
        _setCounts(operatorId, counts);
        _refresh(operatorId);
    }

    /// @dev The last news from after the exit was due didn't tell of it: it is late all the same.
    function _leave(uint256 operatorId, uint256 index, StoredKey storage key) private {
        _requireStatus(key, operatorId, index, KeyStatus.Funded);
        bool asked = key.exitRequestedAt != 0;
        if (asked && !key.lateExitCharged && _lateFrom(key) <= _lastNews.refTimestamp) {
            _chargeLateExit(operatorId, index, key);
        }
        _setStatus(key, operatorId, index, KeyStatus.Exiting);
        if (asked) return;
        Counts memory counts = _counts(operatorId);
        --counts.fill;
        --counts.active;
        _setCounts(operatorId, counts);
    }

    function _settle(uint256 operatorId, uint256 index, StoredKey storage key) private {
        if (key.status == KeyStatus.Funded) _leave(operatorId, index, key);
        _requireStatus(key, operatorId, index, KeyStatus.Exiting);
        _setStatus(key, operatorId, index, KeyStatus.Settled);
        Counts memory counts = _counts(operatorId);
        --counts.earning;
        --counts.bonded;
        _setCounts(operatorId, counts);
        BONDS.setEarning(operatorId, counts.earning);
        _refresh(operatorId);
    }

    /// @dev What a validator is blamed for before it is settled.
    function _blame(uint256 operatorId, uint256 index, StoredKey storage key, KeyEvent what) private {
        require(
            key.status == KeyStatus.Funded || key.status == KeyStatus.Exiting,
            WrongKeyStatus(operatorId, index, key.status)
        );
        Counts memory counts = _counts(operatorId);
        bool slashed = what == KeyEvent.Slashed;
        if (slashed) {
            require(!key.slashed, AlreadyCharged(operatorId, index));
            key.slashed = true;
            counts.poor = true;
        } else {
            if (counts.strikes < MAX_STRIKES) ++counts.strikes;
            if (counts.strikes == MAX_STRIKES) counts.poor = true;
        }
        _setCounts(operatorId, counts);
        _charge(operatorId, index, slashed ? IOperatorBonds.Penalty.Slashed : IOperatorBonds.Penalty.Underperformed);
    }

    /* VIEWS */

    /// @inheritdoc IOperatorRegistry
    function lastNews() external view returns (uint256 refSlot, uint256 refTimestamp) {
        return (_lastNews.refSlot, _lastNews.refTimestamp);
    }

    /// @inheritdoc IOperatorRegistry
    function bonds() external view returns (address) {
        return address(BONDS);
    }

    /// @inheritdoc IOperatorRegistry
    function bondedKeys(uint256 operatorId) external view returns (uint256) {
        return _counts(operatorId).bonded;
    }

    /// @inheritdoc IOperatorRegistry
    function awaitingKeys() external view returns (uint256) {
        return _sums().awaiting;
    }

    /// @inheritdoc IOperatorRegistry
    function getOperator(uint256 operatorId) external view returns (Operator memory) {
        _requireOperator(operatorId);
        Identity storage identity = _identities[operatorId];
        Counts memory counts = _counts(operatorId);
        return Operator({
            manager: identity.manager,
            stopped: identity.stopped,
            offering: counts.offering,
            poor: counts.poor || counts.short,
            keys: counts.keys,
            predeposited: counts.predeposited,
            validators: counts.fill,
            active: counts.active,
            bonded: counts.bonded,
            strikes: counts.strikes
        });
    }

    /// @inheritdoc IOperatorRegistry
    function getTotals() external view returns (Totals memory) {
        Sums memory sums = _sums();
        return Totals({validators: sums.fill, operators: sums.operators});
    }
}
