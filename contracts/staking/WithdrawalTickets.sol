// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {ERC721} from "solady/src/tokens/ERC721.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibString} from "solady/src/utils/LibString.sol";

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {PrefixSums} from "../libraries/PrefixSums.sol";
import {SharesMath} from "../libraries/SharesMath.sol";

/// @title The withdrawal queue's tickets: what is stored of them, and what can be asked about them
/// @dev TICKETS are summed up: entry `i` holds the totals of the tickets 1…i, so a range costs two reads. The rate at the
/// request is kept in the extra data of the ERC-721 ownership slot.
abstract contract WithdrawalTickets is IWithdrawalQueue, ERC721 {
    using PrefixSums for PrefixSums.Tree;
    using SharesMath for uint256;

    /* IMMUTABLES */

    IStakingPool internal immutable POOL;

    /* STORAGE: each struct is one slot */

    struct Entry {
        uint96 cumulativeEther;
        uint128 cumulativeShares;
        uint32 requestedAt;
    }

    struct PackedCheckpoint {
        uint40 firstRequestId;
        uint40 lastRequestId;
        uint40 boundaryId;
        uint96 rateRay;
        Advances advances;
    }

    struct Head {
        uint40 lastRequestId;
        uint40 lastFinalizedId;
        uint40 lastCheckpoint;
        /// Index in `_epochStarts` from which on the starts may lie behind `lastFinalizedId`.
        uint32 epochCursor;
        /// Whether an unfinalised ticket got an advance.
        bool advancesWait;
        uint96 lockedEther;
    }

    struct Advance {
        uint96 etherAmount;
        /// Whether the pool has it back, by `clearAdvances` or by a claim.
        bool cleared;
    }

    /// @dev On the tickets of a checkpoint: none; taken off what was locked for them; or to be cleared ticket by ticket.
    enum Advances {
        None,
        Netted,
        Open
    }

    Head internal _head;
    mapping(uint256 requestId => Entry) internal _entries;
    mapping(uint256 index => PackedCheckpoint) internal _checkpoints;
    /// @dev Ids whose request rate was below that of the ticket before: there was a loss between the two.
    uint40[] internal _epochStarts;

    /* STORAGE: advances */

    mapping(uint256 requestId => Advance) internal _advances;
    /// @dev Ether advanced, by id, whatever became of it: the sum over a range costs as many reads as an id has bits.
    PrefixSums.Tree internal _advanceSums;

    /* CONSTRUCTOR */

    constructor(address pool) {
        require(pool != address(0), ZeroAddress());
        POOL = IStakingPool(payable(pool));
    }

    /* TICKETS */

    function _checkRequested(uint256 requestId) internal view {
        require(requestId != 0 && requestId <= _head.lastRequestId, RequestNotFound(requestId));
    }

    function _checkFinalized(uint256 requestId) internal view {
        _checkRequested(requestId);
        require(requestId <= _head.lastFinalizedId, RequestNotFinalized(requestId));
    }

    /// @dev What a finalised ticket is worth, its advance included; checks the hint.
    function _payment(uint256 requestId, uint256 checkpointIndex)
        internal
        view
        returns (uint256 value, Advances advances)
    {
        PackedCheckpoint storage checkpoint = _checkpoints[checkpointIndex];
        require(
            requestId >= checkpoint.firstRequestId && requestId <= checkpoint.lastRequestId,
            WrongHint(requestId, checkpointIndex)
        );
        advances = checkpoint.advances;
        (uint256 nominal, uint256 shares) = _sums(requestId, requestId);
        if (requestId <= checkpoint.boundaryId) return (nominal, advances);
        return (FixedPointMathLib.min(nominal, shares.toEtherAtRateDown(checkpoint.rateRay)), advances);
    }

    /// @dev Nominals and exact shares of the tickets `first … last`.
    function _sums(uint256 first, uint256 last) internal view returns (uint256 nominal, uint256 shares) {
        Entry storage before = _entries[first - 1];
        Entry storage upTo = _entries[last];
        unchecked {
            // Cumulative sums never fall.
            return (upTo.cumulativeEther - before.cumulativeEther, upTo.cumulativeShares - before.cumulativeShares);
        }
    }

    /// @dev What of `value` is left for the ticket's owner after its advance.
    function _afterAdvance(uint256 requestId, uint256 value) internal view returns (uint256) {
        return FixedPointMathLib.zeroFloorSub(value, _advances[requestId].etherAmount);
    }

    /// @dev Ether advanced to the tickets after `from` up to `to`.
    function _advancedBetween(uint256 from, uint256 to) internal view returns (uint256) {
        return _advanceSums.upTo(to) - _advanceSums.upTo(from);
    }

    /* VIEWS: Lido's ABI */

    /// @inheritdoc IWithdrawalQueue
    function getWithdrawalStatus(uint256[] calldata requestIds)
        external
        view
        returns (WithdrawalRequestStatus[] memory statuses)
    {
        statuses = new WithdrawalRequestStatus[](requestIds.length);
        for (uint256 i; i < requestIds.length; ++i) {
            uint256 id = requestIds[i];
            _checkRequested(id);
            (uint256 nominal, uint256 shares) = _sums(id, id);
            address owner = _ownerOf(id);
            statuses[i] = WithdrawalRequestStatus({
                amountOfStETH: nominal,
                amountOfShares: shares.toShares18Down(),
                owner: owner,
                timestamp: _entries[id].requestedAt,
                isFinalized: id <= _head.lastFinalizedId,
                isClaimed: owner == address(0)
            });
        }
    }

    /// @inheritdoc IWithdrawalQueue
    function getClaimableEther(uint256[] calldata requestIds, uint256[] calldata hints)
        external
        view
        returns (uint256[] memory claimableEtherValues)
    {
        require(requestIds.length == hints.length, LengthMismatch(requestIds.length, hints.length));
        claimableEtherValues = new uint256[](requestIds.length);
        for (uint256 i; i < requestIds.length; ++i) {
            uint256 id = requestIds[i];
            if (!_isClaimable(id)) continue;
            (uint256 value,) = _payment(id, hints[i]);
            claimableEtherValues[i] = _afterAdvance(id, value);
        }
    }

    /// @inheritdoc IWithdrawalQueue
    function findCheckpointHints(uint256[] calldata requestIds, uint256 firstIndex, uint256 lastIndex)
        external
        view
        returns (uint256[] memory hintIds)
    {
        uint256 lastCheckpoint = _head.lastCheckpoint;
        require(
            firstIndex != 0 && lastIndex <= lastCheckpoint,
            CheckpointRangeInvalid(firstIndex, lastIndex, lastCheckpoint)
        );
        hintIds = new uint256[](requestIds.length);
        uint256 previous;
        for (uint256 i; i < requestIds.length; ++i) {
            uint256 id = requestIds[i];
            require(id >= previous, IdsNotSorted(previous, id));
            _checkRequested(id);
            hintIds[i] = _findCheckpoint(id, firstIndex, lastIndex);
            previous = id;
        }
    }

    /// @dev Index of the checkpoint in `firstIndex … lastIndex` that holds the id; zero if none does.
    function _findCheckpoint(uint256 requestId, uint256 firstIndex, uint256 lastIndex) internal view returns (uint256) {
        if (firstIndex > lastIndex || requestId > _checkpoints[lastIndex].lastRequestId) return 0;
        if (requestId < _checkpoints[firstIndex].firstRequestId) return 0;
        uint256 low = firstIndex;
        uint256 high = lastIndex;
        while (low < high) {
            uint256 middle = FixedPointMathLib.avg(low, high);
            if (requestId <= _checkpoints[middle].lastRequestId) high = middle;
            else low = middle + 1;
        }
        return low;
    }

    /// @inheritdoc IWithdrawalQueue
    function getLastCheckpointIndex() external view returns (uint256) {
        return _head.lastCheckpoint;
    }

    /// @inheritdoc IWithdrawalQueue
    function getLastRequestId() external view returns (uint256) {
        return _head.lastRequestId;
    }

    /// @inheritdoc IWithdrawalQueue
    function getLastFinalizedRequestId() external view returns (uint256) {
        return _head.lastFinalizedId;
    }

    /// @inheritdoc IWithdrawalQueue
    function getLockedEtherAmount() external view returns (uint256) {
        return _head.lockedEther;
    }

    /// @inheritdoc IWithdrawalQueue
    function unfinalizedStETH() external view returns (uint256) {
        return _etherBetween(_head.lastFinalizedId, _head.lastRequestId);
    }

    /// @inheritdoc IWithdrawalQueue
    function unfinalizedRequestNumber() external view returns (uint256) {
        return _head.lastRequestId - _head.lastFinalizedId;
    }

    /* VIEWS: value and position */

    /// @inheritdoc IWithdrawalQueue
    function getWithdrawalRequests(address owner, uint256 firstId, uint256 lastId)
        external
        view
        returns (uint256[] memory requestIds)
    {
        lastId = FixedPointMathLib.min(lastId, _head.lastRequestId);
        requestIds = new uint256[](balanceOf(owner));
        uint256 count;
        for (uint256 id = FixedPointMathLib.max(firstId, 1); id <= lastId; ++id) {
            if (_ownerOf(id) == owner) requestIds[count++] = id;
        }
        assembly ("memory-safe") {
            // Shortens the array to what was found.
            mstore(requestIds, count)
        }
    }

    /// @inheritdoc IWithdrawalQueue
    function etherAhead(uint256 requestId) public view returns (uint256) {
        _checkRequested(requestId);
        if (requestId <= _head.lastFinalizedId) return 0;
        return _etherBetween(_head.lastFinalizedId, requestId - 1);
    }

    /// @inheritdoc IWithdrawalQueue
    function presentValue(uint256 requestId) public view returns (uint256) {
        _checkRequested(requestId);
        if (!_exists(requestId)) return 0;
        if (requestId <= _head.lastFinalizedId) {
            (uint256 value,) = _payment(requestId, _findCheckpoint(requestId, 1, _head.lastCheckpoint));
            return _afterAdvance(requestId, value);
        }
        (uint256 nominal, uint256 shares) = _sums(requestId, requestId);
        uint256 rateRay = POOL.toEtherDown(SharesMath.RATE_SCALE);
        if (_getExtraData(requestId) <= rateRay) return _afterAdvance(requestId, nominal);
        return _afterAdvance(requestId, FixedPointMathLib.min(nominal, shares.toEtherAtRateDown(rateRay)));
    }

    /// @inheritdoc IWithdrawalQueue
    function estimatedWait(uint256 requestId, uint256 inflowPerDay) external view returns (uint256) {
        _checkRequested(requestId);
        uint256 from = _head.lastFinalizedId;
        uint256 to = FixedPointMathLib.max(requestId, from);
        uint256 needed = _etherBetween(from, to) - _advancedBetween(from, to);
        uint256 buffered = POOL.getBalances().buffered;
        if (needed <= buffered) return 0;
        if (inflowPerDay == 0) return type(uint256).max;
        return FixedPointMathLib.fullMulDivUp(needed - buffered, 1 days, inflowPerDay);
    }

    /// @inheritdoc IWithdrawalQueue
    function claimableNow(uint256[] calldata requestIds) external view returns (uint256 etherAmount) {
        for (uint256 i; i < requestIds.length; ++i) {
            if (_isClaimable(requestIds[i])) etherAmount += presentValue(requestIds[i]);
        }
    }

    /// @inheritdoc IWithdrawalQueue
    function getCheckpoint(uint256 index) external view returns (Checkpoint memory) {
        require(index != 0 && index <= _head.lastCheckpoint, CheckpointRangeInvalid(index, index, _head.lastCheckpoint));
        PackedCheckpoint memory packed = _checkpoints[index];
        return Checkpoint(packed.lastRequestId, packed.boundaryId, packed.rateRay);
    }

    function _isClaimable(uint256 requestId) internal view returns (bool) {
        return requestId <= _head.lastFinalizedId && _exists(requestId);
    }

    /// @dev Sum of the nominals of the tickets after `from` up to `to`.
    function _etherBetween(uint256 from, uint256 to) internal view returns (uint256) {
        return _entries[to].cumulativeEther - _entries[from].cumulativeEther;
    }

    /* METADATA */

    function name() public pure override returns (string memory) {
        return "Keel Withdrawal Ticket";
    }

    function symbol() public pure override returns (string memory) {
        return "wdKEEL";
    }

    function tokenURI(uint256 id) public view override returns (string memory) {
        require(_exists(id), RequestNotFound(id));
        return string.concat('data:application/json,{"name":"Keel withdrawal ', LibString.toString(id), '"}');
    }
}
