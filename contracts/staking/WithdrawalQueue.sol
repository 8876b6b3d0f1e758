// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {ERC721} from "solady/src/tokens/ERC721.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibString} from "solady/src/utils/LibString.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {IWrappedStakedEther} from "../../interfaces/staking/IWrappedStakedEther.sol";
import {SharesMath} from "../libraries/SharesMath.sol";

/// @title WithdrawalQueue
/// @dev UNITS: wei; exact shares (27 decimals); rates in ether per share with 27 decimals.
/// @dev ROUNDING: request rates up, finalisation rates and payments down: a ticket that is paid its nominal has shares worth
/// no less, and what is locked covers every claim, with less than 1 wei per ticket left over (STAKE-5).
/// @dev TICKETS are summed up: entry `i` holds the totals of the tickets 1…i, so a range costs two reads. The rate at the
/// request is kept in the extra data of the ERC-721 ownership slot.
/// @dev REENTRANCY: ether goes to strangers only in claims, after the ticket is burnt and the lock reduced.
/// @dev LIVENESS: no owner, no pause; a claim needs nothing but this contract.
/// @dev KNOWN LIMITS: a recipient that refuses ether can't be paid; its owner names another one.
contract WithdrawalQueue is IWithdrawalQueue, ERC721 {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant MIN_STETH_WITHDRAWAL_AMOUNT = 100;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant MAX_STETH_WITHDRAWAL_AMOUNT = 1_000 ether;

    /* IMMUTABLES */

    IStakingPool private immutable POOL;
    IWrappedStakedEther private immutable WRAPPER;

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
    }

    struct Head {
        uint40 lastRequestId;
        uint40 lastFinalizedId;
        uint40 lastCheckpoint;
        /// Index in `_epochStarts` from which on the starts may lie behind `lastFinalizedId`.
        uint40 epochCursor;
        uint96 lockedEther;
    }

    /// @dev Tickets `first … last` of one loss epoch; nominal up to `boundary`, by rate after.
    struct Segment {
        uint256 first;
        uint256 boundary;
        uint256 last;
        uint256 etherToLock;
        uint256 shares;
    }

    Head private _head;
    mapping(uint256 requestId => Entry) private _entries;
    mapping(uint256 index => PackedCheckpoint) private _checkpoints;
    /// @dev Ids whose request rate was below that of the ticket before: there was a loss between the two.
    uint40[] private _epochStarts;

    /* CONSTRUCTOR */

    constructor(address pool, address wrapper) {
        require(pool != address(0) && wrapper != address(0), ZeroAddress());
        POOL = IStakingPool(payable(pool));
        WRAPPER = IWrappedStakedEther(payable(wrapper));
    }

    /* REQUESTS */

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawals(uint256[] calldata amounts, address owner) external returns (uint256[] memory) {
        return _requestStaked(amounts, owner, 0);
    }

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawals(uint256[] calldata amounts, address owner, uint256 minNominal, uint256 deadline)
        external
        returns (uint256[] memory)
    {
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        return _requestStaked(amounts, owner, minNominal);
    }

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawalsWithPermit(uint256[] calldata amounts, address owner, PermitInput calldata permit)
        external
        returns (uint256[] memory)
    {
        _tryPermit(address(POOL), permit);
        return _requestStaked(amounts, owner, 0);
    }

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawalsWstETH(uint256[] calldata amounts, address owner) external returns (uint256[] memory) {
        return _requestWrapped(amounts, owner, 0);
    }

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawalsWstETH(uint256[] calldata amounts, address owner, uint256 minNominal, uint256 deadline)
        external
        returns (uint256[] memory)
    {
        require(block.timestamp <= deadline, DeadlinePassed(deadline, block.timestamp));
        return _requestWrapped(amounts, owner, minNominal);
    }

    /// @inheritdoc IWithdrawalQueue
    function requestWithdrawalsWstETHWithPermit(uint256[] calldata amounts, address owner, PermitInput calldata permit)
        external
        returns (uint256[] memory)
    {
        _tryPermit(address(WRAPPER), permit);
        return _requestWrapped(amounts, owner, 0);
    }

    /// @dev A failure is no error: a stranger may have submitted the signature first, and then the allowance is there.
    function _tryPermit(address token, PermitInput calldata input) private {
        try IERC20Permit(token)
            .permit(msg.sender, address(this), input.value, input.deadline, input.v, input.r, input.s) {}
            catch {}
    }

    function _requestStaked(uint256[] calldata amounts, address owner, uint256 minNominal)
        private
        returns (uint256[] memory)
    {
        for (uint256 i; i < amounts.length; ++i) {
            _checkNominal(amounts[i]);
        }
        (uint256[] memory shares, uint256 totalEther, uint256 totalShares) =
            POOL.transferFromBatch(msg.sender, address(this), amounts);
        return _enqueue(amounts, shares, SharesMath.rateRayUp(totalEther, totalShares), owner, minNominal);
    }

    function _requestWrapped(uint256[] calldata amounts, address owner, uint256 minNominal)
        private
        returns (uint256[] memory)
    {
        uint256 length = amounts.length;
        uint256[] memory nominals = new uint256[](length);
        uint256[] memory shares = new uint256[](length);
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        uint256 total;
        for (uint256 i; i < length; ++i) {
            shares[i] = amounts[i].toExact();
            nominals[i] = shares[i].toEtherDown(totalEther, totalShares);
            _checkNominal(nominals[i]);
            total += amounts[i];
        }
        if (total != 0) {
            IERC20(address(WRAPPER)).transferFrom(msg.sender, address(this), total);
            WRAPPER.unwrap(total);
        }
        return _enqueue(nominals, shares, SharesMath.rateRayUp(totalEther, totalShares), owner, minNominal);
    }

    function _checkNominal(uint256 nominal) private pure {
        require(nominal >= MIN_STETH_WITHDRAWAL_AMOUNT, AmountTooSmall(nominal, MIN_STETH_WITHDRAWAL_AMOUNT));
        require(nominal <= MAX_STETH_WITHDRAWAL_AMOUNT, AmountTooLarge(nominal, MAX_STETH_WITHDRAWAL_AMOUNT));
    }

    /// @dev All tickets of a call share one request rate, rounded up: a rate that reaches it pays the nominal in full.
    function _enqueue(
        uint256[] memory nominals,
        uint256[] memory shares,
        uint256 rateRay,
        address owner,
        uint256 minNominal
    ) private returns (uint256[] memory requestIds) {
        uint256 length = nominals.length;
        require(length != 0, EmptyBatch());
        if (owner == address(0)) owner = msg.sender;
        uint96 requestRate = rateRay.toUint96();
        Head storage head = _head;
        uint256 id = head.lastRequestId;
        if (id != head.lastFinalizedId && requestRate < _getExtraData(id)) _epochStarts.push((id + 1).toUint40());
        uint256 etherBefore = _entries[id].cumulativeEther;
        uint256 cumulativeEther = etherBefore;
        uint256 cumulativeShares = _entries[id].cumulativeShares;
        requestIds = new uint256[](length);
        for (uint256 i; i < length; ++i) {
            unchecked {
                // The pool moved these shares and bounded these amounts: neither sum comes near 2^128.
                cumulativeEther += nominals[i];
                cumulativeShares += shares[i];
            }
            requestIds[i] = ++id;
            _entries[id] = Entry(uint96(cumulativeEther), uint128(cumulativeShares), uint32(block.timestamp));
            _mintAndSetExtraDataUnchecked(owner, id, requestRate);
            emit WithdrawalRequested(id, msg.sender, owner, nominals[i], shares[i].toShares18Down());
        }
        // Sums only grow, so the last ones speak for all.
        require(cumulativeEther <= type(uint96).max, AmountTooLarge(cumulativeEther, type(uint96).max));
        require(cumulativeShares <= type(uint128).max, AmountTooLarge(cumulativeShares, type(uint128).max));
        uint256 nominal = cumulativeEther - etherBefore;
        require(nominal >= minNominal, NominalTooLow(nominal, minNominal));
        head.lastRequestId = id.toUint40();
    }

    /* CLAIMS */

    /// @inheritdoc IWithdrawalQueue
    function claimWithdrawal(uint256 requestId) external {
        _claim(requestId, _findCheckpoint(requestId, 1, _head.lastCheckpoint), address(0));
    }

    /// @inheritdoc IWithdrawalQueue
    function claimWithdrawals(uint256[] calldata requestIds, uint256[] calldata hints) external {
        _claimMany(requestIds, hints, address(0));
    }

    /// @inheritdoc IWithdrawalQueue
    function claimWithdrawalsTo(uint256[] calldata requestIds, uint256[] calldata hints, address recipient) external {
        require(recipient != address(0), ZeroAddress());
        _claimMany(requestIds, hints, recipient);
    }

    function _claimMany(uint256[] calldata requestIds, uint256[] calldata hints, address recipient) private {
        require(requestIds.length == hints.length, LengthMismatch(requestIds.length, hints.length));
        for (uint256 i; i < requestIds.length; ++i) {
            _claim(requestIds[i], hints[i], recipient);
        }
    }

    /// @param recipient Zero means the ticket's owner.
    function _claim(uint256 requestId, uint256 checkpointIndex, address recipient) private {
        _checkFinalized(requestId);
        address owner = _ownerOf(requestId);
        require(owner != address(0), RequestAlreadyClaimed(requestId));
        require(_isApprovedOrOwner(msg.sender, requestId), NotOwnerOrApproved(msg.sender, requestId));
        uint256 etherAmount = _payment(requestId, checkpointIndex);
        if (recipient == address(0)) recipient = owner;

        // Nobody asks for the request rate of a finalised ticket: an empty slot is refunded.
        _setExtraData(requestId, 0);
        _burn(requestId);
        _head.lockedEther -= uint96(etherAmount);
        emit WithdrawalClaimed(requestId, owner, recipient, etherAmount);
        (bool sent,) = recipient.call{value: etherAmount}("");
        require(sent, EtherTransferFailed(recipient, etherAmount));
    }

    function _checkFinalized(uint256 requestId) private view {
        require(requestId != 0 && requestId <= _head.lastRequestId, RequestNotFound(requestId));
        require(requestId <= _head.lastFinalizedId, RequestNotFinalized(requestId));
    }

    /// @dev What a finalised ticket pays; checks the hint.
    function _payment(uint256 requestId, uint256 checkpointIndex) private view returns (uint256) {
        PackedCheckpoint memory checkpoint = _checkpoints[checkpointIndex];
        require(
            requestId >= checkpoint.firstRequestId && requestId <= checkpoint.lastRequestId,
            WrongHint(requestId, checkpointIndex)
        );
        (uint256 nominal, uint256 shares) = _sums(requestId, requestId);
        if (requestId <= checkpoint.boundaryId) return nominal;
        return FixedPointMathLib.min(nominal, shares.toEtherAtRateDown(checkpoint.rateRay));
    }

    /// @dev Nominals and exact shares of the tickets `first … last`.
    function _sums(uint256 first, uint256 last) private view returns (uint256 nominal, uint256 shares) {
        Entry memory before = _entries[first - 1];
        Entry memory upTo = _entries[last];
        unchecked {
            // Cumulative sums never fall.
            return (upTo.cumulativeEther - before.cumulativeEther, upTo.cumulativeShares - before.cumulativeShares);
        }
    }

    /* FINALISATION */

    /// @inheritdoc IWithdrawalQueue
    function prefinalize(uint256 lastRequestId, uint256 rateRay, uint256[] calldata boundaryHints)
        external
        view
        returns (uint256 etherToLock, uint256 sharesToBurn)
    {
        uint256 first = _firstToFinalize(lastRequestId);
        uint256 cursor = _head.epochCursor;
        for (uint256 i; first <= lastRequestId; ++i) {
            Segment memory segment;
            (segment, cursor) = _nextSegment(first, lastRequestId, cursor, rateRay, _hint(boundaryHints, i));
            etherToLock += segment.etherToLock;
            sharesToBurn += segment.shares;
            first = segment.last + 1;
        }
    }

    /// @inheritdoc IWithdrawalQueue
    function finalize(uint256 lastRequestId, uint256 rateRay, uint256 latestRequest, uint256[] calldata boundaryHints)
        external
        returns (uint256 etherToLock, uint256 sharesToBurn)
    {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        uint256 first = _firstToFinalize(lastRequestId);
        uint256 requestedAt = _entries[lastRequestId].requestedAt;
        require(requestedAt <= latestRequest, RequestTooYoung(lastRequestId, requestedAt, latestRequest));

        uint96 rate = rateRay.toUint96();
        uint256 checkpoint = _head.lastCheckpoint;
        uint256 cursor = _head.epochCursor;
        for (uint256 i; first <= lastRequestId; ++i) {
            Segment memory segment;
            (segment, cursor) = _nextSegment(first, lastRequestId, cursor, rateRay, _hint(boundaryHints, i));
            etherToLock += segment.etherToLock;
            sharesToBurn += segment.shares;
            // Ids are 40 bits wide where they are made.
            _checkpoints[++checkpoint] =
                PackedCheckpoint(uint40(first), uint40(segment.last), uint40(segment.boundary), rate);
            emit WithdrawalsFinalized(
                first, segment.last, segment.etherToLock, segment.shares.toShares18Down(), block.timestamp
            );
            first = segment.last + 1;
        }
        _head.lockedEther = SafeCastLib.toUint96(_head.lockedEther + etherToLock);
        _head.lastFinalizedId = uint40(lastRequestId);
        _head.lastCheckpoint = uint40(checkpoint);
        _head.epochCursor = uint40(cursor);
    }

    /// @inheritdoc IWithdrawalQueue
    function receiveFinalizedEther() external payable {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
    }

    /// @inheritdoc IWithdrawalQueue
    function findBoundaries(uint256 lastRequestId, uint256 rateRay)
        external
        view
        returns (uint256[] memory boundaryIds)
    {
        uint256 first = _firstToFinalize(lastRequestId);
        uint256 cursor = _head.epochCursor;
        boundaryIds = new uint256[](_epochStarts.length - cursor + 1);
        uint256 count;
        while (first <= lastRequestId) {
            Segment memory segment;
            (segment, cursor) = _nextSegment(first, lastRequestId, cursor, rateRay, type(uint256).max);
            boundaryIds[count++] = segment.boundary;
            first = segment.last + 1;
        }
        assembly ("memory-safe") {
            // Shortens the array to what was found.
            mstore(boundaryIds, count)
        }
    }

    function _firstToFinalize(uint256 lastRequestId) private view returns (uint256 first) {
        Head memory head = _head;
        first = uint256(head.lastFinalizedId) + 1;
        require(
            lastRequestId >= first && lastRequestId <= head.lastRequestId,
            FinalizationRangeInvalid(lastRequestId, head.lastFinalizedId, head.lastRequestId)
        );
    }

    /// @dev The segment from `first` to the end of its loss epoch, or to `lastRequestId` if that comes before.
    function _nextSegment(uint256 first, uint256 lastRequestId, uint256 cursor, uint256 rateRay, uint256 hint)
        private
        view
        returns (Segment memory segment, uint256 nextCursor)
    {
        uint256 starts = _epochStarts.length;
        while (cursor < starts && _epochStarts[cursor] <= first) ++cursor;
        uint256 last = lastRequestId;
        if (cursor < starts && _epochStarts[cursor] <= lastRequestId) last = _epochStarts[cursor] - 1;

        uint256 boundary = _boundary(first, last, rateRay, hint);
        (uint256 nominal, uint256 shares) = _sums(first, last);
        uint256 etherToLock = nominal;
        if (boundary < last) {
            (uint256 nominalByRate, uint256 sharesByRate) = _sums(boundary + 1, last);
            etherToLock = nominal - nominalByRate + sharesByRate.toEtherAtRateDown(rateRay);
        }
        return (Segment(first, boundary, last, etherToLock, shares), cursor);
    }

    /// @dev Last id in `first … last` with a request rate at or below `rateRay`, `first - 1` if there is none. Rates rise
    /// with the id within an epoch.
    function _boundary(uint256 first, uint256 last, uint256 rateRay, uint256 hint) private view returns (uint256) {
        if (hint >= first - 1 && hint <= last) {
            bool lowerHolds = hint < first || _getExtraData(hint) <= rateRay;
            if (lowerHolds && (hint == last || _getExtraData(hint + 1) > rateRay)) return hint;
        }
        uint256 low = first - 1;
        uint256 high = last;
        while (low < high) {
            uint256 middle = FixedPointMathLib.avg(low, high + 1);
            if (_getExtraData(middle) <= rateRay) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    function _hint(uint256[] calldata hints, uint256 index) private pure returns (uint256) {
        return index < hints.length ? hints[index] : type(uint256).max;
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
            require(id != 0 && id <= _head.lastRequestId, RequestNotFound(id));
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
            if (_isClaimable(id)) claimableEtherValues[i] = _payment(id, hints[i]);
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
            require(id != 0 && id <= _head.lastRequestId, RequestNotFound(id));
            hintIds[i] = _findCheckpoint(id, firstIndex, lastIndex);
            previous = id;
        }
    }

    /// @dev Index of the checkpoint in `firstIndex … lastIndex` that holds the id; zero if none does.
    function _findCheckpoint(uint256 requestId, uint256 firstIndex, uint256 lastIndex) private view returns (uint256) {
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
        require(requestId != 0 && requestId <= _head.lastRequestId, RequestNotFound(requestId));
        if (requestId <= _head.lastFinalizedId) return 0;
        return _etherBetween(_head.lastFinalizedId, requestId - 1);
    }

    /// @inheritdoc IWithdrawalQueue
    function presentValue(uint256 requestId) public view returns (uint256) {
        require(requestId != 0 && requestId <= _head.lastRequestId, RequestNotFound(requestId));
        if (!_exists(requestId)) return 0;
        if (requestId <= _head.lastFinalizedId) {
            return _payment(requestId, _findCheckpoint(requestId, 1, _head.lastCheckpoint));
        }
        (uint256 nominal, uint256 shares) = _sums(requestId, requestId);
        uint256 rateRay = POOL.toEtherDown(SharesMath.RATE_SCALE);
        if (_boundary(requestId, requestId, rateRay, requestId) == requestId) return nominal;
        return FixedPointMathLib.min(nominal, shares.toEtherAtRateDown(rateRay));
    }

    /// @inheritdoc IWithdrawalQueue
    function estimatedWait(uint256 requestId, uint256 inflowPerDay) external view returns (uint256) {
        require(requestId != 0 && requestId <= _head.lastRequestId, RequestNotFound(requestId));
        uint256 needed = _etherBetween(_head.lastFinalizedId, FixedPointMathLib.max(requestId, _head.lastFinalizedId));
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

    function _isClaimable(uint256 requestId) private view returns (bool) {
        return requestId <= _head.lastFinalizedId && _exists(requestId);
    }

    /// @dev Sum of the nominals of the tickets after `from` up to `to`.
    function _etherBetween(uint256 from, uint256 to) private view returns (uint256) {
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
