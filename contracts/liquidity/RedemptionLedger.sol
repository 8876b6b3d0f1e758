// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {SafeCastLib} from "solady/src/utils/SafeCastLib.sol";
import {SafeTransferLib} from "solady/src/utils/SafeTransferLib.sol";
import {IWETH} from "../../interfaces/external/IWETH.sol";
import {IRedemptionPricer} from "../../interfaces/liquidity/IRedemptionPricer.sol";
import {IRedemptionVault} from "../../interfaces/liquidity/IRedemptionVault.sol";
import {IStakingPool} from "../../interfaces/staking/IStakingPool.sol";
import {IWithdrawalQueue} from "../../interfaces/staking/IWithdrawalQueue.sol";
import {RedemptionMath} from "../libraries/RedemptionMath.sol";
import {SharesMath} from "../libraries/SharesMath.sol";
import {TicketMarks} from "../libraries/TicketMarks.sol";
import {RedemptionPricer} from "./RedemptionPricer.sol";

/// @title The vault's tickets: what was paid for them, what they are worth, what comes of them
/// @dev CARRYING: in sums, so that no operation walks over all tickets. A ticket is *covered* until its holdback is settled, and
/// *seasoned* from then on. Both kinds are in order of purchase, which is the queue's order too.
/// @dev COVERED tickets are marked at cost, in two sets: those that the swap pool sold have no holdback, and fall earlier.
/// @dev SEASONED tickets are marked at what they were worth when the holdback was settled, but for a wei of rounding that the
/// queue may keep. They count for their marks less what has not accreted.
/// @dev RATES: marks fall to each rate that an operation sees, and to those in between at which the queue finalised tickets that
/// the operation doesn't reach: so a ticket pays no less than its mark, whoever looked when.
abstract contract RedemptionLedger is IRedemptionVault {
    using RedemptionMath for uint256;
    using TicketMarks for TicketMarks.Marks;
    using SafeTransferLib for address;

    /// @inheritdoc IRedemptionVault
    uint256 public constant MAX_STEPS = 8;

    /// @inheritdoc IRedemptionVault
    uint256 public constant MAX_CHECKPOINTS = 32;

    /// @dev A gain over a ticket's mark, and the rest of one that is due, accretes over this time at least.
    uint256 private constant MIN_ACCRETION = 1 days;

    /// @dev Longer waits count as this: whatever queue and owner say, and however often, dates fit their 40 bits.
    uint256 private constant MAX_WAIT = 3_650 days;

    /// @dev The queue may pay a ticket a wei less than its nominal.
    uint256 private constant QUEUE_ROUNDING = 1;

    /* IMMUTABLES */

    address internal immutable WETH;
    IStakingPool internal immutable POOL;
    address internal immutable WKETH;
    IWithdrawalQueue internal immutable QUEUE;
    address internal immutable SWAP;
    IRedemptionPricer internal immutable PRICER;
    uint256 private immutable FRAME_CAP;
    uint256 private immutable MAX_REPORT_AGE;

    /* STORAGE: sums, in wei unless they say otherwise */

    /// @dev The sums of the ledger, each in a word of its own while an operation runs.
    struct Book {
        uint256 idle;
        uint256 reserved;
        /// Covered tickets: of sellers.
        TicketMarks.Marks sold;
        /// Of the swap pool.
        TicketMarks.Marks fromPool;
        TicketMarks.Marks seasoned;
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
        uint256 paid;
        /// The queue's checkpoints up to here have been looked at.
        uint256 checkpoint;
    }

    /// @dev The same in seven slots.
    struct PackedBook {
        uint96 idle;
        uint96 reserved;
        uint64 seasonedIndex;
        //
        uint96 sold;
        uint96 fromPool;
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
        uint40 bought;
        uint40 settled;
        uint40 paid;
        uint40 checkpoint;
        uint40 accretedAt;
    }

    struct Ticket {
        uint40 requestId;
        uint40 soldAt;
        address receiver;
        //
        /// Once seasoned, the mark.
        uint96 nominal;
        uint96 heldBack;
        /// Of its set, when it joined it.
        uint64 index;
        //
        uint96 cost;
        uint96 rateRay;
    }

    /// @dev What the stack says in this block.
    struct World {
        uint256 rateRay;
        uint256 refTimestamp;
        uint256 appliedAt;
        uint256 lastFinalizedId;
        uint256 lastCheckpoint;
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

    /// @inheritdoc IRedemptionVault
    uint256 public inflowPerDay;

    /* CONSTRUCTOR */

    constructor(Terms memory fixedTerms) {
        require(
            fixedTerms.weth != address(0) && fixedTerms.pool != address(0) && fixedTerms.wketh != address(0)
                && fixedTerms.queue != address(0) && fixedTerms.swap != address(0),
            ZeroAddress()
        );
        _checkBounds(fixedTerms.minFee, 0.000001e18, 0.05e18);
        _checkBounds(fixedTerms.yearlyFee, 0, 1e18);
        _checkBounds(fixedTerms.holdback, 0, 0.2e18);
        _checkBounds(fixedTerms.frameCap, 0, 1e18);
        _checkBounds(fixedTerms.baseWait, 1 hours, 30 days);
        _checkBounds(fixedTerms.maxReportAge, 1 hours, 30 days);
        WETH = fixedTerms.weth;
        POOL = IStakingPool(payable(fixedTerms.pool));
        WKETH = fixedTerms.wketh;
        QUEUE = IWithdrawalQueue(fixedTerms.queue);
        SWAP = fixedTerms.swap;
        PRICER = new RedemptionPricer(fixedTerms);
        FRAME_CAP = fixedTerms.frameCap;
        MAX_REPORT_AGE = fixedTerms.maxReportAge;
        uint64 whole = uint64(TicketMarks.WHOLE);
        (_packedBook.soldIndex, _packedBook.fromPoolIndex, _packedBook.seasonedIndex) = (whole, whole, whole);
    }

    function _checkBounds(uint256 given, uint256 minimum, uint256 maximum) internal pure {
        require(given >= minimum && given <= maximum, OutOfBounds(given, minimum, maximum));
    }

    receive() external payable {
        require(msg.sender == address(QUEUE), Unauthorized(msg.sender, address(QUEUE)));
    }

    /* ADVANCING */

    /// @dev What operations begin with: the book as of now, the stack, and what is to be done.
    function _advanced() internal view returns (Book memory book, World memory world, Steps memory steps) {
        _catchUp(book, world, steps, MAX_CHECKPOINTS);
        require(!_isBehind(book, world), TicketsWaiting());
    }

    /// @dev What views begin with.
    function _foreseen() internal view returns (Book memory book) {
        World memory world;
        Steps memory steps;
        _catchUp(book, world, steps, type(uint256).max);
    }

    /// @dev Tickets that were paid before a loss are counted before the rest is marked down by it. Marks that have not been
    /// brought to the rates of all checkpoints are joined by no others.
    function _catchUp(Book memory book, World memory world, Steps memory steps, uint256 checkpoints) internal view {
        _load(book);
        _look(world);
        _accrete(book, world);
        uint256 settledBefore = book.settled;
        _claim(book, world, steps, settledBefore);
        _fall(book, _lowestRate(book, world, checkpoints));
        if (!_isBehind(book, world)) {
            _settle(book, world, steps);
            _claim(book, world, steps, settledBefore);
        }
        _startFrame(book, world);
    }

    /// @dev Whether operations refuse until somebody has advanced the book further.
    function _isBehind(Book memory book, World memory world) internal pure returns (bool) {
        return book.checkpoint < world.lastCheckpoint;
    }

    function _load(Book memory book) internal view {
        PackedBook memory packed = _packedBook;
        book.idle = packed.idle;
        book.reserved = packed.reserved;
        (book.sold.sum, book.sold.top, book.sold.index) = (packed.sold, packed.soldTop, packed.soldIndex);
        book.fromPool.sum = packed.fromPool;
        book.fromPool.top = packed.fromPoolTop;
        book.fromPool.index = packed.fromPoolIndex;
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
        book.paid = packed.paid;
        book.checkpoint = packed.checkpoint;
    }

    /// @dev The book, and the marks of the tickets that were settled: no call is made before this.
    function _store(Book memory book, Steps memory steps) internal {
        _packedBook = PackedBook({
            idle: SafeCastLib.toUint96(book.idle),
            reserved: SafeCastLib.toUint96(book.reserved),
            seasonedIndex: SafeCastLib.toUint64(book.seasoned.index),
            sold: SafeCastLib.toUint96(book.sold.sum),
            fromPool: SafeCastLib.toUint96(book.fromPool.sum),
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
            bought: SafeCastLib.toUint40(book.bought),
            settled: SafeCastLib.toUint40(book.settled),
            paid: SafeCastLib.toUint40(book.paid),
            checkpoint: SafeCastLib.toUint40(book.checkpoint),
            accretedAt: SafeCastLib.toUint40(book.accretedAt)
        });
        uint256 firstSettled = book.settled - steps.settledCount;
        for (uint256 i; i < steps.settledCount; ++i) {
            Ticket storage stored = _tickets[firstSettled + i];
            (stored.nominal, stored.index) = (steps.settled[i].nominal, steps.settled[i].index);
        }
    }

    /// @dev Claims and refunds: what advancing the book found to be done.
    function _carryOut(Steps memory steps) internal {
        uint256 claimed;
        for (uint256 i; i < steps.claimCount; ++i) {
            claimed += steps.payments[i];
            emit TicketPaid(steps.claims[i], steps.payments[i]);
            QUEUE.claimWithdrawal(steps.claims[i]);
        }
        if (claimed != 0) IWETH(WETH).deposit{value: claimed}();
        for (uint256 i; i < steps.settledCount; ++i) {
            Ticket memory ticket = steps.settled[i];
            if (ticket.receiver == address(0)) continue;
            emit HoldbackSettled(ticket.requestId, ticket.receiver, steps.refunds[i], steps.losses[i]);
            if (steps.refunds[i] != 0) WETH.safeTransfer(ticket.receiver, steps.refunds[i]);
        }
    }

    function _look(World memory world) private view {
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        world.rateRay = SharesMath.rateRayDown(totalEther, totalShares);
        (world.refTimestamp, world.appliedAt) = POOL.lastReport();
        world.lastFinalizedId = QUEUE.getLastFinalizedRequestId();
        world.lastCheckpoint = QUEUE.getLastCheckpointIndex();
    }

    /// @dev Counts what has accreted since, at the pace of then.
    function _accrete(Book memory book, World memory world) private view {
        book.unaccreted = book.unaccreted.unaccretedUp(book.accretedAt, book.accretionEnd, block.timestamp);
        book.accretedAt = block.timestamp;
        _putOff(book, world);
    }

    /// @dev If the newest ticket is expected later than before, so is all that has not accreted.
    function _putOff(Book memory book, World memory world) internal view {
        if (book.paid == book.bought) return;
        uint256 newest = _tickets[book.bought - 1].requestId;
        if (newest <= world.lastFinalizedId) return;
        uint256 due = _dueIn(QUEUE.estimatedWait(newest, inflowPerDay));
        if (due <= book.newestDue) return;
        if (book.unaccreted != 0) {
            uint256 end = book.accretionEnd + due - book.newestDue;
            book.accretionEnd = FixedPointMathLib.min(end, block.timestamp + MAX_WAIT);
        }
        book.newestDue = due;
    }

    function _dueIn(uint256 wait) private view returns (uint256 timestamp) {
        return block.timestamp + FixedPointMathLib.min(wait, MAX_WAIT);
    }

    /// @dev The lowest of today's rate and those of new checkpoints that hold tickets still to be claimed. Looks at
    /// `checkpoints` of them at most.
    function _lowestRate(Book memory book, World memory world, uint256 checkpoints)
        private
        view
        returns (uint256 lowest)
    {
        lowest = world.rateRay;
        if (!_ticketsWait(book, world)) {
            book.checkpoint = world.lastCheckpoint;
            return lowest;
        }
        uint256 first = _tickets[book.paid].requestId;
        for (; checkpoints != 0 && _isBehind(book, world); --checkpoints) {
            IWithdrawalQueue.Checkpoint memory checkpoint = QUEUE.getCheckpoint(++book.checkpoint);
            if (checkpoint.lastRequestId >= first) lowest = FixedPointMathLib.min(lowest, checkpoint.rateRay);
        }
    }

    /// @dev What a fall of the rate has taken from the marks: for good, though it may rise again before they are paid. What
    /// has not accreted bears it first.
    function _fall(Book memory book, uint256 rateRay) private pure {
        book.sold.fallTo(rateRay);
        book.fromPool.fallTo(rateRay);
        book.unaccreted = FixedPointMathLib.zeroFloorSub(book.unaccreted, book.seasoned.fallTo(rateRay));
    }

    /// @dev Settles the holdbacks that a report has covered: refunds them less what their ticket has lost.
    function _settle(Book memory book, World memory world, Steps memory steps) private view {
        while (steps.settledCount < MAX_STEPS && book.settled < book.bought) {
            Ticket memory ticket = _tickets[book.settled];
            if (ticket.soldAt > world.refTimestamp) return;
            uint256 step = steps.settledCount++;
            uint256 worth = QUEUE.presentValue(ticket.requestId);
            uint256 loss = ticket.nominal - worth;
            uint256 refund = FixedPointMathLib.zeroFloorSub(ticket.heldBack, loss);
            (steps.settled[step], steps.refunds[step], steps.losses[step]) = (ticket, refund, loss);

            uint256 before = _coveredWith(book, ticket).leave(ticket.cost, ticket.index);
            book.reserved -= ticket.heldBack;
            book.idle = book.idle + ticket.heldBack - refund;
            ticket.nominal = SafeCastLib.toUint96(FixedPointMathLib.zeroFloorSub(worth, QUEUE_ROUNDING));
            ticket.index = SafeCastLib.toUint64(book.seasoned.index);
            book.seasoned.join(ticket.nominal, FixedPointMathLib.min(ticket.rateRay, world.rateRay));
            uint256 gain = FixedPointMathLib.zeroFloorSub(ticket.nominal, before + refund);
            _addUnaccreted(book, gain, QUEUE.estimatedWait(ticket.requestId, inflowPerDay));
            if (++book.settled == book.bought) {
                book.sold.empty();
                book.fromPool.empty();
            }
        }
    }

    /// @dev The set of covered tickets that this one is in.
    function _coveredWith(Book memory book, Ticket memory ticket) private pure returns (TicketMarks.Marks memory) {
        return ticket.receiver == address(0) ? book.fromPool : book.sold;
    }

    function _addUnaccreted(Book memory book, uint256 amount, uint256 wait) private view {
        if (amount == 0) return;
        uint256 unaccreted = book.unaccreted;
        uint256 left = FixedPointMathLib.zeroFloorSub(book.accretionEnd, block.timestamp);
        wait = FixedPointMathLib.clamp(wait, MIN_ACCRETION, MAX_WAIT);
        book.accretionEnd = unaccreted.meanEndUp(left, amount, wait, block.timestamp);
        book.unaccreted = unaccreted + amount;
    }

    /// @dev Claims the tickets that the queue has paid, in order.
    /// @param settledBefore Tickets from here on were settled just now: their mark is what they are worth.
    function _claim(Book memory book, World memory world, Steps memory steps, uint256 settledBefore) private view {
        while (steps.claimCount < MAX_STEPS && book.paid < book.settled) {
            Ticket memory ticket = _tickets[book.paid];
            if (ticket.requestId > world.lastFinalizedId) return;
            uint256 payment = QUEUE.presentValue(ticket.requestId);
            uint256 step = steps.claimCount++;
            (steps.claims[step], steps.payments[step]) = (ticket.requestId, payment);
            if (book.paid >= settledBefore) {
                ticket.nominal = SafeCastLib.toUint96(FixedPointMathLib.zeroFloorSub(payment, QUEUE_ROUNDING));
                ticket.index = SafeCastLib.toUint64(book.seasoned.index);
            }
            _pay(book, payment, book.seasoned.leave(ticket.nominal, ticket.index));
        }
    }

    /// @dev What a ticket pays above its mark accretes over a day; what it lacks, what has not accreted bears first.
    function _pay(Book memory book, uint256 payment, uint256 mark) private view {
        book.idle = book.idle + payment;
        if (payment >= mark) _addUnaccreted(book, payment - mark, 0);
        else book.unaccreted = FixedPointMathLib.zeroFloorSub(book.unaccreted, mark - payment);
        if (++book.paid == book.settled) book.seasoned.empty();
    }

    /* ASSETS */

    /// @dev Of an advanced book.
    function _assets(Book memory book) internal pure returns (uint256) {
        uint256 gross = book.idle + book.reserved + book.seasoned.sum + _covered(book);
        return FixedPointMathLib.zeroFloorSub(gross, book.unaccreted);
    }

    function _covered(Book memory book) internal pure returns (uint256) {
        return book.sold.sum + book.fromPool.sum;
    }

    /// @dev Whether the queue has paid tickets that the steps of one operation did not reach.
    function _ticketsWait(Book memory book, World memory world) internal view returns (bool) {
        return book.paid < book.bought && _tickets[book.paid].requestId <= world.lastFinalizedId;
    }

    /* PURCHASES */

    function _checkFrame(Book memory book, World memory world, uint256 nominal) internal view {
        uint256 minimum = FixedPointMathLib.zeroFloorSub(block.timestamp, MAX_REPORT_AGE);
        require(world.refTimestamp >= minimum, ReportTooOld(world.refTimestamp, minimum));
        uint256 room = _frameRoom(book);
        require(nominal <= room, FrameCapExceeded(nominal, room));
        book.boughtInFrame = book.boughtInFrame + nominal;
    }

    /// @dev Of what was there when the count began and still is: else a loan would lift the cap for as long as a sale takes.
    function _frameRoom(Book memory book) internal view returns (uint256) {
        uint256 assets = FixedPointMathLib.min(_assets(book), book.frameAssets);
        return FixedPointMathLib.zeroFloorSub(assets.partDown(FRAME_CAP), book.boughtInFrame);
    }

    /// @dev Starts the count anew if a report has come.
    function _startFrame(Book memory book, World memory world) private pure {
        if (book.frame == world.appliedAt) return;
        book.frame = world.appliedAt;
        book.boughtInFrame = 0;
        book.frameAssets = _assets(book);
    }

    /// @dev Turns wkETH that is here into a ticket, covered from now on. Changes the book's tickets, not its WETH.
    /// @param ticket With receiver (zero if the swap pool sold), nominal, cost, and what is held back.
    function _queueTicket(Book memory book, World memory world, uint256 shares, Ticket memory ticket) internal {
        book.newestDue = _dueIn(PRICER.expectedWait(ticket.nominal, inflowPerDay));
        TicketMarks.Marks memory set = _coveredWith(book, ticket);
        set.join(ticket.cost, TicketMarks.topUp(world.rateRay, ticket.cost, ticket.nominal));
        ticket.index = SafeCastLib.toUint64(set.index);
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = shares;
        ticket.requestId = SafeCastLib.toUint40(QUEUE.requestWithdrawalsWstETH(amounts, address(this))[0]);
        ticket.soldAt = SafeCastLib.toUint40(block.timestamp);
        ticket.rateRay = SafeCastLib.toUint96(world.rateRay);
        _tickets[book.bought++] = ticket;
    }
}
