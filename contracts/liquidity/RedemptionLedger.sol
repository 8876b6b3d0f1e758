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
import {RedemptionPricer} from "./RedemptionPricer.sol";

/// @title The vault's tickets: what was paid for them, what they are worth, what comes of them
/// @dev CARRYING: in sums, so that no operation walks over all tickets. A ticket is *covered* until its holdback is settled, and
/// *seasoned* from then on. Both kinds are in order of purchase, which is the queue's order too.
/// @dev COVERED tickets count at cost, or worth if that is less, all of them measured against the highest rate of any.
/// @dev SEASONED tickets count at their marks less what has not accreted, or at worth if that is less. A mark is the worth
/// when the holdback was settled, times what `index` has fallen since. The index falls with the rate below `seasonedTop`, the
/// highest rate a mark stands for; so no ticket pays less than its mark, but for a wei of rounding, which the mark leaves out.
abstract contract RedemptionLedger is IRedemptionVault {
    using RedemptionMath for uint256;
    using SafeTransferLib for address;

    uint256 internal constant WAD = 1e18;

    /// @inheritdoc IRedemptionVault
    uint256 public constant MAX_STEPS = 8;

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
    /// @dev The most that is paid for a ticket before its holdback is settled, of its nominal: to sellers, to the swap pool.
    uint256 private immutable MAX_COST_RATIO;
    uint256 private immutable MAX_POOL_COST_RATIO;

    /* STORAGE: sums, in wei unless they say otherwise */

    /// @dev The sums of the ledger, each in a word of its own while an operation runs.
    struct Book {
        uint256 idle;
        uint256 reserved;
        /// WAD; what marks have fallen to.
        uint256 index;
        /// Paid for covered tickets: to sellers.
        uint256 coveredCost;
        /// To the swap pool, without a holdback.
        uint256 coveredPoolCost;
        /// Up to then accretion is counted.
        uint256 accretedAt;
        /// The highest rates, 27 decimals, at which tickets of each kind were bought.
        uint256 coveredTop;
        uint256 seasonedTop;
        uint256 accretionEnd;
        uint256 seasoned;
        uint256 unaccreted;
        /// When the newest ticket is expected to be paid.
        uint256 newestDue;
        /// Nominals bought since the report that was applied at `frame`.
        uint256 boughtInFrame;
        uint256 owed;
        uint256 frame;
        /// Assets at the first operation since that report.
        uint256 frameAssets;
        uint256 bought;
        uint256 settled;
        uint256 paid;
    }

    /// @dev The same in six slots.
    struct PackedBook {
        uint96 idle;
        uint96 reserved;
        uint64 index;
        //
        uint96 coveredCost;
        uint96 coveredPoolCost;
        uint40 accretedAt;
        //
        uint96 coveredTop;
        uint96 seasonedTop;
        uint40 accretionEnd;
        //
        uint96 seasoned;
        uint96 unaccreted;
        uint40 newestDue;
        //
        uint96 boughtInFrame;
        uint96 owed;
        uint40 frame;
        //
        uint40 bought;
        uint40 settled;
        uint40 paid;
        uint96 frameAssets;
    }

    struct Ticket {
        uint40 requestId;
        uint40 soldAt;
        address receiver;
        //
        /// Once seasoned, the mark.
        uint96 nominal;
        uint96 heldBack;
        /// WAD; when it was marked.
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
        MAX_COST_RATIO = WAD - fixedTerms.minFee - fixedTerms.holdback;
        MAX_POOL_COST_RATIO = WAD - fixedTerms.minFee;
        _packedBook.index = uint64(WAD);
    }

    function _checkBounds(uint256 given, uint256 minimum, uint256 maximum) internal pure {
        require(given >= minimum && given <= maximum, OutOfBounds(given, minimum, maximum));
    }

    receive() external payable {
        require(msg.sender == address(QUEUE), Unauthorized(msg.sender, address(QUEUE)));
    }

    /* ADVANCING */

    /// @dev The book as of now, the stack, and what is to be done: what operations and views begin with. Tickets that were
    /// paid before a loss are counted before the rest is marked down by it.
    function _advanced() internal view returns (Book memory book, World memory world, Steps memory steps) {
        book = _load();
        world = _world();
        _accrete(book, world);
        uint256 settledBefore = book.settled;
        _claim(book, world, steps, settledBefore);
        _mark(book, world.rateRay);
        _settle(book, world, steps);
        _claim(book, world, steps, settledBefore);
        _startFrame(book, world);
    }

    function _load() internal view returns (Book memory book) {
        PackedBook memory packed = _packedBook;
        book.idle = packed.idle;
        book.reserved = packed.reserved;
        book.index = packed.index;
        book.coveredCost = packed.coveredCost;
        book.coveredPoolCost = packed.coveredPoolCost;
        book.accretedAt = packed.accretedAt;
        book.coveredTop = packed.coveredTop;
        book.seasonedTop = packed.seasonedTop;
        book.accretionEnd = packed.accretionEnd;
        book.seasoned = packed.seasoned;
        book.unaccreted = packed.unaccreted;
        book.newestDue = packed.newestDue;
        book.boughtInFrame = packed.boughtInFrame;
        book.owed = packed.owed;
        book.frame = packed.frame;
        book.frameAssets = packed.frameAssets;
        book.bought = packed.bought;
        book.settled = packed.settled;
        book.paid = packed.paid;
    }

    /// @dev The book, and the marks of the tickets that were settled: no call is made before this.
    function _store(Book memory book, Steps memory steps) internal {
        _packedBook = PackedBook({
            idle: SafeCastLib.toUint96(book.idle),
            reserved: SafeCastLib.toUint96(book.reserved),
            index: SafeCastLib.toUint64(book.index),
            coveredCost: SafeCastLib.toUint96(book.coveredCost),
            coveredPoolCost: SafeCastLib.toUint96(book.coveredPoolCost),
            accretedAt: SafeCastLib.toUint40(book.accretedAt),
            coveredTop: SafeCastLib.toUint96(book.coveredTop),
            seasonedTop: SafeCastLib.toUint96(book.seasonedTop),
            accretionEnd: SafeCastLib.toUint40(book.accretionEnd),
            seasoned: SafeCastLib.toUint96(book.seasoned),
            unaccreted: SafeCastLib.toUint96(book.unaccreted),
            newestDue: SafeCastLib.toUint40(book.newestDue),
            boughtInFrame: SafeCastLib.toUint96(book.boughtInFrame),
            owed: SafeCastLib.toUint96(book.owed),
            frame: SafeCastLib.toUint40(book.frame),
            bought: SafeCastLib.toUint40(book.bought),
            settled: SafeCastLib.toUint40(book.settled),
            paid: SafeCastLib.toUint40(book.paid),
            frameAssets: SafeCastLib.toUint96(book.frameAssets)
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

    function _world() private view returns (World memory world) {
        (uint256 totalEther, uint256 totalShares) = POOL.exchangeRate();
        world.rateRay = SharesMath.rateRayDown(totalEther, totalShares);
        (world.refTimestamp, world.appliedAt) = POOL.lastReport();
        world.lastFinalizedId = QUEUE.getLastFinalizedRequestId();
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

    /// @dev What a fall of the rate has taken from the marks: for good, though it may rise again before they are paid. What
    /// has not accreted bears it first.
    function _mark(Book memory book, uint256 rateRay) private pure {
        uint256 top = book.seasonedTop;
        if (rateRay >= top) return;
        uint256 fallen = book.index.atRateDown(rateRay, top);
        uint256 marked = book.seasoned.scaledDown(fallen, book.index);
        uint256 loss = book.seasoned - marked;
        book.unaccreted = FixedPointMathLib.zeroFloorSub(book.unaccreted, loss);
        book.seasoned = marked;
        book.index = fallen;
        book.seasonedTop = rateRay;
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

            if (ticket.receiver == address(0)) book.coveredPoolCost -= ticket.cost;
            else book.coveredCost -= ticket.cost;
            book.reserved -= ticket.heldBack;
            book.idle = book.idle + ticket.heldBack - refund;
            ticket.nominal = SafeCastLib.toUint96(FixedPointMathLib.zeroFloorSub(worth, QUEUE_ROUNDING));
            ticket.index = SafeCastLib.toUint64(book.index);
            book.seasoned += ticket.nominal;
            uint256 top = FixedPointMathLib.min(ticket.rateRay, world.rateRay);
            book.seasonedTop = FixedPointMathLib.max(book.seasonedTop, top);
            uint256 gain = FixedPointMathLib.zeroFloorSub(ticket.nominal, ticket.cost + refund);
            _addUnaccreted(book, gain, QUEUE.estimatedWait(ticket.requestId, inflowPerDay));
            if (++book.settled == book.bought) book.coveredTop = 0;
        }
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
            uint256 mark = book.paid < settledBefore
                ? uint256(ticket.nominal).scaledDown(book.index, ticket.index)
                : FixedPointMathLib.zeroFloorSub(payment, QUEUE_ROUNDING);
            _pay(book, payment, mark);
        }
    }

    /// @dev What a ticket pays above its mark accretes over a day; what it lacks, what has not accreted bears first.
    function _pay(Book memory book, uint256 payment, uint256 mark) private view {
        book.idle = book.idle + payment;
        book.seasoned = FixedPointMathLib.zeroFloorSub(book.seasoned, mark);
        if (payment >= mark) _addUnaccreted(book, payment - mark, 0);
        else book.unaccreted = FixedPointMathLib.zeroFloorSub(book.unaccreted, mark - payment);
        // What is left of the marks is their rounding.
        if (++book.paid == book.settled) (book.seasoned, book.seasonedTop) = (0, 0);
    }

    /* ASSETS */

    /// @dev Of an advanced book: its marks are at today's rate.
    function _assets(Book memory book, World memory world) internal view returns (uint256) {
        uint256 gross = book.idle + book.reserved + book.seasoned + _covered(book, world);
        return FixedPointMathLib.zeroFloorSub(gross, book.unaccreted);
    }

    function _covered(Book memory book, World memory world) internal view returns (uint256) {
        (uint256 rateRay, uint256 top) = (world.rateRay, book.coveredTop);
        return book.coveredCost.costOrWorthDown(rateRay, top, MAX_COST_RATIO)
            + book.coveredPoolCost.costOrWorthDown(rateRay, top, MAX_POOL_COST_RATIO);
    }

    /// @dev Whether the queue has paid tickets that the steps of one operation did not reach.
    function _ticketsWait(Book memory book, World memory world) internal view returns (bool) {
        return book.paid < book.bought && _tickets[book.paid].requestId <= world.lastFinalizedId;
    }

    /* PURCHASES */

    function _checkFrame(Book memory book, World memory world, uint256 nominal) internal view {
        uint256 minimum = FixedPointMathLib.zeroFloorSub(block.timestamp, MAX_REPORT_AGE);
        require(world.refTimestamp >= minimum, ReportTooOld(world.refTimestamp, minimum));
        uint256 room = _frameRoom(book, world);
        require(nominal <= room, FrameCapExceeded(nominal, room));
        book.boughtInFrame = book.boughtInFrame + nominal;
    }

    /// @dev Of what was there when the count began and still is: else a loan would lift the cap for as long as a sale takes.
    function _frameRoom(Book memory book, World memory world) internal view returns (uint256) {
        uint256 assets = FixedPointMathLib.min(_assets(book, world), book.frameAssets);
        return FixedPointMathLib.zeroFloorSub(assets.partDown(FRAME_CAP), book.boughtInFrame);
    }

    /// @dev Starts the count anew if a report has come.
    function _startFrame(Book memory book, World memory world) private view {
        if (book.frame == world.appliedAt) return;
        book.frame = world.appliedAt;
        book.boughtInFrame = 0;
        book.frameAssets = _assets(book, world);
    }

    /// @dev Turns wkETH that is here into a ticket, covered from now on. Changes the book's tickets, not its WETH.
    /// @param ticket With receiver (zero if the swap pool sold), nominal, cost, and what is held back.
    function _queueTicket(Book memory book, World memory world, uint256 shares, Ticket memory ticket) internal {
        book.newestDue = _dueIn(PRICER.expectedWait(ticket.nominal, inflowPerDay));
        book.coveredTop = FixedPointMathLib.max(book.coveredTop, world.rateRay);
        if (ticket.receiver == address(0)) book.coveredPoolCost += ticket.cost;
        else book.coveredCost += ticket.cost;
        uint256[] memory amounts = new uint256[](1);
        amounts[0] = shares;
        ticket.requestId = SafeCastLib.toUint40(QUEUE.requestWithdrawalsWstETH(amounts, address(this))[0]);
        ticket.soldAt = SafeCastLib.toUint40(block.timestamp);
        ticket.rateRay = SafeCastLib.toUint96(world.rateRay);
        _tickets[book.bought++] = ticket;
    }
}
