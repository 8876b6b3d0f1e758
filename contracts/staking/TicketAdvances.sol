// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";

import {IConsensusOracle} from "../../interfaces/staking/IConsensusOracle.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {LinearMath} from "../libraries/LinearMath.sol";
import {PrefixSums} from "../libraries/PrefixSums.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {WithdrawalTickets} from "./WithdrawalTickets.sol";

/// @title The stale-oracle escape: advances on tickets from the pool's buffer, while no report comes
/// @dev LEDGER: an advance leaves the buffer and stays an asset of the pool until its ticket is finalised. Then it is either
/// netted (taken off what the pool locks for the ticket) or, if the rate has fallen so far that a ticket may be worth less than
/// its advance, comes back ticket by ticket; what a ticket can't cover is a loss of the next report.
/// @dev FAIRNESS: a ticket reaches only what the tickets before it leave of the buffer at their nominals, with all advances
/// put back: nobody loses the place in the queue by not asking.
/// @dev ORACLE: asked with a fixed amount of gas, for one word. Whatever goes wrong there counts as no hold: exits stay open.
abstract contract TicketAdvances is IWithdrawalQueue, WithdrawalTickets {
    using PrefixSums for PrefixSums.Tree;
    using SafeCastLib for uint256;
    using SharesMath for uint256;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant ESCAPE_DELAY = 7 days;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant HOLD_LIMIT = 14 days;

    /// @inheritdoc IWithdrawalQueue
    uint256 public constant ADVANCE_BPS = 9_000;

    /// @dev Many times what reading one slot costs.
    uint256 private constant ORACLE_GAS = 30_000;

    /* STORAGE */

    /// @dev Of unfinalised tickets.
    uint256 private _waitingAdvances;
    /// @dev Of finalised tickets, neither netted nor cleared.
    uint256 private _openAdvances;
    /// @dev The highest rate at which one of the waiting advances may have been made.
    uint256 private _highestRateRay;

    /* ESCAPE */

    /// @inheritdoc IWithdrawalQueue
    function escapeOpensAt() public view returns (uint256 timestamp) {
        (, uint256 appliedAt) = POOL.lastReport();
        timestamp = appliedAt + ESCAPE_DELAY;
        uint256 heldSince = _lossOnHoldSince();
        if (heldSince > appliedAt && heldSince <= block.timestamp) {
            timestamp = FixedPointMathLib.max(timestamp, heldSince + HOLD_LIMIT);
        }
    }

    /// @dev Zero if the oracle gives no answer. If the caller leaves too little gas for the oracle to answer, the 64th part that
    /// is kept back from it can't pay for the advance either.
    function _lossOnHoldSince() private view returns (uint256 heldSince) {
        address oracle = POOL.part("oracle");
        bytes4 selector = IConsensusOracle.lossOnHoldSince.selector;
        assembly ("memory-safe") {
            mstore(0, selector)
            // Copies one word, however much comes back.
            let answered := staticcall(ORACLE_GAS, oracle, 0, 4, 0, 32)
            if and(answered, gt(returndatasize(), 31)) { heldSince := mload(0) }
        }
    }

    /* ADVANCES */

    /// @inheritdoc IWithdrawalQueue
    function claimInAdvance(uint256 requestId, address recipient) external returns (uint256 etherAmount) {
        require(recipient != address(0), ZeroAddress());
        _checkRequested(requestId);
        require(requestId > _head.lastFinalizedId, RequestIsFinalized(requestId));
        require(_isApprovedOrOwner(msg.sender, requestId), NotOwnerOrApproved(msg.sender, requestId));
        uint256 opensAt = escapeOpensAt();
        require(block.timestamp >= opensAt, EscapeClosed(opensAt));
        uint256 rateRay = POOL.toEtherDown(SharesMath.RATE_SCALE);
        etherAmount = _advanceWithin(requestId, rateRay);
        require(etherAmount != 0, NothingToAdvance(requestId));

        _head.advancesWait = true;
        _advances[requestId].etherAmount += etherAmount.toUint96();
        _advanceSums.add(requestId, etherAmount);
        _waitingAdvances += etherAmount;
        _highestRateRay = FixedPointMathLib.max(_highestRateRay, rateRay);
        emit AdvanceClaimed(requestId, _ownerOf(requestId), recipient, etherAmount);
        POOL.payAdvance(etherAmount);
        (bool sent,) = recipient.call{value: etherAmount}("");
        require(sent, EtherTransferFailed(recipient, etherAmount));
    }

    /// @dev What an unfinalised ticket may get beyond what it got.
    function _advanceWithin(uint256 requestId, uint256 rateRay) private view returns (uint256) {
        (uint256 nominal, uint256 shares) = _sums(requestId, requestId);
        uint256 value = FixedPointMathLib.min(nominal, shares.toEtherAtRateDown(rateRay));
        uint256 buffered = POOL.getBalances().buffered;
        uint256 reachable = FixedPointMathLib.zeroFloorSub(buffered + _waitingAdvances, etherAhead(requestId));
        uint256 most = FixedPointMathLib.min(LinearMath.bpsDown(value, ADVANCE_BPS), reachable);
        uint256 more = FixedPointMathLib.zeroFloorSub(most, _advances[requestId].etherAmount);
        return FixedPointMathLib.min(more, buffered);
    }

    /// @dev Ether advanced to the tickets `first … last`, and how their finalisation at this rate deals with it. At 90 % of the
    /// highest rate of an advance or more, each ticket is worth its advance, rounding included.
    function _advancesIn(uint256 first, uint256 last, uint256 rateRay)
        internal
        view
        returns (uint256 advanced, Advances kind)
    {
        if (!_head.advancesWait) return (0, Advances.None);
        advanced = _advancedBetween(first - 1, last);
        if (advanced == 0) return (0, Advances.None);
        bool covered = rateRay * LinearMath.BPS >= _highestRateRay * ADVANCE_BPS;
        return (advanced, covered ? Advances.Netted : Advances.Open);
    }

    /// @dev The tickets that `advanced` was paid to are finalised.
    function _takeOver(uint256 advanced, Advances kind) internal {
        uint256 waiting = _waitingAdvances - advanced;
        _waitingAdvances = waiting;
        if (kind == Advances.Open) _openAdvances += advanced;
        else emit AdvancesNetted(advanced);
        if (waiting == 0) (_head.advancesWait, _highestRateRay) = (false, 0);
    }

    /* CLEARING */

    /// @inheritdoc IWithdrawalQueue
    function clearAdvances(uint256[] calldata requestIds, uint256[] calldata hints) external {
        require(requestIds.length == hints.length, LengthMismatch(requestIds.length, hints.length));
        for (uint256 i; i < requestIds.length; ++i) {
            _checkFinalized(requestIds[i]);
            (uint256 value, Advances kind) = _payment(requestIds[i], hints[i]);
            if (kind == Advances.Open) _clear(requestIds[i], value);
        }
    }

    /// @dev Gives the pool its advance back, as far as the ticket's value covers it, if that hasn't been done.
    function _clear(uint256 requestId, uint256 value) internal {
        Advance memory advance = _advances[requestId];
        if (advance.etherAmount == 0 || advance.cleared) return;
        _advances[requestId].cleared = true;
        uint256 covered = FixedPointMathLib.min(value, advance.etherAmount);
        _openAdvances -= advance.etherAmount;
        _head.lockedEther -= uint96(covered);
        emit AdvanceCleared(requestId, covered, advance.etherAmount - covered);
        POOL.recoverAdvance{value: covered}(advance.etherAmount - covered);
    }

    /* VIEWS */

    /// @inheritdoc IWithdrawalQueue
    function getAdvance(uint256 requestId) external view returns (uint256) {
        return _advances[requestId].etherAmount;
    }

    /// @inheritdoc IWithdrawalQueue
    function claimableAdvance(uint256 requestId) external view returns (uint256) {
        _checkRequested(requestId);
        if (requestId <= _head.lastFinalizedId || block.timestamp < escapeOpensAt()) return 0;
        return _advanceWithin(requestId, POOL.toEtherDown(SharesMath.RATE_SCALE));
    }

    /// @inheritdoc IWithdrawalQueue
    function etherLent() external view returns (uint256) {
        return _waitingAdvances + _openAdvances;
    }
}
