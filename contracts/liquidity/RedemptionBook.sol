// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {TicketMarks} from "../libraries/TicketMarks.sol";

/// @title The vault's sums and tickets, and how they are stored
abstract contract RedemptionBook is IRedemptionVault {
    /// @inheritdoc IRedemptionVault
    uint256 public constant MAX_STEPS = 8;

    /* STORAGE: sums, in wei unless they say otherwise */

    /// @dev The sums of the ledger, each in a word of its own while an operation runs.
    struct Book {
        uint256 idle;
        uint256 reserved;
        /// Covered tickets of sellers: what they are worth beyond their refunds.
        TicketMarks.Marks sold;
        /// Of the swap pool.
        TicketMarks.Marks fromPool;
        /// What both count for.
        uint256 carried;
        TicketMarks.Marks seasoned;
        /// Seasoned tickets that the queue has finalised.
        uint256 ripe;
        uint256 unaccreted;
        /// Up to then accretion is counted.
        uint256 accretedAt;
        uint256 accretionEnd;
        /// When the newest ticket is expected to be paid.
        uint256 newestDue;
        /// Nominals bought since the report that was applied at `frame`.
        uint256 boughtInFrame;
        uint256 frame;
        /// Assets at the first operation since that report.
        uint256 frameAssets;
        uint256 owed;
        uint256 bought;
        uint256 settled;
        uint256 ripened;
        uint256 paid;
        /// The queue's checkpoints up to here have been looked at.
        uint256 checkpoint;
    }

    /// @dev The same in eight slots; a sale changes five of them.
    struct PackedBook {
        uint96 idle;
        uint96 reserved;
        uint64 seasonedIndex;
        //
        uint96 sold;
        uint96 carried;
        uint64 soldIndex;
        //
        uint96 soldTop;
        uint96 fromPoolTop;
        uint64 fromPoolIndex;
        //
        uint96 seasoned;
        uint96 seasonedTop;
        uint40 accretionEnd;
        //
        uint96 unaccreted;
        uint96 boughtInFrame;
        uint40 newestDue;
        //
        uint96 owed;
        uint96 frameAssets;
        uint40 frame;
        //
        uint96 fromPool;
        uint96 ripe;
        uint40 checkpoint;
        //
        uint40 bought;
        uint40 settled;
        uint40 ripened;
        uint40 paid;
        uint40 accretedAt;
    }

    struct Ticket {
        uint40 requestId;
        uint40 soldAt;
        address receiver;
        //
        uint80 nominal;
        uint80 heldBack;
        uint80 cost;
        //
        uint96 rateRay;
        /// Of its set. Once seasoned, of all tickets up to this one, modulo 2^160.
        uint160 units;
    }

    /// @dev What advancing the book has to do outside of it.
    struct Steps {
        Ticket[MAX_STEPS] settled;
        uint256[MAX_STEPS] refunds;
        uint256[MAX_STEPS] losses;
        uint256 settledCount;
        uint256[MAX_STEPS] claims;
        uint256[MAX_STEPS] payments;
        uint256 claimCount;
    }

    PackedBook private _packedBook;
    mapping(uint256 position => Ticket) internal _tickets;

    /* CONSTRUCTOR */

    constructor() {
        uint64 whole = uint64(TicketMarks.WHOLE);
        (_packedBook.soldIndex, _packedBook.fromPoolIndex, _packedBook.seasonedIndex) = (whole, whole, whole);
    }

    /* LOADING AND STORING */

    function _load(Book memory book) internal view {
        PackedBook memory packed = _packedBook;
        book.idle = packed.idle;
        book.reserved = packed.reserved;
        (book.sold.sum, book.sold.top, book.sold.index) = (packed.sold, packed.soldTop, packed.soldIndex);
        book.fromPool.sum = packed.fromPool;
        book.fromPool.top = packed.fromPoolTop;
        book.fromPool.index = packed.fromPoolIndex;
        (book.carried, book.ripe) = (packed.carried, packed.ripe);
        book.seasoned.sum = packed.seasoned;
        book.seasoned.top = packed.seasonedTop;
        book.seasoned.index = packed.seasonedIndex;
        book.unaccreted = packed.unaccreted;
        book.accretedAt = packed.accretedAt;
        book.accretionEnd = packed.accretionEnd;
        book.newestDue = packed.newestDue;
        book.boughtInFrame = packed.boughtInFrame;
        book.frame = packed.frame;
        book.frameAssets = packed.frameAssets;
        book.owed = packed.owed;
        book.bought = packed.bought;
        book.settled = packed.settled;
        book.ripened = packed.ripened;
        book.paid = packed.paid;
        book.checkpoint = packed.checkpoint;
    }

    /// @dev The book, and the units of the tickets that were settled: no call is made before this.
    function _store(Book memory book, Steps memory steps) internal {
        _packedBook = PackedBook({
            idle: SafeCastLib.toUint96(book.idle),
            reserved: SafeCastLib.toUint96(book.reserved),
            seasonedIndex: SafeCastLib.toUint64(book.seasoned.index),
            sold: SafeCastLib.toUint96(book.sold.sum),
            carried: SafeCastLib.toUint96(book.carried),
            soldIndex: SafeCastLib.toUint64(book.sold.index),
            soldTop: SafeCastLib.toUint96(book.sold.top),
            fromPoolTop: SafeCastLib.toUint96(book.fromPool.top),
            fromPoolIndex: SafeCastLib.toUint64(book.fromPool.index),
            seasoned: SafeCastLib.toUint96(book.seasoned.sum),
            seasonedTop: SafeCastLib.toUint96(book.seasoned.top),
            accretionEnd: SafeCastLib.toUint40(book.accretionEnd),
            unaccreted: SafeCastLib.toUint96(book.unaccreted),
            boughtInFrame: SafeCastLib.toUint96(book.boughtInFrame),
            newestDue: SafeCastLib.toUint40(book.newestDue),
            owed: SafeCastLib.toUint96(book.owed),
            frameAssets: SafeCastLib.toUint96(book.frameAssets),
            frame: SafeCastLib.toUint40(book.frame),
            fromPool: SafeCastLib.toUint96(book.fromPool.sum),
            ripe: SafeCastLib.toUint96(book.ripe),
            checkpoint: SafeCastLib.toUint40(book.checkpoint),
            bought: SafeCastLib.toUint40(book.bought),
            settled: SafeCastLib.toUint40(book.settled),
            ripened: SafeCastLib.toUint40(book.ripened),
            paid: SafeCastLib.toUint40(book.paid),
            accretedAt: SafeCastLib.toUint40(book.accretedAt)
        });
        uint256 firstSettled = book.settled - steps.settledCount;
        for (uint256 i; i < steps.settledCount; ++i) {
            _tickets[firstSettled + i].units = steps.settled[i].units;
        }
    }
}
