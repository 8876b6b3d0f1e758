// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {IWrappedStakedEther} from "../../interfaces/staking/IWrappedStakedEther.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {TicketAdvances} from "./TicketAdvances.sol";
import {WithdrawalTickets} from "./WithdrawalTickets.sol";

/// @title WithdrawalQueue
/// @dev UNITS: wei; exact shares (27 decimals); rates in ether per share with 27 decimals.
/// @dev ROUNDING: request rates up, finalisation rates and payments down: a ticket that is paid its nominal has shares worth
/// no less, and what is locked covers every claim, with less than 1 wei per ticket left over (STAKE-5).
/// @dev PARTS: `WithdrawalTickets` holds the tickets and answers questions, `TicketAdvances` is the stale-oracle escape.
/// @dev REENTRANCY: ether goes to strangers only in claims, after the ticket is burnt and the lock reduced, and in advances,
/// after they are noted.
/// @dev LIVENESS: no owner, no pause; a claim needs nothing but this contract.
/// @dev KNOWN LIMITS: a recipient that refuses ether can't be paid; its owner names another one.
contract WithdrawalQueue is IWithdrawalQueue, TicketAdvances {
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant MIN_STETH_WITHDRAWAL_AMOUNT = 100;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant MAX_STETH_WITHDRAWAL_AMOUNT = 1_000 ether;

    /* IMMUTABLES */

    IWrappedStakedEther private immutable WRAPPER;

    /* TYPES */

    /// @dev Tickets `first … last` of one loss epoch; nominal up to `boundary`, by rate after.
    struct Segment {
        uint256 first;
        uint256 boundary;
        uint256 last;
        uint256 etherToLock;
        uint256 shares;
    }

    /* CONSTRUCTOR */

    constructor(address pool, address wrapper) WithdrawalTickets(pool) {
        require(wrapper != address(0), ZeroAddress());
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
            _write(_entries[id], cumulativeEther, cumulativeShares);
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

    /// @dev In one store: whether the compiler merges those of the members is luck. Sums too large for theirs are refused before
    /// the call ends.
    function _write(Entry storage entry, uint256 cumulativeEther, uint256 cumulativeShares) private {
        assembly ("memory-safe") {
            sstore(entry.slot, or(or(cumulativeEther, shl(96, cumulativeShares)), shl(224, timestamp())))
        }
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
        (uint256 value, Advances advances) = _payment(requestId, checkpointIndex);
        uint256 etherAmount = advances == Advances.None ? value : _afterAdvance(requestId, value);
        if (recipient == address(0)) recipient = owner;

        // Nobody asks for the request rate of a finalised ticket: an empty slot is refunded.
        _setExtraData(requestId, 0);
        _burn(requestId);
        _head.lockedEther -= uint96(etherAmount);
        emit WithdrawalClaimed(requestId, owner, recipient, etherAmount);
        if (advances == Advances.Open) _clear(requestId, value);
        (bool sent,) = recipient.call{value: etherAmount}("");
        require(sent, EtherTransferFailed(recipient, etherAmount));
    }

    /* FINALISATION */

    /// @inheritdoc IWithdrawalQueue
    function prefinalize(uint256 lastRequestId, uint256 rateRay, uint256[] calldata boundaryHints)
        external
        view
        returns (uint256 etherToLock, uint256 sharesToBurn, uint256 etherToSend)
    {
        uint256 first = _firstToFinalize(lastRequestId);
        (uint256 advanced, Advances advances) = _advancesIn(first, lastRequestId, rateRay);
        uint256 cursor = _head.epochCursor;
        for (uint256 i; first <= lastRequestId; ++i) {
            Segment memory segment;
            (segment, cursor) = _nextSegment(first, lastRequestId, cursor, rateRay, _hint(boundaryHints, i));
            etherToLock += segment.etherToLock;
            sharesToBurn += segment.shares;
            first = segment.last + 1;
        }
        etherToSend = advances == Advances.Netted ? etherToLock - advanced : etherToLock;
    }

    /// @inheritdoc IWithdrawalQueue
    function finalize(uint256 lastRequestId, uint256 rateRay, uint256 latestRequest, uint256[] calldata boundaryHints)
        external
        returns (uint256 etherToLock, uint256 sharesToBurn, uint256 etherToSend)
    {
        require(msg.sender == address(POOL), Unauthorized(msg.sender, address(POOL)));
        uint256 first = _firstToFinalize(lastRequestId);
        uint256 requestedAt = _entries[lastRequestId].requestedAt;
        require(requestedAt <= latestRequest, RequestTooYoung(lastRequestId, requestedAt, latestRequest));

        (uint256 advanced, Advances advances) = _advancesIn(first, lastRequestId, rateRay);
        uint96 rate = rateRay.toUint96();
        uint256 checkpoint = _head.lastCheckpoint;
        uint256 cursor = _head.epochCursor;
        for (uint256 i; first <= lastRequestId; ++i) {
            Segment memory segment;
            (segment, cursor) = _nextSegment(first, lastRequestId, cursor, rateRay, _hint(boundaryHints, i));
            etherToLock += segment.etherToLock;
            sharesToBurn += segment.shares;
            _write(_checkpoints[++checkpoint], segment, rate, advances);
            emit WithdrawalsFinalized(
                first, segment.last, segment.etherToLock, segment.shares.toShares18Down(), block.timestamp
            );
            first = segment.last + 1;
        }
        etherToSend = advances == Advances.Netted ? etherToLock - advanced : etherToLock;
        _head.lockedEther = SafeCastLib.toUint96(_head.lockedEther + etherToSend);
        _head.lastFinalizedId = uint40(lastRequestId);
        _head.lastCheckpoint = uint40(checkpoint);
        _head.epochCursor = uint32(cursor);
        if (advanced != 0) _takeOver(advanced, advances);
    }

    /// @dev In one store, as entries are. Ids are 40 bits wide where they are made.
    function _write(PackedCheckpoint storage checkpoint, Segment memory segment, uint96 rateRay, Advances advances)
        private
    {
        (uint256 first, uint256 last, uint256 boundary) = (segment.first, segment.last, segment.boundary);
        uint256 ids = first | last << 40 | boundary << 80;
        assembly ("memory-safe") {
            sstore(checkpoint.slot, or(or(ids, shl(120, rateRay)), shl(216, advances)))
        }
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
}
