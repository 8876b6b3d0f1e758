// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {RedBlackTreeLib} from "solady/src/utils/RedBlackTreeLib.sol";

import {Rank} from "../libraries/Rank.sol";

/// @title Which operator comes next
/// @dev Two sorted trees, so that the next operator for a deposit or for an exit is found, and moved, in steps that grow with
/// the logarithm of the number of operators.
abstract contract OperatorRanks {
    using RedBlackTreeLib for RedBlackTreeLib.Tree;
    using RedBlackTreeLib for bytes32;

    uint256 internal constant NOBODY = type(uint256).max;

    /// @dev One slot; see `IOperatorRegistry.Operator`. `fill` counts validators and keys on the way to be one, `earning` what
    /// is funded and not settled.
    struct Counts {
        uint32 keys;
        uint32 predeposited;
        uint32 bonded;
        uint32 fill;
        uint32 active;
        uint32 earning;
        uint32 exitCursor;
        uint8 strikes;
        bool offering;
        bool poor;
        bool short;
    }

    struct Sums {
        uint64 fill;
        uint64 operators;
        uint64 awaiting;
    }

    /* STORAGE */

    mapping(uint256 operatorId => Counts) private _countsOf;
    Sums private _sumsOf;
    /// @dev Operators in line for deposits, by validators.
    RedBlackTreeLib.Tree private _byFill;
    /// @dev Operators with active validators, poor ones above the others, then by active validators.
    RedBlackTreeLib.Tree private _byActive;

    /* COUNTS */

    function _counts(uint256 operatorId) internal view returns (Counts memory) {
        return _countsOf[operatorId];
    }

    function _sums() internal view returns (Sums memory) {
        return _sumsOf;
    }

    /// @dev Stores the counts, and moves the operator to where they belong in both trees and in the sums.
    function _setCounts(uint256 operatorId, Counts memory counts) internal {
        Counts memory before = _countsOf[operatorId];
        _countsOf[operatorId] = counts;
        _move(_byFill, _fillRank(operatorId, before), _fillRank(operatorId, counts));
        _move(_byActive, _activeRank(operatorId, before), _activeRank(operatorId, counts));
        Sums memory sums = _sumsOf;
        unchecked {
            // An operator's part is contained in each sum.
            sums.fill = sums.fill + counts.fill - before.fill;
            sums.operators = sums.operators + _present(counts) - _present(before);
            sums.awaiting = sums.awaiting + (counts.fill - counts.active) - (before.fill - before.active);
        }
        _sumsOf = sums;
    }

    function _present(Counts memory counts) private pure returns (uint64) {
        return counts.fill != 0 || counts.offering ? 1 : 0;
    }

    /* RANKS */

    function _move(RedBlackTreeLib.Tree storage tree, uint256 from, uint256 to) private {
        if (from == to) return;
        if (from != 0) tree.remove(from);
        if (to != 0) tree.insert(to);
    }

    function _fillRank(uint256 operatorId, Counts memory counts) private pure returns (uint256) {
        return counts.offering ? Rank.rankOf(0, counts.fill, operatorId) : 0;
    }

    function _activeRank(uint256 operatorId, Counts memory counts) private pure returns (uint256) {
        if (counts.active == 0) return 0;
        return Rank.rankOf(counts.poor || counts.short ? 1 : 0, counts.active, operatorId);
    }

    /// @dev The least-filled operator in line, the lower id among equals, and who comes after it.
    function _leastFilled() internal view returns (uint256 operatorId, uint256 nextFill, uint256 nextId) {
        bytes32 first = _byFill.first();
        if (first.isEmpty()) return (NOBODY, 0, NOBODY);
        operatorId = Rank.idOf(first.value());
        bytes32 next = first.next();
        if (next.isEmpty()) return (operatorId, 0, NOBODY);
        uint256 rank = next.value();
        return (operatorId, Rank.levelOf(rank), Rank.idOf(rank));
    }

    /// @dev A poor performer, else the one with the most active validators; the higher id among equals. Of those that come after
    /// `passedOver`, unless that is `NOBODY`.
    function _firstToExit(uint256 passedOver) internal view returns (uint256 operatorId) {
        bytes32 last = passedOver == NOBODY
            ? _byActive.last()
            : _byActive.find(_activeRank(passedOver, _countsOf[passedOver])).prev();
        return last.isEmpty() ? NOBODY : Rank.idOf(last.value());
    }
}
